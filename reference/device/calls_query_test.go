package device

import (
	"fmt"
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// TestQueries asks the secure world about a device in the middle of a download.
func TestQueries(t *testing.T) {
	manifest := message.Manifest{Version: message.ManifestVersion, Entries: []message.Entry{{Image: message.GUID{1}}, {Image: message.GUID{2}}, {Image: message.GUID{3}}}}
	packed := func(id byte, kind message.ImageType, body []byte) []byte {
		s := message.Spec{Identity: message.Identity{Type: kind, Image: message.GUID{id}}, Body: body}
		return s.Pack(func([32]byte) (signature [64]byte) { return signature })
	}
	rt := &app{name: "rt", id: message.GUID{9}, manifest: message.AppManifest{ComponentID: "33333333-3333-3333-3333-333333333333"}}
	d := &Device{memory: memory{apps: map[string]*app{"rt": rt}, pins: map[string]string{"8": "rt", "12": "rt"}}}
	ask := func(number int, data []byte) string {
		answer, err := calls[number].do(d, Probe{Data: data})
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%x", answer)
	}
	component := rt.manifest.Component()
	for _, c := range []struct {
		number int
		data   []byte
		want   string
	}{
		{14, nil, "00000000"},
		{16, nil, ""},
		{21, nil, "01000000"},
		{22, nil, "030000000c000000"},
		{24, component[:], "09000000000000000000000000000000"},
		{29, nil, "31320a38"},
		{31, nil, "00000000"},
		{33, nil, "0000000000000000"},
	} {
		if got := ask(c.number, c.data); got != c.want {
			t.Errorf("%s: %s, want %s", calls[c.number].name, got, c.want)
		}
	}
	d.jobs = []job{{kind: jobUpdate, parts: [][]byte{packed(7, message.FirmwareUpdateManifest, manifest.Encode()), packed(2, message.RootFs, nil)}}}
	if got := ask(14, nil) + " " + ask(16, nil) + " " + ask(15, nil); got != "02000000 0100000000000000000000000000000003000000000000000000000000000000 00000000" {
		t.Errorf("missing images: %s", got)
	}
	base := packed(8, message.BaseSystemUpdateManifest, manifest.Encode())
	for _, c := range []struct {
		about string
		parts [][]byte
		want  string
	}{
		{"no manifest of the base yet", nil, "00000000 "},
		{"none of three", [][]byte{base}, "03000000 010000000000000000000000000000000200000000000000000000000000000003000000000000000000000000000000"},
		{"the second", [][]byte{base, packed(2, message.OneBL, nil)}, "02000000 0100000000000000000000000000000003000000000000000000000000000000"},
		{"another manifest names none of the base", [][]byte{packed(7, message.FirmwareUpdateManifest, manifest.Encode())}, "00000000 "},
		{"all", [][]byte{base, packed(3, message.OneBL, nil), packed(1, message.BootManifest, nil), packed(2, message.OneBL, nil)}, "00000000 "},
	} {
		d.jobs = []job{{kind: jobUpdate, parts: c.parts}}
		if got := ask(15, nil) + " " + ask(17, nil); got != c.want {
			t.Errorf("base images missing, %s: %s, want %s", c.about, got, c.want)
		}
	}
	if _, err := calls[23].do(d, Probe{}); defense.ClassOf(err) != defense.WrongState {
		t.Errorf("no certificate store: %v", err)
	}
	d.roots.raw = packed(5, message.UpdateCertStore, []byte("roots"))
	if got, want := ask(23, nil), fmt.Sprintf("05000000000000000000000000000000%x", word(len(d.roots.raw))); got != want {
		t.Errorf("certificate store: %s, want %s", got, want)
	}
}
