package channel

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/sign"
)

// TestFormsMakeTheSameCertificates: a certificate from a form is byte for byte the
// one that crypto/x509 makes, and nothing that a form cannot say comes from one.
func TestFormsMakeTheSameCertificates(t *testing.T) {
	memory := sign.NewMemory()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	root := NewRoot("root", sign.New([]byte("root"), memory), now, memory)
	below := root.Below("tenants", sign.New([]byte("below"), memory), now, time.Hour*9999, true, memory)
	other := NewRoot("root", sign.New([]byte("another"), memory), now, memory) // of the same name
	formed := 0
	for i := range 200 {
		draw := sha256.Sum256(fmt.Appendf(nil, "certificate %d", i))
		key := sign.New(draw[:], memory).Raw()
		w := Wanted{Kind: []string{KindService, KindUser, KindUpdate, KindClient}[i%4], Key: key, From: now.Add(time.Duration(binary.LittleEndian.Uint32(draw[:])) * time.Second / 8),
			For: time.Duration(draw[4]) * time.Hour, Serial: [8]byte(draw[8:])}
		w.Subject = []string{hex.EncodeToString(key[:]), "cloud", "alice-" + hex.EncodeToString(draw[:i%20]), "a b%c", ""}[i/4%5]
		if i == 7 {
			w.Serial = [8]byte{}
		}
		for _, a := range []*Authority{root, below, other} {
			want := a.create(w)
			if got := a.issue(w, memory); !bytes.Equal(got, want) {
				t.Fatalf("%+v:\n%x\nwant\n%x", w, got, want)
			}
			if a.form(w, memory).fill(a, w, memory) != nil {
				formed++
			}
		}
	}
	if formed < 225 {
		t.Errorf("only %d certificates came from a form", formed)
	}
}
