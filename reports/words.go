package reports

import (
	"fmt"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
)

// word says a status for people: a symbol and a word, so that colour is never
// needed to tell two apart.
func word(s verdict.Status) string { return symbol(s) + " " + bare(s) }

func symbol(s verdict.Status) string {
	switch s {
	case verdict.Pass:
		return "✓"
	case verdict.Fail:
		return "✗"
	case verdict.Inconclusive:
		return "?"
	}
	return "○"
}

func bare(s verdict.Status) string {
	switch s {
	case verdict.Pass:
		return "held"
	case verdict.Fail:
		return "failed"
	case verdict.Inconclusive:
		return "inconclusive"
	}
	return "not exercised"
}

// codeWords says what a reason code means; "" for the codes that say no more
// than the status does.
func codeWords(c verdict.Code) string {
	words := map[verdict.Code]string{
		verdict.Violated: "", verdict.Shown: "", "": "",
		verdict.SelfReported:  "rests on the system's own account alone",
		verdict.Planted:       "planted: the story means this to fail, it counts for nobody",
		verdict.StatedLoss:    "stated loss: the story expects it, it counts for nobody",
		verdict.Idle:          "only honest steps touched it",
		verdict.NoPremise:     "what it speaks of did not happen",
		verdict.NothingFallen: "nothing had fallen yet, so nothing was shown",
		verdict.NoRole:        "the system does not offer the role",
		verdict.NoFacet:       "the system does not offer the facet",
		verdict.CannotObserve: "the system cannot be observed closely enough",
		verdict.Guarded:       "the step was guarded",
		verdict.StoppedEarly:  "the story stopped early",
		verdict.PointMissed:   "the point was never reached",
		verdict.StandIn:       "the role was played by a stand-in",
		verdict.AdapterFailed: "the adapter failed",
		verdict.OracleFailed:  "the oracle itself failed",
		verdict.Truncated:     "the trace ends before the story does",
	}
	if w, ok := words[c]; ok {
		return w
	}
	return plain(string(c))
}

var numerals = [...]string{"no", "one", "two", "three", "four", "five", "six", "seven"}

func numeral(n int) string {
	if n >= 0 && n < len(numerals) {
		return numerals[n]
	}
	return fmt.Sprint(n)
}

// closing writes the last line of a run.
func closing(d *Document) string {
	all, failed := map[string]bool{}, map[string]bool{}
	for _, s := range d.Scenarios {
		all[s.ID] = true
		if s.Verdict != verdict.Pass {
			failed[s.ID] = true
		}
	}
	tried := fmt.Sprintf("%s in %s", count(int64(d.Attacks), "attack"), count(int64(len(all)), "scenario"))
	if n := len(d.Profiles); n > 1 {
		tried += fmt.Sprintf(" on %s chip profiles", numeral(n))
	}
	by := map[verdict.Status]int{}
	for _, p := range d.Properties {
		by[p.Verdict]++
	}
	shown := count(int64(d.Tally.Pass), "guarantee") + " shown under " + tried
	if d.Held {
		return fmt.Sprintf("all %s properties held: %s", numeral(len(d.Properties)), shown)
	}
	var parts []string
	if n := by[verdict.Fail]; n > 0 {
		parts = append(parts, fmt.Sprintf("%s of the %s properties failed", numeral(n), numeral(len(d.Properties))))
	}
	if n := by[verdict.Inconclusive]; n > 0 {
		parts = append(parts, fmt.Sprintf("%s inconclusive", numeral(n)))
	}
	if bad := len(failed); bad > 0 {
		parts = append(parts, fmt.Sprintf("%s did not pass", count(int64(bad), "scenario")))
	}
	if n := by[verdict.NotExercised]; n > 0 && len(parts) == 0 {
		return fmt.Sprintf("nothing failed: %s; %s of the %s properties not fully exercised", shown, numeral(n), numeral(len(d.Properties)))
	}
	return strings.Join(parts, ", ") + ": " + shown
}
