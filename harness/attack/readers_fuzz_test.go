package attack_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/suit"
)

// FuzzTwoReaders holds two readers of one format against each other: the reference's
// strict ones, and the attacker's own, which were written down apart. What the strict
// one reads, the other takes apart at the same places and as the same. That is how a
// package that shows two readers two contents would be noticed (as with two metadata
// blocks, or a header that moves what a signature covers: TALOS-2021-1342). The
// reference's quick looks at a package are readers too.
func FuzzTwoReaders(f *testing.F) {
	for _, b := range readable(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range disagreements(b) {
			t.Error(d)
		}
	})
}

// readable is one input of each format, and mutants of packages whose two readers are
// the likeliest to disagree.
func readable(t testing.TB) (list [][]byte) {
	list = append(list, release("vac", 2).Parts...)
	list = append(list, enveloped(t, 2).Parts[0], genuineToken(t))
	draw, seen := drawFrom(5), map[string]int{}
	for range 600 {
		mutant, text := attack.Mutate(draw, mutationSources(), []*attack.Signer{mallory})
		kind, _, _ := strings.Cut(text, ":")
		switch kind {
		case "length-field", "section-length", "section-count", "manifest-header", "manifest-entry", "duplicate-section", "unknown-section", "second-metadata":
			for _, part := range mutant.Parts {
				if len(part) < 1024 && seen[kind] < 4 {
					seen[kind]++
					list = append(list, part)
				}
			}
		}
	}
	return list
}

// disagreements are what two readers of the same bytes see otherwise.
func disagreements(b []byte) (list []string) {
	if p, err := message.ParsePackage(b); err == nil {
		list = packagesDiffer(p, b)
	}
	if _, err := suit.Decode(b, suit.Options{Limits: suit.Limits{Envelope: 1 << 16}}); err == nil {
		again, err := attack.ForgeSUIT(attack.Artefact{Parts: [][]byte{b, {}}}, attack.Lies{})
		if err != nil || !bytes.Equal(again.Parts[0], b) {
			list = append(list, fmt.Sprintf("taken apart and put together by the attacker an envelope is another: %v", err))
		}
	}
	if e, err := evidence.Read(b); err == nil {
		if _, err := evidence.ReadClaims(e.Payload); err == nil && !attack.IsToken(b) {
			list = append(list, "a token that the reference reads is none to the attacker")
		}
	}
	return list
}

// packagesDiffer compares what the strict parser found with the attacker's regions.
func packagesDiffer(p *message.Package, b []byte) (list []string) {
	differ := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	var sections [][]byte
	entries := 0
	for _, r := range (attack.Artefact{Parts: [][]byte{b}}).Regions(0) {
		inside := b[r.Offset : r.Offset+r.Size]
		switch name, _, _ := strings.Cut(r.Name, "."); name {
		case "payload":
			if !bytes.Equal(inside, p.Body) {
				differ("the body has %d bytes to the attacker, %d to the reference", len(inside), len(p.Body))
			}
		case "signature":
			if !bytes.Equal(inside, p.Signature[:]) {
				differ("another signature")
			}
		case "entry":
			entries++
		case "header", "magic", "count", "length", "device", "kinds":
		default:
			sections = append(sections, inside)
		}
	}
	if !slices.EqualFunc(sections, p.Sections, func(data []byte, s message.Section) bool { return bytes.Equal(data, s.Data) }) {
		differ("%d sections to the attacker, %d to the reference, or other bytes in them", len(sections), len(p.Sections))
	}
	if message.TypeOf(b) != p.Identity.Type || !message.SectionsFit(b) {
		differ("a quick look says type %v, fits %v; the parser %v", message.TypeOf(b), message.SectionsFit(b), p.Identity.Type)
	}
	m, err := message.ParseManifest(p.Body)
	if t := p.Identity.Type; err == nil && t >= message.BaseSystemUpdateManifest && t <= message.RecoveryManifest && len(m.Entries) != entries {
		differ("a manifest has %d entries to the attacker, %d to the reference", entries, len(m.Entries))
	}
	return list
}

// TestReadersCanDisagree shows that the comparison would say so: one package is held
// against what was read of another.
func TestReadersCanDisagree(t *testing.T) {
	from := release("vac", 2).Parts
	for name, pair := range map[string][2][]byte{
		"another body":          {from[1], pack(message.NormalWorldKernel, "fw2", 2, []byte("evil"))},
		"another version":       {from[1], pack(message.NormalWorldKernel, "fw2", 3, bytes.Repeat([]byte{2}, 300))},
		"another kind of image": {from[1], from[2]},
		"an image, a manifest":  {from[1], from[0]},
	} {
		if p := parse(t, pair[0]); len(packagesDiffer(p, pair[1])) == 0 {
			t.Errorf("%s: nobody notices", name)
		}
	}
}

// TestReadableIsRead makes sure that what the target begins with is read at all.
func TestReadableIsRead(t *testing.T) {
	read := map[string]int{}
	for _, b := range readable(t) {
		if p, err := message.ParsePackage(b); err == nil {
			read["package"]++
			if _, err := message.ParseManifest(p.Body); err == nil {
				read["manifest"]++
			}
			if bytes.Count(b, []byte("4X4M")) > 1 {
				read["package with two metadata blocks"]++
			}
		}
		if _, err := suit.Decode(b, suit.Options{}); err == nil {
			read["envelope"]++
		}
		if _, err := evidence.Read(b); err == nil {
			read["token"]++
		}
	}
	t.Log(read)
	for _, what := range []string{"package", "manifest", "package with two metadata blocks", "envelope", "token"} {
		if read[what] == 0 {
			t.Errorf("no %s among them", what)
		}
	}
}
