// Package sut is the contract between the harness and a system under test:
// what a system says of itself, what a step asks of it and how it answers.
//
// A system either lives inside the world (the reference: [Inside]) or is a child
// process behind an adapter. Refusal classes are the closed list of the scenario
// language. Start with [SUT].
package sut

import (
	"github.com/armillary/armillary/harness/world"
)

// Hello is what a system says of itself before anything else.
type Hello struct {
	Name     string
	Version  string
	Profile  string
	Roles    []string          // roles and role.facet it offers
	Points   []string          // points of its update at which something can happen
	Kinds    map[string]string // event kinds it can observe and where they are read; empty means all
	Public   map[string][]byte // bytes that everybody knows: repo.test-key (a private key), repo.keystore (the key store that new devices get), repo.certstore (their certificate store)
	Defenses bool              // whether the defenses of the reference can be left out of it

	Serial   string            // of the unit under test; "" where it has none
	Firmware map[string]string // what runs on it: name -> SHA-256 in hex; empty where it cannot tell, or is built into the harness
}

// Offers tells whether a need (role or role.facet) is met.
func (h *Hello) Offers(need string) bool {
	for _, r := range h.Roles {
		if r == need {
			return true
		}
	}
	return false
}

// Request is one step as a system gets it: names are resolved, marks and
// expectations are left out, so that it cannot know what is wanted of it.
type Request struct {
	Op      uint64 // number of the request, from 1
	Verb    string
	Pos     []string          // positional arguments
	Args    map[string]string // the verb's own keys
	By      string            // the principal who acts, "" for the natural honest party
	As      string            // the name that the answer will have
	Values  map[string][]byte // what bound names and literal bytes among the arguments stand for
	Parts   map[string][][]byte
	Files   map[string][]byte // txtar parts that arguments name with @
	At      []string          // points to wait for, for an armed step
	Nth     int
	Knows   []string // labels of the secrets that By knows, when he is an attacker
	Hostile bool     // whether By is an attacker: a harness that plays his tools must know whose they are
}

// Arg returns an argument or a default.
func (r *Request) Arg(key, otherwise string) string {
	if v := r.Args[key]; v != "" {
		return v
	}
	return otherwise
}

// Value returns the bytes that an argument stands for, nil when it stands for none.
func (r *Request) Value(arg string) []byte { return r.Values[arg] }

// Outcome is how a step ended.
type Outcome string

// The outcomes.
const (
	Done           Outcome = "done"
	Refused        Outcome = "refused"
	Ignored        Outcome = "ignored"
	NotImplemented Outcome = "not-implemented"
	Failed         Outcome = "failed"
)

// Answer is how a system answers a request.
type Answer struct {
	Outcome Outcome
	Class   string // refusal class, or family, or "unspecified"
	Reason  string // for people
	Data    []byte // what the answer binds: a nonce, evidence, a session's token
	Parts   [][]byte
	State   map[string]string // for the verb state
}

// SUT is a system under test. The harness makes one request at a time.
type SUT interface {
	Hello() Hello
	// Begin starts a request.
	Begin(r Request)
	// Answer returns the answer to a request once there is one.
	Answer(op uint64) (Answer, bool)
}

// Inside is a system that lives inside a world: it acts only on the world's
// events, and all its state can be copied between two of them.
type Inside interface {
	SUT
	// Handle handles one event of the world.
	Handle(e world.Event)
	// PowerLost tells that a device lost its power in the middle of something.
	PowerLost(device string)
	// Clone copies the system into a copy of its world.
	Clone(w *world.World) Inside
}

// Considering is a system that knows which of its wrong designs a run came by, taken or
// not. A search need not try the others: they change nothing.
type Considering interface {
	// CameBy lists their ids so far, sorted.
	CameBy() []string
}

// Options are the knobs of a system.
type Options struct {
	Profile string
	Missing []string // ids of defenses that are missing and wrong designs that are taken
}

// Factory makes a system inside a world.
type Factory func(w *world.World, o Options) (Inside, error)

// Class is one refusal class with its family.
type Class struct{ Name, Family string }

// Classes is the closed list of refusal classes (language.md section 4).
var Classes = []Class{
	{"malformed", "form"}, {"too-large", "form"}, {"unknown-call", "form"},
	{"unsigned", "authenticity"}, {"bad-signature", "authenticity"}, {"untrusted-signer", "authenticity"}, {"below-threshold", "authenticity"}, {"digest-mismatch", "authenticity"}, {"revoked", "authenticity"},
	{"stale", "freshness"}, {"expired", "freshness"}, {"rollback", "freshness"},
	{"wrong-device", "fit"}, {"inconsistent", "fit"},
	{"unauthenticated", "identity"}, {"bad-credential", "identity"}, {"subject-mismatch", "identity"}, {"conflict", "identity"},
	{"not-permitted", "permission"}, {"not-declared", "permission"}, {"presence-missing", "permission"},
	{"wrong-state", "state"}, {"untrusted-state", "state"}, {"outdated", "state"}, {"incomplete", "state"}, {"tamper", "state"}, {"rate", "state"}, {"unavailable", "state"},
}
