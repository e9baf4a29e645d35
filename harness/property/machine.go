package property

import (
	"slices"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// flashedWithin is how long a module may take to renew the machine behind it.
const flashedWithin = time.Hour

// machineRunsItsFirmware reads
//
//	DeviceManufactured  Who = machine, Is = legacy, Peer = its module
//	ReleaseMade         What = release, Peer = firmware: the machine's, Number = its version, Digest
//	CodeStarted         Who = machine, What = firmware, Digest; Who = module, What = os, Is = release
//	PowerCut, BootStarted  Who = module: what it was about to do begins again
//
// A module that starts a release with firmware for its machine owes the machine
// that firmware, unless the machine has newer: whatever the machine says, and
// however often the power fails.
var machineRunsItsFirmware = Guarantee{
	ID: "guardian.machine-runs-its-firmware", Property: renewProperty,
	Title:   "A legacy machine gets the firmware in its module's signed image within an hour, whole, and never an older one.",
	Cites:   "Azure Sphere ExternalMcuUpdate sample; FrostyGoop (REP-08); Ukraine 2015 (BRN-02); FIRESTARTER (BRN-06)",
	Premise: []trace.Kind{trace.CodeStarted},
	Facts:   []trace.Kind{trace.DeviceManufactured, trace.ReleaseMade},
	Context: []trace.Kind{trace.PowerCut, trace.BootStarted},
	Roles:   []string{"guardian", "updater", "publisher", "bench", "links"},
	oracle:  oracle{when: machineStarted, everywhere: true, judge: judgeMachine},
}

// machineStarted tells whether an event is the start of a machine's firmware.
func machineStarted(e *trace.Event) bool { return e.Kind == trace.CodeStarted && e.What == "firmware" }

// machine is a legacy machine as far as its firmware goes.
type machine struct {
	name, module string
	version      int64
	started      *trace.Event
	owed         *trace.Event // the module's start since when it is to have other firmware
	wants        string       // digest of that
}

// late records that the machine did not get in time what it was owed.
func (m *machine) late(v *view, now time.Duration) {
	if m.owed != nil && now-m.owed.At > flashedWithin {
		v.fail(shown(m.owed, v.firstAfter(m.owed.At+flashedWithin+1)), "%s starts %s, and an hour later %s does not run the firmware in it", m.module, m.owed.Is, m.name)
		m.owed = nil
	}
}

func judgeMachine(v *view) {
	type image struct {
		digest  string
		version int64
	}
	inRelease, versions := make(map[string]image), make(map[string]int64)
	var machines []*machine
	of := func(module string) []*machine {
		return slices.DeleteFunc(slices.Clone(machines), func(m *machine) bool { return m.module != module })
	}
	for e := range v.events() {
		for _, m := range machines {
			m.late(v, e.At)
		}
		switch {
		case e.Kind == trace.DeviceManufactured && e.Is == "legacy":
			machines = append(machines, &machine{name: e.Who, module: e.Peer})
		case e.Kind == trace.ReleaseMade && e.Peer == "firmware":
			inRelease[e.What], versions[e.Digest] = image{e.Digest, e.Number}, e.Number
		case e.Kind == trace.PowerCut, e.Kind == trace.BootStarted:
			for _, m := range of(e.Who) {
				m.owed = nil
			}
		case osStarted(e):
			want, has := inRelease[e.Is]
			for _, m := range of(e.Who) {
				if has && want.version >= m.version && (m.started == nil || m.started.Digest != want.digest) {
					m.owed, m.wants = e, want.digest
				}
			}
		case machineStarted(e):
			for _, m := range machines {
				if m.name == e.Who {
					m.start(v, e, versions[e.Digest])
				}
			}
		}
	}
	for _, m := range machines {
		m.late(v, v.end())
	}
}

// start takes in that the machine starts firmware of a version.
func (m *machine) start(v *view, e *trace.Event, version int64) {
	if version < m.version {
		v.fail(shown(m.started, e), "%s went back from version %d of its firmware to %d", m.name, m.version, version)
	}
	if m.wants == e.Digest {
		m.owed = nil
	}
	m.version, m.started = max(m.version, version), e
}
