package world

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math/bits"
	"slices"
)

// minSecret is the shortest value that is looked for, in bytes: shorter ones
// would be found by chance.
const minSecret = 8

// secrets finds known values in bytes: raw, in hex of either case, and in base64
// of either alphabet at any alignment, whole or in pieces. It only grows; clones
// share it until one of them adds to it.
type secrets struct {
	values  []secret
	index   map[uint64]int32   // first eight bytes -> the pattern that begins with them
	more    map[uint64][]int32 // further patterns that begin so
	sieve   []uint64           // bits over the four bytes at each of the first four: most places need no look
	longest int
	shared  bool
}

// secret is a value with its label. It has nine patterns, numbered from nine
// times its own number; only where one begins are its bytes worked out.
type secret struct {
	label string
	bytes []byte
}

// patterns is the number of patterns of a value: raw, two of hex, six of base64.
const patterns = 9

// sieveBits is how many bits the sieve has for a pattern, at least, so that few
// places that hold nothing pass it.
const sieveBits = 64

// spread mixes four bytes; the sieve uses the top bits that shift leaves.
const spread = 2654435761

func (s *secrets) shift() int { return 32 - bits.TrailingZeros(uint(64*len(s.sieve))) }

func (s *secrets) clone() *secrets {
	s.shared = true
	n := *s
	return &n
}

// own makes what clones share its own, and room in the sieve for one more value.
func (s *secrets) own() {
	if s.index == nil {
		s.index, s.more, s.sieve = make(map[uint64]int32, 512), map[uint64][]int32{}, make([]uint64, 1<<9)
	}
	if s.shared {
		s.shared = false
		s.values, s.sieve, s.index = slices.Clone(s.values), slices.Clone(s.sieve), maps.Clone(s.index)
		more := make(map[uint64][]int32, len(s.more))
		for k, list := range s.more {
			more[k] = slices.Clone(list)
		}
		s.more = more
	}
	if (len(s.values)+1)*patterns*sieveBits > len(s.sieve)*64 {
		s.sieve = make([]uint64, 4*len(s.sieve))
		for key := range s.index {
			s.mark(key)
		}
	}
}

// mark sets the bits of the patterns that begin with eight bytes: wherever one begins, a
// place divisible by four shows one of them.
func (s *secrets) mark(key uint64) {
	for range 4 {
		bit := uint32(key) * spread >> s.shift()
		s.sieve[bit/64] |= 1 << (bit % 64)
		key >>= 8
	}
}

func (s *secrets) add(label string, value []byte) {
	if len(value) < minSecret {
		return
	}
	s.own()
	var std [3]uint64
	var room [256]byte
	for form := range patterns {
		p := encoding(room[:0], value, form)
		key, n := binary.LittleEndian.Uint64(p), int32(len(s.values)*patterns+form)
		switch {
		case form >= 6 && key == std[form-6]:
			continue // found with its twin
		case form >= 3 && form < 6:
			std[form-3] = key
		}
		if _, taken := s.index[key]; taken {
			s.more[key] = append(s.more[key], n)
		} else {
			s.index[key] = n
			s.mark(key)
		}
	}
	s.longest = max(s.longest, 2*len(value)-1)
	s.values = append(s.values, secret{label, slices.Clone(value)})
}

// encoding is one of the forms in which a value may cross a boundary, in b's room
// where that is enough.
func encoding(b, value []byte, form int) []byte {
	switch form {
	case 0:
		return value
	case 1:
		return hex.AppendEncode(b, value)
	case 2:
		b = hex.AppendEncode(b, value)
		for i, c := range b {
			if c >= 'a' {
				b[i] = c - 'a' + 'A'
			}
		}
		return b
	}
	enc, shift := base64.RawStdEncoding, (form-3)%3
	if form >= 6 {
		enc = base64.RawURLEncoding
	}
	text := enc.AppendEncode(b, append(make([]byte, shift, 96), value...))
	// The first and last characters also depend on the neighbours: leave them out.
	return text[(shift*8+5)/6 : (shift+len(value))*8/6]
}

// pattern is the bytes and the label of a pattern.
func (s *secrets) pattern(n int32) ([]byte, string) {
	v := &s.values[n/patterns]
	return encoding(nil, v.bytes, int(n%patterns)), v.label
}

// find returns the labels, sorted, of the values that end in b, whether they
// begin there or in before. begun, when not nil, hears of the patterns of which
// only the first n bytes are there.
func (s *secrets) find(before, b []byte, begun func(pattern int32, n int)) []string {
	if len(s.values) == 0 || len(b) == 0 {
		return nil
	}
	all, from := b, 0
	if len(before) > 0 {
		all = slices.Concat(before, b)
		from = len(before)
	}
	var labels []string
	var try func(i int, n int32)
	try = func(i int, n int32) {
		p, label := s.pattern(n)
		switch l := common(all[i:], p); {
		case i+l <= from || l < minSecret: // it was there before b, or is another pattern
		case l < len(p) && begun != nil:
			begun(n, l)
		case l == len(p):
			labels = append(labels, label)
		}
		if form := n % patterns; form >= 3 && form < 6 {
			try(i, n+3) // the other alphabet, when it begins alike
		}
	}
	shift, sieve := s.shift(), s.sieve
	may := func(i int) bool {
		bit := binary.LittleEndian.Uint32(all[i:]) * spread >> shift
		return sieve[bit/64]&(1<<(bit%64)) != 0
	}
	for i := 0; i+4 <= len(all); i += 4 {
		if !may(i) {
			continue
		}
		for at := max(i-3, 0); at <= i && at+minSecret <= len(all); at++ {
			if !may(at) {
				continue
			}
			key := binary.LittleEndian.Uint64(all[at:])
			if first, ok := s.index[key]; ok {
				try(at, first)
				for _, n := range s.more[key] {
					try(at, n)
				}
			}
		}
	}
	return tidy(labels)
}

// follow looks in b for what comes behind the first n bytes of a pattern, at
// least eight bytes of it at once, and returns how many bytes are known then.
// ended is set when so few are left that they could be guessed.
func (s *secrets) follow(pattern int32, n int, b []byte) (known int, ended bool) {
	p, _ := s.pattern(pattern)
	rest := p[n:]
	i := bytes.Index(b, rest[:min(minSecret, len(rest))])
	if i >= 0 {
		n += common(b[i:], rest)
	}
	return n, i >= 0 && n > len(p)-minSecret
}

// common is the length of the common beginning of two slices.
func common(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// tidy sorts labels and names each once.
func tidy(labels []string) []string {
	slices.Sort(labels)
	return slices.Compact(labels)
}
