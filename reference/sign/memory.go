package sign

import "sync"

// Memory remembers the results of pure functions: keys made from seeds, signatures,
// verifications, and whatever [Once] is asked for. It is safe for use by many
// worlds at once. A nil *Memory remembers nothing.
type Memory struct {
	mu         sync.RWMutex
	keys       shelf[[32]byte, *Key]
	signatures shelf[signID, [Size]byte]
	verdicts   shelf[verifyID, bool]
	things     shelf[[32]byte, any]
}

type signID struct {
	public Public
	digest [32]byte
}

type verifyID struct {
	public    Public
	digest    [32]byte
	signature [Size]byte
}

// limit bounds each of the two halves of a shelf.
const limit = 1 << 15

// shelf is a bounded map. What was used since its younger half was last full
// stays; what was not is forgotten with the older half.
type shelf[K comparable, V any] struct{ young, old map[K]V }

// get returns what is remembered.
func get[K comparable, V any](m *Memory, s *shelf[K, V], k K) (v V, ok bool) {
	m.mu.RLock()
	if v, ok = s.young[k]; ok {
		m.mu.RUnlock()
		return v, true
	}
	v, ok = s.old[k]
	m.mu.RUnlock()
	if ok {
		put(m, s, k, v)
	}
	return v, ok
}

// put remembers something.
func put[K comparable, V any](m *Memory, s *shelf[K, V], k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(s.young) >= limit {
		s.old, s.young = s.young, nil
	}
	if s.young == nil {
		s.young = map[K]V{}
	}
	s.young[k] = v
}

// NewMemory returns an empty memory.
func NewMemory() *Memory { return &Memory{} }

func (m *Memory) key(id [32]byte) *Key {
	if m == nil {
		return nil
	}
	k, _ := get(m, &m.keys, id)
	return k
}

func (m *Memory) keepKey(id [32]byte, k *Key) {
	if m != nil {
		put(m, &m.keys, id, k)
	}
}

func (m *Memory) signature(id signID) (s [Size]byte, ok bool) {
	if m == nil {
		return s, false
	}
	return get(m, &m.signatures, id)
}

func (m *Memory) verdict(id verifyID) (v, ok bool) {
	if m == nil {
		return false, false
	}
	return get(m, &m.verdicts, id)
}

func (m *Memory) keepVerdict(id verifyID, v bool) {
	if m != nil {
		put(m, &m.verdicts, id, v)
	}
}

// keep remembers a signature, and with it that it verifies.
func (m *Memory) keep(id signID, s [Size]byte) {
	if m != nil {
		put(m, &m.signatures, id, s)
		put(m, &m.verdicts, verifyID{id.public, id.digest, s}, true)
	}
}

// Once returns the remembered result of a pure function of id, computing it the
// first time. id must be a hash of everything the result depends on.
func Once[T any](m *Memory, id [32]byte, compute func() T) T {
	if m == nil {
		return compute()
	}
	if v, ok := get(m, &m.things, id); ok {
		if t, ok := v.(T); ok {
			return t
		}
	}
	v := compute()
	put(m, &m.things, id, any(v))
	return v
}
