package evidence

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/armillary/armillary/internal/published"
)

// knownDICE are the known values that Open DICE publishes, decoded.
func knownDICE(t *testing.T) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(published.File(t, "dice/open-dice-known-values.json", "identifiers and certificates against the known values of Open DICE"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Values map[string]string }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for name, value := range file.Values {
		if all[name], err = hex.DecodeString(value); err != nil {
			t.Fatal(name, err)
		}
	}
	return all
}

// fake is how Open DICE makes test input of a name.
func fake(name string, size int) []byte {
	state := sha512.Sum512([]byte(name))
	var out []byte
	for len(out) < size {
		next := sha512.Sum512(state[:])
		out = append(out, next[:]...)
		binary.LittleEndian.PutUint64(state[:], binary.LittleEndian.Uint64(state[:])+1)
	}
	return out[:size]
}

// inputs are the three of the published tests.
func inputs() map[string]struct {
	current CDI
	layer   Layer
} {
	type input = struct {
		current CDI
		layer   Layer
	}
	var hashed, described input
	copy(hashed.current.Attest[:], fake("cdi_attest", CDISize))
	copy(hashed.current.Seal[:], fake("cdi_seal", CDISize))
	copy(hashed.layer.Code[:], fake("code_hash", HashSize))
	copy(hashed.layer.Authority[:], fake("authority_hash", HashSize))
	described = hashed
	copy(hashed.layer.Config[:], fake("inline_config", HashSize))
	described.layer.CodeDescriptor = fake("code_desc", 100)
	described.layer.ConfigDescriptor = fake("config_desc", 40)
	described.layer.AuthorityDescriptor = fake("authority_desc", 65)
	return map[string]input{"ZeroInput": {}, "HashOnlyInput": hashed, "DescriptorInput": described}
}

func TestDICEIdentifiersAreThePublishedOnes(t *testing.T) {
	known, tried := knownDICE(t), 0
	for name, in := range inputs() {
		next := in.current.Next(&in.layer)
		for what, got := range map[string][]byte{"kExpectedCdiAttest_": next.Attest[:], "kExpectedCdiSeal_": next.Seal[:]} {
			tried++
			if want := known[what+name]; !bytes.Equal(got, want) {
				t.Errorf("%s%s: %x, want %x", what, name, got, want)
			}
		}
	}
	t.Logf("identifiers: %d tried and agreed", tried)
}

// The published tests call each certificate by encoding, suite, profile and input.
// ECDSA signatures are compared by verifying: another nonce is another signature.
func TestDICECertificatesAreThePublishedOnes(t *testing.T) {
	known := knownDICE(t)
	suites := map[string]Suite{"Ed25519": Ed25519, "P256": P256, "P384": P384}
	tried, byteForByte := 0, 0
	for name, want := range known {
		what, input, _ := strings.Cut(strings.TrimPrefix(name, "kExpected"), "_")
		if !strings.HasSuffix(what, "Cert") || len(want) == 0 {
			continue
		}
		tried++
		in := inputs()[strings.TrimPrefix(input, "Android")]
		suite, isX509 := suites[strings.TrimSuffix(what[len("X509"):], "Cert")], strings.HasPrefix(what, "X509")
		profile := ""
		if suite != Ed25519 && !isX509 {
			profile = "opendice.example"
		}
		if strings.HasPrefix(input, "Android") {
			profile = "android.18"
		}
		next := in.current.Next(&in.layer)
		authority, subject := in.current.Key(suite), next.Key(suite).Public()
		make, read := MakeCBOR, ReadCBOR
		if isX509 {
			make, read = MakeX509, ReadX509
		}
		c, err := read(want)
		if err != nil {
			t.Errorf("%s cannot be read: %v", name, err)
			continue
		}
		if !c.VerifiedBy(authority.Public()) {
			t.Errorf("%s is not signed by the key of the layer before", name)
		}
		if k, ok := c.Public.(interface{ Equal(crypto.PublicKey) bool }); !ok || !k.Equal(subject) {
			t.Errorf("%s names another key than the one derived", name)
		}
		if isX509 {
			profile = c.ProfileName
		}
		got, err := make(authority, subject, &in.layer, profile)
		if err != nil {
			t.Errorf("%s cannot be made: %v", name, err)
			continue
		}
		if bytes.Equal(got, want) {
			byteForByte++
			continue
		}
		if _, random := authority.(*ecdsa.PrivateKey); !random || !bytes.Equal(signed(t, got), signed(t, want)) {
			t.Errorf("%s differs", name)
		}
	}
	t.Logf("certificates: %d tried, %d equal byte for byte, the others but for their random signature", tried, byteForByte)
}

// signed is what of a certificate is signed.
func signed(t *testing.T, b []byte) []byte {
	t.Helper()
	if x, err := x509.ParseCertificate(b); err == nil {
		return x.RawTBSCertificate
	}
	e, err := Read(append([]byte{0xd2}, b...))
	if err != nil {
		t.Fatal(err)
	}
	return append(e.Protected, e.Payload...)
}
