package cli

import (
	"fmt"

	"github.com/armillary/armillary/reports/control"
)

// frameworkEntry is a framework in list frameworks --json.
type frameworkEntry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Version  string `json:"version"`
	Controls int    `json:"controls"`
	// What a run of everything can show at best of the controls.
	Whole         int `json:"whole"`
	Part          int `json:"part"`
	Documentation int `json:"documentation"`
	Hardware      int `json:"hardware"`
	OutOfScope    int `json:"out_of_scope"`
}

func listFrameworks(*app) (rows []row, objects []any, err error) {
	all, err := control.Builtin()
	if err != nil {
		return nil, nil, err
	}
	for _, f := range all {
		c := control.Cover(f.Controls)
		rows = append(rows, row{f.ID, fmt.Sprintf("%d of %d", c.Whole+c.Part, c.Total()), f.Name + ", " + f.Version})
		objects = append(objects, frameworkEntry{f.ID, f.Name, f.Version, c.Total(), c.Whole, c.Part, c.Documentation, c.Hardware, c.OutOfScope})
	}
	return rows, objects, nil
}

// frameworksPage is how much of each framework a run can show.
func frameworksPage() (string, error) {
	all, err := control.Builtin()
	if err != nil {
		return "", err
	}
	return control.Page(all), nil
}
