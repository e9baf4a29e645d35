package attack_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/message"
)

// nativeEvidence is what a device makes in its own format, signed by the attester.
func nativeEvidence(boots uint32) []byte {
	fill := bytes.Repeat([]byte{byte(boots)}, 32)
	claims := message.Encode(message.Claims{Device: append(fill, fill...), Nonce: fill, Boots: boots, Security: 1, Measurements: []message.Measurement{{Stage: "os", Digest: fill}}, Binding: fill})
	signature := attester.Message(claims)
	return message.Encode(message.Evidence{Claims: claims, Signature: signature[:]})
}

// layeredEvidence is a token behind two layers.
func layeredEvidence(t testing.TB) []byte {
	return message.Encode(message.LayeredEvidence{Token: genuineToken(t), Chain: [][]byte{genuineToken(t), genuineToken(t)}})
}

func suitSources(t testing.TB) []attack.Artefact {
	return []attack.Artefact{enveloped(t, 1), enveloped(t, 2), enveloped(t, 3)}
}

// TestMutateSUITMakesEveryKind also hands every mutant to the strict reader, with the maker's key
// among those who sign: some that were changed must verify, or the rest would never be reached.
func TestMutateSUITMakesEveryKind(t *testing.T) {
	sources := suitSources(t)
	var before []attack.Artefact
	for _, s := range sources {
		before = append(before, s.Clone())
	}
	stolen, err := attack.NewSigner(maker.Scalar())
	if err != nil {
		t.Fatal(err)
	}
	hands := []attack.Hand{{}, {Unsigned: true}, {Signer: mallory}, {Signer: stolen}}
	draw, seen, by, verified := drawFrom(1), map[string]int{}, map[string]int{}, 0
	for range 2000 {
		mutant, text := attack.MutateSUIT(draw, sources, hands)
		name, rest, _ := strings.Cut(text, ": ")
		if rest == "" || strings.Contains(text, "%!") {
			t.Fatalf("description %q", text)
		}
		seen[name]++
		by[text[strings.LastIndex(text, "; ")+2:]]++
		if !mutant.Enveloped() {
			continue
		}
		if _, err := readSUIT(t, mutant, maker); err == nil && !slices.ContainsFunc(sources, func(s attack.Artefact) bool { return bytes.Equal(s.Parts[0], mutant.Parts[0]) }) {
			verified++
		}
	}
	for _, kind := range attack.SUITMutationKinds() {
		if seen[kind] == 0 {
			t.Errorf("kind %s never came", kind)
		}
		delete(seen, kind)
	}
	if len(seen) > 0 {
		t.Errorf("unlisted kinds: %v", seen)
	}
	if len(by) != len(hands)+1 {
		t.Errorf("signed by %v", by)
	}
	if t.Logf("%d of 2000 verify with other bytes; %v", verified, by); verified < 100 {
		t.Errorf("%d changed envelopes verify", verified)
	}
	if !slices.EqualFunc(before, sources, same) {
		t.Error("MutateSUIT changed its sources")
	}
}

// TestMutantsRepeat: equal draws give equal mutants, in every format.
func TestMutantsRepeat(t *testing.T) {
	sources := suitSources(t)
	hands := []attack.Hand{{}, {Signer: mallory}}
	heard := [][]byte{genuineToken(t), nativeEvidence(1), nativeEvidence(2)}
	for seed := range uint64(100) {
		a, what := attack.MutateSUIT(drawFrom(seed), sources, hands)
		b, again := attack.MutateSUIT(drawFrom(seed), sources, hands)
		c, which := attack.MutateEvidence(drawFrom(seed), heard, hands)
		d, once := attack.MutateEvidence(drawFrom(seed), heard, hands)
		e, who := attack.MutateBy(drawFrom(seed), mutationSources(), hands[1])
		f, twice := attack.MutateBy(drawFrom(seed), mutationSources(), hands[1])
		if what != again || which != once || who != twice || !same(a, b) || !bytes.Equal(c, d) || !same(e, f) {
			t.Fatalf("seed %d: %s, then %s; %s, then %s; %s, then %s", seed, what, again, which, once, who, twice)
		}
	}
}

// TestMutateFormatsOfOddSources: whatever there is, mutating ends without a panic, mutants of
// mutants included.
func TestMutateFormatsOfOddSources(t *testing.T) {
	for name, sources := range map[string][]attack.Artefact{
		"none":       nil,
		"no_parts":   {{}},
		"a_tag":      {{Parts: [][]byte{{0xd8, 0x6b}, {1}}}},
		"a_map":      {{Parts: [][]byte{{0xd8, 0x6b, 0xa1, 0x03, 0x41, 0xa0}, {1}}}},
		"empty_auth": {{Parts: [][]byte{{0xd8, 0x6b, 0xa2, 0x02, 0x41, 0x80, 0x03, 0x41, 0xa0}, nil}}},
		"packages":   {release("vac", 1)},
		"alone":      {enveloped(t, 1)},
	} {
		draw := drawFrom(7)
		for range 300 {
			mutant, text := attack.MutateSUIT(draw, sources, []attack.Hand{{Signer: mallory}})
			if text == "" {
				t.Fatalf("%s: no description", name)
			}
			for range 3 {
				mutant, _ = attack.MutateSUIT(draw, []attack.Artefact{mutant}, nil)
			}
		}
	}
	draw := drawFrom(8)
	for _, heard := range [][][]byte{nil, {nil}, {{0x80}}, {{0x82, 0x40, 0x40}}, {[]byte("junk")}, {genuineToken(t)}} {
		for range 300 {
			mutant, _ := attack.MutateEvidence(draw, heard, []attack.Hand{{Signer: mallory}, {Unsigned: true}})
			for range 3 {
				mutant, _ = attack.MutateEvidence(draw, [][]byte{mutant}, nil)
			}
		}
	}
}

// TestMutateEvidenceMakesEveryKind of a device's own format and of tokens.
func TestMutateEvidenceMakesEveryKind(t *testing.T) {
	heard := [][]byte{genuineToken(t), genuineToken(t), layeredEvidence(t), nativeEvidence(1), nativeEvidence(2)}
	draw, seen, changed := drawFrom(1), map[string]int{}, 0
	for range 3000 {
		mutant, text := attack.MutateEvidence(draw, heard, []attack.Hand{{}, {Unsigned: true}, {Signer: mallory}})
		name, rest, _ := strings.Cut(text, ": ")
		if rest == "" || strings.Contains(text, "%!") {
			t.Fatalf("description %q", text)
		}
		seen[name]++
		if !slices.ContainsFunc(heard, func(h []byte) bool { return bytes.Equal(h, mutant) }) {
			changed++
		}
	}
	for _, kind := range attack.EvidenceMutationKinds() {
		if seen[kind] == 0 {
			t.Errorf("kind %s never came", kind)
		}
	}
	if changed < 2000 {
		t.Errorf("%d of 3000 are other than what was heard", changed)
	}
}

// TestAHandSigns: what a hand seals verifies under its key and under no other.
func TestAHandSigns(t *testing.T) {
	stolen, err := attack.NewSigner(maker.Scalar())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hand  attack.Hand
		takes bool
	}{{attack.Hand{}, true}, {attack.Hand{Signer: stolen}, true}, {attack.Hand{Signer: mallory}, false}, {attack.Hand{Unsigned: true}, false}} {
		if _, err := readSUIT(t, c.hand.SealSUIT(enveloped(t, 2)), maker); (err == nil) != c.takes {
			t.Errorf("an envelope %s: %v", c.hand, err)
		}
		part := c.hand.Seal(release("vac", 1), 1, false).Parts[1]
		if by := signedBy(part); (by == "mallory") != (c.hand.Signer == mallory) {
			t.Errorf("a part %s is signed by %q", c.hand, by)
		}
	}
	if b := nativeEvidence(1); bytes.Equal((attack.Hand{Signer: mallory}).SealEvidence(b), b) || !bytes.Equal((attack.Hand{}).SealEvidence(b), b) {
		t.Error("evidence keeps its signature, or loses it")
	}
}
