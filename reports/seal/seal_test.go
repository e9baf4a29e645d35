package seal_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/seal"
)

func keys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"Ed25519": ed, "P-256": ec}
}

// others verifies as the DSSE library does, with a key of ours.
type others struct{ key crypto.PublicKey }

func (o others) Verify(_ context.Context, data, sig []byte) error {
	ok := false
	switch k := o.key.(type) {
	case ed25519.PublicKey:
		ok = ed25519.Verify(k, data, sig)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(data)
		ok = ecdsa.VerifyASN1(k, digest[:], sig)
	}
	if !ok {
		return errors.New("no")
	}
	return nil
}
func (o others) KeyID() (string, error)   { return seal.KeyID(o.key) }
func (o others) Public() crypto.PublicKey { return o.key }

// The envelopes are those of the DSSE project: its own library verifies them.
func TestEnvelopesVerifyElsewhere(t *testing.T) {
	for name, key := range keys(t) {
		text := []byte(`{"_type":"https://in-toto.io/Statement/v1"}`)
		sealed, err := seal.Sign(text, key)
		if err != nil {
			t.Fatal(err)
		}
		var e dsse.Envelope
		if err := json.Unmarshal(sealed, &e); err != nil {
			t.Fatal(err)
		}
		v, err := dsse.NewEnvelopeVerifier(others{key.Public()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(context.Background(), &e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := seal.Sign(text, key)
		if err != nil || string(again) != string(sealed) {
			t.Errorf("%s: the same statement signed twice gives two envelopes (%v)", name, err)
		}
	}
}

func TestOpen(t *testing.T) {
	all := keys(t)
	text := []byte(`{"_type":"https://in-toto.io/Statement/v1"}`)
	for name, key := range all {
		sealed, err := seal.Sign(text, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			give []byte
			key  crypto.PublicKey
			want error
		}{
			{"as signed", sealed, key.Public(), nil},
			{"by somebody else", sealed, keys(t)[name].Public(), seal.ErrNotByKey},
			{"unsigned", text, key.Public(), seal.ErrUnsigned},
			{"without its signatures", []byte(`{"payloadType":"` + seal.PayloadType + `","payload":"e30=","signatures":[]}`), key.Public(), seal.ErrUnsigned},
			{"of another type", []byte(strings.Replace(string(sealed), seal.PayloadType, "text/plain", 1)), key.Public(), seal.ErrForeign},
			{"another payload", []byte(strings.Replace(string(sealed), `"payload": "eyJ`, `"payload": "eyK`, 1)), key.Public(), seal.ErrNotByKey},
			{"something else", []byte("[]"), key.Public(), seal.ErrForeign},
			{"nothing", nil, key.Public(), seal.ErrForeign},
		} {
			got, err := seal.Open(tt.give, tt.key)
			if !errors.Is(err, tt.want) || (err == nil) != (string(got) == string(text)) {
				t.Errorf("%s, %s: %q, %v, want %v", name, tt.name, got, err, tt.want)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range keys(t) {
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.ReadPrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := seal.ReadPublicKey(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := seal.ReadPublicKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})); err == nil {
			t.Errorf("%s: a private key is taken for a public one", name)
		}
	}
	sec1, err := x509.MarshalECPrivateKey(keys(t)["P-256"].(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	withParameters := append(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 0}}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})...)
	if _, err := seal.ReadPrivateKey(withParameters); err != nil {
		t.Error(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(p384)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadPrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: other})); err == nil {
		t.Error("a P-384 key is taken")
	}
	if _, err := seal.ReadPrivateKey([]byte("no key")); err == nil {
		t.Error("no key is taken for one")
	}
}

func digest(name, of string) reports.Digest {
	return reports.Digest{Name: name, SHA256: strings.Repeat(of, 64)}
}

// ran is a run of two files and its record.
func ran() (*reports.Record, []reports.Digest) {
	rec := &reports.Record{SUT: "reference", SUTVersion: "1", Tool: "armillary", Version: "devel", Build: strings.Repeat("d", 64),
		Files: []reports.Digest{digest("verdicts.jsonl", "a"), digest("x/trace.jsonl", "b")}}
	rec.Chain = seal.Chain(rec.Files)
	return rec, append([]reports.Digest{digest("run.json", "c"), digest("kills.jsonl", "e")}, rec.Files...)
}

func TestChainHoldsNamesDigestsAndOrder(t *testing.T) {
	a, b := digest("a", "1"), digest("b", "2")
	seen := map[string]bool{}
	for _, files := range [][]reports.Digest{
		nil, {a}, {b}, {a, b}, {b, a}, {a, a}, {digest("b", "1"), digest("a", "2")},
		{{Name: "a" + strings.Repeat("1", 64), SHA256: ""}},
	} {
		c := seal.Chain(files)
		if seen[c] {
			t.Errorf("the chain of %v is that of another list", files)
		}
		seen[c] = true
	}
}

func TestStatement(t *testing.T) {
	rec, files := ran()
	d := reports.Build(reports.Input{
		Catalogue: []reports.GuaranteeInfo{{ID: "a", Property: "renewable-security"}, {ID: "b", Property: "renewable-security"}, {ID: "c", Property: "renewable-security"}},
		Scenarios: []verdict.Scenario{{ID: "s", Status: verdict.Fail}},
		Verdicts:  []verdict.Verdict{{Scenario: "s", Guarantee: "a", Status: verdict.Pass, Code: verdict.Shown}, {Scenario: "s", Guarantee: "b", Status: verdict.Fail, Code: verdict.Violated}},
	})
	text, err := seal.NewStatement(d, rec, files)
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.Check(text, rec, files)
	if err != nil {
		t.Fatal(err)
	}
	want := seal.Predicate{Result: "FAILED", Configuration: s.Predicate.Configuration, Passed: []string{"a"}, Warned: []string{"c"}, Failed: []string{"b"}}
	if diff := cmp.Diff(want, s.Predicate); diff != "" {
		t.Error(diff)
	}
	if len(s.Subject) != 1 || s.Subject[0].Digest["sha256"] != rec.Build || len(s.Predicate.Configuration) != 4 {
		t.Errorf("statement %+v", s)
	}
	rec.Firmware = []reports.Digest{digest("os.img", "f")}
	if _, err := seal.Check(text, rec, files); err == nil {
		t.Error("a record of other firmware fits")
	}
	rec.Firmware, rec.Build = nil, ""
	if _, err := seal.NewStatement(d, rec, files); err == nil {
		t.Error("a statement about nothing")
	}
	rec, files = ran()
	files[2].SHA256 = strings.Repeat("0", 64)
	if _, ok := errors.AsType[seal.Problems](func() error { _, err := seal.NewStatement(d, rec, files); return err }()); !ok {
		t.Error("a statement about a run that was changed")
	}
}

// Nothing that is not signed by the key comes out of an envelope, whatever it is.
func FuzzOpen(f *testing.F) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	rec, files := ran()
	f.Add([]byte(`{"payloadType":"` + seal.PayloadType + `","payload":"e30=","signatures":[{"keyid":"","sig":"AAAA"}]}`))
	f.Add([]byte(`{"_type":"` + seal.StatementType + `","subject":[],"predicateType":"` + seal.PredicateType + `","predicate":{"configuration":[{"name":"run.json"}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := seal.Open(text, key.Public()); err == nil {
			t.Error("opened without a signature")
		}
		if s, err := seal.Check(text, rec, files); (s == nil) == (err == nil) {
			t.Errorf("statement %v with error %v", s, err)
		}
	})
}
