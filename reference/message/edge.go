package message

// CallOperate asks a guardian for a function of the machine behind it; CallGrant
// and CallRevoke give and end a right on one.
const CallOperate = "operate"

// Guarded is what a guardian is asked. To and Seconds, the length of the window
// from now (0 for no end), are of grants.
type Guarded struct {
	_        struct{} `cbor:",toarray"`
	Function string
	To       string
	Seconds  uint64
}

// Legacy is the machine's own protocol: a function and the key of its family.
type Legacy struct {
	_        struct{} `cbor:",toarray"`
	Function string
	Key      []byte
}
