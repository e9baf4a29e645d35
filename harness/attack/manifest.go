package attack

import "bytes"

// Before puts the body of one manifest package before another: what stands first
// is the attacker's, what is signed stands behind it, and the header of the first
// says that it is as long as all of it (TALOS-2021-1342). A reader that lets the
// header move the signed range verifies the one and reads the other.
func Before(signed, body []byte) []byte {
	p, _ := unpack(body)
	before := bytes.Clone(p.body)
	if len(before) >= manifestHeader {
		le.PutUint16(before[4:], uint16(len(before)))
	}
	return append(before, signed...)
}

// Carve takes the image packages out of a dump of a flash region; nil when it
// holds none: count u32, lengths u32, then the packages.
func Carve(dump []byte) [][]byte {
	if len(dump) < 4 {
		return nil
	}
	count := le.Uint32(dump)
	if count == 0 || count > 64 || len(dump) < 4+4*int(count) {
		return nil
	}
	rest := dump[4+4*count:]
	var parts [][]byte
	for i := range count {
		n := le.Uint32(dump[4+4*i:])
		if int64(n) > int64(len(rest)) {
			return nil
		}
		if _, ok := unpack(rest[:n]); !ok {
			return nil
		}
		parts, rest = append(parts, bytes.Clone(rest[:n])), rest[n:]
	}
	return parts
}
