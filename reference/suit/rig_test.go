package suit_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/armillary/armillary/reference/suit"
	"github.com/veraison/go-cose"
)

// shelf is a platform in memory: components by encoded identifier.
type shelf struct {
	known    []suit.ComponentID
	holds    map[string][]byte
	slots    map[string]uint64
	remote   map[string][]byte
	ids      [][16]byte
	pens     []string // encoded
	commits  int
	ran      []string // bytes that were invoked
	args     [][]byte
	now      uint64
	battery  uint64
	agreed   bool
	version  []int64
	waited   [][]byte
	asked    []string
	refuses  bool // Commit fails
	oversize bool // Fetch gives more than asked for
}

func newShelf(ids ...suit.ComponentID) *shelf {
	return &shelf{
		known: ids, holds: map[string][]byte{}, slots: map[string]uint64{}, remote: map[string][]byte{},
		ids: [][16]byte{vendor, class, thisDevice}, agreed: true, battery: 100, version: []int64{0, 9},
	}
}

func (s *shelf) Components() []suit.ComponentID { return s.known }

func (s *shelf) Identified(_ suit.ParameterKey, _ suit.ComponentID, id []byte) bool {
	if len(id) != 16 {
		return slices.Contains(s.pens, string(id))
	}
	return slices.Contains(s.ids, [16]byte(id))
}

func (s *shelf) InSlot(c suit.ComponentID, slot uint64) bool {
	return s.slots[string(c.Encode())] == slot
}

func (s *shelf) Read(c suit.ComponentID) ([]byte, bool) {
	data, ok := s.holds[string(c.Encode())]
	return data, ok
}

func (s *shelf) Fetch(uri string, _ []byte, limit int) ([]byte, error) {
	s.asked = append(s.asked, uri)
	data, ok := s.remote[uri]
	if !ok {
		return nil, errors.New("nothing there")
	}
	if len(data) > limit && !s.oversize {
		return nil, errors.New("too large")
	}
	return data, nil
}

func (s *shelf) Commit(changes []suit.Change) error {
	if s.refuses {
		return errors.New("flash is worn out")
	}
	s.commits++
	for _, c := range changes {
		if c.Removed {
			delete(s.holds, string(c.Component.Encode()))
			continue
		}
		s.holds[string(c.Component.Encode())] = c.Data
	}
	return nil
}

func (s *shelf) Invoke(_ suit.ComponentID, image, args []byte) error {
	s.ran, s.args = append(s.ran, string(image)), append(s.args, args)
	return nil
}

func (s *shelf) Now() uint64                             { return s.now }
func (s *shelf) Battery() uint64                         { return s.battery }
func (s *shelf) Authorised(suit.ComponentID, int64) bool { return s.agreed }
func (s *shelf) Version(suit.ComponentID) []int64        { return s.version }
func (s *shelf) Wait(_ suit.ComponentID, info []byte) error {
	s.waited = append(s.waited, info)
	return nil
}

func (s *shelf) put(c suit.ComponentID, data string) { s.holds[string(c.Encode())] = []byte(data) }

func (s *shelf) get(c suit.ComponentID) string { return string(s.holds[string(c.Encode())]) }

func (s *shelf) snapshot() map[string][]byte { return maps.Clone(s.holds) }

var (
	vendor     = [16]byte{0xfa, 0x6b, 0x4a, 0x53, 0xd5, 0xad, 0x5f, 0xdf, 0xbe, 0x9d, 0xe6, 0x63, 0xe4, 0xd4, 0x1f, 0xfe}
	class      = [16]byte{0x14, 0x92, 0xaf, 0x14, 0x25, 0x69, 0x5e, 0x48, 0xbf, 0x42, 0x9b, 0x2d, 0x51, 0xf2, 0xab, 0x45}
	thisDevice = [16]byte{15: 1}
	elsewhere  = [16]byte{15: 9}

	first  = suit.Component("first")
	second = suit.Component("second")
	third  = suit.Component("third")
)

// pair is a signing key derived from a word: tests have no randomness.
func signingKey(t testing.TB, word string) *ecdsa.PrivateKey {
	t.Helper()
	d := sha256.Sum256([]byte(word))
	d[0] &= 0x7f // below the order
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func trusted(t testing.TB, word string) suit.Key {
	t.Helper()
	k, err := suit.PublicKey(word, []byte(word), &signingKey(t, word).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, e *suit.Envelope, word string, alg cose.Algorithm) {
	t.Helper()
	s, err := suit.NewSigner(alg, signingKey(t, word))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Sign(s, []byte(word)); err != nil {
		t.Fatal(err)
	}
}

func digestOf(t testing.TB, data string) suit.Digest {
	t.Helper()
	d, err := suit.DigestOf(suit.SHA256, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The commands that stories are made of.

func at(index ...uint64) suit.Command {
	return suit.Command{Code: suit.SetComponentIndex, Index: suit.Index{List: index, Array: len(index) != 1}}
}

func all() suit.Command {
	return suit.Command{Code: suit.SetComponentIndex, Index: suit.Index{All: true}}
}

func set(params ...suit.Parameter) suit.Command {
	return suit.Command{Code: suit.OverrideParameters, Params: params}
}

func do(code suit.Code) suit.Command { return suit.Command{Code: code, Policy: suit.ReportAll} }

func try(sequences ...suit.Sequence) suit.Command {
	return suit.Command{Code: suit.TryEach, Try: sequences}
}

func runs(s ...suit.Command) suit.Command { return suit.Command{Code: suit.RunSequence, Run: s} }

// compatible is the shared sequence of most stories.
func compatible() suit.Sequence {
	return suit.Sequence{at(0), set(suit.VendorID(vendor), suit.ClassID(class)), do(suit.ConditionVendor), do(suit.ConditionClass)}
}

// manifest makes one with these components and sections.
func manifest(components []suit.ComponentID, sections map[suit.Section]suit.Sequence) *suit.Manifest {
	return &suit.Manifest{SequenceNumber: 7, Components: components, Shared: compatible(), Sequences: sections}
}

// authenticated signs a manifest and takes it the whole way in.
func authenticated(t testing.TB, m *suit.Manifest, change ...func(*suit.Envelope)) *suit.Authenticated {
	t.Helper()
	e := suit.Seal(m)
	sign(t, e, "vendor", suit.ESP256)
	for _, c := range change {
		c(e)
	}
	e, err := suit.Decode(e.Encode(), suit.Options{})
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	a, err := suit.Authenticate(e, []suit.Key{trusted(t, "vendor")}, 0, suit.Options{})
	if err != nil {
		t.Fatalf("authenticate: %v", err)
	}
	return a
}

// processor runs on a shelf, trusting the vendor.
func processor(t testing.TB, s *shelf) *suit.Processor {
	t.Helper()
	return &suit.Processor{Platform: s, Keys: []suit.Key{trusted(t, "vendor")}}
}

// wantRefusal holds an error against a reason, and a rule if one decided.
func wantRefusal(t *testing.T, err error, reason suit.Reason, rule suit.Rule) {
	t.Helper()
	refusal, ok := errors.AsType[*suit.Error](err)
	if !ok || refusal.Reason != reason || refusal.Rule != rule {
		t.Fatalf("err = %v, want reason %q by rule %q", err, reason, rule)
	}
}
