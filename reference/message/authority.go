package message

// Calls about tenants' authorities: the first two to the cloud, the others to a
// service that relies on them.
const (
	CallAuthority = "authority"
	CallProve     = "prove"
	CallNonce     = "nonce"
	CallPin       = "pin"
)

// What a person may have the cloud do about his tenant's authorities.
const (
	MakeAuthority     = "new"     // make the next one, which certifies nobody yet
	ActivateAuthority = "active"  // certify by that one from now on
	RevokeAuthority   = "revoked" // trust the one in use no more
)

// AuthorityOrder asks the cloud to do something about a tenant's authorities.
type AuthorityOrder struct {
	_      struct{} `cbor:",toarray"`
	Tenant string
	Do     string
}

// Prove asks the cloud for a proof by the newest authority of a tenant, over a nonce
// of 32 bytes.
type Prove struct {
	_      struct{} `cbor:",toarray"`
	Tenant string
	Nonce  []byte
}

// Proof is an authority's certificate and one that it issued over a nonce, both DER.
type Proof struct {
	_         struct{} `cbor:",toarray"`
	Authority []byte
	Proof     []byte
}
