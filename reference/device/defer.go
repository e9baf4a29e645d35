package device

import (
	"bytes"
	"time"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// How long applications may put an update off, from the moment at which the
// device first knew of it (azure-sphere.md 4.9): one that renews the system, and
// one of applications alone. A device that was away for a year may thus wait
// another day when it is back.
const (
	deferSystem = 24 * time.Hour
	deferApps   = 7 * 24 * time.Hour
)

// offer is an update that the device knows of and has not installed.
type offer struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
	Since   int64 // when the device first knew of it, in seconds of its clock
	Until   int64 // put off until then; 0 is not
	System  bool  // it renews more than applications
}

func (o offer) latest() time.Time {
	limit := deferApps
	if o.System {
		limit = deferSystem
	}
	return time.Unix(o.Since, 0).Add(limit)
}

// Defer lets an application put the update off that the device has, or, where it
// has none yet, the next one. Its errors: not-permitted, expired.
func (d *Device) Defer(app string, span time.Duration) error {
	a := d.apps[app]
	if d.mode != Running || a == nil || !a.running {
		return defense.Refuse(defense.WrongState, "no app %q runs", app)
	}
	if span <= 0 {
		return defense.Refuse(defense.Malformed, "no time")
	}
	if err := d.callSocket(Probe{Component: app}, groupDeferral); err != nil {
		d.report("access.denied", []byte(app+"defer"), app+": defer: "+string(defense.ClassOf(err)))
		return err
	}
	o, until := d.store.Offer, d.now().Add(span)
	pending := o.Version > d.release.version
	latest := d.now().Add(deferApps)
	if pending {
		latest = o.latest()
	}
	if err := d.check(DeferralHasAnEnd, until.Unix() <= latest.Unix(), defense.Expired); err != nil {
		return err
	}
	if pending {
		d.putOff(until)
		return nil
	}
	if d.wishes == nil {
		d.wishes = map[string]time.Duration{}
	}
	d.wishes[app] = span
	return nil
}

// putOff waits with the known update until a time, and looks again then.
func (d *Device) putOff(until time.Time) {
	d.store.Offer.Until = until.Unix()
	d.saveStored()
	d.host.After(d.Name, until.Sub(d.now()), wakeDeferred)
}

// deferred tells whether a verified update has to wait because an application put
// it off. Applications that ask for system events are told.
func (d *Device) deferred(version uint32, parts [][]byte) bool {
	if !d.listening() {
		return false
	}
	now := d.now()
	if o := d.store.Offer; o.Version != version {
		d.store.Offer = offer{Version: version, Since: now.Unix(), System: d.renewsSystem(parts)}
		d.saveStored()
	}
	if now.Unix() >= d.store.Offer.Until {
		d.announce("ready", "pending")
		for _, name := range d.names() {
			until := now.Add(d.wishes[name])
			wants := d.apps[name].running && d.wishes[name] > 0
			if wants && d.check(DeferralHasAnEnd, until.Unix() <= d.store.Offer.latest().Unix(), defense.Expired) == nil {
				d.putOff(until)
			}
			delete(d.wishes, name)
		}
	}
	if now.Unix() < d.store.Offer.Until {
		d.announce("ready", "deferred")
		return true
	}
	d.announce("ready", "final")
	return false
}

// listening tells whether an application of the device asked for system events.
func (d *Device) listening() bool {
	for _, a := range d.apps {
		if a.manifest.Capabilities.SystemEventNotifications {
			return true
		}
	}
	return false
}

// untilPoll is how long a device that starts waits before it looks for updates by
// itself: what was left of the time when it was last switched off, or whoever can
// restart it keeps it from looking at all.
func (d *Device) untilPoll() time.Duration {
	now := d.host.Clock(d.Name)
	if d.store.Polled == 0 || d.monitor.Wrong(PollsAfterEachStart) {
		d.store.Polled = now.Unix() // kept with whatever is stored next
	}
	left := time.Unix(d.store.Polled, 0).Add(pollEvery).Sub(now)
	return min(max(left, time.Minute), pollEvery)
}

// nextPoll is how long a device that runs waits before it looks again.
func (d *Device) nextPoll() time.Duration {
	if d.monitor.Wrong(WaitsLongerEachTime) {
		return pollEvery << min(d.failedPolls, 10)
	}
	return pollEvery
}

// announce tells the applications that asked for it what becomes of an update.
func (d *Device) announce(event, status string) {
	if !d.listening() {
		return
	}
	kind, left := "app", time.Duration(0)
	if d.store.Offer.System {
		kind = "system"
	}
	if event == "ready" {
		left = max(d.store.Offer.latest().Sub(d.host.Clock(d.Name)), 0)
	}
	for _, name := range d.names() {
		if a := d.apps[name]; a.running && a.manifest.Capabilities.SystemEventNotifications {
			d.host.Observe(host.Event{Kind: "UpdateAnnounced", Who: d.Name, Peer: d.Name + "." + name, What: event, State: status, Is: kind, Number: int64(left / time.Minute)})
		}
	}
}

// renewsSystem tells whether an update holds other code below the applications
// than what runs; names and versions of images are no code.
func (d *Device) renewsSystem(parts [][]byte) bool {
	running, err := message.DecodeParts(d.readImages(slotRegions[d.slot]))
	rest, base := splitBase(parts)
	if err != nil || len(base) > 0 {
		return true
	}
	old, next := running[:message.CustomerAt(running)], rest[:message.CustomerAt(rest)]
	if len(old) != len(next) {
		return true
	}
	for i := 1; i < len(old); i++ {
		if !bytes.Equal(codeIn(old[i]), codeIn(next[i])) {
			return true
		}
	}
	return false
}

// codeIn is the code of an image without the lines that name it.
func codeIn(raw []byte) []byte {
	pkg, err := message.ParsePackage(raw)
	if err != nil {
		return raw
	}
	_, code, _ := bytes.Cut(pkg.Body, []byte{0})
	return code
}

// held tells whether an update of applications alone stays away: a device under
// development keeps what its developer put there, one that is nobody's gets none.
func (d *Device) held(parts [][]byte) bool {
	developing := d.Chip.Lifecycle() == chip.DeviceComplete && d.Chip.Enabled(message.CapabilityAppDevelopment)
	return (developing || !d.store.Claimed) && !d.renewsSystem(parts)
}
