package message

// Calls of pairing: Setup from the device, Pair and Unpair from people, and Owned
// to the device.
const (
	CallSetup  = "setup"
	CallPair   = "pair"
	CallUnpair = "unpair"
	CallOwned  = "owned"
)

// Setup tells the service that somebody pressed the device's button: Digest is
// the SHA-256 of the code that it shows now.
type Setup struct {
	_      struct{} `cbor:",toarray"`
	Device string
	Digest []byte
}

// Pair makes the user of a session the owner of the device that shows a code;
// Unpair, with no code, lets it go.
type Pair struct {
	_       struct{} `cbor:",toarray"`
	Session []byte
	Device  string
	Code    []byte
}

// Owned tells a device whose it is from now on, "" nobody's, with the code that
// it showed him.
type Owned struct {
	_    struct{} `cbor:",toarray"`
	User string
	Code []byte
}
