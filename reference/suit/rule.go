package suit

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/defense"
)

// Rule names one security decision of this package.
type Rule string

// The rules, in the order in which an update meets them.
const (
	RuleSigned         Rule = "manifest-is-signed"
	RuleSigner         Rule = "signer-is-trusted"
	RuleSignature      Rule = "signature-verifies"
	RuleThreshold      Rule = "enough-keys-signed"
	RuleManifestDigest Rule = "manifest-digest-matches"
	RuleSequence       Rule = "sequence-is-not-lower"
	RuleComponents     Rule = "components-are-known"
	RuleCompatibility  Rule = "compatibility-is-checked"
	RuleSevered        Rule = "severed-member-matches"
	RuleRights         Rule = "signer-may-do-this"
	RuleVendor         Rule = "vendor-matches"
	RuleClass          Rule = "class-matches"
	RuleDevice         Rule = "device-matches"
	RuleSlot           Rule = "slot-matches"
	RuleImage          Rule = "image-matches"
	RuleContent        Rule = "content-matches"
	RuleDependency     Rule = "dependency-is-the-named-one"
	RuleUseBefore      Rule = "used-before-its-end"
	RulePolicy         Rule = "update-is-convenient"
	RuleInstalled      Rule = "written-components-matched"
	RuleInvoked        Rule = "invoked-component-matched"
	RuleBounded        Rule = "work-is-bounded"
)

// rules gives each rule its refusal class, its report reason and its source.
var rules = map[Rule]struct {
	class  defense.Class
	reason Reason
	cites  string
}{
	RuleSigned:         {defense.Unsigned, Unauthorised, "section 8.3: the processor requires an authentication block"},
	RuleSigner:         {defense.UntrustedSigner, Unauthorised, "section 9: access control lists begin with a key"},
	RuleSignature:      {defense.BadSignature, Unauthorised, "section 6.2: verify before parsing"},
	RuleThreshold:      {defense.BelowThreshold, Unauthorised, "section 8.3: several blocks over one digest"},
	RuleManifestDigest: {defense.DigestMismatch, Unauthorised, "section 8.3: the digest is over the wrapped manifest"},
	RuleSequence:       {defense.Rollback, Unauthorised, "section 8.4.2"},
	RuleComponents:     {defense.WrongDevice, ComponentUnsupported, "section 6.2: component list"},
	RuleCompatibility:  {defense.Incomplete, CommandUnsupported, "section 6.2: vendor and class checks in the shared sequence"},
	RuleSevered:        {defense.DigestMismatch, SeveringUnsupported, "section 8.6"},
	RuleRights:         {defense.NotPermitted, ComponentUnauthorised, "section 9"},
	RuleVendor:         {defense.WrongDevice, ConditionFailed, "section 8.4.9.1"},
	RuleClass:          {defense.WrongDevice, ConditionFailed, "section 8.4.9.1"},
	RuleDevice:         {defense.WrongDevice, ConditionFailed, "section 8.4.9.1"},
	RuleSlot:           {defense.WrongDevice, ConditionFailed, "section 8.4.9.4"},
	RuleImage:          {defense.DigestMismatch, ConditionFailed, "section 8.4.9.2"},
	RuleContent:        {defense.DigestMismatch, ConditionFailed, "section 8.4.9.3"},
	RuleDependency:     {defense.DigestMismatch, ConditionFailed, "draft-ietf-suit-trust-domains-12: dependency integrity"},
	RuleUseBefore:      {defense.Expired, ConditionFailed, "draft-ietf-suit-update-management-14: use before"},
	RulePolicy:         {defense.WrongState, ConditionFailed, "draft-ietf-suit-update-management-14: battery, authorisation, version"},
	RuleInstalled:      {defense.Incomplete, OperationFailed, "section 6.3: the result can be checked against known digests"},
	RuleInvoked:        {defense.DigestMismatch, OperationFailed, "section 7.2: trusted invocation"},
	RuleBounded:        {defense.TooLarge, OperationFailed, "RFC 8949 section 10: a decoder bounds what it spends"},
}

// Rules lists all rules by name.
func Rules() []Rule { return slices.Sorted(maps.Keys(rules)) }

// Class is the refusal class that a rule refuses with, "" for what is no rule.
func (r Rule) Class() defense.Class { return rules[r].class }

// Reason is the report reason that a rule refuses with, Success for what is no rule.
func (r Rule) Reason() Reason { return rules[r].reason }

// Source says where the rule comes from.
func (r Rule) Source() string { return rules[r].cites }

// Options are what a caller may set; the zero value is strict.
type Options struct {
	Limits Limits

	// Check is told each decision as it is taken and says how it stands; nil lets
	// every decision stand. A model of a device makes each rule a decision of its own
	// with it; whoever returns true for false leaves a rule out.
	Check func(rule Rule, held bool) bool

	// Untagged takes an envelope without tag 107 too, as TEEP carries it.
	Untagged bool
}

// check takes a decision in the one form.
func (o *Options) check(rule Rule, held bool, detail string) error {
	if o.Check != nil {
		held = o.Check(rule, held)
	}
	if held {
		return nil
	}
	return &Error{Reason: rule.Reason(), Rule: rule, Detail: detail}
}
