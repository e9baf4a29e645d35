package control

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Entry is one table of the maker's form (IXIT, TS 103 701) and what a run saw of
// what it describes. A person still writes the entry.
type Entry struct {
	Name     string     // 7-UpdMech
	Controls []string   // test cases that speak of it
	Evidence []Evidence // of the guarantees of those, each once
}

// IXIT lists the entries that a run saw something of, in their order.
func (a *Assessment) IXIT() []Entry {
	var all []Entry
	for i := range a.Findings {
		f := &a.Findings[i]
		for _, name := range f.IXIT {
			at := slices.IndexFunc(all, func(e Entry) bool { return e.Name == name })
			if at < 0 {
				at, all = len(all), append(all, Entry{Name: name})
			}
			e := &all[at]
			e.Controls = append(e.Controls, f.ID)
			for _, x := range f.Evidence {
				if !slices.ContainsFunc(e.Evidence, func(o Evidence) bool { return o.Guarantee == x.Guarantee }) {
					e.Evidence = append(e.Evidence, x)
				}
			}
		}
	}
	all = slices.DeleteFunc(all, func(e Entry) bool { return len(e.Evidence) == 0 })
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(number(a.Name), number(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// number is the number that an entry's name begins with.
func number(name string) int {
	digits, _, _ := strings.Cut(name, "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// Threat is one row of a threat catalogue's matrix: a device property raises it,
// mitigations answer it, and all of them rest on guarantees.
type Threat struct {
	Property Property
	*Finding
	Mitigations []*Finding
}

// Matrix lists device property -> threats -> mitigations, in the catalogue's order; a
// threat that several properties raise stands under each. It is empty for a
// framework without properties.
func (a *Assessment) Matrix() []Threat {
	var rows []Threat
	for _, p := range a.Properties {
		for _, id := range p.Raises {
			i := slices.IndexFunc(a.Findings, func(f Finding) bool { return f.ID == id })
			if i < 0 {
				continue
			}
			row := Threat{Property: p, Finding: &a.Findings[i]}
			for j := range a.Framework.Mitigations {
				if slices.Contains(a.Framework.Mitigations[j].Against, id) {
					row.Mitigations = append(row.Mitigations, &a.Mitigations[j])
				}
			}
			rows = append(rows, row)
		}
	}
	return rows
}
