package suit_test

import (
	"strings"
	"testing"

	"github.com/armillary/armillary/reference/suit"
)

// parent is a manifest that needs another one, which lies in the envelope.
func parent(t *testing.T, child *suit.Envelope, digest suit.Digest, install suit.Sequence) *suit.Authenticated {
	t.Helper()
	m := manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{
		suit.SectionResolution: {at(1), set(suit.URI("#child"), suit.ImageDigest(digest)), do(suit.Fetch)},
		suit.SectionInstall:    install,
	})
	m.Dependencies = []suit.Dependency{{Index: 1, Prefix: suit.Component("child")}}
	return authenticated(t, m, func(e *suit.Envelope) {
		e.Integrated = []suit.Payload{{URI: "#child", Data: child.Encode()}}
	})
}

func child(t *testing.T, sections map[suit.Section]suit.Sequence) *suit.Envelope {
	t.Helper()
	e := suit.Seal(manifest([]suit.ComponentID{second}, sections))
	sign(t, e, "vendor", suit.ESP256)
	return e
}

// childInstalls is what the dependency of these tests does: it writes the second
// component.
func childInstalls(t *testing.T) map[suit.Section]suit.Sequence {
	t.Helper()
	return map[suit.Section]suit.Sequence{suit.SectionInstall: {
		at(0), set(content("x"), suit.ImageDigest(digestOf(t, "x"))), do(suit.Write), do(suit.ConditionImage)}}
}

// place is where the dependency's envelope lies.
var place = suit.Component("child")

// runParent runs a manifest with a dependency.
func runParent(t *testing.T, a *suit.Authenticated, change ...func(*suit.Processor)) (*shelf, error) {
	t.Helper()
	s := newShelf(first, second, place)
	p := processor(t, s)
	for _, c := range change {
		c(p)
	}
	_, err := p.Update(a)
	return s, err
}

// TestDependencies: the sections of a dependency run in lockstep.
func TestDependencies(t *testing.T) {
	genuine, process := childInstalls(t), seq(at(1), do(suit.ProcessDependency))
	t.Run("processed", func(t *testing.T) {
		c := child(t, genuine)
		s, err := runParent(t, parent(t, c, c.Digest, process))
		if err != nil || s.get(second) != "x" {
			t.Fatalf("err = %v, holds %q", err, s.get(second))
		}
	})
	t.Run("integrity_condition", func(t *testing.T) {
		c := child(t, genuine)
		s, err := runParent(t, parent(t, c, c.Digest, seq(at(1), do(suit.ConditionIsDependency), do(suit.ConditionDependency), do(suit.ConditionImage), do(suit.ProcessDependency))))
		if err != nil || s.get(second) != "x" {
			t.Fatalf("err = %v, holds %q", err, s.get(second))
		}
	})
}

// TestBadDependencies: a dependency is authenticated and compared with the digest
// that the dependent set, before anything of it runs.
func TestBadDependencies(t *testing.T) {
	genuine, process := childInstalls(t), seq(at(1), do(suit.ProcessDependency))
	t.Run("another_manifest_than_named", func(t *testing.T) {
		c, other := child(t, genuine), child(t, map[suit.Section]suit.Sequence{suit.SectionInstall: {at(0)}})
		s, err := runParent(t, parent(t, c, other.Digest, process))
		wantRefusal(t, err, suit.ConditionFailed, suit.RuleDependency)
		if s.commits != 0 {
			t.Error("changed the platform")
		}
	})
	t.Run("signed_by_somebody_else", func(t *testing.T) {
		c := suit.Seal(manifest([]suit.ComponentID{second}, genuine))
		sign(t, c, "mallory", suit.ESP256)
		_, err := runParent(t, parent(t, c, c.Digest, process))
		wantRefusal(t, err, suit.Unauthorised, suit.RuleSigner)
	})
	t.Run("older_than_accepted", func(t *testing.T) {
		c := child(t, genuine)
		m := parent(t, c, c.Digest, process)
		m.Manifest.SequenceNumber = 9
		_, err := runParent(t, m, func(p *suit.Processor) { p.Sequence = func(suit.ComponentID) uint64 { return 8 } })
		wantRefusal(t, err, suit.Unauthorised, suit.RuleSequence)
	})
	t.Run("no_digest_set", func(t *testing.T) {
		c := child(t, genuine)
		m := manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: process})
		m.Dependencies = []suit.Dependency{{Index: 1, Prefix: place}}
		_, err := runParent(t, authenticated(t, m, func(e *suit.Envelope) { e.Integrated = []suit.Payload{{URI: "#child", Data: c.Encode()}} }))
		wantRefusal(t, err, suit.ConditionFailed, "")
	})
	t.Run("of_itself_without_end", func(t *testing.T) {
		m := manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: process})
		m.Dependencies = []suit.Dependency{{Index: 1, Prefix: place}}
		self := suit.Seal(m)
		sign(t, self, "vendor", suit.ESP256)
		s := newShelf(first, second, place)
		s.put(place, string(self.Encode()))
		loop := manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: {at(1), set(suit.ImageDigest(self.Digest)), do(suit.ProcessDependency)}})
		loop.Dependencies = m.Dependencies
		_, err := processor(t, s).Update(authenticated(t, loop))
		wantRefusal(t, err, suit.OperationFailed, suit.RuleBounded)
	})
}

// TestDependencyIsNoComponent: an index that is both would mean two things.
func TestDependencyIsNoComponent(t *testing.T) {
	m := manifest([]suit.ComponentID{first, second}, nil)
	m.Dependencies = []suit.Dependency{{Index: 1, Prefix: third}}
	if _, err := suit.ParseManifest(m.Encode(), suit.Limits{}); suit.ReasonOf(err) != suit.ParseFailure {
		t.Error(err)
	}
}

// TestText: severed text is compared with its digest and read by language and
// component; it decides nothing.
func TestText(t *testing.T) {
	m := manifest([]suit.ComponentID{first}, nil)
	m.Text = suit.Text{"en-US": {
		Manifest:   map[int64]string{suit.TextManifestDescription: "a release"},
		Components: map[string]map[int64]string{string(first.Encode()): {suit.TextVendorName: "Vendor"}},
	}}
	text := m.Sever(suit.SectionText)
	a := authenticated(t, m, func(e *suit.Envelope) { e.Members[suit.SectionText] = text })
	in := a.Manifest.Text["en-US"]
	if in.Manifest[suit.TextManifestDescription] != "a release" || in.Components[string(first.Encode())][suit.TextVendorName] != "Vendor" {
		t.Errorf("text = %v", a.Manifest.Text)
	}
	m.Text = suit.Text{"no language!": {}}
	m.Severed = nil
	if _, err := suit.ParseManifest(m.Encode(), suit.Limits{}); err == nil || !strings.Contains(err.Error(), "language") {
		t.Error(err)
	}
}

// TestReport: what a report says as CBOR, for a success and for a refusal.
func TestReport(t *testing.T) {
	a := authenticated(t, manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: {abort}}))
	report, err := processor(t, newShelf(first)).Update(a)
	if err == nil || report.Result != suit.ConditionFailed || report.Failed == nil || report.Failed.Command != suit.ConditionAbort || report.Failed.Section != suit.SectionInstall {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if got := len(report.Records); got != 3 { // vendor, class, abort
		t.Errorf("%d records, want 3", got)
	}
	report.Nonce = []byte{1, 2}
	for _, part := range []string{"\x02\x42\x01\x02", "\x07\x0a", "\x05\x0e"} {
		if !strings.Contains(string(report.Encode()), part) {
			t.Errorf("no %x in %x", part, report.Encode())
		}
	}
	done, err := processor(t, newShelf(first)).Update(authenticated(t, manifest([]suit.ComponentID{first}, nil)))
	if err != nil || done.Result != suit.Success || !strings.Contains(string(done.Encode()), "\x04\xf5") {
		t.Errorf("report = %+v, %v", done, err)
	}
}
