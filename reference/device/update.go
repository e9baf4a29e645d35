package device

import (
	"bytes"
	"strconv"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// The stages of an update job. The names of the points are those that a
// scenario may write behind at=.
const (
	fetchKeystore = "keystore"
	fetchRoots    = "roots"
	fetchFirst    = "first"
	fetchRest     = "rest"
	fetchAgain    = "again" // only by the wrong design FetchesAgain
)

// maxFetch bounds what one update may download, in bytes: four times what fits a
// slot, so that an update that is merely too large is told from endless data.
const maxFetch = 4 * slotSize

// startUpdate begins one update cycle: prerequisites first.
func (d *Device) startUpdate(j *job) {
	if d.waitsForARevert(d.readBootRecord()) {
		d.finish(nil, defense.Refuse(defense.Unavailable, "a revert is due"))
		return
	}
	if d.Service() == ServiceUnreachable && d.monitor.Wrong(UpdatesOnlyWhenTrusted) {
		d.finish(nil, defense.Refuse(defense.Unavailable, "no certificate of the day"))
		return
	}
	j.stage = fetchKeystore
	d.fetch(j, "keystore", 0)
}

func (d *Device) fetch(j *job, what string, part uint32) {
	d.request(j, talkRepo, message.CallFetch, what, message.Encode(message.Fetch{Type: d.Type, What: what, Part: part}))
}

// fetched handles one downloaded part.
func (d *Device) fetched(j *job, body []byte) {
	var p message.Part
	if err := message.Decode(body, &p); err != nil {
		d.finish(nil, defense.Refuse(defense.Malformed, "repository: %v", err))
		return
	}
	err := d.check(DownloadIsBounded, j.bytes+len(p.Data) <= maxFetch && p.Parts <= message.MaxParts, defense.TooLarge)
	taken := len(p.Data)
	if err != nil {
		taken = min(taken, maxFetch-j.bytes) // it stops listening there
	}
	j.bytes += taken
	d.host.Observe(host.Event{Kind: "BytesFetched", Who: d.Name, Number: int64(taken)})
	if err != nil {
		d.finish(nil, err)
		return
	}
	switch j.stage {
	case fetchKeystore:
		if err := d.installKeystore(p.Data); err != nil {
			d.finish(nil, err)
			return
		}
		if d.monitor.Wrong(AsksForKeysFirst) {
			if err := d.keysAreThoseTold(); err != nil {
				d.finish(nil, err)
				return
			}
		}
		j.stage = fetchRoots
		d.fetch(j, "certstore", 0)
	case fetchRoots:
		if err := d.installRoots(p.Data); err != nil {
			d.finish(nil, err)
			return
		}
		// Only now: who told of keys may have been believed by a root that is gone.
		if err := d.keysAreThoseTold(); err != nil {
			d.finish(nil, err)
			return
		}
		j = &d.jobs[0] // another one may have been queued behind it
		j.stage = fetchFirst
		d.fetch(j, d.parts(), 0)
	case fetchFirst:
		if d.Updates == message.FormatSUIT {
			d.fetchedEnvelope(j, p)
			return
		}
		d.fetchedManifest(j, p)
	default:
		d.fetchedPart(j, p)
	}
}

// keysAreThoseTold decides whether somebody holds back the key store that the cloud
// spoke of.
func (d *Device) keysAreThoseTold() error {
	return d.check(KeysAreThoseTold, d.keys.version >= d.store.Keys, defense.Stale)
}

// fetchedManifest decides whether there is anything to do.
func (d *Device) fetchedManifest(j *job, p message.Part) {
	if p.Parts == 0 {
		d.upToDate()
		return
	}
	if current, err := message.DecodeParts(d.readImages(slotRegions[d.slot])); err == nil && string(current[0]) == string(p.Data) {
		d.upToDate()
		return
	}
	d.fetchBehind(j, p)
}

// upToDate ends an update for which there was nothing to do.
func (d *Device) upToDate() {
	d.announce("none", "")
	d.finish([]byte("current"), d.frozen())
}

// fetchBehind fetches what comes behind the first part.
func (d *Device) fetchBehind(j *job, first message.Part) {
	d.announce("started", "")
	j.total, j.parts = first.Parts, [][]byte{first.Data}
	j.stage = fetchRest
	d.fetchNext(j)
}

// freezeAfter is how long the repository may lag behind what the cloud says is
// current, in a device's own time: two polls.
const freezeAfter = 2 * pollEvery

// frozen tells whether somebody keeps an update from the device: the cloud, which
// proves who it is, said long ago that there is one. It is reported by itself,
// for who holds updates back may let everything else pass.
func (d *Device) frozen() error {
	lag := d.now().Sub(time.Unix(d.store.Told, 0))
	err := d.check(FreezeIsNoticed, d.release.version >= d.store.Newest || lag <= freezeAfter, defense.Stale)
	if err != nil {
		d.report("update.frozen", []byte(strconv.Itoa(int(d.store.Newest))), "no update has come although there is one")
	}
	return err
}

// parts is how the repository calls the parts of an update in the device's format.
func (d *Device) parts() string {
	if d.Updates == message.FormatSUIT {
		return message.FormatSUIT
	}
	return "part"
}

func (d *Device) fetchNext(j *job) {
	if len(j.parts) < int(j.total) {
		d.fetch(j, d.parts(), uint32(len(j.parts)))
		return
	}
	if j.stage == fetchAgain {
		set, _ := message.SplitCosignatures(j.parts)
		if d.Updates == message.FormatSUIT {
			set = set[1:]
		}
		d.install(j, set)
		return
	}
	d.stage(j)
}

func (d *Device) fetchedPart(j *job, p message.Part) {
	j.parts = append(j.parts, p.Data)
	d.fetchNext(j)
}

// stage puts the download into flash, verifies it there and installs it.
func (d *Device) stage(j *job) {
	d.host.Reach(d.Name, "fetched")
	if d.Updates == message.FormatSUIT {
		d.stageSUIT(j)
		return
	}
	var over []*message.Package
	j.parts, over = message.SplitCosignatures(j.parts)
	staged := message.EncodeParts(j.parts)
	if len(staged) <= slotSize {
		d.write(RegionStaging, 0, staged)
	}
	if d.monitor.Wrong(WritesBeforeItVerifies) && len(staged) <= slotSize {
		d.write(slotRegions[1-d.slot], 0, staged)
	}
	release, err := d.verifyUpdate(j.parts, over)
	if err != nil {
		d.refuseUpdate(err)
		return
	}
	d.goOn(j, release, staged)
}

// refuseUpdate ends an update that does not verify.
func (d *Device) refuseUpdate(err error) {
	d.finish(nil, err)
	if defense.ClassOf(err) == defense.Malformed && d.kernel.Wrong(FallsOverUpdates) && d.Crash(azured, []byte(err.Error())) == nil {
		d.PowerOn()
	}
}

// goOn installs an update that was verified, unless it has to wait.
func (d *Device) goOn(j *job, release release, staged []byte) {
	verified := digest(staged)
	j.version = release.version
	d.host.Reach(d.Name, "verified")
	if d.held(j.parts) {
		d.finish([]byte("current"), nil)
		return
	}
	if d.deferred(j.version, j.parts) {
		d.finish([]byte("deferred"), nil)
		return
	}
	if d.monitor.Wrong(FetchesAgain) {
		j.stage, j.parts = fetchAgain, nil
		d.fetchNext(j)
		return
	}
	parts := j.parts
	if len(staged) <= slotSize {
		var err error
		// What is used is what flash holds now, not what was verified: hence the check.
		again := d.host.Read(d.Name, RegionStaging, 0, len(staged))
		if err := d.check(InstallsWhatItVerified, digest(again) == verified, defense.DigestMismatch); err != nil {
			d.finish(nil, err)
			return
		}
		if parts, err = message.DecodeParts(again); err != nil {
			d.finish(nil, defense.Refuse(defense.Malformed, "staging: %v", err))
			return
		}
	}
	d.install(j, parts)
}

// install writes the other slot, puts it on trial and restarts into it.
func (d *Device) install(j *job, parts [][]byte) {
	slot := 1 - d.slot
	if d.monitor.Wrong(WritesTheRunningSlot) {
		slot = d.slot
	}
	d.host.Reach(d.Name, "first-write")
	parts, base := splitBase(parts)
	d.installBase(base)
	if d.monitor.Wrong(RaisesTheCounterOnTrial) {
		d.Chip.SetCounter(max(lowest(readImages(parts)), d.Chip.Counter()))
	}
	d.writeSlot(slot, message.EncodeParts(parts))
	d.host.Reach(d.Name, "last-write")
	d.writeBootRecord(bootRecord{Active: uint8(slot), Trial: !d.monitor.Wrong(ConfirmsBeforeItRuns)})
	d.host.Reach(d.Name, "activate")
	d.asked = asked{op: j.op, version: j.version}
	d.PowerOn()
}

// writeSlot writes a release into a slot: its bytes and nothing else.
func (d *Device) writeSlot(slot int, image []byte) {
	if d.begun(slot, image) {
		return
	}
	if d.monitor.Wrong(CopiesOnePageMore) {
		pages := (len(image) + host.PageSize - 1) / host.PageSize
		image = append(image, make([]byte, (pages+1)*host.PageSize-len(image))...)
	}
	d.write(slotRegions[slot], 0, image)
	if d.monitor.Wrong(KeepsNotesInTheSlot) {
		const notes = 2 * host.PageSize
		d.write(slotRegions[slot], slotSize-notes, make([]byte, notes))
	}
}

// begun tells whether a slot is taken to hold an update already, by how it begins.
func (d *Device) begun(slot int, update []byte) bool {
	n := min(len(update), 1<<10)
	return d.monitor.Wrong(TakesABegunSlotForWhole) && bytes.Equal(d.host.Read(d.Name, slotRegions[slot], 0, n), update[:n])
}

// healthFor is how long a release on trial has to show that it works.
const healthFor = 5 * time.Minute

// confirm keeps a release on trial once it is up.
func (d *Device) confirm() {
	record := d.readBootRecord()
	if !record.Trial {
		d.finish(nil, nil)
		return
	}
	if d.behaviour[NeverHealthy] || d.monitor.Wrong(NeverHealthy) {
		d.stayOnTrial(nil)
		return
	}
	if d.monitor.Wrong(EndsTheTrialFirst) {
		d.endTrial(record)
	}
	// The trial ends last: where power is lost before, the next boot does it all again.
	if err := d.keepBase(); err != nil {
		d.stayOnTrial(err)
		return
	}
	if err := d.Chip.SetCounter(max(d.release.security, d.Chip.Counter())); err != nil {
		d.stayOnTrial(err)
		return
	}
	if !d.monitor.Wrong(EndsTheTrialFirst) {
		d.endTrial(record)
	}
	if !d.monitor.Wrong(StartsAppsOnTrial) {
		d.endBoot()
	}
	if d.store.Offer.Version == d.release.version {
		d.announce("ready", "complete")
	}
	d.report("os.updated", strconv.AppendUint([]byte("version "), uint64(d.release.version), 10), "version "+strconv.Itoa(int(d.release.version)))
	d.finish(nil, nil)
}

// stayOnTrial leaves a release unconfirmed: boot ends without applications, and
// the device goes back when that does not change.
func (d *Device) stayOnTrial(err error) {
	d.Chip.LockPeripherals()
	d.host.After(d.Name, healthFor, wakeHealth)
	d.finish(nil, err)
}

// endTrial writes down that the release that runs is kept.
func (d *Device) endTrial(record bootRecord) {
	d.writeBootRecord(bootRecord{Active: record.Active})
	d.host.Observe(host.Event{Kind: "HealthConfirmed", Who: d.Name, Number: int64(d.release.version)})
	d.host.Reach(d.Name, "confirmed")
}

// healthDeadline goes back to the other slot when a trial was not confirmed.
func (d *Device) healthDeadline() {
	record := d.readBootRecord()
	if !record.Trial {
		return
	}
	d.report("update.reverted", []byte("health"), "release did not become healthy")
	d.writeBootRecord(bootRecord{Active: 1 - record.Active})
	d.PowerOn()
}

// settled answers a waiting update request once nothing is left to do.
func (d *Device) settled() {
	if d.asked.op == 0 || d.readBootRecord().Trial {
		return
	}
	op, version := d.asked.op, d.asked.version
	d.asked = asked{}
	outcome := []byte("installed")
	if d.release.version != version {
		outcome = []byte("reverted")
	}
	d.host.Finish(op, outcome, nil)
}
