package scenario

import "slices"

// ClassFamily is one of the seven families of refusal classes.
type ClassFamily struct {
	Name    string
	Classes []string
}

// Classes is the closed list of reasons for a refusal: 28 classes in seven
// families. A class says why, never where. Adding one is a new minor version of
// the protocol; removing never happens.
var Classes = []ClassFamily{
	{"form", []string{"malformed", "too-large", "unknown-call"}},
	{"authenticity", []string{"unsigned", "bad-signature", "untrusted-signer", "below-threshold", "digest-mismatch", "revoked"}},
	{"freshness", []string{"stale", "expired", "rollback"}},
	{"fit", []string{"wrong-device", "inconsistent"}},
	{"identity", []string{"unauthenticated", "bad-credential", "subject-mismatch", "conflict"}},
	{"permission", []string{"not-permitted", "not-declared", "presence-missing"}},
	{"state", []string{"wrong-state", "untrusted-state", "outdated", "incomplete", "tamper", "rate", "unavailable"}},
}

// Family returns the family of a class; a family is its own; "" when unknown.
func Family(class string) string {
	for _, f := range Classes {
		if f.Name == class || slices.Contains(f.Classes, class) {
			return f.Name
		}
	}
	return ""
}

// Matches tells whether a refusal with class fits what a step allows: an empty
// list allows all, a family in the list allows its classes, and a coarse answer
// (the family alone) fits any class of that family.
func Matches(allowed []string, class string) bool {
	if len(allowed) == 0 {
		return true
	}
	family := Family(class)
	for _, a := range allowed {
		if a == class || family != "" && (a == family || class == family && Family(a) == family) {
			return true
		}
	}
	return false
}

// classWords is every class and family, for spelling.
func classWords() []string {
	var words []string
	for _, f := range Classes {
		words = append(append(words, f.Name), f.Classes...)
	}
	return words
}
