// Package device models the device OS around the chip: security monitor,
// kernel, services and application containers, with staged A/B updates, error
// reports and, where the type has one, a camera.
//
// A device is a state machine: it acts on messages, wake-ups and requests, and
// all it keeps between two of them is in its fields or in flash. It holds no
// clock, socket or goroutine. Start with [New].
package device

import (
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/sign"
)

// Config is what a device is made with and never changes.
type Config struct {
	Name    string
	Profile chip.Profile
	Type    string      // device type an update must name: "vac"
	Camera  bool        // whether it has a camera and registers with the vendor
	Boot    sign.Public // root key of the mask ROM
	Caps    sign.Public // key that signs capability files
	TestKey sign.Public // the public test key's public half
	Missing defense.Set // defenses missing and wrong designs taken
	Format  chip.Format // of the evidence that its chip makes
	Updates string      // of updates: empty for manifests, or message.FormatSUIT
	Layers  bool        // its chip has an identity in layers (DICE); with the format PSA alone
}

// Mode is whether a device runs.
type Mode string

// The modes.
const (
	Off     Mode = "off"
	Running Mode = "running"
	Dead    Mode = "dead" // nothing verified: only recovery helps
)

// Device is one device.
type Device struct {
	Config
	host    host.Host
	monitor defense.Guard
	kernel  defense.Guard
	network defense.Guard
	gateway defense.Guard // the service on the cable: rest.go
	Chip    *chip.Chip

	mode  Mode
	asked asked // the update somebody waits for: it outlives the restart it causes
	memory
}

// asked is a request for an update cycle that is not answered yet.
type asked struct {
	op      uint64
	version uint32 // of the release it tries to install
}

// memory is what a restart clears.
type memory struct {
	keys          keystore
	retired       []keystore // newest first
	roots         certstore  // zero when none verifies
	heard         int64      // the latest time that the cloud told, in seconds since 1970; 0 is none
	slot          int        // 0 or 1
	fellBack      bool
	release       release
	behaviour     defense.Set // what the running code does wrongly
	apps          map[string]*app
	store         stored
	log           journalled
	jobs          []job
	nextJob       uint32
	talks         map[string]*talk
	sensor        bool
	indicator     bool
	raw           []byte // the picture that a media pipeline had last, nil since the start: it lies in chip.RawFrames
	silenced      bool
	testKeyJudged bool // an image with the test key was let through since this start: read by the wrong design JudgesTheTestKeyOnce alone
	failedPolls   int  // in a row; counts for the wrong design WaitsLongerEachTime alone
	// updaterStopped ends the polls until the next restart: only the wrong design
	// GivesUpUpdating does that.
	updaterStopped bool
	freed          freed              // the file memory that was last given back
	processes      map[string]process // those whose credential is not that of their start
	down           map[string]bool    // services that do not run
	board          map[string]string  // peripheral -> pin; nil without a board configuration. Set at boot
	pins           map[string]string  // pin -> the application that has it
	crashes        map[string]int     // of each service since the last rest
	callers        map[string]int     // mailbox calls of each component since the last rest
	reports        map[string]int     // per source in this hour
	dumps          [][]byte           // of crashed applications, never changed in place
	hour           int64
	handed         uint64 // number of the newest record that was given to be sent, 0 for none
	written        []byte // log of the secure world, never changed in place

	lastCommand string // that came by the broker
	setup       setup

	wishes  map[string]time.Duration // how long an application puts the next update off
	started time.Time
	staging staging
	answers map[string]lookup  // of networkd, by name
	opened  map[opening]lookup // that the firewall lets through, with the name it is for
	net     netConfig          // slices in it are never changed in place
	peak    int                // most bytes that the applications were seen to take
}

// New makes a blank device: the chip makes its keys; flash is empty.
func New(h host.Host, c Config) *Device {
	d := &Device{Config: c, mode: Off}
	d.Chip = chip.New(h, &defense.Guard{Who: c.Name + ".chip", Missing: c.Missing, Observer: h}, c.Profile, c.Name, c.Boot, c.Caps)
	d.Chip.UseFormat(c.Format)
	if c.Layers {
		d.Chip.UseLayers()
	}
	d.bind(h)
	return d
}

// bind points every part at a host.
func (d *Device) bind(h host.Host) {
	d.host = h
	missing := d.Missing.With(d.behaviour)
	d.monitor = defense.Guard{Who: d.Name + ".monitor", Missing: missing, Observer: h}
	d.kernel = defense.Guard{Who: d.Name + ".kernel", Missing: missing, Observer: h}
	d.gateway = defense.Guard{Who: d.Name + "." + gatewayd, Missing: missing, Observer: h}
	d.network = defense.Guard{Who: d.Name, Missing: missing, Observer: h}
}

// Clone copies the device onto another host.
func (d *Device) Clone(h host.Host) *Device {
	n := *d
	n.Chip = d.Chip.Clone(h)
	n.bind(h)
	n.apps = make(map[string]*app, len(d.apps))
	for name, a := range d.apps {
		copied := *a
		n.apps[name] = &copied
	}
	n.store = d.store.clone()
	n.log.Reports = slices.Clone(d.log.Reports)
	n.jobs = slices.Clone(d.jobs)
	for i := range n.jobs {
		n.jobs[i].parts = slices.Clone(n.jobs[i].parts) // it grows while a download runs
	}
	n.reports, n.wishes = maps.Clone(d.reports), maps.Clone(d.wishes)
	n.callers = maps.Clone(d.callers)
	n.pins = maps.Clone(d.pins)
	n.answers, n.opened = maps.Clone(d.answers), maps.Clone(d.opened)
	n.processes, n.down, n.crashes = maps.Clone(d.processes), maps.Clone(d.down), maps.Clone(d.crashes)
	n.talks = make(map[string]*talk, len(d.talks))
	for peer, t := range d.talks {
		copied := *t
		copied.channel = t.channel.Clone(h, &n.network)
		n.talks[peer] = &copied
	}
	return &n
}

// Mode tells whether the device runs.
func (d *Device) Mode() Mode { return d.mode }

// Release names the running release as its manifest does: its version.
func (d *Device) Release() (version uint32, slot int) { return d.release.version, d.slot }

// Owner is the user whose device this is, as the device knows it.
func (d *Device) Owner() string { return d.store.Owner }

// Indicator tells whether the camera's light is on.
func (d *Device) Indicator() bool { return d.indicator }

// Idle tells whether no job is waiting or running.
func (d *Device) Idle() bool { return len(d.jobs) == 0 }

// PowerOff takes the power: all memory is gone.
func (d *Device) PowerOff() {
	d.memory = memory{nextJob: d.nextJob} // numbers are never used twice
	d.mode = Off
	d.bind(d.host)
}

// PowerOn starts the device: boot ROM, first stage, security monitor, kernel,
// applications, each verified by the one before.
func (d *Device) PowerOn() {
	d.PowerOff()
	d.mode = Dead
	d.Chip.Restart()
	d.host.Observe(host.Event{Kind: "BootStarted", Who: d.Name, Number: int64(d.Chip.Boots())})
	sound := d.Chip.Start(d.chipFlash()) == nil && d.startOS()
	if !sound {
		if op := d.asked.op; op != 0 { // whoever waits for the update learns that nothing starts any more
			d.asked = asked{}
			d.host.Finish(op, nil, defense.Refuse(defense.Unavailable, "nothing starts that verifies"))
		}
		return
	}
	d.mode, d.started = Running, d.host.Now()
	d.apps = map[string]*app{}
	d.talks = map[string]*talk{}
	d.reports = map[string]int{}
	d.loadStored()
	d.loadReports()
	d.loadLog()
	d.restoreKey()
	d.enableStored()
	d.Chip.BindTenant(d.store.Owner)
	d.loadNet()
	if d.fellBack {
		d.report("update.reverted", []byte("boot"), "a slot did not verify at boot")
	}
	switch {
	case !d.readBootRecord().Trial || d.monitor.Wrong(StartsAppsOnTrial):
		d.endBoot()
	case d.monitor.Wrong(WaitsAMinuteForATrial):
		d.host.After(d.Name, time.Minute, wakeApps)
	}
	d.rest()
	d.host.Reach(d.Name, "boot")
	d.begin()
	d.work()
}

// endBoot starts the applications and locks what they were given. The applications
// of an update come last (azure-sphere 4.9, kinds in order): while the system below
// them is on trial none starts, or one would act on data that the release before,
// to which the device may go back, does not know.
func (d *Device) endBoot() {
	if !d.monitor.Wrong(NeedsTheCloudToRun) || d.Service() == ServiceOK {
		d.startApps()
	}
	d.Chip.LockPeripherals()
}

// begin queues what every boot does: confirm a trial, attest, register, report.
func (d *Device) begin() {
	if record := d.readBootRecord(); record.Trial {
		d.push(job{kind: jobConfirm})
	}
	if d.store.Claimed {
		d.push(job{kind: jobAttest})
		if d.Camera {
			d.push(job{kind: jobRegister})
		}
		d.push(job{kind: jobReport})
	}
	d.host.After(d.Name, attestEvery, wakeAttest)
	d.host.After(d.Name, d.untilPoll(), wakeUpdate)
	d.host.After(d.Name, reportEvery, wakeReport)
}

// How often a device acts by itself (REN-3, PWL-3, ERR-3).
const (
	attestEvery = 20 * time.Hour
	pollEvery   = 20 * time.Hour
	reportEvery = time.Hour
)

// The words of the wake-ups.
const (
	wakeAttest = "attest"
	wakeUpdate = "update"
	wakeReport = "report"
	wakeHealth = "health"

	wakeDeferred = "deferred"
	wakeApps     = "applications" // only by the wrong design WaitsAMinuteForATrial
)

// Wake handles a wake-up the device asked for.
func (d *Device) Wake(word string) {
	if d.mode != Running {
		return
	}
	d.rest()
	switch word {
	case wakeAttest:
		d.host.After(d.Name, attestEvery, wakeAttest)
		d.push(job{kind: jobAttest})
	case wakeUpdate:
		d.host.After(d.Name, d.nextPoll(), wakeUpdate)
		d.store.Polled = d.host.Clock(d.Name).Unix()
		d.saveStored()
		if !d.updaterStopped {
			d.push(job{kind: jobUpdate})
		}
	case wakeReport:
		d.host.After(d.Name, reportEvery, wakeReport)
		if len(d.log.Reports) > 0 {
			d.push(job{kind: jobReport})
		}
		if d.Camera && d.store.Claimed && len(d.store.Client) > 0 && d.talks[talkVendor] == nil { // it was not heard, or cut off
			d.push(job{kind: jobRegister})
		}
	case wakeDeferred:
		if !d.updaterStopped {
			d.push(job{kind: jobUpdate})
		}
	case wakeApps:
		if d.readBootRecord().Trial {
			d.endBoot()
		}
	case wakeHealth:
		d.healthDeadline()
	}
	d.work()
}

// Claimed tells the device, as the claim in the cloud does, whose it is; in
// service it then attests and reports.
func (d *Device) Claimed(owner string) {
	d.store.Claimed, d.store.Owner = owner != "", owner
	d.saveStored()
	d.bindTenant(owner)
}

// identity is what the device shows to a peer: the newest certificate that its
// last attestation earned.
func (d *Device) identity(full bool) channel.Identity {
	chain := d.store.Client
	if !full && len(chain) == 0 {
		chain = d.store.Update
	}
	if len(chain) == 0 {
		return channel.Identity{}
	}
	return channel.Identity{Chain: chain, Key: d.Chip.ClientKey()}
}

// Certificate is the newest certificate, leaf first: public.
func (d *Device) Certificate() [][]byte { return d.identity(false).Chain }
