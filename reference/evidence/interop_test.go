package evidence

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/internal/published"
	"github.com/veraison/go-cose"
)

// tally counts what others publish against what this package says. A wanted
// difference is one that wanted names with its reason; any other difference is
// unexplained and fails the test, and so does a reason that explains nothing.
type tally struct {
	t      *testing.T
	wanted map[string]string
	used   map[string]bool
	tried, agreed,
	differ int
}

func newTally(t *testing.T, wanted map[string]string) *tally {
	return &tally{t: t, wanted: wanted, used: map[string]bool{}}
}

// vector is one published case: accept is what its publisher says of it, err what
// this package says.
func (y *tally) vector(name string, accept bool, err error) {
	y.t.Helper()
	y.tried++
	if accept == (err == nil) {
		y.agreed++
		return
	}
	reason := y.wanted[name]
	if reason == "" {
		y.t.Errorf("unexplained: %s: published as accepted: %v, here: %v", name, accept, err)
		return
	}
	y.used[name] = true
	y.differ++
	y.t.Logf("wanted difference: %s: %s (%v)", name, reason, err)
}

func (y *tally) done(what string) *tally {
	y.t.Helper()
	for name := range y.wanted {
		if !y.used[name] {
			y.t.Errorf("%s is listed as a wanted difference and is none", name)
		}
	}
	y.t.Logf("%s: tried %d, agreed %d, wanted differences %d, unexplained %d", what, y.tried, y.agreed, y.differ, y.tried-y.agreed-y.differ)
	if y.tried == 0 {
		y.t.Error("no vector was tried")
	}
	return y
}

// TestInterop tries everything that others published and sums up.
func TestInterop(t *testing.T) {
	var all tally
	for name, part := range map[string]func(*testing.T) *tally{
		"tokens": tokensAsPublished, "claims": claimsAsPublished, "eat": eatAsPublished, "dice": chainsAsPublished, "cose": coseAsPublished, "sign1": sign1AsPublished,
	} {
		t.Run(name, func(t *testing.T) {
			y := part(t)
			all.tried, all.agreed, all.differ = all.tried+y.tried, all.agreed+y.agreed, all.differ+y.differ
		})
	}
	t.Logf("interop: tried %d, agreed %d, wanted differences %d, unexplained %d", all.tried, all.agreed, all.differ, all.tried-all.agreed-all.differ)
}

// read returns a file of published data.
func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(published.File(t, name, "interoperability of evidence"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// each visits the files under a folder of published data, by their name from there.
func each(t *testing.T, folder string, visit func(name string, b []byte)) {
	t.Helper()
	root := published.File(t, folder, "interoperability of evidence")
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		visit(name, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// keyFile reads one of the published keys: PEM, a JWK, or raw bytes of an HMAC key.
func keyFile(t *testing.T, name string) cose.Verifier {
	t.Helper()
	b := read(t, "psatoken/"+name)
	switch path.Ext(name) {
	case ".pem":
		block, _ := pem.Decode(b)
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		key, err := KeyFor(public)
		if err != nil {
			t.Fatal(err)
		}
		return key
	case ".json":
		var k map[string]string
		if err := json.Unmarshal(b, &k); err != nil {
			t.Fatal(err)
		}
		return jwk(t, k, cose.AlgorithmES256)
	}
	key, err := NewSecret(HMAC256, b)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// differences of tokens: what others hold for a good token and this verifier refuses,
// and what it can say less of.
var tokenDifferences = map[string]string{
	"tf-m-tools/data/iat.cbor":                               "its profile is http://example.com, a placeholder of the tool's tests",
	"tf-m-tools/data/iat-hmac.cbor":                          "its profile is http://example.com, a placeholder of the tool's tests",
	"tf-m-tools/data/cca_platform_token.cbor":                "a CCA platform token has a profile and claims of its own; RFC 9783 is not its specification",
	"tf-m-tools/data/cca_example_platform_token.cbor":        "a CCA platform token has a profile and claims of its own; RFC 9783 is not its specification",
	"tf-m-tools/data/cca_example_platform_token_legacy.cbor": "a CCA platform token has a profile and claims of its own; RFC 9783 is not its specification",
	"tf-m-tools/synthetic_data/correct_tagging.cbor":         "claims of an invented kind, for the tool's own tests",
	"tf-m-tools/synthetic_data/unknown_claims.cbor":          "claims of an invented kind, for the tool's own tests",
	"tf-m-tools/synthetic_data/missing_tags.cbor":            "claims of an invented kind, for the tool's own tests",
	"tf-m-tools/synthetic_data/invalid_tags.cbor":            "claims of an invented kind, for the tool's own tests",
	"tf-m-tools/synthetic_data/unexpected_tags.cbor":         "claims of an invented kind, for the tool's own tests",
}

// A token is published as accepted when our index says which published key verifies
// it, or when its publisher keeps no key for it beside a twin that verifies.
func tokensAsPublished(t *testing.T) *tally {
	var index []struct {
		File     string
		Verifies []string `json:"verifies_with"`
	}
	if err := json.Unmarshal(read(t, "psatoken/index.json"), &index); err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{"draft tfm-hs-iak.bin": "draft-psa-token/cddl/example/tfm-hs-iak.bin"}
	y := newTally(t, tokenDifferences)
	for _, token := range index {
		b := read(t, "psatoken/"+token.File)
		var key cose.Verifier
		for _, name := range token.Verifies {
			if other := keys[name]; other != "" {
				name = other
			}
			key = keyFile(t, name)
			if e, err := Read(b); err != nil || e.Verify(key, nil) != nil {
				t.Errorf("%s does not verify with %s", token.File, name)
			}
		}
		if strings.Contains(token.File, "_mac0.bin") {
			claims, err := payload(b)
			if err == nil {
				err = claims.Validate()
			}
			y.vector(token.File, true, err) // its key is not published: its claims alone are judged
			continue
		}
		y.vector(token.File, key != nil, appraised(b, key))
	}
	return y.done("tokens")
}

// payload reads a token's claims without its key.
func payload(token []byte) (*Claims, error) {
	e, err := Read(token)
	if err != nil {
		return nil, err
	}
	return ReadClaims(e.Payload)
}

// appraised judges a published token as a verifier that takes its claims for the
// reference: what then speaks against it is the token itself.
func appraised(token []byte, key cose.Verifier) error {
	claims, err := payload(token)
	if err != nil {
		return err
	}
	_, _, err = Appraise(token, Policy{
		Profiles: []string{ProfileTFM, Profile2, Profile1},
		Endorse:  func([]byte) (Endorsement, bool) { return Endorsement{Key: key}, key != nil },
		Nonce:    claims.Nonce,
		Measured: func(Component) (Standing, bool) { return Good, true },
	})
	return err
}

// Claim sets: the names of the files say what their publishers expect.
func claimsAsPublished(t *testing.T) *tally {
	y := newTally(t, map[string]string{
		"veraison/test-boot-seed-invalid-missing.json": "the drafts came to make the boot seed optional; the same publisher's P2ClaimsMandatoryOnly.diag has none",
	})
	diagnostics := func(folder, label string, accept func(name string) bool) {
		each(t, "psatoken/"+folder, func(name string, text []byte) {
			if path.Ext(name) != ".diag" {
				return
			}
			b, err := fromDiagnostic(string(text))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			y.vector(label+name, accept(name), valid(b))
		})
	}
	diagnostics("draft-psa-token/cddl/test", "cddl/", func(name string) bool { return strings.HasPrefix(name, "GOOD") })
	diagnostics("veraison/testvectors/cbor", "veraison/", func(name string) bool {
		return !strings.Contains(name, "Missing") && !strings.Contains(name, "Invalid")
	})
	diagnostics("veraison/testvectors/tf-m", "veraison/", func(string) bool { return true })
	each(t, "psatoken/veraison/testvectors/json", func(name string, text []byte) {
		y.vector("veraison/"+name, strings.Contains(name, "-valid-"), valid(fromJSON(t, text)))
	})
	for name, accept := range map[string]bool{"iat": true, "valid-iat": true, "psa-2_0_0_token": true, "missing-claim": false, "invalid-profile-id": false, "missing-signer-id": false} {
		y.vector("tf-m-tools/"+name+".yaml", accept, valid(fromYAML(t, string(read(t, "psatoken/tf-m-tools/data/"+name+".yaml")))))
	}
	return y.done("claim sets")
}

func valid(payload []byte) error {
	c, err := ReadClaims(payload)
	if err != nil {
		return err
	}
	return c.Validate()
}

// jsonClaims are the names that claims have in veraison's JSON, by profile claim.
var jsonClaims = map[string]field{
	"psa-nonce": fieldNonce, "psa-instance-id": fieldInstance, "psa-client-id": fieldClient, "psa-security-lifecycle": fieldLifecycle,
	"psa-implementation-id": fieldImplementation, "psa-boot-seed": fieldSeed, "psa-hwver": fieldReference, "psa-certification-reference": fieldReference,
	"psa-software-components": fieldComponents, "psa-no-software-measurements": fieldNoMeasurements, "psa-verification-service-indicator": fieldService,
}

// fromJSON writes veraison's JSON claims as CBOR: eat-profile says the second
// profile, psa-profile or nothing the first.
func fromJSON(t *testing.T, text []byte) []byte {
	t.Helper()
	var in map[string]any
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	as := layouts[Profile1]
	out := map[int64]any{}
	if profile, ok := in["eat-profile"]; ok {
		as = layouts[Profile2]
		out[as.keys[fieldProfile]] = profile
	} else if profile, ok := in["psa-profile"]; ok {
		out[as.keys[fieldProfile]] = profile
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if f, ok := jsonClaims[name]; ok && (name != "psa-hwver" || in["psa-certification-reference"] == nil) {
			out[as.keys[f]] = claimValue(t, f, in[name])
		}
	}
	return encode(out)
}

func claimValue(t *testing.T, f field, v any) any {
	t.Helper()
	switch f {
	case fieldReference, fieldService:
		return v
	case fieldComponents:
		list := []map[int64]any{}
		for _, item := range v.([]any) {
			m := map[int64]any{}
			for name, value := range item.(map[string]any) {
				switch name {
				case "measurement-type":
					m[componentType] = value
				case "measurement-value":
					m[componentValue] = claimValue(t, fieldNonce, value)
				case "signer-id":
					m[componentSigner] = claimValue(t, fieldNonce, value)
				case "version":
					m[componentVersion] = value
				default:
					t.Fatalf("component %s", name)
				}
			}
			list = append(list, m)
		}
		return list
	}
	switch v := v.(type) {
	case float64:
		return int64(v)
	case string:
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Fatalf("claim %v", v)
	return nil
}

// yamlClaims are the names that claims have in Arm's iat-verifier.
var yamlClaims = map[string]field{
	"challenge": fieldNonce, "instance_id": fieldInstance, "client_id": fieldClient, "security_lifecycle": fieldLifecycle, "implementation_id": fieldImplementation,
	"boot_seed": fieldSeed, "hardware_version": fieldReference, "profile_id": fieldProfile, "sw_components": fieldComponents, "verification_service": fieldService,
}

var yamlComponents = map[string]int64{"sw_component_type": componentType, "measurement_value": componentValue, "sw_component_version": componentVersion, "signer_id": componentSigner, "measurement_description": componentDescription}

// fromYAML writes the claim files of Arm's iat-verifier as CBOR, in the keys of the
// profile they name: NAME: VALUE, a list of such for components, binary in base64.
// A profile in placeholder is taken for the oldest, whose names the file uses.
func fromYAML(t *testing.T, text string) []byte {
	t.Helper()
	as := layouts[Profile1]
	if strings.Contains(text, Profile2) {
		as = layouts[Profile2]
	}
	out := map[int64]any{}
	var list []map[int64]any
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if strings.HasPrefix(strings.TrimSpace(line), "#") || !ok {
			continue
		}
		if block, ok := strings.CutSuffix(value, "|"); ok { // its lines follow, each without a name
			value = block
			for _, next := range lines[i+1:] {
				if strings.Contains(next, ":") {
					break
				}
				value += next
			}
		}
		if rest, first := strings.CutPrefix(name, "- "); first {
			name = rest
			list = append(list, map[int64]any{})
		}
		if key, ok := yamlComponents[name]; ok {
			list[len(list)-1][key] = yamlValue(t, value)
		} else if f, ok := yamlClaims[name]; !ok {
			t.Fatalf("claim %q", name)
		} else if value := yamlValue(t, value); value == "http://example.com" {
			out[as.keys[f]] = Profile1
		} else if f != fieldComponents {
			out[as.keys[f]] = value
		}
	}
	out[as.keys[fieldComponents]] = list
	return encode(out)
}

func yamlValue(t *testing.T, s string) any {
	t.Helper()
	s = strings.TrimSpace(s)
	if binary, ok := strings.CutPrefix(s, "!!binary"); ok {
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(binary), ""))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if s == "sl_secured" {
		return LifecycleSecured
	}
	var n int64
	if json.Unmarshal([]byte(s), &n) == nil && !strings.Contains(s, `"`) {
		return n
	}
	return strings.Trim(s, `"'`)
}

func eatAsPublished(t *testing.T) *tally {
	y := newTally(t, map[string]string{
		"valid_results.json": "a token in JSON; this package reads CBOR",
		"submods.diag":       "it writes a software name under 271, which is the software version, an array (RFC 9711 section 4.2.7)",
	})
	each(t, "eat", func(name string, text []byte) {
		switch path.Ext(name) {
		case ".diag":
			b, err := fromDiagnostic(string(text))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			if name == "valid_cwt.diag" {
				e, err := ReadCWT(b)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				b = e.Payload
			}
			_, err = ReadEAT(b)
			y.vector(name, true, err)
		case ".json":
			_, err := ReadEAT(text)
			y.vector(name, true, err)
		}
	})
	return y.done("EAT examples")
}

func chainsAsPublished(t *testing.T) *tally {
	y := newTally(t, nil)
	for _, kind := range []string{"CBOR", "X509"} {
		read := map[string]func([]byte) (*Certificate, error){"CBOR": ReadCBOR, "X509": ReadX509}[kind]
		parse := func(b []byte, err error) *Certificate {
			if err != nil {
				t.Fatal(err)
			}
			c, err := read(b)
			y.vector(kind, true, err)
			return c
		}
		folder := published.File(t, "dice/open/test", "chains of DICE certificates")
		root := parse(os.ReadFile(filepath.Join(folder, "_"+kind+"_Ed25519_uds_cert.cert")))
		if root == nil {
			continue
		}
		chain := []*Certificate{root}
		for i := range 7 {
			chain = append(chain, parse(os.ReadFile(filepath.Join(folder, "_"+kind+"_Ed25519_cert_full_cert_chain_"+string(rune('0'+i))+".cert"))))
		}
		policy := ChainPolicy{Root: root.Public, Known: func(int, []byte) Standing { return Good }}
		result, key, err := AppraiseChain(chain, policy)
		y.vector(kind+" chain", true, err)
		if err == nil && (result.Status() != TierAffirming || !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(chain[7].Public)) {
			t.Errorf("%s chain: %v", kind, result.Vector)
		}
		_, _, err = AppraiseChain(slices.Delete(slices.Clone(chain), 3, 4), policy)
		y.vector(kind+" chain with a gap", false, err)
		_, _, err = AppraiseChain(append(slices.Clone(chain), chain[7]), policy)
		y.vector(kind+" chain with its last twice", false, err)
	}
	_, err := ReadTCBInfo(riot(t))
	y.vector("a RIoT extension is no DiceTcbInfo", false, err)
	return y.done("DICE chains")
}

// riot is the content of the published RIoT extension.
func riot(t *testing.T) []byte {
	b := read(t, "dice/tcg/test/riot-ext.der")
	return b[len(b)-0x90:]
}

func decodeHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
