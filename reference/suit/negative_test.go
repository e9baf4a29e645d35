package suit_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/suit"
	"github.com/veraison/go-cose"
)

// image is what the release of the negative vectors holds.
const image = "the image of release 7"

// genuine is the release that every negative vector is one edit away from: two
// components, a severed install sequence and an integrated payload.
func genuine(t testing.TB) *suit.Envelope {
	t.Helper()
	m := manifest([]suit.ComponentID{first, second}, map[suit.Section]suit.Sequence{
		suit.SectionInstall: {
			at(0), set(suit.ImageDigest(digestOf(t, image)), suit.Number(suit.ParamImageSize, uint64(len(image))), suit.URI("#image")),
			do(suit.Fetch), do(suit.ConditionImage),
		},
		suit.SectionValidate: {at(0), do(suit.ConditionImage)},
	})
	install := m.Sever(suit.SectionInstall)
	e := suit.Seal(m)
	e.Members[suit.SectionInstall] = install
	e.Integrated = []suit.Payload{{URI: "#image", Data: []byte(image)}}
	return e
}

func signed(t testing.TB) []byte {
	t.Helper()
	e := genuine(t)
	sign(t, e, "vendor", cose.AlgorithmES256)
	return e.Encode()
}

// update takes bytes the whole way: decode, authenticate, run.
func update(t testing.TB, data []byte, s *shelf, sequence uint64) error {
	t.Helper()
	e, err := suit.Decode(data, suit.Options{})
	if err != nil {
		return err
	}
	p := processor(t, s)
	p.Sequence = func(suit.ComponentID) uint64 { return sequence }
	a, err := suit.Authenticate(e, p.Keys, 0, p.Options)
	if err != nil {
		return err
	}
	_, err = p.Update(a)
	return err
}

// swapOnce replaces one run of bytes by another, and fails where it is not there
// exactly once: the edit must be the one that is meant.
func swapOnce(t testing.TB, data []byte, old, now string) []byte {
	t.Helper()
	if n := bytes.Count(data, []byte(old)); n != 1 {
		t.Fatalf("%x stands %d times", old, n)
	}
	return bytes.Replace(data, []byte(old), []byte(now), 1)
}

// TestNegativeVectors refuses each edit with the class that says why, and takes
// the genuine envelope beside it.
func TestNegativeVectors(t *testing.T) {
	es256, esp256 := "\x43\xa1\x01\x26", "\x43\xa1\x01\x28"
	tests := []struct {
		name     string
		edit     func(t *testing.T, data []byte) []byte
		sequence uint64
		want     defense.Class
	}{
		{"tampered_manifest", func(t *testing.T, d []byte) []byte {
			return swapOnce(t, d, string(vendor[:]), string(append([]byte{0}, vendor[1:]...)))
		}, 0, defense.DigestMismatch},
		{"tampered_digest", func(t *testing.T, d []byte) []byte {
			e := genuine(t)
			bad := bytes.Clone(e.Digest.Value)
			bad[0] ^= 1
			return swapOnce(t, d, string(e.Digest.Value), string(bad))
		}, 0, defense.BadSignature},
		{"wrong_key", func(t *testing.T, _ []byte) []byte {
			e := genuine(t)
			signer, err := suit.NewSigner(cose.AlgorithmES256, signingKey(t, "mallory"))
			if err == nil {
				err = e.Sign(signer, []byte("vendor"))
			}
			if err != nil {
				t.Fatal(err)
			}
			return e.Encode()
		}, 0, defense.BadSignature},
		{"unknown_key", func(t *testing.T, _ []byte) []byte {
			e := genuine(t)
			sign(t, e, "mallory", cose.AlgorithmES256)
			return e.Encode()
		}, 0, defense.UntrustedSigner},
		{"unsigned", func(t *testing.T, _ []byte) []byte { return genuine(t).Encode() }, 0, defense.Unsigned},
		{"swapped_severed_member", func(t *testing.T, _ []byte) []byte {
			e := genuine(t)
			other := manifest([]suit.ComponentID{first, second}, map[suit.Section]suit.Sequence{suit.SectionInstall: {at(0), do(suit.Fetch)}})
			e.Members[suit.SectionInstall] = other.Sever(suit.SectionInstall)
			sign(t, e, "vendor", cose.AlgorithmES256)
			return e.Encode()
		}, 0, defense.DigestMismatch},
		{"missing_severed_member", func(t *testing.T, _ []byte) []byte {
			e := genuine(t)
			delete(e.Members, suit.SectionInstall)
			sign(t, e, "vendor", cose.AlgorithmES256)
			return e.Encode()
		}, 0, defense.Incomplete},
		{"member_that_nobody_severed", func(t *testing.T, _ []byte) []byte {
			e := genuine(t)
			e.Members[suit.SectionFetch] = e.Members[suit.SectionInstall]
			sign(t, e, "vendor", cose.AlgorithmES256)
			return e.Encode()
		}, 0, defense.DigestMismatch},
		{"swapped_payload", func(t *testing.T, d []byte) []byte {
			return swapOnce(t, d, image, "the image of release 6")
		}, 0, defense.DigestMismatch},
		{"longer_head_of_a_map_key", func(t *testing.T, d []byte) []byte {
			return swapOnce(t, d, "\xd8\x6b\xa4\x02", "\xd8\x6b\xa4\x18\x02")
		}, 0, defense.Malformed},
		{"keys_out_of_order", func(t *testing.T, _ []byte) []byte {
			return reordered(t, false)
		}, 0, defense.Malformed},
		{"duplicate_key", func(t *testing.T, _ []byte) []byte {
			return reordered(t, true)
		}, 0, defense.Malformed},
		{"indefinite_length", func(t *testing.T, d []byte) []byte {
			return append(swapOnce(t, d, "\xd8\x6b\xa4\x02", "\xd8\x6b\xbf\x02"), 0xff)
		}, 0, defense.Malformed},
		{"trailing_byte", func(_ *testing.T, d []byte) []byte { return append(d, 0) }, 0, defense.Malformed},
		{"truncated", func(_ *testing.T, d []byte) []byte { return d[:len(d)-1] }, 0, defense.Malformed},
		{"algorithm_swapped", func(t *testing.T, d []byte) []byte { return swapOnce(t, d, es256, esp256) }, 0, defense.BadSignature},
		{"algorithm_unknown", func(t *testing.T, d []byte) []byte {
			return swapOnce(t, d, es256, "\x43\xa1\x01\x25")
		}, 0, defense.UntrustedSigner},
		{"payload_embedded", func(t *testing.T, _ []byte) []byte {
			e := genuine(t)
			sign(t, e, "vendor", cose.AlgorithmES256)
			e.Blocks[0] = embed(t, e.Blocks[0])
			return e.Encode()
		}, 0, defense.Malformed},
		{"no_tag", func(_ *testing.T, d []byte) []byte { return d[2:] }, 0, defense.Malformed},
		{"lower_sequence_number", func(_ *testing.T, d []byte) []byte { return d }, 8, defense.Rollback},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			control := newShelf(first, second)
			if err := update(t, signed(t), control, 7); err != nil || control.get(first) != image {
				t.Fatalf("positive control: %v", err)
			}
			s := newShelf(first, second)
			s.put(first, "old")
			err := update(t, test.edit(t, signed(t)), s, test.sequence)
			refusal, ok := errors.AsType[*suit.Error](err)
			if !ok || refusal.Class() != test.want {
				t.Errorf("err = %v (%q), want class %q", err, refusal.Class(), test.want)
			}
			if s.get(first) != "old" || s.commits != 0 {
				t.Error("what was refused changed the platform")
			}
		})
	}
}

// embed puts the payload into a COSE_Sign1 block instead of leaving it detached.
func embed(t testing.TB, block []byte) []byte {
	t.Helper()
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(block); err != nil {
		t.Fatal(err)
	}
	m.Payload = []byte("anything")
	b, err := m.MarshalCBOR()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reordered is the envelope with member 3 before member 2, or twice.
func reordered(t testing.TB, twice bool) []byte {
	t.Helper()
	data := signed(t)
	e, err := suit.Decode(data, suit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, e.Manifest) - 1 // the key 3
	members, sealed := data[3:at], data[at:at+1+len(e.Manifest)]
	rest := data[at+len(sealed):]
	if twice {
		return bytes.Join([][]byte{{0xd8, 0x6b, 0xa5}, members, sealed, sealed, rest}, nil)
	}
	return bytes.Join([][]byte{{0xd8, 0x6b, 0xa4}, sealed, members, rest}, nil)
}

// TestBothAlgorithmNumbersOfOneKey: drafts sign with ES256, others with ESP256.
func TestBothAlgorithmNumbersOfOneKey(t *testing.T) {
	for _, alg := range []cose.Algorithm{cose.AlgorithmES256, suit.ESP256} {
		e := genuine(t)
		sign(t, e, "vendor", alg)
		if err := update(t, e.Encode(), newShelf(first, second), 0); err != nil {
			t.Errorf("algorithm %d: %v", alg, err)
		}
	}
}

// TestAuthenticationByMAC verifies a MAC with its secret and no other.
func TestAuthenticationByMAC(t *testing.T) {
	e := genuine(t)
	e.MAC(bytes.Repeat([]byte{1}, 32))
	if _, err := suit.Authenticate(e, []suit.Key{{Secret: bytes.Repeat([]byte{1}, 32)}}, 0, suit.Options{}); err != nil {
		t.Error(err)
	}
	_, err := suit.Authenticate(e, []suit.Key{{Secret: bytes.Repeat([]byte{2}, 32)}}, 0, suit.Options{})
	wantRefusal(t, err, suit.Unauthorised, suit.RuleSignature)
}

// TestThresholdCountsDistinctKeys: one key that signs twice is one key.
func TestThresholdCountsDistinctKeys(t *testing.T) {
	keys := []suit.Key{trusted(t, "vendor"), trusted(t, "second")}
	e := genuine(t)
	sign(t, e, "vendor", cose.AlgorithmES256)
	sign(t, e, "vendor", suit.ESP256)
	_, err := suit.Authenticate(e, keys, 2, suit.Options{})
	wantRefusal(t, err, suit.Unauthorised, suit.RuleThreshold)
	sign(t, e, "second", suit.ESP256)
	if _, err := suit.Authenticate(e, keys, 2, suit.Options{}); err != nil {
		t.Error(err)
	}
}

// TestTheManifestIsNotReadBeforeItIsAuthentic: garbage under a bad signature is
// refused for the signature (section 6.2).
func TestTheManifestIsNotReadBeforeItIsAuthentic(t *testing.T) {
	e := genuine(t)
	sign(t, e, "mallory", cose.AlgorithmES256)
	e.Manifest = []byte{0x43, 0xff, 0xff, 0xff}
	_, err := suit.Authenticate(e, []suit.Key{trusted(t, "vendor")}, 0, suit.Options{})
	wantRefusal(t, err, suit.Unauthorised, suit.RuleSigner)
}

// TestReasonsMapOntoClasses: each report reason that refuses has a refusal class of
// the closed list; success and pending invocation are answers.
func TestReasonsMapOntoClasses(t *testing.T) {
	for r := suit.Success; r <= suit.InvokePending; r++ {
		class, refuses := r.Class()
		answer := r == suit.Success || r == suit.InvokePending
		if refuses == answer || refuses && !class.Known() {
			t.Errorf("reason %d (%s): class %q, refuses %v", r, r, class, refuses)
		}
	}
	if _, refuses := suit.Reason(13).Class(); refuses {
		t.Error("13 is no reason")
	}
	for _, rule := range suit.Rules() {
		if _, refuses := rule.Reason().Class(); !rule.Class().Known() || !refuses || rule.Source() == "" {
			t.Errorf("rule %s: class %q, reason %v, source %q", rule, rule.Class(), rule.Reason(), rule.Source())
		}
	}
}
