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

func clipAll(list []string) []string {
	if !slices.ContainsFunc(list, func(s string) bool { return len(s) > maxShown }) {
		return list
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clip(s)
	}
	return out
}

// bounded clips every text of an input. It changes nothing of the caller's.
func bounded(in Input) Input {
	if !oversized(in) {
		return in
	}
	in.Run.SUT, in.Run.Version, in.Run.Tool = clip(in.Run.SUT), clip(in.Run.Version), clip(in.Run.Tool)
	in.Run.Serial, in.Run.Build, in.Run.Operator = clip(in.Run.Serial), clip(in.Run.Build), clip(in.Run.Operator)
	in.Run.Note, in.Run.Machine, in.Run.Host = clip(in.Run.Note), clip(in.Run.Machine), clip(in.Run.Host)
	in.Run.Defects = clipAll(in.Run.Defects)
	in.Run.Firmware = slices.Clone(in.Run.Firmware)
	for i := range in.Run.Firmware {
		in.Run.Firmware[i] = Digest{clip(in.Run.Firmware[i].Name), clip(in.Run.Firmware[i].SHA256)}
	}
	in.Scenarios = slices.Clone(in.Scenarios)
	for i := range in.Scenarios {
		s := &in.Scenarios[i]
		s.ID, s.Title, s.Profile, s.Digest, s.Reasons = clip(s.ID), clip(s.Title), clip(s.Profile), clip(s.Digest), clipAll(s.Reasons)
	}
	in.Verdicts = slices.Clone(in.Verdicts)
	for i := range in.Verdicts {
		v := &in.Verdicts[i]
		v.Scenario, v.Profile, v.Guarantee, v.Property = clip(v.Scenario), clip(v.Profile), clip(v.Guarantee), clip(v.Property)
		v.Reason, v.Source, v.Digest = clip(v.Reason), clip(v.Source), clip(v.Digest)
	}
	traces, files := map[verdict.Run]*trace.Trace{}, map[verdict.Run]string{}
	for _, run := range slices.Collect(maps.Keys(in.Traces)) {
		traces[clipRun(run)] = boundedTrace(in.Traces[run])
	}
	for run, file := range in.Files {
		files[clipRun(run)] = clip(file)
	}
	in.Traces, in.Files = traces, files
	in.Kills = boundedKills(in.Kills)
	return in
}

func clipRun(r verdict.Run) verdict.Run {
	return verdict.Run{Scenario: clip(r.Scenario), Profile: clip(r.Profile)}
}

func boundedTrace(t *trace.Trace) *trace.Trace {
	out := &trace.Trace{Header: t.Header, Events: slices.Clone(t.Events)}
	out.Header.Title, out.Header.Cites, out.Header.Without = clip(out.Header.Title), clipAll(out.Header.Cites), clipAll(out.Header.Without)
	for i := range out.Events {
		e := &out.Events[i]
		for _, s := range eventTexts(e) {
			*s = clip(*s)
		}
		e.Labels = clipAll(e.Labels)
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
	out := &Kills{Defects: slices.Clone(k.Defects)}
	for i := range out.Defects {
		d := &out.Defects[i]
		d.ID, d.Title, d.CaughtBy = clip(d.ID), clip(d.Title), slices.Clone(d.CaughtBy)
		for j := range d.CaughtBy {
			d.CaughtBy[j] = Catch{clip(d.CaughtBy[j].Scenario), clip(d.CaughtBy[j].Guarantee)}
		}
	}
	return out
}

// oversized tells whether any text is too long: an honest run has none, and is not
// copied.
func oversized(in Input) bool {
	long := false
	look := func(texts ...string) {
		for _, s := range texts {
			long = long || len(s) > maxShown
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
