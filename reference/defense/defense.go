// Package defense is the one form in which the reference takes a security
// decision: a named [Defense], decided by a [Guard], refused with a [Class].
//
// One mechanism gives a catalogue, an event for every decision, the place where
// a glitch flips one, a coverage figure, and a defect for free: the same
// reference with that defense missing. It imports nothing of ours. Start with
// [Guard.Check].
package defense

import (
	"errors"
	"fmt"
	"slices"
)

// ID names a defense or a wrong design: COMPONENT.SENTENCE-IN-WORDS. The defect
// of a missing defense has the defense's id.
type ID string

// Class says why something was refused, never where: the closed list of the
// scenario language (language.md section 4).
type Class string

// The refusal classes, family by family.
const (
	Malformed   Class = "malformed"
	TooLarge    Class = "too-large"
	UnknownCall Class = "unknown-call"

	Unsigned        Class = "unsigned"
	BadSignature    Class = "bad-signature"
	UntrustedSigner Class = "untrusted-signer"
	BelowThreshold  Class = "below-threshold"
	DigestMismatch  Class = "digest-mismatch"
	Revoked         Class = "revoked"

	Stale    Class = "stale"
	Expired  Class = "expired"
	Rollback Class = "rollback"

	WrongDevice  Class = "wrong-device"
	Inconsistent Class = "inconsistent"

	Unauthenticated Class = "unauthenticated"
	BadCredential   Class = "bad-credential"
	SubjectMismatch Class = "subject-mismatch"
	Conflict        Class = "conflict"

	NotPermitted    Class = "not-permitted"
	NotDeclared     Class = "not-declared"
	PresenceMissing Class = "presence-missing"

	WrongState     Class = "wrong-state"
	UntrustedState Class = "untrusted-state"
	Outdated       Class = "outdated"
	Incomplete     Class = "incomplete"
	Tamper         Class = "tamper"
	Rate           Class = "rate"
	Unavailable    Class = "unavailable"
)

// classes is the closed list, for Known.
var classes = []Class{
	Malformed, TooLarge, UnknownCall,
	Unsigned, BadSignature, UntrustedSigner, BelowThreshold, DigestMismatch, Revoked,
	Stale, Expired, Rollback,
	WrongDevice, Inconsistent,
	Unauthenticated, BadCredential, SubjectMismatch, Conflict,
	NotPermitted, NotDeclared, PresenceMissing,
	WrongState, UntrustedState, Outdated, Incomplete, Tamper, Rate, Unavailable,
}

// Known tells whether c is of the closed list: a class that somebody else said
// may be anything.
func (c Class) Known() bool { return slices.Contains(classes, c) }

// Property is one of the seven properties of highly secured devices.
type Property string

// The seven.
const (
	RootOfTrust    Property = "hardware-root-of-trust"
	Depth          Property = "defense-in-depth"
	SmallTCB       Property = "small-trusted-computing-base"
	Compartments   Property = "dynamic-compartments"
	Certificates   Property = "certificate-based-authentication"
	ErrorReporting Property = "error-reporting"
	Renewable      Property = "renewable-security"
)

// Defense is one security decision of the reference.
type Defense struct {
	ID       ID
	Title    string // one sentence, present tense: what it refuses
	Property Property
	Class    Class  // the one class it refuses with
	Cites    string // the incident, standard or paper that asks for it
}

// Defect is a wrong design: not a missing check but a branch of its own, taken
// only when a run names it.
type Defect struct {
	ID       ID
	Title    string // one sentence: what the model then does wrongly
	Property Property
	Cites    string
}

// Component is the part of the reference a defense or defect belongs to: the
// part of its id before the dot.
func (id ID) Component() string {
	for i := range id {
		if id[i] == '.' {
			return string(id[:i])
		}
	}
	return string(id)
}

// Refusal is the error of a refused request.
type Refusal struct {
	Class  Class
	Reason string // for people: which decision refused
}

// Error says class and reason.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Class, r.Reason) }

// Refuse refuses outside a defense: the request could not even be read or
// addressed, so there was nothing to decide.
func Refuse(class Class, format string, args ...any) error {
	return &Refusal{Class: class, Reason: fmt.Sprintf(format, args...)}
}

// ClassOf returns the class of a refusal, and "" for nil and any other error.
func ClassOf(err error) Class {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Class
	}
	return ""
}

// Set is a set of defense and defect ids. The nil Set is empty.
type Set map[ID]bool

// SetOf makes a set.
func SetOf(ids ...ID) Set {
	s := make(Set, len(ids))
	for _, id := range ids {
		s[id] = true
	}
	return s
}

// With returns the union of two sets and changes neither.
func (s Set) With(other Set) Set {
	if len(other) == 0 {
		return s
	}
	u := make(Set, len(s)+len(other))
	for id := range s {
		u[id] = true
	}
	for id := range other {
		u[id] = true
	}
	return u
}

// Observer hears of every decision and may turn it round, as a glitch does.
type Observer interface {
	// Decided is told who decided, which defense, how it came out, and whether the
	// defense is missing. It returns how the decision stands.
	Decided(who string, id ID, held, missing bool) bool
}

// Considerer is an observer that also hears which wrong designs a component came by,
// taken or not: one that it never came by changes nothing.
type Considerer interface {
	Considered(id ID)
}

// Guard decides for one component instance.
type Guard struct {
	Who      string // instance, such as d1.monitor
	Missing  Set    // defenses that are missing and wrong designs that are taken
	Observer Observer
}

// Check is the one form of a security decision: held must be computed without
// side effects, where the value is used. It returns nil when the defense holds
// (or is missing), else a *Refusal of the class.
func (g *Guard) Check(id ID, held bool, class Class) error {
	missing := g.Missing[id]
	if g.Observer.Decided(g.Who, id, held, missing) || missing {
		return nil
	}
	return &Refusal{Class: class, Reason: string(id)}
}

// Wrong tells whether the wrong design id is to be taken.
func (g *Guard) Wrong(id ID) bool {
	if c, ok := g.Observer.(Considerer); ok {
		c.Considered(id)
	}
	return g.Missing[id]
}
