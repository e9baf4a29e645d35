package evidence

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ladder makes a chain of layers from a device secret: certificates in DER or CBOR.
func ladder(t testing.TB, suite Suite, isX509 bool, layers ...Layer) (root crypto.PublicKey, chain []*Certificate) {
	t.Helper()
	cdi := CDI{Attest: [CDISize]byte(digest("uds attest")), Seal: [CDISize]byte(digest("uds seal"))}
	root = cdi.Key(suite).Public()
	for i := range layers {
		next := cdi.Next(&layers[i])
		chain = append(chain, certificateOf(t, isX509, cdi.Key(suite), next.Key(suite).Public(), &layers[i]))
		cdi = next
	}
	return root, chain
}

func certificateOf(t testing.TB, isX509 bool, authority crypto.Signer, subject crypto.PublicKey, l *Layer) *Certificate {
	t.Helper()
	make, read := MakeCBOR, ReadCBOR
	if isX509 {
		make, read = MakeX509, ReadX509
	}
	b, err := make(authority, subject, l, "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// layer is a layer that runs named code.
func layer(name string) Layer {
	l := Layer{Mode: ModeNormal}
	copy(l.Code[:], digest(name))
	copy(l.Authority[:], digest("maker"))
	return l
}

// knows is a policy under which layers of the names are affirmed.
func knows(root crypto.PublicKey, names ...string) ChainPolicy {
	authority := layer("").Authority
	return ChainPolicy{Root: root, Authorities: [][]byte{authority[:]}, Known: func(i int, code []byte) Standing {
		if i < len(names) && bytes.Equal(code[:32], digest(names[i])) {
			return Good
		}
		if bytes.Equal(code[:32], digest("old")) {
			return Outdated
		}
		return Unknown
	}}
}

func TestAChainIsAffirmedInBothEncodings(t *testing.T) {
	for _, suite := range []Suite{Ed25519, P256, P384} {
		for _, isX509 := range []bool{true, false} {
			root, chain := ladder(t, suite, isX509, layer("bl"), layer("os"))
			result, key, err := AppraiseChain(chain, knows(root, "bl", "os"))
			if err != nil || result.Status() != TierAffirming || !equalKeys(key, chain[1].Public) {
				t.Errorf("suite %d, X.509 %v: %v %v", suite, isX509, result.Vector, err)
			}
		}
	}
}

func TestEachLieInAChainIsFoundByItsCheck(t *testing.T) {
	debug, foreign := layer("os"), layer("os")
	debug.Mode = ModeDebug
	foreign.Authority[0] ^= 1
	root, good := ladder(t, Ed25519, true, layer("bl"), layer("os"))
	lie := func(change func(c *Certificate)) []*Certificate {
		c := *good[1]
		change(&c)
		return []*Certificate{good[0], &c}
	}
	with := func(l Layer) []*Certificate { _, chain := ladder(t, Ed25519, true, layer("bl"), l); return chain }
	first := CDI{Attest: [CDISize]byte(digest("uds attest")), Seal: [CDISize]byte(digest("uds seal"))}
	bl, os := layer("bl"), layer("os")
	again := first.Next(&bl)
	reused := certificateOf(t, true, again.Key(Ed25519), again.Key(Ed25519).Public(), &os)
	found := map[Check]bool{}
	for _, c := range []struct {
		check Check
		chain []*Certificate
	}{
		{LayerIsSigned, good[1:]},
		{LayerIsSigned, lie(func(c *Certificate) { c.verify = func(crypto.PublicKey) bool { return false } })},
		{LayerIsNamed, lie(func(c *Certificate) { c.Issuer = c.Subject })},
		{LayerHasItsOwnKey, []*Certificate{good[0], reused}},
		{LayerIsMeasured, lie(func(c *Certificate) { c.Code = nil })},
		{LayerModeIsNormal, with(debug)},
		{LayerAuthorityHeld, with(foreign)},
		{LayerCodeIsKnown, with(layer("evil"))},
		{ComponentsAreSound, with(layer("old"))},
	} {
		p := knows(root, "bl", "os")
		inner := p.Known
		p.Known = func(i int, code []byte) Standing {
			if code == nil {
				return Good
			}
			return inner(i, code)
		}
		result, _, err := AppraiseChain(c.chain, p)
		if !errors.Is(err, ErrRefused) || result.Refusals[0].Check != c.check || result.Status() < TierWarning {
			t.Errorf("%s: %v %v %v", c.check, result.Refusals, result.Vector, err)
		}
		found[c.check] = true
	}
	for _, c := range ChainChecks {
		if !found[c] {
			t.Errorf("nothing shows that %s can fail", c)
		}
	}
	if _, _, err := AppraiseChain(nil, knows(root)); !errors.Is(err, ErrMalformed) {
		t.Errorf("no chain: %v", err)
	}
}

func TestSealedDataSurvivesAnUpdateAndNotAnotherAuthority(t *testing.T) {
	var cdi CDI
	v1, v2, foreign, debug := layer("v1"), layer("v2"), layer("v2"), layer("v2")
	foreign.Authority[0] ^= 1
	debug.Mode = ModeDebug
	one, two := cdi.Next(&v1), cdi.Next(&v2)
	if one.Attest == two.Attest || one.Seal != two.Seal {
		t.Error("an update must change what attests and keep what seals")
	}
	for _, l := range []Layer{foreign, debug} {
		if other := cdi.Next(&l); other.Seal == two.Seal || other.Attest == two.Attest {
			t.Error("another authority or mode must change both")
		}
	}
}

func TestTCBInfoIsReadAsItWasWritten(t *testing.T) {
	sha256 := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	for _, want := range []TCBInfo{
		{},
		{Vendor: "Armillary", Model: "vac", Version: "1.2", SVN: 7, Layer: 1, Index: 2, FWIDs: []FWID{{sha256, digest("os")}}, Flags: FlagDebug | FlagNotSecure, Mask: 0x0f, VendorInfo: []byte("v"), Type: []byte("t")},
	} {
		got, err := ReadTCBInfo(want.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(&want, got); d != "" {
			t.Error(d)
		}
		if _, err := ReadTCBInfo(append(want.Encode(), 0)); !errors.Is(err, ErrMalformed) {
			t.Error("bytes behind it were taken")
		}
	}
	later := []byte{0x30, 2, 0xab, 0}
	if _, err := ReadTCBInfo(later); !errors.Is(err, ErrMalformed) {
		t.Error("members of a later edition would go unjudged")
	}
}

// Of two signatures that verify, a strict verifier takes one: certificates that
// somebody turned round on the way are other bytes.
func TestOnlyTheLowerSignatureOfALayerCounts(t *testing.T) {
	cdi, l := CDI{Attest: [CDISize]byte(digest("uds attest"))}, layer("bl")
	next := cdi.Next(&l)
	b := must(MakeCBOR(cdi.Key(P256), next.Key(P256).Public(), &l, ""))
	n := elliptic.P256().Params().N
	other := slices.Clone(b)
	s := new(big.Int).SetBytes(other[len(other)-32:])
	s.Sub(n, s).FillBytes(other[len(other)-32:])
	root := cdi.Key(P256).Public()
	for name, c := range map[string]struct {
		b         []byte
		lowerOnly bool
		good      bool
	}{"lower": {b, true, true}, "upper": {other, true, false}, "upper, where either counts": {other, false, true}} {
		p := knows(root, "bl")
		p.LowerOnly = c.lowerOnly
		certificate, err := ReadCBOR(c.b)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := AppraiseChain([]*Certificate{certificate}, p); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	signer := must(NewSigner(keyOf(t, "iak")))
	key := Lower(must(KeyFor(&keyOf(t, "iak").PublicKey)))
	signature := must(signer.Sign(nil, []byte("content")))
	if err := key.Verify([]byte("content"), signature); err != nil {
		t.Errorf("the lower one: %v", err)
	}
	s.SetBytes(signature[32:]).Sub(n, s).FillBytes(signature[32:])
	if key.Verify([]byte("content"), signature) == nil {
		t.Error("the upper one was taken")
	}
}
