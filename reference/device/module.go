package device

// What a guardian asks of the device that it runs on.

// Serves tells whether the device runs, and a service on it with it.
func (d *Device) Serves() bool { return d.mode == Running }

// Note writes an error report of a service on this device and sends it.
func (d *Device) Note(kind, text string) {
	if d.mode != Running {
		return
	}
	d.report(kind, []byte(text), clean(text))
	d.push(job{kind: jobReport})
	d.work()
}
