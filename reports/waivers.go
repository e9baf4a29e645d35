package reports

import (
	"slices"
	"strings"
	"time"
)

// Waiver lets something be for a while. A report shows it and changes no verdict for it;
// what it lets through, package gate decides.
type Waiver struct {
	ID      string    // what is waived: a scenario, a guarantee, or whatever the gate tells
	Reason  string    // "" when none was given
	Owner   string    // who answers for it
	Expires time.Time // the last day on which it holds
	Expired bool      // on the day of the report
}

// sound tells whether the waiver may be used.
func (w *Waiver) sound() bool { return w.Reason != "" && !w.Expired }

// waiverWords says a waiver in one line.
func waiverWords(w *Waiver) string {
	words := "until " + w.Expires.Format(time.DateOnly)
	if w.Expired {
		words = "expired on " + w.Expires.Format(time.DateOnly)
	}
	return words + ", " + clean(w.Owner) + ": " + clean(or(w.Reason, "no reason given"))
}

// waiversOf lists the sound waivers that name one of some ids.
func waiversOf(d *Document, ids ...string) []Waiver {
	var all []Waiver
	for _, w := range d.Waivers {
		if w.sound() && slices.Contains(ids, w.ID) {
			all = append(all, w)
		}
	}
	return all
}

func boundedWaivers(list []Waiver) []Waiver {
	out := slices.Clone(list)
	for i := range out {
		out[i].ID, out[i].Reason, out[i].Owner = tame(out[i].ID), tame(out[i].Reason), tame(out[i].Owner)
	}
	return out
}

// waivers lists what somebody lets be.
func (p *printer) waivers(d *Document) {
	if len(d.Waivers) == 0 {
		return
	}
	p.line("")
	p.line(count(int64(len(d.Waivers)), "waiver") + ", which change no verdict")
	for i := range d.Waivers {
		w := &d.Waivers[i]
		p.wrap("  ~ ", p.opts.Width, yellow, clean(w.ID)+", "+waiverWords(w))
	}
}

// jsonWaiver is a waiver in JSON.
type jsonWaiver struct {
	ID      string `json:"id"`
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"` // the last day on which it holds
	Expired bool   `json:"expired"`
}

func jsonWaivers(d *Document) []jsonWaiver {
	var all []jsonWaiver
	for _, w := range d.Waivers {
		all = append(all, jsonWaiver{w.ID, w.Reason, w.Owner, w.Expires.Format(time.DateOnly), w.Expired})
	}
	return all
}

// sarifSuppression is how SARIF says that somebody lets a result be.
type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

// sarifSuppressed lists what lets a failed guarantee be in a scenario.
func sarifSuppressed(d *Document, guarantee, scenario string) []sarifSuppression {
	var all []sarifSuppression
	for _, w := range waiversOf(d, guarantee, scenario) {
		all = append(all, sarifSuppression{"external", "accepted", strings.TrimSpace(waiverWords(&w))})
	}
	return all
}
