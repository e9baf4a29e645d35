package device

// bootRecord says which slot runs and whether it is on trial.
type bootRecord struct {
	_      struct{} `cbor:",toarray"`
	Active uint8
	Trial  bool
	Tries  uint8
}

// readBootRecord reads the newest whole record; a device that never wrote one starts
// its first slot.
func (d *Device) readBootRecord() bootRecord {
	var r bootRecord
	d.load(RegionState, &r)
	r.Active &= 1
	if r.Trial && d.tornRecords() > 0 && d.monitor.Wrong(ForgetsATrialBehindATornNote) {
		r.Trial = false
	}
	return r
}

func (d *Device) writeBootRecord(r bootRecord) { d.save(RegionState, r) }

// stopsAtItsRecord tells whether the device gives up at what it finds where its boot
// record should be. It never does: what is not whole is not there, and without one
// it starts its first slot. Two wrong designs think otherwise.
func (d *Device) stopsAtItsRecord() bool {
	if d.monitor.Wrong(StopsAtATornRecord) {
		return d.tornRecords() > 0
	}
	if d.monitor.Wrong(NeedsAnEarlierRecord) {
		_, whole, _ := d.newestHalf(RegionState)
		return whole < 0 && d.tornRecords() > 0
	}
	return false
}

// waitsForARevert tells whether the device holds to a record that names the other
// slot although nothing started there. It never does.
func (d *Device) waitsForARevert(r bootRecord) bool {
	return !r.Trial && int(r.Active) != d.slot && d.monitor.Wrong(WaitsForARevert)
}

// tornRecords counts the copies of the boot record that begin as one and are not
// whole: power went while they were written.
func (d *Device) tornRecords() int {
	torn := 0
	for i := range 2 {
		if _, _, begun, whole := d.readHalf(RegionState, i); begun && !whole {
			torn++
		}
	}
	return torn
}
