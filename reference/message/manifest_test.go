package message_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

func twoImages() *message.Manifest {
	return &message.Manifest{Version: message.ManifestVersion, Built: built, Entries: []message.Entry{
		{Image: message.GUID{1}, Component: message.GUID{2}, Type: message.NormalWorldKernel, Partition: message.PartitionFirmware, Size: 0x1234, Uncompressed: 0x1234},
		{Image: message.GUID{3}, Component: message.GUID{4}, Type: message.Applications, Partition: message.PartitionApplications, Size: 5, Uncompressed: 5,
			Provides: [2]message.ABI{{Version: 1, Kind: 2}}, Depends: [2]message.ABI{{}, {Version: 5, Kind: message.ApplicationRuntime}}},
	}}
}

func TestManifestLayout(t *testing.T) {
	m := twoImages()
	m.Entries = m.Entries[1:]
	zeros := func(n int) string { return strings.Repeat("00", n) }
	want := "0300" + "0100" + "1000" + "4c00" + "36a0595f00000000" + // header; build time of a real package
		"03" + zeros(15) + "04" + zeros(15) + "0a00" + "0400" + "05000000" + "05000000" + // 16 to 60
		"01000000" + "02000000" + zeros(8) + // provides
		zeros(8) + "05000000" + "03000000" // depends
	if got := hex.EncodeToString(m.Encode()); got != want {
		t.Errorf("Encode = %s, want %s", got, want)
	}
}

func TestManifestRoundTrip(t *testing.T) {
	for name, want := range map[string]*message.Manifest{"two": twoImages(), "none": {Version: 3, Built: built, Entries: []message.Entry{}}} {
		got, err := message.ParseManifest(want.Encode())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestManifestRefuses(t *testing.T) {
	good := twoImages().Encode()
	set := func(at int, b ...byte) []byte { c := bytes.Clone(good); copy(c[at:], b); return c }
	for _, test := range []struct {
		name  string
		input []byte
		want  string
	}{
		{"empty", nil, "has no header"},
		{"header_cut", good[:15], "has no header"},
		{"cut", good[:len(good)-1], "2 entries in 167 bytes"},
		{"trailing", append(bytes.Clone(good), 0), "2 entries in 169 bytes"},
		{"version_2", set(0, 2), "manifest version 2"},
		{"count_one_more", set(2, 3), "3 entries in 168 bytes"},
		{"count_all_ones", set(2, 0xff, 0xff), "65535 entries"},
		// TALOS-2021-1343 and TALOS-2021-1342: header fields that move the parsed range.
		{"header_size", set(4, 0x5c), "at offset 4: header size 92"},
		{"entry_size", set(6, 0x4b), "at offset 6: entry size 75"},
		{"build_time", set(8, bytes.Repeat([]byte{0xff}, 8)...), "no date"},
		{"too_long", make([]byte, 16+65*76), "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := message.ParseManifest(test.input)
			if !errors.Is(err, message.ErrMalformed) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// FuzzParseManifest: a body is the encoding of what it parses to.
func FuzzParseManifest(f *testing.F) {
	f.Add(twoImages().Encode())
	f.Add((&message.Manifest{Version: 3}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := message.ParseManifest(b)
		if err != nil {
			return
		}
		if again := m.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("encoded again: %x, want %x", again, b)
		}
	})
}

func twoKeys() *message.Keystore {
	k := &message.Keystore{}
	for i, usage := range []message.Usage{message.UsageFirmware | message.UsageManifest, message.UsageApplication} {
		public := sign.New([]byte{byte(i)}, nil).Raw()
		k.Entries = append(k.Entries, message.KeyEntry{Public: public, Thumbprint: message.Thumbprint(public), Usage: usage})
	}
	return k
}

func TestKeystoreRoundTrip(t *testing.T) {
	want := twoKeys()
	b := want.Encode()
	// 4 header, 2 x (16 + 64 + 20), "UTBL", 2 x 4.
	if len(b) != 216 || string(b[204:208]) != "UTBL" || b[208] != 5 || b[212] != 2 {
		t.Errorf("Encode = %x", b)
	}
	if public := want.Entries[1].Public; !bytes.Equal(b[120:184], public[:]) {
		t.Errorf("second key is not at 120: %x", b[120:184])
	}
	got, err := message.ParseKeystore(b)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if e, ok := got.Find(want.Entries[1].Thumbprint); !ok || e != want.Entries[1] {
		t.Errorf("Find = %v, %v", e, ok)
	}
	if _, ok := got.Find([20]byte{}); ok {
		t.Error("Find found a key that is not there")
	}
}

func TestKeystoreRefuses(t *testing.T) {
	good := twoKeys().Encode()
	edit := func(change func(b []byte)) []byte { c := bytes.Clone(good); change(c); return c }
	twice := twoKeys()
	twice.Entries[1] = twice.Entries[0]
	crooked := twoKeys()
	crooked.Entries[0].Public[63] ^= 1
	for _, test := range []struct {
		name  string
		input []byte
		want  string
	}{
		{"empty", nil, "no header"},
		{"count_one_more", edit(func(b []byte) { b[0] = 3 }), "3 keys in 216 bytes"},
		{"count_all_ones", edit(func(b []byte) { b[0], b[1] = 0xff, 0xff }), "65535 keys"},
		{"reserved", edit(func(b []byte) { b[2] = 1 }), "at offset 2: reserved"},
		{"key_header", edit(func(b []byte) { b[19] = 1 }), "at offset 4: reserved header"},
		{"thumbprint", edit(func(b []byte) { b[84] ^= 1 }), "at offset 84: thumbprint"},
		{"off_the_curve", crooked.Encode(), "at offset 20: key is not on the curve"},
		{"twice", twice.Encode(), "at offset 104: key is listed twice"},
		{"no_table", edit(func(b []byte) { b[204] = 'X' }), "at offset 204: no usage table"},
		{"unknown_usage", edit(func(b []byte) { b[212] = 32 }), "at offset 212: unknown usage 0x20"},
		{"cut", good[:215], "2 keys in 215 bytes"},
		{"trailing", append(bytes.Clone(good), 0), "2 keys in 217 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := message.ParseKeystore(test.input)
			if !errors.Is(err, message.ErrMalformed) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestCapability(t *testing.T) {
	want := message.Capability{Device: key.Raw(), Kinds: []uint16{message.CapabilityAppDevelopment, message.CapabilityFieldServicing}}
	b := message.PackCapability(want, signer.Thumbprint, built, key.SignDigest)
	head, _ := hex.DecodeString("fd5cfd5c01000000cc000000")
	if len(b) != 392 || !bytes.Equal(b[:12], head) || !bytes.Equal(b[76:82], []byte{11, 0, 13, 0, 0, 0}) ||
		string(b[204:208]) != "4X4M" || b[212+4] != 13 || !bytes.Equal(b[324:328], []byte{0x7c, 0, 0, 0}) {
		t.Errorf("PackCapability = %x", b)
	}
	got, p, err := message.ParseCapability(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !unremembered.VerifyMessage(key.Raw(), p.Signed, p.Signature[:]) || *p.Signer != signer {
		t.Error("signature does not verify")
	}
	if !got.Allows(11) || got.Allows(2) || got.Allows(0) {
		t.Errorf("Allows: %v", got.Kinds)
	}
	full := message.Capability{Kinds: make([]uint16, 70)}
	for i := range full.Kinds {
		full.Kinds[i] = uint16(i + 1)
	}
	if got, _, err := message.ParseCapability(message.PackCapability(full, signer.Thumbprint, built, nil)); err != nil || len(got.Kinds) != 64 {
		t.Errorf("70 kinds: %v, %v", got, err)
	}
}

func TestCapabilityRefuses(t *testing.T) {
	good := message.PackCapability(message.Capability{Kinds: []uint16{11}}, signer.Thumbprint, built, nil)
	set := func(at int, b ...byte) []byte { c := bytes.Clone(good); copy(c[at:], b); return c }
	// The right length, but ND in place of SG and DB: 4 + 4 + 8x8 = 28 + 44.
	other := message.Spec{
		Body: good[:204], Identity: message.Identity{Type: message.FirmwareConfig}, Depends: make([]message.ABI, 8),
	}.Pack(nil)
	for _, test := range []struct {
		name  string
		input []byte
		want  string
	}{
		{"empty", nil, "of 0 bytes"},
		{"trailing", append(bytes.Clone(good), 0), "of 393 bytes"},
		{"magic", set(0, 0), "capability magic"},
		{"version", set(4, 2), "capability version 2"},
		{"length", set(8, 0xcd), "capability length 205"},
		{"image_type", set(216, 10), "image type Applications"},
		{"twice", set(78, 11), "at offset 78: capability 11 twice"},
		// TALOS and Comae: a section count that reads past the buffer.
		{"count_all_ones", set(208, 0xff, 0xff, 0xff, 0xff), "4294967295 sections"},
		{"sections", other, "want the sections"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := message.ParseCapability(test.input)
			if !errors.Is(err, message.ErrMalformed) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q (%d bytes)", err, test.want, len(test.input))
			}
		})
	}
}
