package reports

import (
	"crypto/sha1" // version 5 of RFC 9562 is made with it; nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

// oscalVersion is the edition of NIST OSCAL that is written.
const oscalVersion = "1.2.1"

// oscalSpace is the namespace of our own properties.
const oscalSpace = "urn:armillary:oscal"

// The parts of OSCAL that a run needs.
type (
	oscalMeta struct {
		Title    string      `json:"title"`
		Modified string      `json:"last-modified"`
		Version  string      `json:"version"`
		OSCAL    string      `json:"oscal-version"`
		Props    []oscalProp `json:"props,omitempty"`
		Remarks  string      `json:"remarks,omitempty"`
	}
	oscalProp struct {
		Name  string `json:"name"`
		Space string `json:"ns"`
		Value string `json:"value"`
	}
	oscalHref struct {
		Href string `json:"href"`
	}
	oscalResult struct {
		UUID         string             `json:"uuid"`
		Title        string             `json:"title"`
		Description  string             `json:"description"`
		Start        string             `json:"start"`
		End          string             `json:"end"`
		Props        []oscalProp        `json:"props,omitempty"`
		Reviewed     oscalReviewed      `json:"reviewed-controls"`
		Observations []oscalObservation `json:"observations,omitempty"`
		Findings     []oscalFinding     `json:"findings,omitempty"`
	}
	oscalReviewed struct {
		Selections []oscalSelection `json:"control-selections"`
	}
	oscalSelection struct {
		Description string         `json:"description"`
		Include     []oscalControl `json:"include-controls"`
	}
	oscalControl struct {
		ID string `json:"control-id"`
	}
	oscalObservation struct {
		UUID        string          `json:"uuid"`
		Title       string          `json:"title"`
		Description string          `json:"description"`
		Props       []oscalProp     `json:"props"`
		Methods     []string        `json:"methods"`
		Types       []string        `json:"types"`
		Evidence    []oscalEvidence `json:"relevant-evidence,omitempty"`
		Collected   string          `json:"collected"`
	}
	oscalEvidence struct {
		Href        string `json:"href"`
		Description string `json:"description"`
	}
	oscalFinding struct {
		UUID        string         `json:"uuid"`
		Title       string         `json:"title"`
		Description string         `json:"description"`
		Props       []oscalProp    `json:"props"`
		Target      oscalTarget    `json:"target"`
		Related     []oscalRelated `json:"related-observations,omitempty"`
		Remarks     string         `json:"remarks,omitempty"`
	}
	oscalTarget struct {
		Type   string      `json:"type"`
		ID     string      `json:"target-id"`
		Status oscalStatus `json:"status"`
	}
	oscalStatus struct {
		State  string `json:"state"`
		Reason string `json:"reason"`
	}
	oscalRelated struct {
		UUID string `json:"observation-uuid"`
	}
	oscalBack struct {
		Resources []oscalResource `json:"resources"`
	}
	oscalResource struct {
		UUID   string       `json:"uuid"`
		Title  string       `json:"title"`
		Rlinks []oscalRlink `json:"rlinks,omitempty"`
	}
	oscalRlink struct {
		Href   string      `json:"href"`
		Hashes []oscalHash `json:"hashes,omitempty"`
	}
	oscalHash struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"value"`
	}
	oscalResults struct {
		UUID    string        `json:"uuid"`
		Meta    oscalMeta     `json:"metadata"`
		Plan    oscalHref     `json:"import-ap"`
		Results []oscalResult `json:"results"`
		Back    *oscalBack    `json:"back-matter,omitempty"`
	}
	oscalPlan struct {
		UUID     string        `json:"uuid"`
		Meta     oscalMeta     `json:"metadata"`
		System   oscalHref     `json:"import-ssp"`
		Reviewed oscalReviewed `json:"reviewed-controls"`
		Back     *oscalBack    `json:"back-matter,omitempty"`
	}
)

// errNoFramework is the error of an OSCAL document about no control.
var errNoFramework = errors.New("OSCAL needs at least one framework")

// oscal writes one document set: uuids follow from what the run was and from
// nothing else, so the same run gives the same documents.
type oscal struct {
	*Document
	seed string
}

// OSCALResults writes assessment results of NIST OSCAL 1.2.1: one result a framework,
// with an observation for each guarantee that its controls rest on, its traces with
// their digests as evidence, and one finding a control. OSCAL knows only satisfied
// and not-satisfied: everything else is not-satisfied for another reason, and its
// own property says which. PLAN is the relative address of the assessment plan. The
// error is that of w.
func OSCALResults(w io.Writer, d *Document, plan string) error {
	if len(d.Frameworks) == 0 {
		return errNoFramework
	}
	o := newOSCAL(d)
	out := oscalResults{UUID: o.uuid("results"), Meta: o.meta("Assessment results"), Plan: oscalHref{plan}, Results: []oscalResult{}}
	for _, f := range d.Frameworks {
		out.Results = append(out.Results, o.result(f))
	}
	if traces := o.traces(); len(traces) > 0 {
		out.Back = &oscalBack{traces}
	}
	return writeOSCAL(w, "assessment-results", out)
}

// OSCALPlan writes the assessment plan that the results import: which controls were
// looked at. SYSTEM is the relative address of the component definition. The error is
// that of w.
func OSCALPlan(w io.Writer, d *Document, system string) error {
	if len(d.Frameworks) == 0 {
		return errNoFramework
	}
	o := newOSCAL(d)
	out := oscalPlan{UUID: o.uuid("plan"), Meta: o.meta("Assessment plan"), System: oscalHref{"#" + o.uuid("system")}}
	for _, f := range d.Frameworks {
		out.Reviewed.Selections = append(out.Reviewed.Selections, o.selection(f))
	}
	out.Back = &oscalBack{[]oscalResource{{o.uuid("system"), "The system under test, as a component definition; no system security plan was handed in", []oscalRlink{{Href: system}}}}}
	return writeOSCAL(w, "assessment-plan", out)
}

func writeOSCAL(w io.Writer, root string, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(map[string]any{root: v})
}

func newOSCAL(d *Document) *oscal {
	var b strings.Builder
	fmt.Fprintln(&b, d.Run.SUT, d.Run.Version, d.Run.Seed, d.Run.Defects, d.Run.Build, stamp(d.Run.Started))
	for _, s := range d.Scenarios {
		fmt.Fprintln(&b, s.ID, s.Profile, s.Digest)
	}
	return &oscal{d, b.String()}
}

// uuid makes a version 5 UUID (RFC 9562 section 5.5) of a name within this run.
func (o *oscal) uuid(name ...string) string {
	h := sha1.Sum([]byte(o.seed + "\n" + strings.Join(name, "\n")))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func (o *oscal) meta(what string) oscalMeta {
	m := oscalMeta{Title: markdown(what + " of " + or(strings.TrimSpace(o.Run.SUT+" "+o.Run.Version), "an unnamed system")),
		Modified: stamp(o.Run.Started.Add(o.Run.Duration)), Version: "1", OSCAL: oscalVersion, Remarks: markdown(sentence(o.Line))}
	for _, f := range facts(o.Document) {
		m.Props = append(m.Props, prop(f[0], f[1]))
	}
	return m
}

// prop is a property of ours; a value is one line that neither begins nor ends with
// a blank.
func prop(name, value string) oscalProp {
	return oscalProp{tokenID(strings.ToLower(name)), oscalSpace, or(strings.TrimSpace(clean(value)), "none")}
}

// tokenID writes an id as OSCAL's token: a letter first, then letters, digits, dots,
// hyphens and underscores.
func tokenID(id string) string {
	var b strings.Builder
	for i, r := range id {
		switch {
		case unicode.IsLetter(r), i > 0 && (unicode.IsNumber(r) || r == '.' || r == '-'):
			b.WriteRune(r)
		case i == 0 && unicode.IsNumber(r):
			b.WriteString("_" + string(r))
		default:
			b.WriteByte('_')
		}
	}
	return or(b.String(), "_")
}

func (o *oscal) selection(f *control.Assessment) oscalSelection {
	s := oscalSelection{Description: markdown(f.Name + ", " + f.Version), Include: []oscalControl{}}
	for _, x := range f.Findings {
		s.Include = append(s.Include, oscalControl{controlID(f, x)})
	}
	return s
}

// controlID names a control over all frameworks.
func controlID(f *control.Assessment, x control.Finding) string { return tokenID(f.ID + "." + x.ID) }

func (o *oscal) result(f *control.Assessment) oscalResult {
	r := oscalResult{
		UUID: o.uuid("result", f.ID), Title: markdown(f.Name), Description: markdown(or(f.Note, f.Version)),
		Start: stamp(o.Run.Started), End: stamp(o.Run.Started.Add(o.Run.Duration)),
		Reviewed: oscalReviewed{[]oscalSelection{o.selection(f)}},
	}
	if f.Notice != "" {
		r.Props = append(r.Props, prop("notice", f.Notice))
	}
	used := map[string]bool{}
	for _, x := range f.Findings {
		for _, id := range x.Guarantees {
			used[id] = true
		}
		r.Findings = append(r.Findings, o.finding(f, x))
	}
	for _, g := range o.Guarantees {
		if used[g.ID] {
			r.Observations = append(r.Observations, o.observation(f, g))
			delete(used, g.ID)
		}
	}
	for id := range used { // of a guarantee that this run knows nothing of, no finding can speak
		for i := range r.Findings {
			r.Findings[i].Related = slices.DeleteFunc(r.Findings[i].Related, func(x oscalRelated) bool { return x.UUID == o.uuid("observation", f.ID, id) })
		}
	}
	return r
}

func (o *oscal) finding(f *control.Assessment, x control.Finding) oscalFinding {
	out := oscalFinding{
		UUID: o.uuid("finding", f.ID, x.ID), Title: markdown(x.ID + " " + x.Title), Description: markdown(or(sentence(x.Reason), "Every guarantee of it held under attack.")),
		Props:  []oscalProp{prop("control", x.ID), prop("status", string(x.Status))},
		Target: oscalTarget{"objective-id", controlID(f, x), oscalStatus{"not-satisfied", "other"}},
	}
	switch x.Status {
	case control.Satisfied:
		out.Target.Status = oscalStatus{"satisfied", "pass"}
	case control.NotSatisfied:
		out.Target.Status.Reason = "fail"
	}
	if x.Why != "" {
		out.Props = append(out.Props, prop("why", string(x.Why)))
	}
	for _, id := range x.Guarantees {
		out.Related = append(out.Related, oscalRelated{o.uuid("observation", f.ID, id)})
	}
	if x.Declared != nil {
		out.Props = append(out.Props, prop("declared-by-the-maker", map[bool]string{true: "applicable", false: "not-applicable"}[x.Declared.Applicable]))
		out.Remarks = markdown(declaredWords(x.Declared))
	}
	return out
}

// maxEvidence is how many traces an observation names; the traces name the rest.
const maxEvidence = 5

func (o *oscal) observation(f *control.Assessment, g Guarantee) oscalObservation {
	text := sentence(g.Title)
	if g.Reason != "" {
		text += " " + sentence(g.Reason)
	}
	out := oscalObservation{
		UUID: o.uuid("observation", f.ID, g.ID), Title: markdown(or(g.ID, "unnamed")), Description: markdown(text), Methods: []string{"TEST"},
		Types: []string{"control-objective"}, Collected: stamp(o.Run.Started),
		Props: []oscalProp{prop("guarantee", g.ID), prop("verdict", string(g.Verdict)), prop("scenarios", fmt.Sprint(len(g.Scenarios)))},
	}
	for _, j := range g.Runs {
		if len(out.Evidence) == maxEvidence || j.Status == verdict.NotExercised {
			break
		}
		if i := slices.IndexFunc(o.Scenarios, func(s Scenario) bool { return s.ID == j.Scenario && s.Profile == j.Profile }); i >= 0 {
			out.Evidence = append(out.Evidence, oscalEvidence{"#" + o.uuid("trace", o.Scenarios[i].ID, o.Scenarios[i].Profile),
				markdown(bare(j.Status) + " in " + j.Label + after(": ", codeWords(j.Code)))})
		}
	}
	return out
}

// traces lists every trace with its digest: the SHA-256 of its bytes.
func (o *oscal) traces() []oscalResource {
	var all []oscalResource
	for _, s := range o.Scenarios {
		r := oscalResource{UUID: o.uuid("trace", s.ID, s.Profile), Title: markdown(or(s.Label, "unnamed"))}
		if s.File != "" {
			link := oscalRlink{Href: traceURI(s.File)}
			if raw, err := hex.DecodeString(s.Digest); err == nil && len(raw) == 32 {
				link.Hashes = []oscalHash{{"SHA-256", s.Digest}}
			}
			r.Rlinks = []oscalRlink{link}
		}
		all = append(all, r)
	}
	return all
}
