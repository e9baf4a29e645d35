package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// The longer sentences of the table in sentence.go.

func clockChanged(e trace.Event) string {
	if e.Number == 0 {
		return who(e) + "'s clock was set to true time"
	}
	return who(e) + "'s clock was set " + ahead(e.Number)
}

// ahead says how far some seconds are from true time.
func ahead(seconds int64) string {
	off := time.Duration(seconds) * time.Second
	switch {
	case off < 0:
		return span(-off) + " behind true time"
	case off > 0:
		return span(off) + " ahead of true time"
	}
	return "true time"
}

// message names a message: "message 12 (report, sealed)".
func message(e trace.Event) string {
	var words []string
	for _, s := range []string{e.What, strings.TrimSpace(when(e.Kind != trace.MessageDropped, e.State))} {
		if s != "" {
			words = append(words, s)
		}
	}
	text := "a message"
	if e.Number != 0 {
		text = fmt.Sprintf("message %d", e.Number)
	}
	if len(words) == 0 {
		return text
	}
	return text + " (" + strings.Join(words, ", ") + ")"
}

func carrying(e trace.Event) string { return after(", carrying ", list(e.Labels)) }

func releaseMade(e trace.Event) string {
	planted := when(e.State == "planted", ", with a planted defect")
	if e.Peer != "" {
		return "the part " + e.Peer + " of release " + what(e) + " was made" + planted
	}
	return fmt.Sprintf("release %s was made%s: version %d, security version %d%s",
		what(e), after(" for type ", e.Is), e.Number, e.Level, planted)
}

// release names what some bytes belong to.
func release(is string) string {
	switch is {
	case "", "unknown":
		return "no known release"
	case "factory":
		return "the factory"
	}
	return is
}

func stepStarted(e trace.Event) string {
	text := or(e.Note, strings.TrimSpace(what(e)+" "+e.Peer))
	actor := or(e.Who, "the harness")
	switch e.State {
	case "hostile":
		return actor + " attacked: " + text
	case "nemesis":
		return "the nemesis struck: " + text
	case "check":
		return "a check began: " + text
	}
	return actor + " began: " + text
}

func stepAnswered(e trace.Event) string {
	text := what(e) + after(" by ", e.Who) + after(" on ", e.Peer) + " was " + plain(or(e.State, "answered"))
	if e.State == "not-implemented" {
		text = what(e) + after(" by ", e.Who) + " is not implemented"
	}
	if e.State == "failed" {
		text = what(e) + after(" by ", e.Who) + after(" on ", e.Peer) + " failed"
	}
	return text + when(e.State == "refused", after(" as ", e.Digest)) + when(e.Note != "" && e.Note != e.Digest, " ("+e.Note+")")
}

func checkJudged(e trace.Event) string {
	why := after(": ", e.Note)
	switch e.State {
	case "as-marked":
		return "the step " + what(e) + " ended as marked"
	case "accepted":
		return "the step " + what(e) + " was accepted though it had to be refused" + why
	case "refused":
		return "the step " + what(e) + " was refused though it had to be done" + why
	case "wrong-class":
		return "the step " + what(e) + " was refused for another reason than marked" + why
	case "held":
		return "the check " + what(e) + " held"
	case "broken":
		return "the check " + what(e) + " did not hold" + why
	}
	return "the step " + what(e) + " was judged " + or(e.State, "in no way") + why
}

func capability(issuedFor string) string {
	switch issuedFor {
	case "":
		return " without a capability"
	case "unknown":
		return " by a capability that was never issued"
	}
	return " by a capability for " + issuedFor
}

func evidenceAppraised(e trace.Event) string {
	ended := map[string]string{
		"accepted": "accepted", "update-only": "let through to update only", "refused": "refused",
	}[e.State]
	return who(e) + " " + or(ended, "judged") + " evidence for " + what(e) + after(", presented by ", e.Peer)
}

func certificate(e trace.Event, noun string) string {
	article := "a "
	if strings.IndexByte("aeiou", noun[0]) >= 0 {
		article = "an "
	}
	return who(e) + " issued " + article + noun + " for " + what(e) + after(", received by ", e.Peer)
}

func commandObeyed(e trace.Event) string {
	right := map[string]string{
		"owner": ", its owner", "granted": ", who had the right", "ended": ", whose right had ended", "none": ", who had no right",
	}[e.State]
	return who(e) + " obeyed " + what(e) + " in the name of " + or(e.Is, "nobody") + right + after(", truly sent by ", e.Peer)
}

func fileTouched(e trace.Event) string {
	verb := map[string]string{"read": "read", "write": "wrote to"}[e.What]
	owner := " a file of " + peer(e)
	if e.Who == e.Peer {
		owner = " a file of its own"
	}
	return who(e) + " " + or(verb, "touched") + owner
}

func rights(state string) string {
	names := map[rune]string{'r': "readable", 'w': "writable", 'x': "executable"}
	var words []string
	for _, r := range state {
		if n, ok := names[r]; ok {
			words = append(words, n)
		}
	}
	return or(list(words), "without rights")
}
