package message

// Bounds of the update certificate store.
const (
	// MaxRoots bounds the roots of one store.
	MaxRoots = 8
	// MaxCertStore bounds its body in bytes.
	MaxCertStore = 24 << 10
)

// EncodeCertStore writes the body of an UpdateCertStore package: the DER of the
// roots that a device trusts on a channel.
//
//	roots u16 | roots x {length u16, DER}
//
// The real body is not public.
func EncodeCertStore(roots [][]byte) []byte {
	b := le.AppendUint16(nil, uint16(len(roots)))
	for _, root := range roots {
		b = append(le.AppendUint16(b, uint16(len(root))), root...)
	}
	return b
}

// ParseCertStore reads the roots out of the body of an UpdateCertStore package:
// one to MaxRoots, none of them empty. Errors wrap ErrMalformed.
func ParseCertStore(body []byte) ([][]byte, error) {
	if len(body) < 2 || len(body) > MaxCertStore {
		return nil, malformed(0, "certificate store of %d bytes", len(body))
	}
	count, at := int(le.Uint16(body)), 2
	if count < 1 || count > MaxRoots {
		return nil, malformed(0, "%d roots, want 1 to %d", count, MaxRoots)
	}
	roots := make([][]byte, 0, count)
	for range count {
		if len(body)-at < 2 {
			return nil, malformed(at, "no length of a root")
		}
		n := int(le.Uint16(body[at:]))
		at += 2
		if n == 0 || n > len(body)-at {
			return nil, malformed(at, "root of %d bytes", n)
		}
		roots = append(roots, body[at:at+n:at+n])
		at += n
	}
	if at != len(body) {
		return nil, malformed(at, "%d bytes behind the last root", len(body)-at)
	}
	return roots, nil
}
