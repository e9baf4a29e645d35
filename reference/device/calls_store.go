package device

import (
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// The stores of the secure world (azure-sphere 4.3): telemetry, which whoever sends
// it reads, and then either retains or resets (ERR-4), and the log.

// maxLog is how many bytes of its log the secure world keeps, the newest.
const maxLog = 4 << 10

// telemetry answers every record. What was answered is what a reset forgets.
func (d *Device) telemetry(Probe) ([]byte, error) {
	d.hand()
	return message.Encode(d.log), nil
}

// hand notes that every record of now was handed to somebody who sends it.
func (d *Device) hand() {
	if n := len(d.log.Reports); n > 0 {
		d.handed = d.log.Reports[n-1].Seq
	}
}

// retainTelemetry keeps what was handed out: it did not arrive.
func (d *Device) retainTelemetry(Probe) ([]byte, error) {
	d.handed = 0
	return nil, nil
}

// resetTelemetry forgets the records that were handed out, and none made since.
func (d *Device) resetTelemetry(Probe) ([]byte, error) {
	rest := d.log.Reports
	for len(rest) > 0 && rest[0].Seq <= d.handed {
		rest = rest[1:]
	}
	d.log.Reports, d.handed = slices.Clone(rest), 0
	d.saveReports()
	return nil, nil
}

// writeLog adds a line to the log: for the kernel, whose bit is Linux's.
func (d *Device) writeLog(p Probe) ([]byte, error) {
	if len(p.Data) > maxText {
		return nil, defense.Refuse(defense.TooLarge, "a line of %d bytes", len(p.Data))
	}
	log := append(slices.Clone(d.written), append(slices.Clone(p.Data), '\n')...)
	d.written = log[max(0, len(log)-maxLog):]
	d.keepLog()
	return nil, nil
}

// keepLog writes the log where it outlives a restart: into a region of its own
// (azure-sphere 4.6, partition types 5 and 15), so that whoever fills it takes no
// telemetry with it.
func (d *Device) keepLog() {
	region := RegionLog
	if d.monitor.Wrong(KeepsTelemetryWithTheLog) {
		region = RegionTelemetry
	}
	d.save(region, d.written)
}

// loadLog reads the log of before the restart.
func (d *Device) loadLog() { d.load(RegionLog, &d.written) }

// forgetLog wipes both halves of it.
func (d *Device) forgetLog() {
	if d.written != nil {
		d.written = nil
		d.write(RegionLog, 0, make([]byte, sizeOf(RegionLog)))
	}
}

// releasePeripheral gives a pin (args: its name) back: only when whose it is does
// not run, for code that runs may hold it.
func (d *Device) releasePeripheral(p Probe) ([]byte, error) {
	pin := string(p.Data)
	owner, taken := d.pins[pin]
	if a := d.apps[owner]; !taken || a != nil && a.running {
		return nil, defense.Refuse(defense.WrongState, "pin %q is nobody's, or in use", pin)
	}
	delete(d.pins, pin)
	return nil, nil
}
