package attack_test

import (
	"bytes"
	"testing"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/message"
)

func TestCarve(t *testing.T) {
	raw := message.Spec{Body: []byte("code")}.Pack(nil)
	dump := append(message.EncodeParts([][]byte{raw, raw}), make([]byte, 100)...)
	if parts := attack.Carve(dump); len(parts) != 2 || !bytes.Equal(parts[1], raw) {
		t.Errorf("%d parts carved", len(parts))
	}
	for name, b := range map[string][]byte{"nothing": nil, "zeros": make([]byte, 64), "cut short": dump[:20], "a package": raw} {
		if parts := attack.Carve(b); parts != nil {
			t.Errorf("%s: %d parts carved", name, len(parts))
		}
	}
}

func TestBefore(t *testing.T) {
	pack := func(entries int) []byte {
		m := message.Manifest{Version: message.ManifestVersion, Entries: make([]message.Entry, entries)}
		return message.Spec{Body: m.Encode(), Identity: message.Identity{Type: message.BaseSystemUpdateManifest}}.Pack(nil)
	}
	signed, other := pack(1), pack(3)
	got := attack.Before(signed, other)
	if !bytes.HasSuffix(got, signed) || len(got) != len(signed)+16+3*76 {
		t.Errorf("%d bytes, %d of them signed", len(got), len(signed))
	}
	if span := int(got[4]) | int(got[5])<<8; span != 16+3*76 {
		t.Errorf("the header says %d bytes", span)
	}
}
