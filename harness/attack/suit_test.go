package attack_test

import (
	"bytes"
	"slices"
	"strconv"
	"testing"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/suit"
)

// maker signs the genuine envelopes of these tests.
var maker = sign.New([]byte("maker"), nil)

// keyFor trusts a key under its thumbprint, as devices do.
func keyFor(t *testing.T, k *sign.Key) suit.Key {
	t.Helper()
	public, err := k.Raw().ECDSA()
	if err != nil {
		t.Fatal(err)
	}
	id := message.Thumbprint(k.Raw())
	key, err := suit.PublicKey("maker", id[:], public)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// enveloped is a release in the SUIT format, signed by the maker: install sequence
// severed, images behind it.
func enveloped(t testing.TB, version uint64) attack.Artefact {
	t.Helper()
	images := release("device", int(version)).Parts
	var components []suit.ComponentID
	var install suit.Sequence
	for i, raw := range images {
		digest, err := suit.DigestOf(suit.SHA256, raw)
		if err != nil {
			t.Fatal(err)
		}
		components = append(components, message.SUITImage(i))
		install = append(install,
			suit.Command{Code: suit.SetComponentIndex, Index: suit.Index{List: []uint64{uint64(i)}}},
			suit.Command{Code: suit.OverrideParameters, Params: []suit.Parameter{suit.ImageDigest(digest), suit.Number(suit.ParamImageSize, uint64(len(raw))), suit.URI(message.SUITPayload(i))}},
			suit.Command{Code: suit.Fetch, Policy: suit.RecordOnFailure}, suit.Command{Code: suit.ConditionImage, Policy: suit.ReportAll})
	}
	m := &suit.Manifest{SequenceNumber: 1<<32 | version, Components: components, Sequences: map[suit.Section]suit.Sequence{suit.SectionInstall: install}}
	severed := m.Sever(suit.SectionInstall)
	e := suit.Seal(m)
	e.Members[suit.SectionInstall] = severed
	id := message.Thumbprint(maker.Raw())
	key, err := attack.NewSigner(maker.Scalar())
	if err != nil {
		t.Fatal(err)
	}
	// Signed by the attacker's writer with the maker's key: that it verifies is tested too.
	made, err := attack.ForgeSUIT(attack.Artefact{Parts: append([][]byte{e.Encode()}, images...)}, attack.Lies{Resign: key})
	if err != nil || id != key.Thumbprint {
		t.Fatal(err)
	}
	return made
}

// readSUIT takes an artefact's envelope in as a device does.
func readSUIT(t *testing.T, a attack.Artefact, keys ...*sign.Key) (*suit.Authenticated, error) {
	t.Helper()
	e, err := suit.Decode(a.Parts[0], suit.Options{})
	if err != nil {
		return nil, err
	}
	var trusted []suit.Key
	for _, k := range keys {
		trusted = append(trusted, keyFor(t, k))
	}
	return suit.Authenticate(e, trusted, 0, suit.Options{})
}

func TestForgeSUITSignsWhatReadersTake(t *testing.T) {
	a := enveloped(t, 2)
	read, err := readSUIT(t, a, maker)
	if err != nil || read.Manifest.SequenceNumber != 1<<32|2 || len(read.Manifest.Components) != len(a.Parts)-1 {
		t.Fatalf("read %+v, %v", read, err)
	}
	same, err := attack.ForgeSUIT(a, attack.Lies{})
	if err != nil || !slices.EqualFunc(same.Parts, a.Parts, bytes.Equal) {
		t.Errorf("without lies it is something else (%v)", err)
	}
	if a.PartName(0) != "envelope" || a.PartName(1) != "manifest" || a.PartName(2) != "os" {
		t.Errorf("parts are %s, %s, %s", a.PartName(0), a.PartName(1), a.PartName(2))
	}
}

// TestForgeSUITLies: each lie is the one that was asked for, and nothing else.
func TestForgeSUITLies(t *testing.T) {
	own, other := attack.OwnSigner([]byte("mallory")), enveloped(t, 3)
	three := uint32(3)
	graft := func(piece string) func(attack.Artefact) (attack.Artefact, error) {
		return func(a attack.Artefact) (attack.Artefact, error) { return attack.GraftSUIT(a, other, piece) }
	}
	lie := func(l attack.Lies) func(attack.Artefact) (attack.Artefact, error) {
		return func(a attack.Artefact) (attack.Artefact, error) { return attack.ForgeSUIT(a, l) }
	}
	for _, test := range []struct {
		name string
		make func(attack.Artefact) (attack.Artefact, error)
		rule suit.Rule // that refuses it; empty for none
	}{
		{"no_signature", lie(attack.Lies{Omit: "signature"}), suit.RuleSigned},
		{"own_signature", lie(attack.Lies{Resign: own}), suit.RuleSigner},
		{"other_version", lie(attack.Lies{Version: "9"}), suit.RuleSignature},
		{"other_security", lie(attack.Lies{Security: &three}), suit.RuleSignature},
		{"other_authentication", graft("authentication"), suit.RuleManifestDigest},
		{"other_manifest", graft("manifest"), suit.RuleManifestDigest},
		{"other_install", graft("install"), suit.RuleSevered},
		{"other_envelope", graft("envelope"), ""},
		{"other_payloads", graft("payloads"), ""},
		{"other_os", graft("os"), ""},
		{"other_body", lie(attack.Lies{Payload: []byte("x")}), ""},
		{"cut", lie(attack.Lies{Part: "envelope", Truncate: 1}), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := enveloped(t, 2)
			made, err := test.make(a)
			if err != nil {
				t.Fatal(err)
			}
			if slices.EqualFunc(made.Parts, a.Parts, bytes.Equal) {
				t.Error("nothing was changed")
			}
			_, err = readSUIT(t, made, maker)
			var rule suit.Rule
			if e, ok := err.(*suit.Error); ok {
				rule = e.Rule
			}
			if rule != test.rule || test.name == "cut" && err == nil {
				t.Errorf("refused by %q (%v), want %q", rule, err, test.rule)
			}
		})
	}
}

// TestForgeSUITRenewsDigests: with a key, other images come with digests of their
// own, and all of it verifies.
func TestForgeSUITRenewsDigests(t *testing.T) {
	key, err := attack.NewSigner(maker.Scalar())
	if err != nil {
		t.Fatal(err)
	}
	made, err := attack.ForgeSUIT(enveloped(t, 2), attack.Lies{Payload: []byte("other code"), Resign: key})
	if err != nil {
		t.Fatal(err)
	}
	read, err := readSUIT(t, made, maker)
	if err != nil {
		t.Fatal(err)
	}
	install := string(read.Envelope.Members[suit.SectionInstall])
	for i, raw := range made.Parts[1:] {
		d, err := suit.DigestOf(suit.SHA256, raw)
		if err != nil || !bytes.Contains([]byte(install), d.Value) || !bytes.Contains([]byte(install), []byte("image/"+strconv.Itoa(i))) {
			t.Errorf("image %d is not named by its digest (%v)", i, err)
		}
	}
}

// TestForgeSUITTakesAnyBytes: the attacker's writer follows nothing without end.
func TestForgeSUITTakesAnyBytes(t *testing.T) {
	for _, envelope := range [][]byte{{0xd8, 0x6b}, append([]byte{0xd8, 0x6b}, bytes.Repeat([]byte{0x81}, 1<<16)...), {0xd8, 0x6b, 0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0x5b, 0xff}} {
		a := attack.Artefact{Parts: [][]byte{envelope, {1}}}
		if _, err := attack.ForgeSUIT(a, attack.Lies{Version: "2", Resign: attack.OwnSigner([]byte("x"))}); err != nil {
			t.Logf("%x: %v", envelope[:2], err)
		}
	}
}
