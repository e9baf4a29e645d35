package attack

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// NewSigner makes a signer out of a P-256 private key's 32 bytes: one that the
// attacker made himself, or one that he stole. It signs as RFC 6979 does, so
// that equal seeds give equal attacks.
func NewSigner(scalar []byte) (*Signer, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return &Signer{
		Thumbprint: sha1.Sum(point[1:]),
		Public:     [64]byte(point[1:]),
		Sign: func(digest [32]byte) (raw [64]byte) {
			der, err := key.Sign(nil, digest[:], crypto.SHA256)
			var rs struct{ R, S *big.Int }
			if err == nil {
				_, err = asn1.Unmarshal(der, &rs)
			}
			if err != nil {
				panic("attack: a loaded key cannot fail to sign: " + err.Error())
			}
			if n := elliptic.P256().Params().N; rs.S.Cmp(new(big.Int).Rsh(n, 1)) > 0 {
				rs.S.Sub(n, rs.S) // of the two that verify, readers may take the lower only
			}
			rs.R.FillBytes(raw[:32])
			rs.S.FillBytes(raw[32:])
			return raw
		},
	}, nil
}

// OwnSigner makes a signer of the attacker's own from any seed: nobody trusts it.
func OwnSigner(seed []byte) *Signer {
	for {
		sum := sha256.Sum256(seed)
		if s, err := NewSigner(sum[:]); err == nil {
			return s
		}
		seed = sum[:]
	}
}
