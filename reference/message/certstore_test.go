package message

import (
	"bytes"
	"testing"
)

func TestCertStore(t *testing.T) {
	body := EncodeCertStore([][]byte{{1, 2, 3}, {4}})
	roots, err := ParseCertStore(body)
	if err != nil || len(roots) != 2 || !bytes.Equal(EncodeCertStore(roots), body) {
		t.Fatalf("%v, %v", roots, err)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "no roots": {0, 0}, "an empty root": {1, 0, 0, 0}, "cut": body[:len(body)-1], "bytes behind": append(bytes.Clone(body), 0),
		"too many": EncodeCertStore(make([][]byte, MaxRoots+1)), "too large": EncodeCertStore([][]byte{make([]byte, MaxCertStore)}),
	} {
		if _, err := ParseCertStore(bad); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
