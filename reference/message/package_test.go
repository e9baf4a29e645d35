package message_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/internal/published"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

func ptr[T any](v T) *T { return &v }

var (
	key          = sign.New([]byte("package test"), nil)
	built        = time.Date(2020, 9, 10, 3, 40, 38, 0, time.UTC)
	unremembered *sign.Memory
	signer       = message.Signer{Thumbprint: message.Thumbprint(key.Raw()), Kind: message.ECDSA256}
)

// fullSpec uses every section.
func fullSpec() message.Spec {
	return message.Spec{
		Body:            []byte("kernel"),
		Identity:        message.Identity{Type: message.NormalWorldKernel, Component: message.GUID{1, 2}, Image: message.GUID{3, 4}},
		Signer:          &signer,
		Debug:           &message.Debug{Built: built, Name: "fw1"},
		Temporary:       ptr(uint32(message.UnderDevelopment)),
		Provides:        []message.ABI{{Version: 5, Kind: message.ApplicationRuntime}},
		Depends:         []message.ABI{{Version: 2, Kind: message.SecureWorldRuntime}, {Version: 3, Kind: message.OSRuntime}},
		FlashOffset:     ptr(uint32(0x1000)),
		SecurityVersion: ptr(uint32(7)),
	}
}

func mustParse(t *testing.T, b []byte) *message.Package {
	t.Helper()
	p, err := message.ParsePackage(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPackageLayout holds every byte of a small package, with offsets counted
// by hand.
func TestPackageLayout(t *testing.T) {
	spec := message.Spec{
		Body:            []byte{0xb0, 0xd1},
		Identity:        message.Identity{Type: message.NormalWorldKernel, Component: message.GUID{0: 0xc0}, Image: message.GUID{15: 0x1f}},
		SecurityVersion: ptr(uint32(2)),
	}
	b := spec.Pack(func(digest [32]byte) (s [64]byte) { copy(s[:], digest[:]); return s })
	id := "4944" + "2400" + "0700" + "0000" + "c0" + strings.Repeat("00", 15) + strings.Repeat("00", 15) + "1f"
	want, err := hex.DecodeString("b0d1" + // 0
		"3458344d" + // 2: magic
		"02000000" + // 6: two sections
		id + // 10: 4 + 36 bytes
		"52560400" + "02000000" + // 50: security version
		"3c000000") // 58: 4+4+40+8+4 = 60
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(want)
	want = append(append(want, digest[:]...), make([]byte, 32)...)
	if diff := cmp.Diff(want, b); diff != "" {
		t.Errorf("Pack (-want +got):\n%s", diff)
	}
	p := mustParse(t, b)
	if p.Digest() != digest || !bytes.Equal(p.Body, spec.Body) || len(p.Signed) != 62 {
		t.Errorf("ParsePackage: body %x, signed %d bytes, digest %x", p.Body, len(p.Signed), p.Digest())
	}
}

func TestPackageRoundTrip(t *testing.T) {
	app := fullSpec()
	app.Identity.Type, app.Body = message.Applications, make([]byte, 5000)
	for name, spec := range map[string]message.Spec{
		"full":     fullSpec(),
		"least":    {Identity: message.Identity{Type: message.Other}},
		"app":      app,
		"longname": {Debug: &message.Debug{Built: time.Unix(0, 0).UTC(), Name: strings.Repeat("é", 20)}},
	} {
		t.Run(name, func(t *testing.T) {
			b := spec.Pack(key.SignDigest)
			p := mustParse(t, b)
			if !unremembered.VerifyMessage(key.Raw(), p.Signed, p.Signature[:]) {
				t.Error("signature does not verify")
			}
			again := p.Spec().Pack(func([32]byte) [64]byte { return p.Signature })
			if !bytes.Equal(again, b) {
				t.Errorf("packed again: %x, want %x", again, b)
			}
			switch name {
			case "app":
				if len(p.Body) != 8192 {
					t.Errorf("body of %d bytes, want 8192", len(p.Body))
				}
			case "longname":
				if want := strings.Repeat("é", 15); p.Debug.Name != want {
					t.Errorf("name %q, want %q", p.Debug.Name, want)
				}
			case "full":
				if diff := cmp.Diff(spec, p.Spec()); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestPackageDamage: whatever is changed in a package, the parser refuses it or
// the change is in what the signature covers, or in the signature.
func TestPackageDamage(t *testing.T) {
	good := fullSpec().Pack(key.SignDigest)
	p := mustParse(t, good)
	for n := range good {
		if cut, err := message.ParsePackage(good[:n]); err == nil && bytes.Equal(cut.Signed, p.Signed) {
			t.Errorf("cut to %d bytes: parsed with the same signed bytes", n)
		}
	}
	for at := range good {
		for bit := range 8 {
			b := bytes.Clone(good)
			b[at] ^= 1 << bit
			q, err := message.ParsePackage(b)
			if err == nil && bytes.Equal(q.Signed, p.Signed) && q.Signature == p.Signature {
				t.Errorf("bit %d of byte %d: parsed as the same", bit, at)
			}
			if err != nil && !errors.Is(err, message.ErrMalformed) {
				t.Errorf("bit %d of byte %d: error %v does not wrap ErrMalformed", bit, at, err)
			}
		}
	}
	if _, err := message.ParsePackage(append(bytes.Clone(good), 0)); err == nil {
		t.Error("a byte behind the signature was accepted")
	}
}

func TestPackageRefuses(t *testing.T) {
	good := fullSpec().Pack(nil)
	// Offsets in good: body 6, magic 6, count 10, ID 14 (data 18), SG 54 (data
	// 58), DB 82 (data 86: time, 94: name), TP 126 (data 130), NP 134 (data 138),
	// ND 150 (data 154), RO 174, RV 182, length 190, signature 194.
	set := func(at int, b ...byte) func() []byte {
		return func() []byte { c := bytes.Clone(good); copy(c[at:], b); return c }
	}
	for _, test := range []struct {
		name  string
		input func() []byte
		want  string
	}{
		{"empty", func() []byte { return nil }, "cannot hold"},
		{"too_long", func() []byte { return make([]byte, message.MaxPackage+1) }, "too large"},
		{"length_zero", set(190, 0, 0, 0, 0), "at offset 190: metadata length 0"},
		{"length_all_ones", set(190, 0xff, 0xff, 0xff, 0xff), "at offset 190: metadata length 4294967295"},
		{"length_one_more", set(190, 189), "at offset 5: metadata magic"},
		{"magic", set(6, 0), "at offset 6: metadata magic"},
		{"count_all_ones", set(10, 0xff, 0xff, 0xff, 0xff), "at offset 10: 4294967295 sections"},
		{"count_17", set(10, 17), "17 sections"},
		{"count_one_more", set(10, 9), "section header is cut off"},
		{"count_one_less", set(10, 7), "at offset 182: 8 bytes behind"},
		{"section_too_long", set(184, 5), "at offset 182: section 0x5652 of 5 bytes is cut off"},
		{"section_too_short", set(56, 23), "at offset 58: section 0x4753 of 23 bytes, want 24"},
		{"unknown_section", set(182, 'X', 'X'), "at offset 182: unknown section 0x5858"},
		{"second_section", set(182, 'R', 'O'), "second section"},
		{"no_identity", func() []byte {
			return append(append([]byte("4X4M"), 0, 0, 0, 0, 12, 0, 0, 0), make([]byte, 64)...)
		}, "no identity"},
		{"reserved", set(20, 1), "at offset 20: reserved"},
		{"signature_kind", set(78, 2), "at offset 78: signature kind 2"},
		{"build_time", set(93, 0x80), "no date"},
		{"name_without_nul", set(94, bytes.Repeat([]byte("x"), 32)...), "without NUL"},
		{"name_with_tail", set(94, 'a', 0, 'b'), "behind the NUL"},
		{"name_control", set(94, 'a', 7), "is not text"},
		{"temporary_none", set(130, 0), "temporary flags 0x0"},
		{"temporary_unknown", set(130, 4), "temporary flags 0x4"},
		{"provides_count", set(138, 2), "at offset 138: count 2"},
		{"depends_count_overflow", set(154, 2, 0, 0, 0x20), "at offset 154: count 536870914"},
		{"depends_empty", set(154, 0), "count 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := message.ParsePackage(test.input())
			if !errors.Is(err, message.ErrMalformed) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestImageTypeString(t *testing.T) {
	for want, got := range map[string]message.ImageType{
		"NormalWorldKernel": 7, "Applications": 10, "TrustedKeystore": 19, "FirmwareUpdateManifest": 24, "Other": 28, "ImageType(11)": 11, "ImageType(29)": 29,
	} {
		if got.String() != want {
			t.Errorf("ImageType %d is %q, want %q", uint16(got), got, want)
		}
	}
}

func TestGUID(t *testing.T) {
	raw, _ := hex.DecodeString("b2d8891635c8272e27ade894d6d15fa9") // of a real package
	want := "1689d8b2-c835-2e27-27ad-e894d6d15fa9"
	if got := message.GUID(raw).String(); got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
	for _, s := range []string{want, strings.ToUpper(want)} {
		if g, err := message.ParseGUID(s); err != nil || g != message.GUID(raw) {
			t.Errorf("ParseGUID(%s) = %x, %v", s, g, err)
		}
	}
	for _, s := range []string{"", "x", want[1:], want + "0", "{" + want + "}", strings.Replace(want, "-", "", 1) + "0", "1689d8b2-c835-2e27-27a-de894d6d15fa9", "g" + want[1:]} {
		if g, err := message.ParseGUID(s); err == nil {
			t.Errorf("ParseGUID(%q) = %v, want an error", s, g)
		}
	}
	if a, b := message.DeriveGUID("a", "b"), message.DeriveGUID("ab"); a == b || a != message.DeriveGUID("a", "b") {
		t.Errorf("DeriveGUID: %v and %v", a, b)
	}
}

// TestRealMetadata reads the metadata of two real packages and verifies their
// signatures over the recorded digest; their programs are not at hand.
func TestRealMetadata(t *testing.T) {
	data, err := os.ReadFile(published.File(t, "app_manifest/imagepackage_metadata.json", "that the trailer and signature of real image packages are read and verify"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Certificate string `json:"sdk_test_cert_pem"`
		Images      []struct {
			Path     string
			Trailer  string `json:"trailer_hex"`
			Digest   string `json:"signed_sha256"`
			Sections []struct {
				Component string `json:"component_uid"`
				Name      string
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(file.Certificate))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	public, ok := sign.RawPublic(certificate.PublicKey.(*ecdsa.PublicKey))
	if !ok {
		t.Fatal("the SDK test key is not on P-256")
	}
	for _, image := range file.Images {
		trailer, err := hex.DecodeString(image.Trailer)
		if err != nil {
			t.Fatal(err)
		}
		p := mustParse(t, trailer)
		digest, _ := hex.DecodeString(image.Digest)
		if !unremembered.Verify(public, [32]byte(digest), p.Signature) {
			t.Errorf("%s: signature does not verify", image.Path)
		}
		if p.Signer.Thumbprint != sha1.Sum(certificate.Raw) {
			t.Errorf("%s: signer %x is not the test certificate", image.Path, p.Signer.Thumbprint)
		}
		if got, want := p.Identity.Component.String(), image.Sections[0].Component; got != want {
			t.Errorf("%s: component %s, want %s", image.Path, got, want)
		}
		if got, want := p.Debug.Name, image.Sections[2].Name; got != want {
			t.Errorf("%s: name %q, want %q", image.Path, got, want)
		}
		if p.Identity.Type != message.Applications || *p.Temporary != message.UnderDevelopment || p.Depends[0].Kind != message.ApplicationRuntime {
			t.Errorf("%s: %+v", image.Path, p.Spec())
		}
		if again := p.Spec().Pack(func([32]byte) [64]byte { return p.Signature }); !bytes.Equal(again, trailer) {
			t.Errorf("%s: packed again: %x, want %x", image.Path, again, trailer)
		}
	}
}

// FuzzParsePackage: what parses is made of its parts and nothing else, and
// packing its fields gives it back when its sections stand in the usual order.
func FuzzParsePackage(f *testing.F) {
	f.Add(fullSpec().Pack(key.SignDigest))
	f.Add(message.Spec{}.Pack(nil))
	f.Add(message.PackCapability(message.Capability{Kinds: []uint16{11}}, signer.Thumbprint, built, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := message.ParsePackage(b)
		if err != nil {
			if !errors.Is(err, message.ErrMalformed) {
				t.Fatalf("error %v does not wrap ErrMalformed", err)
			}
			return
		}
		if whole := append(bytes.Clone(p.Signed), p.Signature[:]...); !bytes.Equal(whole, b) {
			t.Fatalf("signed bytes and signature are %x, input %x", whole, b)
		}
		size := len(p.Body) + 8 + 4 + 64
		for _, s := range p.Sections {
			size += 4 + len(s.Data)
		}
		if size != len(b) {
			t.Fatalf("the parts have %d bytes, the input %d", size, len(b))
		}
		if p.Identity.Type == message.Applications && len(p.Body)%4096 != 0 {
			return
		}
		again := p.Spec().Pack(func([32]byte) [64]byte { return p.Signature })
		q := mustParse(t, again)
		if diff := cmp.Diff(p.Spec(), q.Spec()); diff != "" {
			t.Fatalf("packed again (-want +got):\n%s", diff)
		}
		inOrder := true
		for i, s := range q.Sections {
			inOrder = inOrder && p.Sections[i].ID == s.ID
		}
		if inOrder != bytes.Equal(again, b) {
			t.Fatalf("packed again: %x, want %x", again, b)
		}
	})
}
