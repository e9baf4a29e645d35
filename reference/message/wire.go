package message

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// ErrEncoding is wrapped by every error of Decode.
var ErrEncoding = errors.New("not the strict encoding")

// MaxMessage bounds one message in bytes.
const MaxMessage = 2 << 20

var encoder = mustEncoder()
var decoder = mustDecoder()

// Core deterministic encoding of RFC 8949 section 4.2: one value, one encoding.
func mustEncoder() cbor.EncMode {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return mode
}

func mustDecoder() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   8,
		MaxArrayElements:  4096,
		MaxMapPairs:       64,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}

// Encode writes a message body: CBOR in core deterministic form.
func Encode(v any) []byte {
	if f, ok := v.(framed); ok {
		return f.append(make([]byte, 0, f.size()))
	}
	b, err := encoder.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("message: %T cannot be encoded: %v", v, err))
	}
	return b
}

// Decode reads exactly one message body into v, a pointer to one of the message
// structs. Anything but the one strict encoding is an error: unknown fields,
// duplicate keys, indefinite lengths, trailing bytes, longer forms of a number. What
// a frame holds aliases b.
func Decode(b []byte, v any) error {
	if len(b) > MaxMessage {
		return fmt.Errorf("%w: %d bytes", ErrEncoding, len(b))
	}
	if f, ok := v.(reads); ok {
		if r := (reader{rest: b}); f.read(&r) && len(r.rest) == 0 {
			return nil
		}
		return ErrEncoding
	}
	if err := decoder.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %v", ErrEncoding, err)
	}
	again, err := encoder.Marshal(v)
	if err != nil || string(again) != string(b) {
		return fmt.Errorf("%w: not canonical", ErrEncoding)
	}
	return nil
}

// FrameKind says what a frame on a link carries.
type FrameKind uint8

// The frames of a conversation, in the order in which they appear.
const (
	ClientHello FrameKind = iota + 1
	ServerHello
	ClientFinish
	Sealed // a record: sequence number and AES-GCM ciphertext
	Alert  // a refusal in the clear: its class
	Clear  // a request or reply on a plain link
)

// Frame is what travels on a link: one conversation of many between two ends.
type Frame struct {
	_            struct{} `cbor:",toarray"`
	Conversation uint32
	Kind         FrameKind
	Body         []byte
}

// Request asks a service for something; Tag pairs it with its reply, 0 wants
// no reply.
type Request struct {
	_    struct{} `cbor:",toarray"`
	Tag  uint32
	Call string
	Body []byte
}

// Reply answers a request: Class is empty when it was done, else why it was
// refused.
type Reply struct {
	_      struct{} `cbor:",toarray"`
	Tag    uint32
	Class  string
	Reason string
	Body   []byte
}

// Calls of the cloud.
const (
	CallChallenge  = "challenge"
	CallAttest     = "attest"
	CallCertify    = "certify"
	CallReport     = "report"
	CallClaim      = "claim"
	CallDisown     = "disown"
	CallCapability = "capability"
	CallPermit     = "permit"
	CallGroup      = "group"
	CallDeploy     = "deploy"
	CallRecall     = "recall"
	CallErase      = "erase"
	CallExport     = "export"
	CallCase       = "case"
	CallDump       = "dump"
)

// Calls of the vendor's service, of its devices (Register, Stream) and to them
// (Obey, Notice).
const (
	CallLogin       = "login"
	CallBeginLogin  = "begin-login"
	CallFinishLogin = "finish-login"
	CallEnroll      = "enroll"
	CallPassword    = "password"
	CallCommand     = "command"
	CallDial        = "dial" // its body is a Command
	CallGrant       = "grant"
	CallRevoke      = "revoke"
	CallRegister    = "register"
	CallObey        = "obey"
	CallStream      = "stream"
	CallNotice      = "notice"
)

// Calls of the message broker, and to its clients (Deliver).
const (
	CallConnect    = "connect"
	CallSubscribe  = "subscribe"
	CallPost       = "post"
	CallDisconnect = "disconnect"
	CallDeliver    = "deliver"
	CallAck        = "ack" // of all that was delivered so far; no body, no answer
)

// Call of the repository, on a plain link.
const CallFetch = "fetch"

// Challenge asks for a nonce for a device.
type Challenge struct {
	_      struct{} `cbor:",toarray"`
	Device []byte   // 64-byte device id
}

// Measurement is one stage of a measured boot.
type Measurement struct {
	_      struct{} `cbor:",toarray"`
	Stage  string
	Digest []byte // SHA-256 of the image package
}

// StageLifecycle is the stage of a measurement that is of no code: SHA-256 of the name of
// a manufacturing state before the last. A device that its factory has locked has none.
const StageLifecycle = "lifecycle"

// Claims are what evidence says (RATS, RFC 9334): the order is the order signed.
type Claims struct {
	_            struct{} `cbor:",toarray"`
	Device       []byte   // 64-byte device id, the attestation public key
	Nonce        []byte   // 32 bytes from the verifier
	Boots        uint32   // boot count
	Security     uint32   // security version counter
	Measurements []Measurement
	Binding      []byte // SHA-256 of the public key the device wants certified
}

// Evidence is claims with the attestation key's signature over their encoding.
type Evidence struct {
	_         struct{} `cbor:",toarray"`
	Claims    []byte
	Signature []byte // 64 bytes r||s
}

// LayeredEvidence is a token of a device whose identity is in layers (DICE): Chain
// are the CBOR certificates from the device's own key to the one that signed.
type LayeredEvidence struct {
	_     struct{} `cbor:",toarray"`
	Token []byte
	Chain [][]byte
}

// Attest presents evidence and asks for certificates over Key.
type Attest struct {
	_        struct{} `cbor:",toarray"`
	Device   []byte
	Evidence []byte
	Key      []byte // 64-byte public key to certify
	Proof    []byte // signature by Key over the evidence: possession
}

// AttestationResult is the verifier's answer: Level is "accepted" or
// "update-only". Chains are DER certificates, leaf first.
type AttestationResult struct {
	_      struct{} `cbor:",toarray"`
	Level  string
	Update [][]byte
	Client [][]byte
	Newest uint32 // version of the newest release that the device should have, 0 when there is none
	Keys   uint32 // version of the newest key store
	Now    int64  // the cloud's time, in seconds since 1970
}

// Certify asks for a certificate outside attestation.
type Certify struct {
	_       struct{} `cbor:",toarray"`
	Subject string   // a device id in hex
	Key     []byte
	Proof   []byte // signature by Key over the subject
}

// Chain answers Certify.
type Chain struct {
	_     struct{} `cbor:",toarray"`
	Certs [][]byte
}

// Report is one error report. Device is the id of whom it speaks for.
type Report struct {
	_      struct{} `cbor:",toarray"`
	Device []byte
	Seq    uint64
	Kind   string
	Cause  []byte // 8 bytes naming the cause
	Text   string
	At     int64 // device time, Unix seconds
}

// Reports uploads reports; Confirmed answers with the highest sequence number
// that the collector holds.
type Reports struct {
	_       struct{} `cbor:",toarray"`
	Reports []Report
}

// Confirmed answers Reports. Dumps says that the collector takes crash dumps of the
// device now.
type Confirmed struct {
	_     struct{} `cbor:",toarray"`
	Seq   uint64
	Dumps bool
}

// Claim asks for devices, one or a list, for a tenant.
type Claim struct {
	_       struct{} `cbor:",toarray"`
	Tenant  string   // "" is the claimant's own
	Devices []Possession
}

// Possession proves that somebody has a device in hand: Proof is a nonce of the
// chip and its signature over that and the claimant's name.
type Possession struct {
	_      struct{} `cbor:",toarray"`
	Device []byte
	Proof  []byte
}

// Disown asks to end an ownership.
type Disown struct {
	_      struct{} `cbor:",toarray"`
	Device []byte
}

// CapabilityRequest asks for a capability file for a device.
type CapabilityRequest struct {
	_      struct{} `cbor:",toarray"`
	Device []byte
	Kind   uint16
}

// Command asks the service to make a device do something for a session.
type Command struct {
	_        struct{} `cbor:",toarray"`
	Session  []byte
	Device   string
	Do       string
	Protocol uint32 // version of the app that speaks
	Value    []byte // the device's view PIN, or the one to set
	Passed   bool   // the app says that it asked for the PIN and was told the right one
}

// Right gives or ends a right on a device; for revoke, Session may name a
// session to end instead.
type Right struct {
	_       struct{} `cbor:",toarray"`
	Session []byte
	Device  string
	To      string
	Right   string
	Victim  []byte
	Seconds uint64 // for which a grant holds, 0 without end
}

// Register names the device on its conversation with the vendor.
type Register struct {
	_      struct{} `cbor:",toarray"`
	Device string
}

// Obey is a command that the service passes to a device in a user's name.
type Obey struct {
	_       struct{} `cbor:",toarray"`
	User    string
	Do      string
	Granted bool   // the service says the user holds a right given by the owner
	For     uint32 // names this command in what the device streams for it
}

// Stream is a camera frame on its way to the user it is for.
type Stream struct {
	_     struct{} `cbor:",toarray"`
	For   uint32   // of the command it answers
	Frame []byte
}

// Notice tells a device what the service saw about it, for its error reports.
type Notice struct {
	_    struct{} `cbor:",toarray"`
	Kind string
	Text string
}

// Fetch asks the repository for a part of the newest update of a device type:
// "keystore", or "part" or "suit" with the number of a part.
type Fetch struct {
	_    struct{} `cbor:",toarray"`
	Type string
	What string
	Part uint32
}

// Part answers Fetch. Parts is how many the update has; 0 when there is none.
type Part struct {
	_     struct{} `cbor:",toarray"`
	Parts uint32
	Data  []byte
}
