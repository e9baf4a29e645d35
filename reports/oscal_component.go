package reports

import (
	"io"
	"strings"

	"github.com/armillary/armillary/reports/control"
)

// The parts of an OSCAL component definition.
type (
	oscalDefinition struct {
		UUID       string           `json:"uuid"`
		Meta       oscalMeta        `json:"metadata"`
		Components []oscalComponent `json:"components"`
		Back       *oscalBack       `json:"back-matter,omitempty"`
	}
	oscalComponent struct {
		UUID            string                `json:"uuid"`
		Type            string                `json:"type"`
		Title           string                `json:"title"`
		Description     string                `json:"description"`
		Props           []oscalProp           `json:"props,omitempty"`
		Implementations []oscalImplementation `json:"control-implementations,omitempty"`
	}
	oscalImplementation struct {
		UUID         string             `json:"uuid"`
		Source       string             `json:"source"`
		Description  string             `json:"description"`
		Requirements []oscalRequirement `json:"implemented-requirements"`
	}
	oscalRequirement struct {
		UUID        string      `json:"uuid"`
		ControlID   string      `json:"control-id"`
		Description string      `json:"description"`
		Props       []oscalProp `json:"props"`
		Remarks     string      `json:"remarks,omitempty"`
	}
)

// OSCALComponent writes a component definition of the system under test: for each
// control which guarantees speak of it, or why none does, and what the maker
// declares. It claims nothing of its own. The error is that of w.
func OSCALComponent(w io.Writer, d *Document) error {
	if len(d.Frameworks) == 0 {
		return errNoFramework
	}
	o := newOSCAL(d)
	c := oscalComponent{
		UUID: o.uuid("component"), Type: "system", Title: markdown(or(strings.TrimSpace(d.Run.SUT+" "+d.Run.Version), "an unnamed system")),
		Description: "The system under test. Each control names the guarantees that a run judges it by; whether they hold is in the assessment results.",
	}
	for _, f := range d.Run.Firmware {
		c.Props = append(c.Props, prop("firmware", f.Name+" SHA-256 "+f.SHA256))
	}
	out := oscalDefinition{UUID: o.uuid("definition"), Meta: o.meta("Component definition"), Back: &oscalBack{}}
	for _, f := range d.Frameworks {
		out.Back.Resources = append(out.Back.Resources, oscalResource{UUID: o.uuid("framework", f.ID), Title: markdown(f.Name + ", " + f.Version + after(". ", f.Notice))})
		c.Implementations = append(c.Implementations, o.implementation(f))
	}
	out.Components = []oscalComponent{c}
	return writeOSCAL(w, "component-definition", out)
}

func (o *oscal) implementation(f *control.Assessment) oscalImplementation {
	out := oscalImplementation{UUID: o.uuid("implementation", f.ID), Source: "#" + o.uuid("framework", f.ID), Description: markdown(f.Name), Requirements: []oscalRequirement{}}
	for _, x := range f.Findings {
		text := "No guarantee."
		if len(x.Guarantees) > 0 {
			text = "Judged by " + strings.Join(x.Guarantees, ", ") + "."
		}
		if gap := x.Gap(); gap != "" {
			text += " " + sentence(gap)
		}
		r := oscalRequirement{UUID: o.uuid("requirement", f.ID, x.ID), ControlID: controlID(f, x), Description: markdown(text), Props: []oscalProp{prop("control", x.ID)}}
		if x.Declared != nil {
			r.Remarks = markdown(declaredWords(x.Declared))
		}
		out.Requirements = append(out.Requirements, r)
	}
	return out
}
