// Package verbs is the vocabulary of the scenario language: one verb a file, with
// its arguments, who plays it, why it is refused, an example and a sentence. Help,
// documentation, completion, the type check, the formatter and the story read back
// all read these tables; nothing here knows a device. Start with [All].
package verbs

import (
	"slices"
	"strings"
)

// Side says whose a verb is and when it runs.
type Side string

// The sides.
const (
	SideSet         Side = "set"  // set-up by the harness, honest
	SideDo          Side = "do"   // a role does it; hostile when by= is
	SideAttack      Side = "att"  // always hostile
	SideNemesis     Side = "nem"  // power, time and glitches: no intent, left out of the control run
	SideTime        Side = "time" // virtual time
	SideCheck       Side = "chk"  // a check
	SideCheckAttack Side = "chk!" // a check of the attack
)

// Type is the type of a name.
type Type string

// The types. Names of parts inside (d1.kernel, rec.last) are components and
// fields.
const (
	Root        Type = "root" // cloud vendor repo broker relay world, always bound
	Principal   Type = "principal"
	Phase       Type = "phase"
	Key         Type = "key"
	Release     Type = "release"
	Artefact    Type = "artefact" // a release or part of one that an attacker made
	Device      Type = "device"
	Tenant      Type = "tenant" // a customer of the cloud: who has devices, and people with permissions
	Component   Type = "component"
	Session     Type = "session"
	Transaction Type = "transaction"
	Connection  Type = "connection"
	Grant       Type = "grant"
	Certificate Type = "certificate"
	Capability  Type = "capability"
	Nonce       Type = "nonce"
	Evidence    Type = "evidence"
	Recording   Type = "recording" // bytes seen on a link or read from flash
	Cause       Type = "cause"     // of a report
	Answer      Type = "answer"    // of a step whose answer holds nothing else; also of every refused step
	Field       Type = "field"
	SameAsFrom  Type = "as from=" // forge makes what it is made from
)

// roots are the reserved names, always bound.
var RootNames = []string{"broker", "cloud", "relay", "repo", "vendor", "world"}

// IsRoot tells whether a name is a reserved root.
func IsRoot(name string) bool { return slices.Contains(RootNames, name) }

// Fields lists what a name of a type holds that a story may address.
var Fields = map[Type][]string{
	Principal:   {"password", "authenticator", "certificate", "self-signed", "mutated", "issued", "public"},
	Session:     {"token"},
	Transaction: {"token"},
	Capability:  {"token"},
	Recording:   {"first", "last"},
	Key:         {"public", "private"},
	Certificate: {"key", "subject"},
	Evidence:    {"nonce"},
	Release:     {"manifest", "payload"},
	Artefact:    {"manifest", "payload"},
}

// Kind is how the value of an argument is written.
type Kind string

// The kinds of values.
const (
	KindNew      Kind = "new name"
	KindRef      Kind = "name" // of one of ArgSpec.Types, or one of ArgSpec.Words
	KindWord     Kind = "word" // one of ArgSpec.Words, or any when there are none
	KindNumber   Kind = "number"
	KindSize     Kind = "size"
	KindDuration Kind = "duration"
	KindOffset   Kind = "distance from true time"
	KindBytes    Kind = "bytes"
	KindPlace    Kind = "place"
	KindText     Kind = "text"
	KindApps     Kind = "list of name:@file"
	KindLink     Kind = "link"
	KindEvent    Kind = "report kind"
	KindDefects  Kind = "list of defects"
	KindSince    Kind = "name or verb"
	KindProbe    Kind = "probe"
	KindPoints   Kind = "point"
	KindClasses  Kind = "refusal class"
)

// ArgSpec describes one argument of a verb.
type ArgSpec struct {
	Key      string // "" for a positional argument
	Name     string // what help calls a positional argument: DEV, REL
	Kind     Kind
	Types    []Type   // of KindRef: what the name may be; of KindNew: what it becomes
	Words    []string // of KindWord: all there are; of others: words allowed besides
	Required bool
	List     bool // a,b,c and ranges d[1-5]
	Alt      bool // alternatives a|b
	OrBytes  bool // of KindRef: bytes may stand there too (a guess, a chosen value)
}

// Verb is one row of the verb table.
type Verb struct {
	Name      string
	Args      []ArgSpec // positional first, then keys in the order of the formatter
	Role      string    // who plays it: "a|b" either, "a+b" both; publisher, links, clock, world and any need no needs entry
	Facet     string    // of Role, or ""
	Side      Side
	FirstActs bool     // the principal in first place acts unless by= says otherwise
	Refusals  []string // typical refusal classes and families
	Binds     Type     // of the name that as= gives; "" where as= is not allowed
	Doc       string   // one sentence
	Example   string   // one step
	Tells     string   // the sentence that a step reads as; see Scenario.Prose
}

// All is the verb table, in the order of help.
var All = []Verb{
	principalVerb, tenantVerb, phaseVerb, keyVerb, trustVerb, releaseVerb, deviceVerb, legacyVerb, manufactureVerb, publishVerb, recallVerb, rotateVerb, updateVerb, challengeVerb, evidenceVerb, appraiseVerb, attestVerb, certifyVerb, authorityVerb, pinVerb, claimVerb, disownVerb, setupVerb, pairVerb, unpairVerb, capabilityVerb, groupVerb, openCaseVerb, deployVerb, grantVerb, revokeVerb, loginVerb, beginLoginVerb, finishLoginVerb, enrollVerb, changePasswordVerb, codeVerb, commandVerb, registerVerb, dialVerb, connectVerb, subscribeVerb, postVerb, disconnectVerb, retireVerb, crashVerb, submitVerb, exportVerb, eraseRecordsVerb, powerVerb, recoverVerb, openDebugVerb, setLifecycleVerb, deferVerb, sideloadVerb, requestVerb, cutPowerVerb, setClockVerb, outageVerb, restoreVerb, faultVerb, advanceVerb, settleVerb, withinVerb, turnVerb, compromiseVerb, leakVerb, touchVerb, forgeVerb, serveVerb, swapVerb, tapVerb, healVerb, deliverVerb, blockVerb, alterVerb, impersonateVerb, flashVerb, glitchVerb, pulseVerb, fuzzVerb, tryVerb, stateVerb, reportedVerb, knowsNotVerb, sameVerb,
}

// Lookup returns the verb with the name, or nil.
func Lookup(name string) *Verb {
	for i := range All {
		if All[i].Name == name {
			return &All[i]
		}
	}
	return nil
}

// Generic lists the keys that any step may have, in the order of the formatter.
var Generic = []ArgSpec{
	{Key: "by", Kind: KindRef, Types: []Type{Principal}},
	{Key: "at", Kind: KindPoints, Alt: true},
	{Key: "times", Kind: KindNumber},
	{Key: "every", Kind: KindDuration},
	{Key: "parallel", Kind: KindWord, Words: []string{"yes"}},
	{Key: "within", Kind: KindDuration},
	{Key: "class", Kind: KindClasses, Alt: true},
	{Key: "as", Kind: KindNew},
}

// Spec returns the description of a key of the verb, generic keys included.
func (v *Verb) Spec(key string) (ArgSpec, bool) {
	for _, specs := range [][]ArgSpec{v.Args, Generic} {
		for _, a := range specs {
			if a.Key == key && key != "" {
				return a, true
			}
		}
	}
	return ArgSpec{}, false
}

// Positional returns the descriptions of the positional arguments.
func (v *Verb) Positional() []ArgSpec {
	for i, a := range v.Args {
		if a.Key != "" {
			return v.Args[:i]
		}
	}
	return v.Args
}

// maxUsageTypes is how many types help lists before it says NAME.
const maxUsageTypes = 4

// Usage gives the verb with its arguments for help: optional ones in brackets,
// a choice of words in full, generic keys left out.
func (v *Verb) Usage() string {
	words := []string{v.Name}
	for _, a := range v.Args {
		value := strings.ToUpper(string(a.Kind))
		if a.Kind == KindRef && len(a.Types) <= maxUsageTypes {
			types := make([]string, len(a.Types))
			for i, t := range a.Types {
				types[i] = strings.ToUpper(string(t))
			}
			value = strings.Join(types, "|")
		}
		if len(a.Words) > 0 && a.Kind == KindWord {
			value = strings.Join(a.Words, "|")
		}
		switch {
		case a.Key == "" && a.Kind == KindWord && len(a.Words) > 0:
			words = append(words, value)
		case a.Key == "":
			words = append(words, a.Name)
		case a.Required:
			words = append(words, a.Key+"="+value)
		default:
			words = append(words, "["+a.Key+"="+value+"]")
		}
	}
	for _, a := range Generic {
		if v.Needs(a.Key) {
			words = append(words, a.Key+"="+strings.ToUpper(string(a.Kind)))
		}
	}
	return strings.Join(words, " ")
}

// Needs tells whether every step with the verb must have the generic key.
func (v *Verb) Needs(generic string) bool {
	switch generic {
	case "at":
		return v.Name == "swap" || v.Name == "glitch" || v.Name == "cut-power"
	case "within":
		return v.Name == "reported"
	}
	return false
}

// The constructors below keep the tables one line a verb.

func newName(t Type) ArgSpec             { return ArgSpec{Name: "NEW", Kind: KindNew, Types: []Type{t}} }
func newRange(t Type) ArgSpec            { a := newName(t); a.List = true; return a }
func ref(name string, t ...Type) ArgSpec { return ArgSpec{Name: name, Kind: KindRef, Types: t} }
func refs(name string, t ...Type) ArgSpec {
	return ArgSpec{Name: name, Kind: KindRef, Types: t, List: true}
}
func word(name string, words ...string) ArgSpec {
	return ArgSpec{Name: name, Kind: KindWord, Words: words}
}
func place(name string, k Kind) ArgSpec { return ArgSpec{Name: name, Kind: k} }

// key turns a description into that of a key; must makes it a required one.
func key(k string, a ArgSpec) ArgSpec  { a.Key, a.Name = k, ""; return a }
func must(k string, a ArgSpec) ArgSpec { a = key(k, a); a.Required = true; return a }
func kind(k string, kind Kind) ArgSpec { return ArgSpec{Key: k, Kind: kind} }

func orBytes(a ArgSpec) ArgSpec                  { a.OrBytes = true; return a }
func orWords(a ArgSpec, words ...string) ArgSpec { a.Words = words; return a }
func list(a ArgSpec) ArgSpec                     { a.List = true; return a }
func alt(a ArgSpec) ArgSpec                      { a.Alt = true; return a }
