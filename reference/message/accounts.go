package message

// Login proves a user by password and, where an authenticator is registered, by
// the code that it shows; FinishLogin ends a login in steps.
type Login struct {
	_      struct{} `cbor:",toarray"`
	User   string
	Secret []byte
	Code   []byte // six digits (RFC 6238), nil for none
}

// FinishLogin turns a login transaction into a session for Subject.
type FinishLogin struct {
	_           struct{} `cbor:",toarray"`
	Transaction []byte
	Subject     string
	Code        []byte // as in Login
}

// Token answers Login, BeginLogin and FinishLogin.
type Token struct {
	_     struct{} `cbor:",toarray"`
	Token []byte
}

// Enroll registers an authenticator for the user of a session: Secret is the
// user's password, Code what the authenticator that it replaces shows now.
type Enroll struct {
	_       struct{} `cbor:",toarray"`
	Session []byte
	Secret  []byte
	Code    []byte
}

// Password changes the password of a session's user: Secret is the present one,
// Code as in Login, New what it is from now on.
type Password struct {
	_       struct{} `cbor:",toarray"`
	Session []byte
	Secret  []byte
	Code    []byte
	New     []byte
}

// Authenticator answers Enroll: the key that the authenticator keeps.
type Authenticator struct {
	_   struct{} `cbor:",toarray"`
	Key []byte
}
