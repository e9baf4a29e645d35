package device

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

const (
	// maxReports is how many reports a device holds until the cloud has them.
	maxReports = 64
	// share is how many reports one source may store in an hour (REP-07).
	share = 16
)

// report stores an error report. The source of a report is the part of its kind
// before the dot, or the app that asked for it.
func (d *Device) report(kind string, cause []byte, text string) {
	d.reportFrom(strings.SplitN(kind, ".", 2)[0], kind, cause, text)
}

// reportFrom stores a report of one source, within that source's share.
func (d *Device) reportFrom(source, kind string, cause []byte, text string) error {
	return d.record(source, clean(kind), cause, clean(text))
}

// record stores one as it is, within its source's share. What is over the share is
// counted, and the count itself is reported once.
func (d *Device) record(source, kind string, cause []byte, text string) error {
	if d.reports == nil || d.silenced {
		return nil
	}
	if hour := d.host.Clock(d.Name).Unix() / 3600; hour != d.hour {
		d.hour = hour
		clear(d.reports)
	}
	d.reports[source]++
	if err := d.kernel.Check(LimitsEachReporter, d.reports[source] <= share, defense.Rate); err != nil {
		if d.reports[source] == share+1 {
			d.keep("report.rate_limited", []byte(source), clean("more than its share of reports: "+source))
		}
		return err
	}
	d.keep(kind, cause, text)
	return nil
}

// CauseID shortens a cause to eight bytes.
func CauseID(cause []byte) []byte {
	sum := sha256.Sum256(cause)
	return sum[:8]
}

// maxText bounds the text of a report in bytes: with maxReports of them the store
// still fits its half of flash, and the cloud takes them.
const maxText = 255

// clean makes text that others had a hand in fit for a report: one that could
// not be read back would take all the others with it.
func clean(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "")
}

func (d *Device) keep(kind string, cause []byte, text string) {
	if d.monitor.Wrong(DumpsItsMemory) {
		for _, secret := range []string{d.Name + ".general-key", d.Name + ".sealed"} {
			text += fmt.Sprintf(" %x", d.Chip.Holds()[secret])
		}
	}
	if len(d.log.Reports) >= maxReports && d.monitor.Wrong(TakesNoneWhenFull) {
		return
	}
	if len(d.log.Reports) >= maxReports {
		dropped := d.log.Reports[0]
		d.log.Reports = d.log.Reports[1:]
		d.host.Observe(host.Event{Kind: "ReportDropped", Who: d.Name, Is: dropped.Kind, Number: int64(dropped.Seq), Bytes: dropped.Cause})
	}
	d.store.NextSeq++
	id := d.Chip.ID()
	r := message.Report{Device: id[:], Seq: d.store.NextSeq, Kind: kind, Cause: CauseID(cause), Text: text, At: d.host.Clock(d.Name).Unix()}
	d.log.Reports = append(d.log.Reports, r)
	d.host.Observe(host.Event{Kind: "ReportStored", Who: d.Name, Is: kind, Number: int64(r.Seq), Bytes: r.Cause})
	d.saveReports()
	d.saveStored()
	if d.mode == Running && !slices.ContainsFunc(d.jobs, func(j job) bool { return j.kind == jobReport }) {
		d.push(job{kind: jobReport})
	}
}

// panicked is a panic of the kernel. What it says of it is put through the monitor
// into the store, at most maxText bytes, before anything starts anew (ERR-2): it is
// the one part of the normal world that nothing beside it could speak for. It has
// a share of its own, so that what crashed before it cannot keep it silent.
func (d *Device) panicked(cause []byte) {
	d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.kernel.Who, State: "crash", Bytes: CauseID(cause)})
	if !d.kernel.Wrong(LeavesPanicsOnTheConsole) {
		d.reportFrom("kernel", "crash", cause, fmt.Sprintf("KernelPanic (release=%d; uptime=%ds)", d.release.version, int64(d.host.Now().Sub(d.started).Seconds())))
	}
	d.PowerOn()
}

// oopsed is a fault in a call that a process made of the kernel, which ends the process
// and goes on. It is a record of its own kind beside the end of the process, whose own
// record does not say that the kernel was at fault (ERR-2, ERR-6): who looks for a hole
// there leaves a trace with each attempt. Of several at one place the first is kept
// until it was sent, as the real store aggregates them (azure-sphere 5.4, first value).
func (d *Device) oopsed(component string) {
	cause := []byte("oops of " + component)
	d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.kernel.Who, State: "oops", Bytes: CauseID(cause)})
	if d.kernel.Wrong(LeavesOopsesOnTheConsole) {
		return
	}
	kept := slices.ContainsFunc(d.log.Reports, func(r message.Report) bool {
		return r.Kind == oopsKind && r.Seq > d.handed && bytes.Equal(r.Cause, CauseID(cause))
	})
	if !kept {
		d.reportFrom(oopsKind, oopsKind, cause, fmt.Sprintf("KernelOops (release=%d; uptime=%ds)", d.release.version, int64(d.host.Now().Sub(d.started).Seconds())))
	}
}

// oopsKind is the kind of such a record, and its source: a flood of them takes no
// room of a panic's.
const oopsKind = "oops"

// startReport uploads what is stored, or one report given to it.
func (d *Device) startReport(j *job) {
	if j.kind == jobReport {
		j.reports = d.log.Reports
		d.hand()
	}
	if len(j.reports) == 0 || len(d.identity(false).Chain) == 0 {
		d.finish(nil, nil)
		return
	}
	body := message.Encode(message.Reports{Reports: j.reports})
	if d.monitor.Wrong(DeletesWhenSent) && j.kind == jobReport {
		d.log.Reports = nil
		d.saveReports()
	}
	d.request(j, talkCloud, message.CallReport, "report", body)
}

// reported forgets what the cloud confirmed, and nothing else (ERR-4).
func (d *Device) reported(j *job, body []byte) {
	var c message.Confirmed
	if err := message.Decode(body, &c); err != nil {
		d.finish(nil, defense.Refuse(defense.Malformed, "confirmation: %v", err))
		return
	}
	rest := d.log.Reports
	for len(rest) > 0 && rest[0].Seq <= c.Seq && j.kind == jobReport {
		rest = rest[1:]
	}
	if len(rest) != len(d.log.Reports) {
		d.log.Reports = rest
		d.saveReports()
	}
	d.finish(nil, nil)
	d.offered(c.Dumps)
}
