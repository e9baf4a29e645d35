package suit_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/internal/published"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/suit"
)

// vector is one published envelope with what was found out about it by other means.
type vector struct {
	Name     string `json:"name"`
	Envelope string `json:"envelope_hex"`
	Checked  struct {
		Tag    *int `json:"tag"`
		Blocks []struct {
			By string `json:"verifies_with"`
		} `json:"auth_blocks"`
		Sequence   uint64     `json:"sequence_number"`
		Keys       []int64    `json:"manifest_keys"`
		Components [][]string `json:"components"`
		Severable  []struct {
			Key     int64 `json:"key"`
			Severed bool  `json:"severed"`
		} `json:"severable"`
		Integrated [][]any `json:"integrated_payloads"`
	} `json:"checked"`
}

func (v vector) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString(v.Envelope)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type publishedKey struct{ Kty, X, Y, D, K, Kid string }

// publishedSUIT reads the collection.
func publishedSUIT(t testing.TB) (vectors []vector, keys map[string]publishedKey) {
	t.Helper()
	data, err := os.ReadFile(published.File(t, "suit/vectors.json", "that published SUIT envelopes are read, authenticated and run as their authors meant"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Keys    map[string]publishedKey
		Vectors []vector
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all.Vectors, all.Keys
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// key makes a trusted key of a published one.
func (k publishedKey) key(t testing.TB, name string) suit.Key {
	t.Helper()
	if k.Kty == "Symmetric" {
		return suit.Key{Name: name, Secret: unhex(t, k.K)}
	}
	public := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(unhex(t, k.X)), Y: new(big.Int).SetBytes(unhex(t, k.Y))} //nolint:staticcheck // as published
	key, err := suit.PublicKey(name, nil, public)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// interop counts how our reading and the published facts compare.
type interop struct {
	tried, agreed int
	wanted        map[string][]string // difference with its reason: vectors
	unexplained   []string
}

func (i *interop) print(t *testing.T, what string) {
	t.Helper()
	differences := 0
	for reason, names := range i.wanted {
		differences += len(names)
		t.Logf("wanted difference (%d): %s: %s", len(names), reason, strings.Join(names, ", "))
	}
	t.Logf("%s: tried %d, agreed %d, wanted differences %d, unexplained %d", what, i.tried, i.agreed, differences, len(i.unexplained))
	for _, u := range i.unexplained {
		t.Errorf("unexplained: %s", u)
	}
	if i.tried == 0 || i.tried != i.agreed+differences+len(i.unexplained) {
		t.Errorf("the counts do not add up")
	}
}

// The differences that we want, each with its reason.
const (
	wantTag      = "an envelope without tag 107 is taken by option only (TEEP)"
	wantNewDraft = "member 17 was install until draft -20 and is nothing in -37: refused as malformed, not half understood"
)

// TestInteropOfPublishedEnvelopes reads and authenticates every published envelope.
func TestInteropOfPublishedEnvelopes(t *testing.T) {
	vectors, keys := publishedSUIT(t)
	counts := interop{wanted: map[string][]string{}}
	for _, v := range vectors {
		counts.tried++
		problem, difference := envelopeAgrees(t, v, keys)
		switch {
		case problem != "":
			counts.unexplained = append(counts.unexplained, v.Name+": "+problem)
		case difference != "":
			counts.wanted[difference] = append(counts.wanted[difference], v.Name)
		default:
			counts.agreed++
		}
	}
	counts.print(t, "envelopes")
}

// envelopeAgrees compares one envelope with what is known of it.
func envelopeAgrees(t *testing.T, v vector, keys map[string]publishedKey) (problem, difference string) {
	t.Helper()
	data, o := v.bytes(t), suit.Options{}
	e, err := suit.Decode(data, o)
	if v.Checked.Tag == nil {
		if suit.ReasonOf(err) != suit.ParseFailure {
			return "an untagged envelope is taken", ""
		}
		difference, o.Untagged = wantTag, true
		e, err = suit.Decode(data, o)
	}
	if err != nil && slices.Contains(v.Checked.Keys, 17) && suit.ReasonOf(err) == suit.ParseFailure && strings.Contains(err.Error(), "member 17") {
		return "", wantNewDraft // where install is severed, the envelope shows it already
	}
	if err != nil {
		return err.Error(), ""
	}
	if !bytes.Equal(e.Encode(), data) {
		return "encoded again it is something else", ""
	}
	if len(v.Checked.Blocks) == 0 {
		_, err := suit.Authenticate(e, []suit.Key{keys["suit-draft-p256"].key(t, "draft")}, 0, o)
		if refusal, ok := errors.AsType[*suit.Error](err); !ok || refusal.Class() != defense.Unsigned {
			return "unsigned, and yet: " + errorText(err), ""
		}
		return "", difference
	}
	by := v.Checked.Blocks[0].By
	for name, k := range keys {
		if name == by || k.Kid != "" {
			continue
		}
		if _, err := suit.Authenticate(e, []suit.Key{k.key(t, name)}, 0, o); suit.ReasonOf(err) != suit.Unauthorised {
			return "with " + name + ", which did not sign it: " + errorText(err), ""
		}
	}
	a, err := suit.Authenticate(e, []suit.Key{keys[by].key(t, by)}, 0, o)
	if slices.Contains(v.Checked.Keys, 17) {
		if refusal, ok := errors.AsType[*suit.Error](err); !ok || refusal.Class() != defense.Malformed || !strings.Contains(err.Error(), "member 17") {
			return "member 17: " + errorText(err), ""
		}
		return "", wantNewDraft
	}
	if err != nil {
		return err.Error(), ""
	}
	return manifestAgrees(v, a), difference
}

func errorText(err error) string {
	if err == nil {
		return "accepted"
	}
	return err.Error()
}

// manifestAgrees compares a decoded manifest with what is known of it.
func manifestAgrees(v vector, a *suit.Authenticated) string {
	m, known := a.Manifest, v.Checked
	switch {
	case a.Signer != known.Blocks[0].By:
		return "signed by " + a.Signer
	case m.SequenceNumber != known.Sequence:
		return "another sequence number"
	case len(m.Components) != len(known.Components):
		return "another number of components"
	case len(a.Envelope.Integrated) != len(known.Integrated):
		return "another number of integrated payloads"
	case !bytes.HasSuffix(a.Envelope.Manifest, m.Encode()) && len(known.Severable) == 0:
		return "the manifest, encoded again, is something else"
	}
	for i, want := range known.Components {
		for j, part := range want {
			if hex.EncodeToString(m.Components[i][j]) != part {
				return "another component"
			}
		}
	}
	for _, s := range known.Severable {
		if _, ok := m.Severed[suit.Section(s.Key)]; !ok {
			return "a severed member is missed"
		}
		if _, here := a.Envelope.Members[suit.Section(s.Key)]; here == s.Severed {
			return "a severed member is here, or not"
		}
	}
	return ""
}

// TestPublishedPayloadsDecrypt opens the four published pairs of encryption info
// and ciphertext, and none of them with another key or after a change.
func TestPublishedPayloadsDecrypt(t *testing.T) {
	_, keys := publishedSUIT(t)
	data, err := os.ReadFile(published.File(t, "suit/encrypted_payload_vectors.json", "that published encrypted payloads decrypt"))
	if err != nil {
		t.Fatal(err)
	}
	var pairs []struct {
		Name       string
		Info       string `json:"encryption_info_hex"`
		Ciphertext string `json:"ciphertext_hex"`
		Plaintext  string
		Algorithm  int `json:"content_alg"`
	}
	if err := json.Unmarshal(data, &pairs); err != nil {
		t.Fatal(err)
	}
	ours := decryptionKeys(t, keys)
	for _, p := range pairs {
		t.Run(p.Name, func(t *testing.T) {
			info, ciphertext := unhex(t, p.Info), unhex(t, p.Ciphertext)
			plain, err := suit.Decrypt(info, ciphertext, ours)
			if err != nil || string(plain) != p.Plaintext {
				t.Fatalf("Decrypt = %q, %v, want %q", plain, err, p.Plaintext)
			}
			wrong := []suit.DecryptionKey{{KEK: []byte("bbbbbbbbbbbbbbbb")}, {Private: otherECDH(t)}}
			if _, err := suit.Decrypt(info, ciphertext, wrong); suit.ReasonOf(err) != suit.OperationFailed {
				t.Errorf("with keys of somebody else: %v", err)
			}
			ciphertext[3] ^= 1
			plain, err = suit.Decrypt(info, ciphertext, ours)
			switch {
			case p.Algorithm > 0 && err == nil:
				t.Error("AES-GCM opens a changed ciphertext")
			case p.Algorithm < 0 && (err != nil || string(plain) == p.Plaintext):
				t.Errorf("AES-CTR proves nothing, and yet: %v", err)
			}
		})
	}
	if len(pairs) != 4 {
		t.Errorf("%d pairs, want 4", len(pairs))
	}
}

// TestEncryptionInfoIsNotInterchangeable: each edit of what says how to decrypt makes
// it open nothing, beside the pair as it was published.
func TestEncryptionInfoIsNotInterchangeable(t *testing.T) {
	_, keys := publishedSUIT(t)
	ours := decryptionKeys(t, keys)
	const (
		kwGCM   = "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a2012204456b69642d31581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"
		ecdhGCM = "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818344a101381ca120a40102200121582073024f415aa51529a66ccefd88f3f62a734492ff45f6ad37fd2888e73eaf19da2258204005b48a6fd091aa6abfe3cfbeede88b347e521d43405fdbd7d2cff0ebc21b265818a06b8e6550f308712b1df044b21b7d11d9b22792f1de0997"
		kwCTR   = "d8608440a20139fffd0550dae613b2e0dc55f4322be38bdba9dc68f6818340a2012204456b69642d315818ce34035ce5c2e2666e46d4c131fc561dd190a6d26cfa1990"
	)
	ctr := unhex(t, "2bb8db522ae978246cc775c3b0241bd4b0333ffdd2db70c7ee7a4966e3b7")
	gcm := unhex(t, ciphertextGCM)
	for _, test := range []struct {
		name, info, old, now string
		ciphertext           []byte
		want                 suit.Reason
	}{
		{"other_initial_value", kwGCM, "4cf14a", "4cf14b", gcm, suit.OperationFailed},
		{"other_wrapped_key", kwGCM, "187560", "187561", gcm, suit.OperationFailed},
		{"other_recipient", kwGCM, "6b69642d31", "6b69642d39", gcm, suit.OperationFailed},
		{"key_of_another_payload", kwGCM, "75603ffc9518d794713c8ca8a115a7fb32565a6d59534d62", "ce34035ce5c2e2666e46d4c131fc561dd190a6d26cfa1990", gcm, suit.OperationFailed},
		{"other_kdf_context", ecdhGCM, "44a101381c", "46a201381c0300", gcm, suit.OperationFailed},
		{"other_ephemeral_key", ecdhGCM, "2073024f", "2073024e", gcm, suit.OperationFailed},
		{"no_content_algorithm", kwGCM, "43a10101", "40", gcm, suit.AlgorithmUnsupported},
		{"no_encryption_at_all", kwCTR, "d860", "d861", ctr, suit.COSEUnsupported},
		{"unknown_algorithm", kwCTR, "39fffd", "39fff0", ctr, suit.AlgorithmUnsupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			if plain, err := suit.Decrypt(unhex(t, test.info), test.ciphertext, ours); err != nil || string(plain) != firmware {
				t.Fatalf("positive control: %q, %v", plain, err)
			}
			if strings.Count(test.info, test.old) != 1 {
				t.Fatalf("%s stands %d times", test.old, strings.Count(test.info, test.old))
			}
			_, err := suit.Decrypt(unhex(t, strings.Replace(test.info, test.old, test.now, 1)), test.ciphertext, ours)
			if suit.ReasonOf(err) != test.want {
				t.Errorf("err = %v, want %v", err, test.want)
			}
		})
	}
}

func decryptionKeys(t testing.TB, keys map[string]publishedKey) []suit.DecryptionKey {
	t.Helper()
	private, err := ecdh.P256().NewPrivateKey(unhex(t, keys["suit-ecdh-device"].D))
	if err != nil {
		t.Fatal(err)
	}
	return []suit.DecryptionKey{
		{ID: []byte("kid-1"), KEK: unhex(t, keys["suit-a128kw-kek"].K)},
		{ID: []byte("kid-2"), Private: private},
	}
}

func otherECDH(t testing.TB) *ecdh.PrivateKey {
	t.Helper()
	k, err := signingKey(t, "somebody else").ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return k
}
