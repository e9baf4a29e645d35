package property

import (
	"github.com/armillary/armillary/harness/trace"
)

// runsOnlySignedCode reads
//
//	CodeStarted  Who, What = stage, Is = release, "factory" or "unknown"
//	ReleaseMade  What = release
//
// Bytes that belong to a made release are signed: the publisher makes no others.
var runsOnlySignedCode = Guarantee{
	ID: "boot.runs-only-signed-code", Property: rootProperty,
	Title:   "No stage of a device ever runs bytes that the publisher did not sign.",
	Cites:   "Azure Sphere HRT-5, DID-3; i.MX HABv4 bypass (HW-05); MCUboot trailing bytes (UPD-17); RAUC CVE-2020-25860 (UPD-01)",
	Premise: []trace.Kind{trace.CodeStarted},
	Facts:   []trace.Kind{trace.ReleaseMade},
	Roles:   []string{"updater", "publisher", "bench", "runtime", "links", "factory"},
	oracle:  oracle{judge: judgeSignedCode},
}

func judgeSignedCode(v *view) {
	releases := make(map[string]bool)
	for e := range v.events() {
		switch e.Kind {
		case trace.ReleaseMade:
			releases[e.What] = true
		case trace.CodeStarted:
			if e.Is != "factory" && !releases[e.Is] {
				v.fail(shown(e), "%s runs as %s code that belongs to no release (%s)", e.Who, e.What, orUnknown(e.Is))
			}
		}
	}
}

func orUnknown(is string) string {
	if is == "" {
		return "unknown"
	}
	return is
}

// firmware follows what runs on devices and what is known of releases. It reads
// CodeStarted, BootStarted, ReleaseMade and ReleaseRecalled, as far as the
// guarantee declares them.
type firmware struct {
	made     map[string]*trace.Event // release -> ReleaseMade of the whole
	recalled map[string]*trace.Event
	running  map[string]map[string]*trace.Event // device -> stage -> CodeStarted since its last start
}

func newFirmware() *firmware {
	return &firmware{
		made: map[string]*trace.Event{}, recalled: map[string]*trace.Event{},
		running: map[string]map[string]*trace.Event{},
	}
}

// see takes one event in.
func (f *firmware) see(e *trace.Event) {
	switch e.Kind {
	case trace.ReleaseMade:
		if e.Peer == "" || f.made[e.What] == nil {
			f.made[e.What] = e
		}
	case trace.ReleaseRecalled:
		f.recalled[e.What] = e
	case trace.BootStarted:
		delete(f.running, e.Who)
	case trace.CodeStarted:
		if f.running[e.Who] == nil {
			f.running[e.Who] = make(map[string]*trace.Event)
		}
		f.running[e.Who][e.What] = e
	}
}

// genuine tells whether a CodeStarted is of a made release or from the factory.
func (f *firmware) genuine(e *trace.Event) bool { return e.Is == "factory" || f.made[e.Is] != nil }

// unfit returns a stage that runs on a device although it is unknown, or of a
// release that has been recalled, and why; nil when there is none.
func (f *firmware) unfit(device string) (*trace.Event, string) {
	var worst *trace.Event
	why := ""
	for _, e := range f.running[device] {
		if worst != nil && worst.Seq < e.Seq {
			continue // the first in the trace, whatever the order of the map
		}
		switch {
		case !f.genuine(e):
			worst, why = e, "code of no release"
		case f.recalled[e.Is] != nil:
			worst, why = e, "the recalled release "+e.Is
		}
	}
	return worst, why
}
