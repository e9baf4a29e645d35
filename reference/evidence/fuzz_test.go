package evidence

import (
	"bytes"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/veraison/go-cose"
)

// tolerant reads CBOR without any of this package's bounds or prohibitions.
var tolerant = must(cbor.DecOptions{IntDec: cbor.IntDecConvertSignedOrBigInt}.DecMode())

// FuzzToken holds this package's readers against two others, go-cose and a decoder
// into generic values: what is read here they read too, and as the same. What is
// valid survives being written and read again; a verifier never panics, and never
// affirms what no key signed.
func FuzzToken(f *testing.F) {
	good := sound(f)
	f.Add(token(f, good, "iak"))
	f.Add(token(f, good, "other"))
	good.Profile, good.CertificationReference = Profile1, "1234567890123"
	f.Add(token(f, good, "iak"))
	f.Add(good.Encode())
	secret := must(NewSecret(HMAC256, []byte("secret")))
	f.Add(must(Tag(good.Encode(), secret)))
	f.Add(append([]byte(cwtTag), token(f, good, "iak")...))
	policy := strict(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		result, _, err := Appraise(b, policy)
		if err == nil && !bytes.Equal(b, token(t, sound(t), "iak")) && result.Vector[InstanceIdentity] == Approved {
			e, readErr := Read(b)
			if key, _ := policy.Endorse(policy.Instance); readErr != nil || e.Verify(key.Key, nil) != nil {
				t.Fatal("affirmed what does not verify")
			}
		}
		sameOnceWritten(t, b)
		if e, err := ReadCWT(b); err == nil {
			sameAsOthers(t, e, bytes.TrimPrefix(b, []byte(cwtTag)))
			sameOnceWritten(t, e.Payload)
		}
	})
}

// sameOnceWritten reads claims, and valid ones again once they are written.
func sameOnceWritten(t *testing.T, payload []byte) {
	t.Helper()
	if _, err := ReadEAT(payload); err == nil && tolerant.Wellformed(payload) != nil {
		t.Fatal("an EAT is read here and refused by a generic decoder")
	}
	claims, err := ReadClaims(payload)
	if err != nil {
		return
	}
	sameClaims(t, claims, payload)
	if claims.Validate() != nil {
		return
	}
	again, err := ReadClaims(claims.Encode())
	if err != nil || again.Validate() != nil {
		t.Fatalf("valid claims are not valid once written: %v", err)
	}
	if d := cmp.Diff(claims, again, cmpopts.IgnoreUnexported(Claims{}), cmpopts.IgnoreFields(Claims{}, "Unknown"), cmpopts.EquateEmpty()); d != "" {
		t.Fatal(d)
	}
	if !bytes.Equal(again.Encode(), claims.Encode()) {
		t.Fatal("two spellings of the same claims")
	}
}

// sameAsOthers reads an envelope with go-cose and with a generic decoder.
func sameAsOthers(t *testing.T, e *Envelope, b []byte) {
	t.Helper()
	var tag cbor.Tag
	if err := tolerant.Unmarshal(b, &tag); err != nil {
		t.Fatalf("read here, refused by a generic decoder: %v", err)
	}
	parts, ok := tag.Content.([]any)
	if !ok || tag.Number != uint64(e.Kind) || len(parts) != 4 {
		t.Fatalf("read as another envelope: %v", tag.Number)
	}
	for i, want := range [][]byte{e.Protected, nil, e.Payload, e.Signature} {
		if got, _ := parts[i].([]byte); i != 1 && !bytes.Equal(got, want) {
			t.Fatalf("member %d is read as %x here and as %x by a generic decoder", i, want, got)
		}
	}
	if e.Kind != Sign1 {
		return
	}
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(b); err != nil {
		t.Fatalf("read here, refused by go-cose: %v", err)
	}
	alg, err := m.Headers.Protected.Algorithm()
	if (err == nil) != (e.Algorithm != 0) || err == nil && alg != e.Algorithm || !bytes.Equal(m.Payload, e.Payload) || !bytes.Equal(m.Signature, e.Signature) || (len(m.Headers.Unprotected) == 0) != e.Bare {
		t.Fatalf("go-cose reads another message: algorithm %v (%v), here %v", alg, err, e.Algorithm)
	}
}

// sameClaims reads claims with a generic decoder.
func sameClaims(t *testing.T, c *Claims, payload []byte) {
	t.Helper()
	var all map[any]any
	if err := tolerant.Unmarshal(payload, &all); err != nil {
		t.Fatalf("claims are read here and refused by a generic decoder: %v", err)
	}
	find := func(f field) any {
		for _, as := range layouts {
			if v, there := all[as.keys[f]]; there && as.keys[f] != 0 && c.has[f] {
				return v
			}
		}
		return nil
	}
	for f, got := range map[field][]byte{fieldNonce: c.Nonce, fieldInstance: c.InstanceID, fieldImplementation: c.ImplementationID} {
		if want, _ := find(f).([]byte); c.has[f] && slices.IndexFunc(valuesOf(all, f), func(v any) bool { b, _ := v.([]byte); return bytes.Equal(b, got) }) < 0 {
			t.Fatalf("%s is %x here and %x to a generic decoder", fieldNames[f], got, want)
		}
	}
	for f, got := range map[field]int64{fieldClient: int64(c.ClientID), fieldLifecycle: int64(c.Lifecycle)} {
		if c.has[f] && !slices.Contains(valuesOf(all, f), any(got)) {
			t.Fatalf("%s is %d here and %v to a generic decoder", fieldNames[f], got, find(f))
		}
	}
}

// valuesOf are the values of a claim under the key of any profile.
func valuesOf(all map[any]any, f field) (found []any) {
	for _, as := range layouts {
		if v, there := all[as.keys[f]]; there {
			found = append(found, v)
		}
	}
	return found
}

// FuzzSignedClaims signs whatever it is given with the device's own key: what is
// affirmed all the same says, to a reader that shares nothing with the verifier, what
// the policy demands.
func FuzzSignedClaims(f *testing.F) {
	good := sound(f)
	f.Add(good.Encode())
	good.Lifecycle = LifecycleApplicationDebug
	f.Add(good.Encode())
	good.Components = good.Components[:1]
	f.Add(good.Encode())
	signer := must(NewSigner(keyOf(f, "iak")))
	policy := strict(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, err := Sign(payload, signer)
		if err != nil {
			return
		}
		result, _, err := Appraise(b, policy)
		if (err == nil) != (result.Status() == TierAffirming) {
			t.Fatalf("the vector %v and the error %v disagree", result.Vector, err)
		}
		if err != nil {
			return
		}
		var all map[any]any
		if err := tolerant.Unmarshal(payload, &all); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[int64]any{10: digest("nonce"), 256: instanceOf(t, "iak"), 265: ProfileTFM, 2396: digest("chip")} {
			if d := cmp.Diff(want, all[key]); d != "" {
				t.Fatalf("affirmed with another claim %d: %s", key, d)
			}
		}
		if n, _ := all[int64(2395)].(int64); n&^0xff != int64(LifecycleSecured) {
			t.Fatalf("affirmed in the lifecycle %v", all[int64(2395)])
		}
		list, _ := all[int64(2399)].([]any)
		for _, item := range list {
			c, _ := item.(map[any]any)
			value, _ := c[int64(2)].([]byte)
			if !bytes.Equal(value, digest("bl")) && !bytes.Equal(value, digest("app")) {
				t.Fatalf("affirmed with the component %v", c)
			}
		}
		if len(list) < 2 {
			t.Fatal("affirmed with a component left out")
		}
	})
}

// FuzzCertificate holds that a certificate read in one encoding is well formed, that a
// chain of it never is affirmed under a root that did not sign it, and that what
// this package makes is read again.
func FuzzCertificate(f *testing.F) {
	cdi := CDI{Attest: [CDISize]byte(digest("uds attest"))}
	l := layer("bl")
	l.ConfigDescriptor = []byte("a descriptor")
	next := cdi.Next(&l)
	for _, suite := range []Suite{Ed25519, P256, P384} {
		f.Add(must(MakeX509(cdi.Key(suite), next.Key(suite).Public(), &l, "armillary")))
		f.Add(must(MakeCBOR(cdi.Key(suite), next.Key(suite).Public(), &l, "")))
	}
	info := TCBInfo{Vendor: "v", SVN: 3, Flags: FlagDebug}
	f.Add(info.Encode())
	stranger := (&CDI{}).Key(Ed25519).Public()
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func([]byte) (*Certificate, error){ReadX509, ReadCBOR} {
			c, err := read(b)
			if err != nil {
				continue
			}
			if _, err := NameOf(c.Public); err != nil {
				t.Fatal(err)
			}
			if _, _, err := AppraiseChain([]*Certificate{c}, ChainPolicy{Root: stranger, Known: func(int, []byte) Standing { return Good }}); err == nil {
				t.Fatal("a chain was affirmed under a root that did not sign it")
			}
		}
		if info, err := ReadTCBInfo(b); err == nil && !bytes.Equal(info.Encode(), b) {
			t.Fatal("DiceTcbInfo has two spellings")
		}
	})
}

// FuzzResult holds that a result is read as it was written, whatever is read.
func FuzzResult(f *testing.F) {
	f.Add((&Result{Developer: "d", Build: "b", PolicyID: "p", Vector: Vector{Approved, Vulnerable}}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadResult(b)
		if err != nil {
			return
		}
		again, err := ReadResult(r.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, again); d != "" && r.Name != "" {
			t.Fatal(d)
		}
	})
}
