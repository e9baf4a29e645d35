package scenario

import (
	"slices"
	"strings"
)

// told is how each verb reads as a sentence: {0} is its first argument, {key}
// that of a key, {who:the owner} who acts and, where nobody is named, who would.
// A part in brackets stands only where all its arguments do.
var told = map[string]string{
	"principal":     "There is {0}, {1}.",
	"phase":         "Here begins {0}.",
	"key":           "A key {0} is made[ for {for}].",
	"trust":         "For {for} the keys {keys} are trusted[; {threshold} must sign].",
	"release":       "Release {0} is made, version {version}[, security version {security}][, for devices of type {type}][, signed by {signers}][; its code has the flaw {behaves}].",
	"device":        "Device {0} goes into service[, a {type}][, running {running}][, owned by {owner}][, in group {group}].",
	"legacy":        "Machine {0} stands behind module {behind}.",
	"manufacture":   "{who:The factory} makes device {0}[, running {running}][ and stops at {stop-at}][, with the identity of {clone}].",
	"publish":       "{who:The publisher} publishes {0}[ for group {group}][ for pilot group {pilot}][, for all after {lead}].",
	"recall":        "{who:The publisher} recalls {0}.",
	"rotate":        "{who:The publisher} replaces key {from} for {for} by {to}.",
	"update":        "{0} looks for an update and installs what there is.",
	"challenge":     "{who:The verifier} gives {0} a nonce[, {as}].",
	"evidence":      "{who:The device} has {0} make evidence over {nonce}[, {as}].",
	"appraise":      "{who:The verifier} has {0} appraised as evidence of {for} over {nonce}.",
	"attest":        "{who:The device} has {0} attest.",
	"certify":       "{who:The device} asks for a certificate for {0}[ over key {key}][ in the name of {subject}].",
	"claim":         "{who:Its buyer} claims {0}[, proof of possession: {possession}].",
	"disown":        "{who:The owner} gives up {0}.",
	"capability":    "{who:The owner} asks for a {kind} capability for {0}.",
	"grant":         "{who:The owner} grants {to} the right {right} on {0}[ for {window}].",
	"revoke":        "{who:Whoever gave it} revokes {0}.",
	"login":         "{who:The user} logs in as {0}[ with {secret}].",
	"begin-login":   "{who:The user} begins to log in as {0}[ with {secret}].",
	"finish-login":  "{who:The user} finishes login {0} in the name of {subject}.",
	"command":       "{who:The user} commands {0} to {do}[ {value}][ with session {session}][ over the {over} line].",
	"register":      "{who:The device} registers at the relay as {0}.",
	"dial":          "{who:The user} asks the relay for {0}.",
	"connect":       "{who:The client} connects to {0} with {credential}[, calling itself {client-id}][, leaving a will on {will}].",
	"subscribe":     "{who:The client} subscribes {0} to {topic}.",
	"post":          "{who:The client} posts \"{body}\" to {topic} over {0}[, to be retained: {retain}].",
	"disconnect":    "{who:The client} ends {0}.",
	"crash":         "{0} crashes.",
	"submit":        "{who:The device} submits a report {kind} in the name of {0}[, number {seq}].",
	"recover":       "{who:Somebody} recovers {0} over the cable with {with}.",
	"power":         "{who:Somebody} turns the power of {0} {1}.",
	"open-debug":    "{who:Somebody} opens the debug port of core {core} of {0}[ with {capability}].",
	"set-lifecycle": "{who:The factory} moves {0} to the state {to}.",
	"cut-power":     "The power of {0} fails at {at}[, in the middle of a write: {torn}].",
	"set-clock":     "The clock of {0} is set to {to} from true time.",
	"outage":        "{0} is out for {for}.",
	"restore":       "{0} goes back to its backup from {to}.",
	"retire":        "{0} announces its end and then stops for good.",
	"fault":         "A fault at {1} of {0}: {how}.",
	"tenant":        "Tenant {0} is opened in the cloud for {owner}.",
	"authority":     "{who:Somebody} has the cloud make an authority of {0} {1}.",
	"pin":           "{who:Somebody} has {0} take the devices of the newest authority of {tenant}[, over the nonce {nonce}][, with the proof {proof}].",
	"setup":         "{who:Somebody} presses the button of {0}, which shows a pairing code[, {as}][; over the {over} instead of by hand].",
	"pair":          "{who:The user} pairs {0} with the code {code}.",
	"unpair":        "{who:The owner} lets {0} go at the vendor's service.",
	"group":         "{who:The owner of the tenant} sets up the device group {0}[ of {tenant}][, feed {feed}][, updates {updates}][, crash dumps {dumps}].",
	"deploy":        "{who:The tenant} gives {0} to the group {group}[, to {percent} percent of it].",
	"enroll":        "{who:The user} registers an authenticator for {0}.",
	"code":          "{who:The user} reads the code that the authenticator of {0} shows[, {as}].",
	"export":        "{who:Somebody} downloads the error reports of {0}.",
	"erase-records": "{who:Somebody} has what the collector holds of {0} forgotten[, what is older than {older}].",
	"defer":         "{0} puts the update off for {for}.",
	"sideload":      "{who:Somebody} puts {image} onto {0} over the cable[, showing {capability}].",
	"request":       "{who:Somebody} asks {0} over the cable: {1} {path}[, showing {capability}].",
	"pulse":         "{who:The attacker} pulses the {line} line of {0}.",
	"advance":       "{0} pass.",
	"settle":        "Everything comes to rest.",
	"turn":          "{0} turns hostile.",
	"compromise":    "{who:The attacker} takes over {0}.",
	"leak":          "{0} falls into the hands of {to}.",
	"touch":         "{who:The attacker} has {0} in his hands.",
	"forge":         "{who:The attacker} forges {0} from {from}[, saying version {version}][, saying security version {security}][, with payload {payload}][, signed by {signers}].",
	"serve":         "{who:The attacker} serves {0} to {to}.",
	"swap":          "{who:The attacker} will exchange what {0} has fetched for {with}, at {at}.",
	"tap":           "{who:The attacker} listens on {0}[, recording {as}].",
	"heal":          "{who:The attacker} leaves {0} alone again.",
	"deliver":       "{who:The attacker} sends {0} to {to}.",
	"block":         "{who:The attacker} drops[ {kind}] messages on {0}.",
	"alter":         "{who:The attacker} changes[ {kind}] messages on {0}.",
	"impersonate":   "{who:The attacker} plays {0} towards {to}[ with {credential}].",
	"flash":         "{who:The attacker} has the flash of {0} {1}: region {region}.",
	"glitch":        "{who:The attacker} glitches {0} at {at} so that {kind} is skipped.",
	"fuzz":          "{who:The attacker} offers {0} {count} mutations of {from}.",
}

// Prose tells the story in sentences, one a step, with what must come of it and
// with what the attacker gained so far: what the author wrote, as a reader
// understands it.
func (s *Scenario) Prose() string {
	var b strings.Builder
	b.WriteString(s.Header.Title + ".\n\n")
	if w := s.Header.Without; len(w) > 0 {
		b.WriteString("Assumed to be missing: " + strings.Join(w, ", ") + ".\n\n")
	}
	gains := map[string][]string{} // of each hostile principal, since he acted last
	for i := range s.Steps {
		b.WriteString(s.tell(i, gains))
	}
	b.WriteByte('\n')
	for _, e := range s.Header.Expect {
		b.WriteString("In the end " + e.Guarantee + " must " + map[string]string{"pass": "have held", "fail": "have fallen"}[e.Verdict])
		for _, when := range [][2]string{{"before", e.Before}, {"after", e.After}} {
			if when[1] != "" {
				b.WriteString(" " + when[0] + " " + when[1])
			}
		}
		b.WriteString(".\n")
	}
	return b.String()
}

// tell gives step i as a line: whose it is, the sentence, how it must end.
func (s *Scenario) tell(i int, gains map[string][]string) string {
	st := &s.Steps[i]
	line := "  "
	switch {
	case s.Hostile(i):
		line = "! "
	case s.Nemesis(i):
		line = "~ "
	}
	sentence := st.sentence()
	if known := gains[st.actor]; len(known) > 0 && s.Hostile(i) {
		sentence = strings.Replace(sentence, st.actor, st.actor+", who now has "+strings.Join(known, ", ")+",", 1)
		delete(gains, st.actor)
	}
	gained := func(who, what string) {
		if what != "" && !slices.Contains(gains[who], what) {
			gains[who] = append(gains[who], what)
		}
	}
	switch st.Verb.Name {
	case "leak":
		gained(st.Get("to"), st.Pos(0))
	case "compromise":
		gained(st.actor, st.Pos(0))
	default:
		if s.Hostile(i) && st.Mark != MarkRefused && st.Verb.Name != "forge" {
			gained(st.actor, st.As())
		}
	}
	return line + st.times() + sentence + st.ending() + "\n"
}

// times says how often a step is done, when more than once.
func (s *Step) times() string {
	t := ""
	if n := s.Get("times"); n != "" {
		t = n + " times"
		if e := s.Get("every"); e != "" {
			t += ", every " + e
		}
		t += ": "
	}
	if s.Guard != nil {
		t = "Where there is " + strings.Trim(strings.Replace(s.Guard.String(), "!", "no ", 1), "[]") + ": " + t
	}
	return t
}

// ending says how a step must end.
func (s *Step) ending() string {
	class := strings.ReplaceAll(s.Get("class"), "|", " or ")
	switch {
	case s.Mark == MarkRefused && class != "":
		return " This must be refused: " + class + "."
	case s.Mark == MarkRefused:
		return " This must be refused."
	case s.Mark == MarkMaybe && class != "":
		return " This may be refused: " + class + "."
	case s.Mark == MarkMaybe:
		return " This may be refused."
	}
	return ""
}

// sentence tells what the step does.
func (s *Step) sentence() string {
	switch s.Verb.Name {
	case "state":
		return s.Pos(0) + " must then have " + s.pairs() + "."
	case "within":
		return "Within " + s.Pos(0) + ", " + s.Pos(1) + " must come to have " + s.pairs() + "."
	case "try":
		text := s.who("Whoever holds it") + " tries from " + s.Pos(0) + ": " + s.Pos(1)
		if pairs := s.pairs(); pairs != "" {
			text += " (" + pairs + ")"
		}
		return text + "."
	case "reported":
		text := "The cloud must have the report " + s.Pos(1) + " of " + s.Pos(0)
		if of := s.Get("of"); of != "" {
			text += " about " + of
		}
		return text + " within " + s.Get("within") + "."
	case "knows-not":
		text := s.Pos(0) + " must not have learnt " + s.Pos(1)
		if since := s.Get("since"); since != "" {
			text += " since " + since
		}
		return text + "."
	case "same":
		return s.Pos(0) + " and " + s.Pos(1) + " must be the same answer."
	}
	template := told[s.Verb.Name]
	if template == "" {
		template = s.Text + "."
	}
	return s.fill(template)
}

// who names the actor, or who acts where the step names nobody.
func (s *Step) who(otherwise string) string {
	if s.actor != "" {
		return s.actor
	}
	return otherwise
}

// pairs lists the step's own keys and values.
func (s *Step) pairs() string {
	var all []string
	for _, a := range s.Args {
		if a.Key != "" && !slices.ContainsFunc(Generic, func(g ArgSpec) bool { return g.Key == a.Key }) {
			all = append(all, a.Key+" "+strings.ReplaceAll(a.Value, "|", " or "))
		}
	}
	return strings.Join(all, ", ")
}

// fill puts the step's arguments into a template.
func (s *Step) fill(template string) string {
	var b strings.Builder
	for template != "" {
		before, rest, optional := strings.Cut(template, "[")
		text, _ := s.replace(before)
		b.WriteString(text)
		if !optional {
			break
		}
		part, after, _ := strings.Cut(rest, "]")
		if text, all := s.replace(part); all {
			b.WriteString(text)
		}
		template = after
	}
	return b.String()
}

// replace fills the places of a text and tells whether all have a value.
func (s *Step) replace(text string) (filled string, all bool) {
	all = true
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(text, "{")
		b.WriteString(before)
		if !more {
			return b.String(), all
		}
		place, after, _ := strings.Cut(rest, "}")
		value := s.Get(place)
		if name, otherwise, ok := strings.Cut(place, ":"); ok && name == "who" {
			value = s.who(otherwise)
		} else if len(place) == 1 && place[0] >= '0' && place[0] <= '9' {
			value = s.Pos(int(place[0] - '0'))
		}
		all = all && value != ""
		b.WriteString(strings.ReplaceAll(value, "|", " or "))
		text = after
	}
}
