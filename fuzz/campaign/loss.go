package campaign

import (
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/fuzz/generate"
)

// A story may give something away before anything is attacked: a secret is leaked, a part
// falls, somebody has the device in hand, an owner hands her session to another. Who holds
// it may do what it is for, and what falls by that is a loss that the story states. What he
// was given decides, never which story it is: everything else must hold all the same.

// kind is what sort of thing a story gave away.
type kind string

const (
	ofAPerson   kind = "proof or session of a person"
	neverEnded  kind = "proof or session of a person that nobody ended"
	ofAnAuthor  kind = "key that signs code"
	ofAServer   kind = "key that servers are known by"
	ofEvidence  kind = "key that signs evidence"
	ofADevice   kind = "key that a device is known by"
	ofACounter  kind = "write of the version counter that was lost"
	aFlood      kind = "more crashes of one application than are told in an hour"
	ofACore     kind = "core that fails, of which only those tell that it talks to"
	unfinished  kind = "part of a device that has not left its factory"
	ofACamera   kind = "part of a chip that pictures pass through"
	inHand      kind = "flash of a device in hand, written to"
	notYetOut   kind = "release that its maker signed and nobody published"
	ofAKernel   kind = "kernel, which has every file of its device"
	developers  kind = "device that its owner opened for code of the public test key"
	afterRepair kind = "loss that came after the repair"
)

// entitles says by guarantee which losses take it away.
var entitles = map[string][]kind{
	"privacy.frames-reach-only-the-owner":     {ofAPerson, ofACamera},
	"auth.session-belongs-to-the-proven-user": {ofAPerson},
	"auth.messages-reach-only-entitled":       {ofADevice},
	"report.every-crash-arrives":              {ofACore, aFlood}, // report/core-crash-unheard states the one, reporter.limits-each-source is the other
	"update.never-goes-back":                  {ofACounter},
	"service.end-leaves-the-device-safe":      {developers},
	"app.storage-is-its-own":                  {ofAKernel}, // device/kernel-falls states it
	"auth.secrets-go-only-to-proven-peers":    {ofAServer},
	"attest.evidence-is-of-the-named-device":  {ofEvidence},
	"attest.evidence-tells-what-ran":          {ofEvidence, unfinished},
	"attest.result-fits-what-runs":            {ofEvidence},
	"tcb.writes-stay-in-bounds":               {unfinished},
	"boot.runs-only-signed-code":              {ofAnAuthor, unfinished, developers},
	"update.revoked-keys-sign-nothing":        {ofAnAuthor},
	"update.sets-stay-whole":                  {ofAnAuthor, inHand},
	"update.refused-changes-nothing":          {inHand},
	"update.installs-only-published":          {ofAnAuthor, notYetOut, inHand},
	"cloud.one-insider-is-not-enough":         {ofAnAuthor, ofAPerson, developers}, // what falls is the thief's doing
	"update.repair-ends-the-attack":           {afterRepair, neverEnded},
}

// leastPassword is the length in bytes below which a service refuses a new password
// (NIST SP 800-63B section 5.1.1.2): it ends nothing.
const leastPassword = 8

// hourlyShare is how many crashes of one application a device tells of in an hour.
const hourlyShare = 16

// states tells whether a story itself gave up a guarantee.
func states(s *generate.Story, guarantee string) bool {
	may := entitles[guarantee]
	return len(may) > 0 && slices.ContainsFunc(given(s), func(k kind) bool { return slices.Contains(may, k) })
}

// given lists what a story gives away.
func given(s *generate.Story) (list []kind) {
	t := saidSoFar{binds: map[string]generate.Line{}, open: map[string]bool{}, signed: map[string]bool{}, lost: map[string]bool{}, chosen: map[string]bool{}}
	for _, l := range s.Lines {
		list = append(list, t.gives(l)...)
		if name := l.Get("as"); name != "" {
			t.binds[name] = l
		}
		switch {
		case l.Verb == "key":
			t.binds[l.Pos(0)] = l
		case l.Verb == "manufacture" && l.Get("stop-at") != "":
			t.open[l.Pos(0)] = true
		case l.Verb == "release":
			t.signed[l.Pos(0)] = len(t.signed) > 0 // devices are made with the first
		case l.Verb == "device" || l.Verb == "manufacture":
			t.signed[l.Get("running")] = false
		case l.Verb == "publish" || l.Verb == "deploy":
			t.signed[l.Pos(0)], t.renewed = false, true
		case l.Verb == "update" || l.Verb == "recover":
			t.renewed = true
		case l.Verb == "revoke":
			delete(t.lost, l.Pos(0))
		case l.Verb == "change-password" && len(strings.TrimPrefix(l.Get("to"), "text:")) >= leastPassword:
			delete(t.lost, l.Pos(0)+".password")
		case l.Verb == "capability" && l.Get("kind") == "app-development":
			t.develops = true
		}
	}
	if len(t.lost) > 0 {
		list = append(list, neverEnded)
	}
	return list
}

// saidSoFar is what a story said so far.
type saidSoFar struct {
	binds    map[string]generate.Line // what bound a name
	open     map[string]bool          // devices that have not left the factory
	signed   map[string]bool          // releases, true for what nobody published
	lost     map[string]bool          // proofs and sessions of persons that somebody else has
	chosen   map[string]bool          // new passwords
	renewed  bool                     // something was published or installed
	develops bool                     // somebody asked for the right to develop on a device
}

// gives lists what one step gives away.
func (t *saidSoFar) gives(l generate.Line) (list []kind) {
	device, part, _ := strings.Cut(l.Pos(0), ".")
	loses := false
	switch l.Verb {
	case "leak":
		list, loses = t.leaked(l.Pos(0)), true
		if slices.Contains(list, ofAPerson) {
			t.lost[l.Pos(0)] = true
		}
	case "compromise":
		loses = true
		if t.open[device] {
			list = append(list, unfinished)
		}
		if part == "kernel" {
			list = append(list, ofAKernel)
		}
		if part == "media" || part == "cam" || part == "kernel" {
			list = append(list, ofACamera)
		}
	case "turn":
		loses = true
	case "fault":
		if strings.HasPrefix(l.Pos(1), "counter") {
			list = append(list, ofACounter)
		}
	case "crash", "try":
		list, loses = untold(l, part), l.Verb == "try" // who is in a part that was renewed fell in again
	case "login", "begin-login", "change-password":
		if l.Get("by") != "" && t.chosen[l.Get("secret")] {
			list = append(list, ofAPerson) // a guess that hits
		}
		if l.Verb == "change-password" {
			t.chosen[l.Get("to")] = true
		}
	case "flash":
		loses = true
		if l.Pos(1) == "write" {
			list = append(list, inHand)
		}
	case "forge":
		if t.develops && l.Get("signers") == "repo.test-key" {
			list = append(list, developers)
		}
	}
	if by, bound := l.Get("by"), t.binds[l.Get("session")]; bound.Verb == "login" && by != "" && by != holder(bound) {
		list = append(list, ofAPerson) // he was handed it
		t.lost[l.Get("session")] = true
	}
	if slices.Contains([]string{"serve", "swap", "flash", "forge", "recover"}, l.Verb) && slices.ContainsFunc(l.Args, t.names) {
		list = append(list, notYetOut)
	}
	if loses && t.renewed {
		list = append(list, afterRepair)
	}
	return list
}

// untold are crashes of which a device does not tell, or not of each.
func untold(l generate.Line, part string) (list []kind) {
	if l.Verb != "crash" && l.Pos(1) != "crash" {
		return nil
	}
	if part == "rt" { // the grammar's one application on a core
		list = append(list, ofACore)
	}
	if n, _ := strconv.Atoi(l.Get("times")); n > hourlyShare {
		list = append(list, aFlood)
	}
	return list
}

// names tells whether an argument names a release that nobody published: only who has
// its bytes can use it, and its maker gave them to nobody.
func (t *saidSoFar) names(arg string) bool {
	if _, value, keyed := strings.Cut(arg, "="); keyed {
		arg = value
	}
	return t.signed[arg]
}

// holder is who a login gave a session to.
func holder(login generate.Line) string {
	if by := login.Get("by"); by != "" {
		return by
	}
	return login.Pos(0)
}

// leaked says what a name that is leaked stands for.
func (t *saidSoFar) leaked(name string) []kind {
	bound := t.binds[name]
	_, part, _ := strings.Cut(name, ".")
	switch {
	case part == "password" || part == "authenticator":
		return []kind{ofAPerson}
	case slices.Contains([]string{"login", "finish-login", "code", "begin-login"}, bound.Verb):
		return []kind{ofAPerson}
	case bound.Verb == "key" || part == "release-key" || part == "app-key":
		return []kind{ofAnAuthor}
	case strings.HasSuffix(part, "ca-key") || part == "service-key":
		return []kind{ofAServer}
	case part == "attestation-key" || part == "layer-key" || part == "general-key":
		return []kind{ofEvidence}
	case part == "client-key":
		return []kind{ofADevice}
	}
	return nil
}
