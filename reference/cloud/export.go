package cloud

import (
	"cmp"
	"encoding/csv"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// What people get to see of error reports: rows as the real service downloads them
// (azure-sphere 5.4, Catalogs_ListDeviceInsights).

const (
	// reportsLast is how long error reports can be downloaded.
	reportsLast = 14 * day
	// maxRows is how many rows a download has at most, and how many the collector
	// keeps of one device.
	maxRows = 1000
)

// row is an event of a device, with how often it came within one day.
type row struct {
	kind, text  string
	first, last time.Time
	count       uint64
}

// note counts a report in the rows of its device.
func (r *record) note(one message.Report, now time.Time) {
	for i := range r.rows {
		if old := &r.rows[i]; old.kind == one.Kind && old.text == one.Text && sameDay(old.first, now) {
			old.last = now
			old.count++
			return
		}
	}
	stale := max(0, len(r.rows)+1-maxRows)
	for stale < len(r.rows) && now.Sub(r.rows[stale].last) > reportsLast {
		stale++
	}
	r.rows = append(r.rows[stale:], row{one.Kind, one.Text, now, now, 1})
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Truncate(day).Equal(b.UTC().Truncate(day))
}

// insight is one row of a download.
type insight struct {
	device string // id in hex; "" for what concerns the tenant itself
	row
}

// columns of a download.
var columns = []string{"deviceId", "description", "startTimestampUtc", "endTimestampUtc", "eventCategory", "eventClass", "eventType", "eventCount"}

// export answers the reports of a tenant's devices, and what staff did there, to
// people of the tenant.
func (c *Cloud) export(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Export
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "export: %v", err)
	}
	if err := c.allow(talk, w.Tenant, Reader); err != nil {
		return nil, err
	}
	if err := c.used(talk, w.Tenant, "read", "reports"); err != nil {
		return nil, err
	}
	rows := c.insights(w.Tenant)
	return message.Encode(message.Exported{Rows: uint32(len(rows)), CSV: c.table(rows)}), nil
}

// insights are the newest rows of a tenant, oldest first.
func (c *Cloud) insights(name string) []insight {
	var rows []insight
	now := c.host.Now()
	for id, r := range c.devices {
		if r.owner != name {
			continue
		}
		for _, one := range r.rows {
			rows = append(rows, insight{subject(id), one})
		}
	}
	if t := c.customers[name]; t != nil {
		for _, a := range t.accesses {
			rows = append(rows, insight{"", row{StaffAccess, a.who + ": " + a.did + " " + a.about + " (" + a.reason + ")", a.at, a.at, 1}})
		}
	}
	rows = slices.DeleteFunc(rows, func(i insight) bool { return now.Sub(i.last) > reportsLast })
	slices.SortFunc(rows, func(a, b insight) int {
		return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.device, b.device), cmp.Compare(a.kind, b.kind), cmp.Compare(a.text, b.text))
	})
	return rows[max(0, len(rows)-maxRows):]
}

// table writes rows as CSV (RFC 4180).
func (c *Cloud) table(rows []insight) []byte {
	lines := [][]string{columns}
	for _, i := range rows {
		category, class, planned := classify(i.kind)
		lines = append(lines, []string{i.device, c.cell(i.text), i.first.UTC().Format(time.RFC3339), i.last.UTC().Format(time.RFC3339),
			c.cell(category), class, planned, strconv.FormatUint(i.count, 10)})
	}
	var b strings.Builder
	if c.guard.Wrong(JoinsCellsByHand) {
		for _, cells := range lines {
			b.WriteString(strings.Join(cells, ",") + "\n")
		}
		return []byte(b.String())
	}
	writer := csv.NewWriter(&b)
	if writer.WriteAll(lines) != nil {
		return nil
	}
	return []byte(b.String())
}

// cell makes text that devices had a hand in a cell that no spreadsheet takes for a
// formula (OWASP, CSV injection).
func (c *Cloud) cell(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n") && !c.guard.Wrong(WritesFormulas) {
		return "'" + text
	}
	return text
}

// classify gives the category, class and type of an event: planned are updates that
// did what they should.
func classify(kind string) (category, class, planned string) {
	source, _, _ := strings.Cut(kind, ".")
	switch {
	case kind == "crash":
		return "AppCrash", "Application", "Unplanned"
	case kind == "oops":
		return "KernelOops", "OS", "Unplanned"
	case kind == "os.updated":
		return "Update", "OS", "Planned"
	case source == "app" || source == "telemetry":
		return kind, "Application", "Unplanned"
	case kind == StaffAccess:
		return "StaffAccess", "Cloud", "Unplanned"
	}
	return kind, "OS", "Unplanned"
}

// maxKept bounds the crash dumps that the collector keeps of a device.
const maxKept = 16

// takesDumps tells whether the collector takes crash dumps of a device, by its
// subject: where its group gives them.
func (c *Cloud) takesDumps(subject string) bool {
	raw, err := hex.DecodeString(subject)
	if err != nil || len(raw) != sign.Size {
		return false
	}
	id := sign.Public(raw)
	r := c.devices[id]
	return r != nil && c.settings(r.place(id)).Dumps
}

// dump collects a crash dump.
func (c *Cloud) dump(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Dump
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "dump: %v", err)
	}
	r, id, err := c.deviceOf(w.Device)
	if err != nil {
		return nil, err
	}
	if r == nil || len(w.Cause) > 32 || len(w.Component) > maxName || len(w.Stack) > message.MaxStack {
		return nil, defense.Refuse(defense.Malformed, "dump of nobody, or too long")
	}
	if err := c.check(SenderIsItsSubject, subject(id) == talk.Peer().Subject, defense.SubjectMismatch); err != nil {
		return nil, err
	}
	if err := c.check(DumpsNeedConsent, c.takesDumps(subject(id)), defense.NotPermitted); err != nil {
		return nil, err
	}
	r.dumps = append(r.dumps[max(0, len(r.dumps)+1-maxKept):len(r.dumps):len(r.dumps)], w.Stack)
	c.stored(id, r, "dump", StoresAtHome)
	c.host.Observe(host.Event{Kind: "DumpReceived", Who: Name, What: r.name, Peer: talk.With, Bytes: w.Cause})
	return nil, nil
}
