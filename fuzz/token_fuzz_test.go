package fuzz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
)

// The forms of token that devices attest by.
var tokenForms = []map[string]string{{"evidence": "psa"}, {"evidence": "psa", "identity": "dice"}}

func newTokens(t testing.TB, form map[string]string, missing ...string) *fuzz.Evidence {
	t.Helper()
	e, err := fuzz.NewEvidence(inproc.New, sut.Options{Missing: missing}, 1, form)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// What a lie about a token may be about.
var (
	tokenClaims = []string{"nonce", "instance", "client", "lifecycle", "implementation", "boot-seed", "profile", "header"}
	tokenParts  = []string{"client", "boot-seed", "profile", "components", "os", "services", "layer.0", "layer.1", "layer.2"}
)

// tokens reads the tokens that an input stands for: heard ones with lies in them,
// lengths put right, signed anew by a key of the attacker's own or not at all.
func tokens(e *fuzz.Evidence, data []byte) []fuzz.Claim {
	d := read(data)
	sources := e.Sources()
	var list []fuzz.Claim
	for range 1 + d.pick(maxClaims) {
		c := sources[d.pick(len(sources))]
		d.said = []string{c.What}
		for range d.pick(maxChanges + 1) {
			c.Bytes = d.lie(c.Bytes)
		}
		if d.pick(4) == 3 {
			c.Bytes = d.change(slices.Clone(c.Bytes), sources)
		}
		if d.pick(2) == 1 {
			c.By = fuzz.Mallory
			d.say("by %s", c.By)
		}
		c.What = strings.Join(d.said, "; ")
		list = append(list, c)
	}
	return list
}

// lie tells one lie about a token, where it can be told.
func (d *reader) lie(b []byte) []byte {
	var lies attack.Lies
	var secret []byte
	switch d.pick(7) {
	case 0, 1:
		lies.Set = []attack.Edit{{At: tokenClaims[d.pick(len(tokenClaims))], Bytes: d.bytes()}}
		d.say("%s is %x", lies.Set[0].At, lies.Set[0].Bytes)
	case 2:
		lies.Omit = tokenParts[d.pick(len(tokenParts))]
		d.say("without %s", lies.Omit)
	case 3:
		lies.Part, lies.Payload = tokenParts[4+d.pick(2)], d.bytes()
		d.say("%s measured otherwise", lies.Part)
	case 4:
		lies.Type = "psa-iot-profile-1"
		d.say("of the oldest profile")
	case 5:
		lies.Part = tokenParts[6+d.pick(3)]
		d.say("%s is the attacker's", lies.Part)
	case 6:
		secret = append(d.bytes(), 1)
		d.say("under the secret %x", secret)
	}
	if d.pick(2) == 1 || strings.HasPrefix(lies.Part, "layer.") {
		lies.Resign = attack.OwnSigner([]byte("mallory"))
		d.say("signed by the attacker")
	}
	forged, err := attack.ForgeToken(b, lies, secret)
	if err != nil {
		return b
	}
	return forged
}

// FuzzTokens presents what the fuzzer makes of PSA tokens to the verifier, as
// FuzzEvidence does with native evidence.
func FuzzTokens(f *testing.F) {
	var forms []*fuzz.Evidence
	for _, form := range tokenForms {
		forms = append(forms, newTokens(f, form))
	}
	for _, data := range offers() {
		f.Add(byte(0), data)
		f.Add(byte(1), data)
	}
	f.Fuzz(func(t *testing.T, form byte, data []byte) {
		e := forms[int(form)%len(forms)]
		r, err := e.Present(tokens(e, data)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Violations {
			t.Error(v.Error())
		}
	})
}

func TestTheVerifierOfTokensHolds(t *testing.T) {
	for _, form := range tokenForms {
		e := newTokens(t, form)
		status := map[string]verdict.Status{}
		for _, data := range noise(150) {
			r, err := e.Present(tokens(e, data)...)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range r.Violations {
				t.Error(v.Error())
			}
			for _, v := range r.Verdicts {
				status[v.Guarantee] = v.Status
			}
		}
		for _, id := range fuzz.EvidenceInvariants {
			if status[id] != verdict.Pass {
				t.Errorf("%v: %s is %s: the tokens did not try it", form, id, status[id])
			}
		}
	}
}

// Each planted flaw is found by lies that keep a token's structure; without a flaw, the
// test above says, nothing is.
func TestFlawsInTheVerifierOfTokensAreFound(t *testing.T) {
	for missing, form := range map[string]map[string]string{
		"attestation.token-header-is-bare": tokenForms[0],
		"attestation.evidence-is-signed":   tokenForms[0],
		"attestation.layers-vouch-in-turn": tokenForms[1],
	} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			e := newTokens(t, form, missing)
			for i, data := range noise(enough) {
				r, err := e.Present(tokens(e, data)...)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range r.Violations {
					if v.Guarantee == "attest.evidence-is-of-the-named-device" {
						t.Logf("input %d: %s", i+1, v.Error())
						return
					}
				}
			}
			t.Errorf("%d inputs did not find it", enough)
		})
	}
}
