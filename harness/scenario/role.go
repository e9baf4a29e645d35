package scenario

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// Role is something a system under test may offer.
type Role struct {
	Name   string
	Facets []string
}

// Roles is the list of roles and their facets (language.md section 5).
var Roles = []Role{
	{"publisher", []string{"sets", "threshold", "types", "forge"}},
	{"updater", []string{"sets", "threshold", "types", "keys", "clock", "points", "fetch", "polls", "suit"}},
	{"rollout", []string{"percent", "health"}},
	{"attester", []string{"measurements", "layers", "psa"}},
	{"verifier", []string{"channel", "policy"}},
	{"vault", []string{"seal"}},
	{"ca", []string{"names"}},
	{"registry", []string{"transfer", "tenants"}},
	{"factory", nil},
	{"accounts", []string{"steps", "second-factor"}},
	{"relay", nil},
	{"broker", []string{"will", "retain", "queue"}},
	{"camera", []string{"indicator"}},
	{"runtime", []string{"memory", "storage", "network", "local"}},
	{"reporter", []string{"dump"}},
	{"collector", []string{"dump"}},
	{"guardian", []string{"windows"}},
	{"bench", []string{"reset-line", "flash", "glitch", "debug", "recovery"}},
	{"cloud", []string{"backup"}},
	{"links", []string{"virtual"}},
	{"clock", []string{"virtual"}},
}

// played are the roles that need no entry in needs: the harness plays them, or
// every system has them.
var played = []string{"publisher", "links", "clock", "world", "any"}

// needWords is every role and role.facet, for spelling.
func needWords() []string {
	var words []string
	for _, r := range Roles {
		words = append(words, r.Name)
		for _, f := range r.Facets {
			words = append(words, r.Name+"."+f)
		}
	}
	return words
}

// Needs lists what a needs line may name: roles, and facets of them.
func Needs() []string { return needWords() }

// HeaderKeys lists the keys of the header in the order of the formatter.
func HeaderKeys() []string { return slices.Clone(headerKeys) }

// knownNeed tells whether a need names a role or a facet of one.
func knownNeed(need string) bool { return needSet[need] }

// needSet holds needWords, for what is asked at every header.
var needSet = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range needWords() {
		set[w] = true
	}
	return set
}()

// tenantsFacet is what a cloud offers that knows tenants with people, products and
// groups of their own, beside owners of single devices.
const tenantsFacet = "registry.tenants"

// roleOf returns the role of the step, written as in [Verb.Role] but with its
// facets: it depends on the arguments for a few verbs.
func (s *Scenario) roleOf(st *Step) string {
	switch st.Verb.Name {
	case "revoke":
		return s.revoker(st.Pos(0))
	case "try":
		return s.tried(st)
	case "grant", "command":
		if t, _ := s.NameType(st.Pos(0)); t == verbs.Tenant {
			return tenantsFacet
		}
		if s.isLegacy(st.Pos(0)) {
			return "guardian"
		}
		return map[string]string{"grant": "accounts", "command": "camera"}[st.Verb.Name]
	case "release":
		if st.Has("format") {
			return "updater.suit"
		}
	case "claim":
		// For a tenant, or by a list: what a registry of single owners does not know.
		if st.Has("with") || st.Has("tenant") {
			return tenantsFacet
		}
	case "deploy":
		if st.Has("tenant") {
			return tenantsFacet + "+" + st.Verb.Role
		}
	case "device", "manufacture":
		role := st.Verb.Role
		if format := st.Get("evidence"); format != "" {
			role = "attester." + format + "+" + role
		}
		if format := st.Get("update-format"); format != "" {
			role = "updater." + format + "+" + role
		}
		if st.Has("identity") {
			role = "attester.layers+" + role
		}
		return role
	case "crash", "connect", "outage", "retire":
		base, _, _ := strings.Cut(st.Pos(0), ".")
		return rootRole(st.Verb, base)
	case "within":
		// Waiting for an update makes sense only where the system asks for one by
		// itself.
		if st.Has("running") {
			return "updater.polls"
		}
	}
	if st.Verb.Facet != "" {
		return st.Verb.Role + "." + st.Verb.Facet
	}
	return st.Verb.Role
}

// alternatives takes a role apart: one of the lists must be met, and all of it.
// Nil means that nothing is needed.
func alternatives(role string) [][]string {
	var all [][]string
	for either := range strings.SplitSeq(role, "|") {
		needs := strings.Split(either, "+")
		needs = slices.DeleteFunc(needs, func(r string) bool { return slices.Contains(played, r) })
		if len(needs) == 0 {
			return nil
		}
		all = append(all, needs)
	}
	return all
}

// revoker is the role that gave what is revoked.
func (s *Scenario) revoker(name string) string {
	t, _ := s.NameType(name)
	for i := range s.Steps {
		if st := &s.Steps[i]; st.As() == name && st.Verb.Name == "grant" {
			return s.roleOf(st)
		}
	}
	switch t {
	case verbs.Certificate:
		return "ca"
	case verbs.Capability:
		return "registry"
	case verbs.Connection:
		return "broker"
	case verbs.Key:
		return "publisher"
	}
	return "accounts"
}

// isLegacy tells whether a name is that of a machine behind a guardian.
func (s *Scenario) isLegacy(name string) bool {
	return slices.ContainsFunc(s.Steps, func(st Step) bool { return st.Verb != nil && st.Verb.Name == "legacy" && st.Pos(0) == name })
}

// rootRole is the role of a verb that may address a root or a part of one: the
// root's own where it is a role, else nothing that a device's system offers.
func rootRole(v *verbs.Verb, base string) string {
	switch {
	case !verbs.IsRoot(base):
		return v.Role
	case v.Name == "crash":
		return "any"
	case base == "broker", base == "relay", base == "cloud":
		return base
	}
	return "any"
}

// tried is the role whose component a try step holds: what runs in the cloud or
// at the vendor is reached through no role of a device.
func (s *Scenario) tried(st *Step) string {
	base, _, _ := strings.Cut(st.Pos(0), ".")
	if verbs.IsRoot(base) {
		return "any"
	}
	if s.isLegacy(base) {
		return "guardian"
	}
	if p := st.Pos(1); p == "sign" || p == "unseal" {
		return "runtime|vault"
	}
	return "runtime"
}

// met tells whether need is among have, or a facet of it is.
func met(need string, have []string) bool {
	for _, h := range have {
		if h == need || strings.HasPrefix(h, need+".") {
			return true
		}
	}
	return false
}

// Role returns the one role that step i addresses in this story: of
// alternatives the one in needs, of a whole exchange the last.
func (s *Scenario) Role(i int) string {
	st := &s.Steps[i]
	role := s.roleOf(st)
	for _, needs := range alternatives(role) {
		if s.meets(st, needs) {
			role = needs[len(needs)-1]
			break
		}
	}
	role, _, _ = strings.Cut(role, "|")
	role, _, _ = strings.Cut(role, ".")
	return role
}

// meets tells whether the header and the guard of the step offer all needs.
func (s *Scenario) meets(st *Step, needs []string) bool {
	have := s.Header.Needs
	if st.Guard != nil && !st.Guard.Not {
		have = append(slices.Clip(have), st.Guard.Need())
	}
	for _, n := range needs {
		if !met(n, have) {
			return false
		}
	}
	return true
}
