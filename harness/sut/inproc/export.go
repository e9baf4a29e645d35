package inproc

import (
	"encoding/csv"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/message"
)

// openCase lets staff state why they help in a tenant.
func (s *system) openCase(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("open-case needs by=")
	}
	t.Call(r.Op, cloud.Name, message.CallCase, message.Encode(message.Case{Tenant: r.Pos[0], Reason: r.Args["reason"]}), true)
	return sut.Answer{}, false
}

// export downloads the error reports of a tenant.
func (s *system) export(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("export needs by=")
	}
	t.Call(r.Op, cloud.Name, message.CallExport, message.Encode(message.Export{Tenant: r.Pos[0]}), true)
	return sut.Answer{}, false
}

// exported reads a download as a spreadsheet would: which devices it speaks of, and
// whether it is nothing but data.
func (s *system) exported(r sut.Request, data []byte) {
	var w message.Exported
	e := trace.Event{Source: trace.Bench, Kind: trace.ReportsExported, Who: r.By, What: r.Pos[0], State: "data"}
	if message.Decode(data, &w) != nil {
		return
	}
	e.Number = int64(w.Rows)
	lines, err := csv.NewReader(strings.NewReader(string(w.CSV))).ReadAll()
	if err != nil || len(lines) != int(w.Rows)+1 {
		e.State = "broken"
	}
	for _, cells := range lines[min(1, len(lines)):] {
		if device := s.names[cells[0]]; device != "" && !slices.Contains(e.Labels, device) {
			e.Labels = append(e.Labels, device)
		}
		if slices.ContainsFunc(cells, func(c string) bool { return c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n") }) {
			e.State = "formula"
		}
	}
	slices.Sort(e.Labels)
	s.w.Emit(e)
}
