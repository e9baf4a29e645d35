package reports

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// maxShown is the longest text of a run, in bytes, that a report shows. Whoever
// feeds the system under test chooses names and reasons; a report must still open.
const maxShown = 2000

// clip shortens a text that is too long. What is cut away is told by its digest, so
// that two long names stay two.
func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes, SHA-256 %.16x)", strings.ToValidUTF8(s[:maxShown/2], ""), len(s), sha256.Sum256([]byte(s)))
}

// tame makes a text fit to be shown: on one line, nothing invisible in it, not too
// long. An honest text is as it was.
func tame(s string) string { return clip(clean(s)) }

func tameAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = tame(s)
	}
	return out
}

// bounded tames every text of an input; events are told by Sentence, which cleans
// them, and are only clipped here. It changes nothing of the caller's.
func bounded(in Input) Input {
	if !wild(in) {
		return in
	}
	in.Run.SUT, in.Run.Version, in.Run.Tool = tame(in.Run.SUT), tame(in.Run.Version), tame(in.Run.Tool)
	in.Run.Serial, in.Run.Build, in.Run.Operator = tame(in.Run.Serial), tame(in.Run.Build), tame(in.Run.Operator)
	in.Run.Note, in.Run.Machine, in.Run.Host = tame(in.Run.Note), tame(in.Run.Machine), tame(in.Run.Host)
	in.Run.Defects = tameAll(in.Run.Defects)
	in.Run.Firmware = slices.Clone(in.Run.Firmware)
	for i := range in.Run.Firmware {
		in.Run.Firmware[i] = Digest{tame(in.Run.Firmware[i].Name), tame(in.Run.Firmware[i].SHA256)}
	}
	in.Scenarios = slices.Clone(in.Scenarios)
	for i := range in.Scenarios {
		s := &in.Scenarios[i]
		s.ID, s.Title, s.Profile, s.Digest, s.Reasons = tame(s.ID), tame(s.Title), tame(s.Profile), tame(s.Digest), tameAll(s.Reasons)
	}
	in.Verdicts = slices.Clone(in.Verdicts)
	for i := range in.Verdicts {
		v := &in.Verdicts[i]
		v.Scenario, v.Profile, v.Guarantee, v.Property = tame(v.Scenario), tame(v.Profile), tame(v.Guarantee), tame(v.Property)
		v.Reason, v.Source, v.Digest = tame(v.Reason), tame(v.Source), tame(v.Digest)
	}
	traces, files := map[verdict.Run]*trace.Trace{}, map[verdict.Run]string{}
	for _, run := range slices.Collect(maps.Keys(in.Traces)) {
		traces[tameRun(run)] = boundedTrace(in.Traces[run])
	}
	for run, file := range in.Files {
		files[tameRun(run)] = tame(file)
	}
	in.Traces, in.Files = traces, files
	in.Kills = boundedKills(in.Kills)
	return in
}

func tameRun(r verdict.Run) verdict.Run {
	return verdict.Run{Scenario: tame(r.Scenario), Profile: tame(r.Profile)}
}

func boundedTrace(t *trace.Trace) *trace.Trace {
	out := &trace.Trace{Header: t.Header, Events: slices.Clone(t.Events)}
	out.Header.Title, out.Header.Cites, out.Header.Without = tame(out.Header.Title), tameAll(out.Header.Cites), tameAll(out.Header.Without)
	for i := range out.Events {
		e := &out.Events[i]
		for _, s := range eventTexts(e) {
			*s = clip(*s)
		}
		e.Labels = tameAll(e.Labels)
	}
	return out
}

func eventTexts(e *trace.Event) []*string {
	return []*string{&e.Who, &e.What, &e.Peer, &e.Is, &e.State, &e.Digest, &e.Note}
}

func boundedKills(k *Kills) *Kills {
	if k == nil {
		return nil
	}
	out := &Kills{Defects: slices.Clone(k.Defects), Whole: k.Whole, Scenarios: k.Scenarios}
	for i := range out.Defects {
		d := &out.Defects[i]
		d.ID, d.Title, d.CaughtBy = tame(d.ID), tame(d.Title), slices.Clone(d.CaughtBy)
		for j := range d.CaughtBy {
			d.CaughtBy[j] = Catch{tame(d.CaughtBy[j].Scenario), tame(d.CaughtBy[j].Guarantee)}
		}
	}
	return out
}

// wild tells whether any text must be tamed: an honest run has none, and is not
// copied.
func wild(in Input) bool {
	long := false
	look := func(texts ...string) {
		for _, s := range texts {
			long = long || len(s) > maxShown || clean(s) != s
		}
	}
	r := in.Run
	look(r.SUT, r.Version, r.Tool, r.Serial, r.Build, r.Operator, r.Note, r.Machine, r.Host)
	look(r.Defects...)
	for _, f := range r.Firmware {
		look(f.Name, f.SHA256)
	}
	for i := range in.Scenarios {
		s := &in.Scenarios[i]
		look(s.ID, s.Title, s.Profile, s.Digest)
		look(s.Reasons...)
	}
	for i := range in.Verdicts {
		v := &in.Verdicts[i]
		look(v.Scenario, v.Profile, v.Guarantee, v.Property, v.Reason, v.Source, v.Digest)
	}
	for _, t := range in.Traces {
		look(t.Header.Title)
		look(t.Header.Cites...)
		look(t.Header.Without...)
		for i := range t.Events {
			for _, s := range eventTexts(&t.Events[i]) {
				long = long || len(*s) > maxShown
			}
			look(t.Events[i].Labels...)
		}
	}
	if in.Kills != nil {
		for _, d := range in.Kills.Defects {
			look(d.ID, d.Title)
			for _, c := range d.CaughtBy {
				look(c.Scenario, c.Guarantee)
			}
		}
	}
	return long
}
