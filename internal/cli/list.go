package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reference"
	"github.com/spf13/cobra"
)

// row is one line of a list: what people see.
type row struct{ id, middle, title string }

// listing is one thing that can be listed.
type listing struct {
	name string
	doc  string
	// make gives the rows for people and the objects for programs.
	make func(a *app) ([]row, []any, error)
	// page gives the same as a page of Markdown; nil where there is none.
	page func() (string, error)
}

// listings is everything that can be listed, in the order of help.
var listings = []listing{
	{"scenarios", "the stories of attack that are built in", listScenarios, scenariosPage},
	{"guarantees", "what is judged, property by property", listGuarantees, nil},
	{"defenses", "the security decisions of the reference", listDefenses, nil},
	{"defects", "what --defect takes: missing defenses and wrong designs", listDefects, nil},
	{"verbs", "the words a scenario is written in", listVerbs, verbsPage},
	{"frameworks", "what report --framework takes, and how many controls a run can speak of", listFrameworks, frameworksPage},
}

func (a *app) listCommand() *cobra.Command {
	var names []string
	var long strings.Builder
	long.WriteString("List prints one line for each:\n\n")
	for _, l := range listings {
		names = append(names, l.name)
		fmt.Fprintf(&long, "  %-11s %s\n", l.name, l.doc)
	}
	long.WriteString("\nWith --json it prints an array of objects, each with at least id and title.")
	var asJSON, asPage bool
	cmd := &cobra.Command{
		Use:       "list " + strings.Join(names, "|"),
		Short:     "List scenarios, guarantees, defenses, defects, verbs or frameworks",
		Long:      long.String(),
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput{"list takes one word", strings.Join(names, ", ")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			for _, l := range listings {
				if l.name == args[0] {
					return a.list(l, asJSON, asPage)
				}
			}
			hint := didYouMean(args[0], names)
			if hint == "" {
				hint = "there are " + strings.Join(names, ", ")
			}
			return badInput{fmt.Sprintf("cannot list %q", args[0]), hint}
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array on standard output")
	cmd.Flags().BoolVar(&asPage, "markdown", false, "print a page of Markdown: scenarios, verbs and frameworks only")
	return cmd
}

// list prints one list.
func (a *app) list(l listing, asJSON, asPage bool) error {
	switch {
	case asPage && (asJSON || l.page == nil):
		return badInput{fmt.Sprintf("list %s has no --markdown", l.name), "scenarios, verbs and frameworks have, without --json"}
	case asPage:
		page, err := l.page()
		if err == nil {
			_, err = io.WriteString(a.Stdout, page)
		}
		return err
	}
	rows, objects, err := l.make(a)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.Stdout, append([]any{}, objects...))
	}
	first, second := 0, 0
	for _, r := range rows {
		first, second = max(first, len(r.id)), max(second, len(r.middle))
	}
	for _, r := range rows {
		line := fmt.Sprintf("%-*s  ", first, r.id)
		if second > 0 {
			line += fmt.Sprintf("%-*s  ", second, r.middle)
		}
		if _, err := fmt.Fprintln(a.Stdout, line+r.title); err != nil {
			return err
		}
	}
	return nil
}

// scenarioEntry is a scenario in list scenarios --json.
type scenarioEntry struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Cites    []string `json:"cites"`
	Needs    []string `json:"needs"`
	Expect   []string `json:"expect"`
	Without  []string `json:"without"`
	Profile  string   `json:"profile,omitempty"`
	Steps    int      `json:"steps"`
	Portable bool     `json:"portable"` // needs nothing inside the reference

	Topic      string   `json:"topic"`
	Properties []string `json:"properties"` // ids of those that expect lines speak of
}

func listScenarios(a *app) (rows []row, objects []any, err error) {
	c, err := a.choose(nil)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range c.stories {
		h := s.Header
		e := scenarioEntry{
			ID: h.ID, Title: h.Title, Cites: plain(h.Cites), Needs: plain(h.Needs), Expect: []string{}, Without: plain(h.Without),
			Profile: h.Profile, Steps: len(s.Steps), Portable: s.Portable(),
			Topic: topicOf(h.ID), Properties: []string{},
		}
		for _, i := range propertiesOf(s) {
			e.Properties = append(e.Properties, verdict.Seven[i].ID)
		}
		for _, x := range h.Expect {
			e.Expect = append(e.Expect, x.String())
		}
		rows, objects = append(rows, row{h.ID, "", h.Title}), append(objects, e)
	}
	return rows, objects, nil
}

// plain keeps a list from becoming null in JSON.
func plain(list []string) []string { return append([]string{}, list...) }

// guaranteeEntry is a guarantee in list guarantees --json.
type guaranteeEntry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Property string `json:"property"`
	Cites    string `json:"cites"`
	// Profiles are the chip profiles that have what it speaks of.
	Profiles []string `json:"profiles"`
}

func listGuarantees(*app) (rows []row, objects []any, err error) {
	for i := range property.All {
		g := &property.All[i]
		title := g.Title
		if len(g.Profiles) > 0 {
			title += " (" + strings.Join(g.Profiles, ", ") + " only)"
		}
		rows = append(rows, row{g.ID, g.Property, title})
		objects = append(objects, guaranteeEntry{g.ID, g.Title, g.Property, g.Cites, profilesOf(g)})
	}
	return rows, objects, nil
}

// defenseEntry is a defense in list defenses --json.
type defenseEntry struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Component string `json:"component"`
	Property  string `json:"property"`
	Class     string `json:"class"` // the refusal class
	Cites     string `json:"cites"`
}

func listDefenses(*app) (rows []row, objects []any, err error) {
	for _, d := range reference.Defenses() {
		rows = append(rows, row{string(d.ID), string(d.Class), d.Title})
		objects = append(objects, defenseEntry{string(d.ID), d.Title, d.ID.Component(), string(d.Property), string(d.Class), d.Cites})
	}
	return rows, objects, nil
}

// defectEntry is a defect in list defects --json.
type defectEntry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Kind     string `json:"kind"` // missing-defense or wrong-design
	Property string `json:"property"`
	Class    string `json:"class,omitempty"` // refusal class of the missing defense
	Cites    string `json:"cites"`
}

func listDefects(*app) (rows []row, objects []any, err error) {
	for _, f := range flaws() {
		kind := "wrong-design"
		if f.Missing {
			kind = "missing-defense"
		}
		rows = append(rows, row{f.ID, kind, f.Title})
		objects = append(objects, defectEntry{f.ID, f.Title, kind, f.Property, f.Class, f.Cites})
	}
	return rows, objects, nil
}

// verbEntry is a verb in list verbs --json.
type verbEntry struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Usage    string   `json:"usage"`
	Example  string   `json:"example"`
	Side     string   `json:"side"`
	Role     string   `json:"role"`
	Refusals []string `json:"refusals"`
}

func listVerbs(*app) (rows []row, objects []any, err error) {
	for i := range verbs.All {
		v := &verbs.All[i]
		rows = append(rows, row{v.Name, string(v.Side), v.Doc + "  " + v.Usage()})
		objects = append(objects, verbEntry{v.Name, v.Doc, v.Usage(), v.Example, string(v.Side), v.Role, plain(v.Refusals)})
	}
	return rows, objects, nil
}
