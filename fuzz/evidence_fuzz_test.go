package fuzz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/harness/world"
)

func newEvidence(t testing.TB, missing ...string) *fuzz.Evidence {
	t.Helper()
	e, err := fuzz.NewEvidence(inproc.New, sut.Options{Missing: missing}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// What may be done to evidence.
const (
	changeBit   = iota
	changeBytes // written over others
	changeEnd   // cut off
	changeMore  // put behind
	changeGraft // the same place of other evidence
	changeAll   // raw bytes
	changeS     // the other signature that verifies, at the end
	changeCount
)

// maxClaims is how often evidence is presented, maxChanges how much is done to it.
const (
	maxClaims  = 3
	maxChanges = 4
)

// claims reads the evidence that an input stands for.
func claims(e *fuzz.Evidence, data []byte) []fuzz.Claim {
	d := read(data)
	sources := e.Sources()
	var list []fuzz.Claim
	for range 1 + d.pick(maxClaims) {
		c := sources[d.pick(len(sources))]
		d.said = []string{c.What}
		b := slices.Clone(c.Bytes)
		for range d.pick(maxChanges + 1) {
			b = d.change(b, sources)
		}
		if d.pick(2) == 1 {
			c.By = fuzz.Mallory
			d.say("by %s", c.By)
		}
		c.Bytes, c.What = b, strings.Join(d.said, "; ")
		list = append(list, c)
	}
	return list
}

func (d *reader) change(b []byte, sources []fuzz.Claim) []byte {
	at := func() int { return d.pick(len(b)) }
	kind := d.pick(changeCount)
	if len(b) < 32 {
		kind = changeAll
	}
	switch kind {
	case changeBit:
		i, bit := at(), d.pick(8)
		b[i] ^= 1 << bit
		d.say("bit %d of byte %d", bit, i)
	case changeBytes:
		i := at()
		n := copy(b[i:], d.bytes())
		d.say("%x at %d", b[i:i+n], i)
	case changeEnd:
		n := at()
		b = b[:len(b)-n]
		d.say("%d bytes short", n)
	case changeMore:
		more := d.bytes()
		b = append(b, more...)
		d.say("%d bytes longer", len(more))
	case changeGraft:
		from := sources[d.pick(len(sources))]
		i := at()
		n := copy(b[i:], from.Bytes[min(i, len(from.Bytes)):][:min(d.pick(1<<9), max(len(from.Bytes)-i, 0))])
		d.say("bytes %d to %d of the %s", i, i+n, from.What)
	case changeS:
		otherS(b)
		d.say("the other s")
	case changeAll:
		b = d.bytes()
		d.say("%d raw bytes", len(b))
	}
	return b
}

// offers are the inputs that the fuzzer begins with: every piece of evidence, by the
// device and by the attacker, as it is and changed a little.
func offers() [][]byte {
	var list [][]byte
	for source := range byte(3) {
		for by := range byte(2) {
			list = append(list,
				[]byte{0, source, 0, by},
				[]byte{0, source, 1, changeBit, 0, 0, 1, 40, 0, by},
				[]byte{0, source, 1, changeMore, 0, 0, 0, 1, 0, by},
				[]byte{0, source, 1, changeS, by},
				[]byte{1, source, 0, by, source, 0, by},
				[]byte{0, 2, 1, changeGraft, source, 0, 0, 0, 9, 0, 0, 0, 99, by}) // other claims under a fresh signature
		}
	}
	return list
}

// FuzzEvidence presents what the fuzzer makes of evidence to the verifier: it must
// believe only what a device's chip made, once, for a nonce of its own, and let the
// device attest afterwards.
func FuzzEvidence(f *testing.F) {
	e := newEvidence(f)
	for _, data := range offers() {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := e.Present(claims(e, data)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Violations {
			t.Error(v.Error())
		}
	})
}

// noise yields seeded inputs.
func noise(n int) [][]byte {
	chance := world.New(1)
	list := make([][]byte, n)
	for i := range list {
		list[i] = chance.Noise("input", 64)
	}
	return list
}

func TestTheVerifierHolds(t *testing.T) {
	e := newEvidence(t)
	status := map[string]verdict.Status{}
	for _, data := range noise(100) {
		r, err := e.Present(claims(e, data)...)
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
			t.Errorf("%s is %s: the evidence did not try it", id, status[id])
		}
	}
}

func TestTheVerifiersOraclesCanFail(t *testing.T) {
	const (
		once         = "attestation.nonce-is-used-once"
		conversation = "attestation.nonce-is-of-this-conversation"
		subject      = "attestation.evidence-is-for-this-device"
		bound        = "attestation.key-is-bound-to-the-evidence"
	)
	cases := []struct {
		name    string
		missing []string
		want    string
	}{
		{"used nonces are taken", []string{once, conversation}, "attest.evidence-is-fresh"},
		{"no signature is verified", []string{"attestation.evidence-is-signed"}, "attest.evidence-is-of-the-named-device"},
		{"a relay earns a certificate", []string{conversation, bound}, "attest.result-is-bound-to-the-channel"},
		{"any device's evidence will do", []string{subject, conversation, bound}, "attest.evidence-is-of-the-named-device"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newEvidence(t, c.missing...)
			for i, data := range append(offers(), noise(enough)...) {
				r, err := e.Present(claims(e, data)...)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range r.Violations {
					if v.Guarantee == c.want {
						t.Logf("input %d: %s", i+1, v.Error())
						return
					}
				}
			}
			t.Errorf("%d inputs did not make %s fall", enough, c.want)
		})
	}
}
