package world

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// minSecret is the shortest value that is looked for, in bytes: shorter ones
// would be found by chance.
const minSecret = 8

// secrets finds known values in bytes: raw, in hex of either case, and in base64
// of either alphabet at any alignment, whole or in pieces. It only grows; clones share it until one
// of them adds to it.
type secrets struct {
	patterns []pattern
	index    map[uint64][]int32  // first eight bytes -> patterns that begin with them
	first    *[sieve / 64]uint64 // a sieve over the first four bytes: most places need one look
	longest  int
	shared   bool
}

// sieve is the number of bits of the sieve.
const sieve = 1 << 18

func sieveBit(b []byte) uint32 {
	return binary.LittleEndian.Uint32(b) * 2654435761 >> 14 // the top 18 bits
}

type pattern struct {
	label string
	bytes []byte
}

func (s *secrets) clone() *secrets {
	s.shared = true
	n := *s
	return &n
}

func (s *secrets) own() {
	if s.index == nil {
		s.index, s.first = map[uint64][]int32{}, new([sieve / 64]uint64)
	}
	if !s.shared {
		return
	}
	s.shared = false
	s.patterns = slices.Clone(s.patterns)
	index := make(map[uint64][]int32, len(s.index))
	for k, list := range s.index {
		index[k] = slices.Clone(list)
	}
	first := *s.first
	s.index, s.first = index, &first
}

func (s *secrets) add(label string, value []byte) {
	if len(value) < minSecret {
		return
	}
	s.own()
	for _, p := range encodings(value) {
		key := binary.LittleEndian.Uint64(p)
		s.index[key] = append(s.index[key], int32(len(s.patterns)))
		s.patterns = append(s.patterns, pattern{label, p})
		bit := sieveBit(p)
		s.first[bit/64] |= 1 << (bit % 64)
		s.longest = max(s.longest, len(p)-1)
	}
}

// encodings are the forms in which a value may cross a boundary.
func encodings(value []byte) [][]byte {
	lower := hex.EncodeToString(value)
	list := [][]byte{slices.Clone(value), []byte(lower), []byte(strings.ToUpper(lower))}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			text := enc.EncodeToString(append(make([]byte, shift), value...))
			// The first and last characters also depend on the neighbours: leave them out.
			inner := text[(shift*8+5)/6 : (shift+len(value))*8/6]
			list = append(list, []byte(inner))
		}
	}
	return list
}

// find returns the labels, sorted, of the values that end in b, whether they
// begin there or in before. begun, when not nil, hears of the patterns of which
// only the first n bytes are there.
func (s *secrets) find(before, b []byte, begun func(pattern int32, n int)) []string {
	if len(s.patterns) == 0 || len(b) == 0 {
		return nil
	}
	all, from := b, 0
	if len(before) > 0 {
		all = append(slices.Clone(before), b...)
		from = len(before)
	}
	var labels []string
	for i := 0; i+minSecret <= len(all); i++ {
		bit := sieveBit(all[i:])
		if s.first[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		for _, n := range s.index[binary.LittleEndian.Uint64(all[i:])] {
			p := &s.patterns[n]
			switch l := common(all[i:], p.bytes); {
			case i+l <= from: // it was there before b
			case l < len(p.bytes) && begun != nil:
				begun(n, l)
			case l == len(p.bytes):
				labels = append(labels, p.label)
			}
		}
	}
	return tidy(labels)
}

// follow looks in b for what comes behind the first n bytes of a pattern, at
// least eight bytes of it at once, and returns how many bytes are known then.
// ended is set when so few are left that they could be guessed.
func (s *secrets) follow(pattern int32, n int, b []byte) (known int, ended bool) {
	rest := s.patterns[pattern].bytes[n:]
	i := bytes.Index(b, rest[:min(minSecret, len(rest))])
	if i >= 0 {
		n += common(b[i:], rest)
	}
	return n, i >= 0 && n > len(s.patterns[pattern].bytes)-minSecret
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
