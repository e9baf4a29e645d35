package device

import "github.com/armillary/armillary/reference/message"

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

// Starts is how often the device started.
func (d *Device) Starts() uint32 { return d.Chip.Boots() }

// Resource is a file out of the image of a running application, nil when none has
// it. The image was verified when the device started.
func (d *Device) Resource(path string) []byte {
	for _, name := range d.Apps() {
		pkg, err := message.ParsePackage(d.apps[name].image)
		if err != nil {
			continue
		}
		files, err := message.ParseFS(pkg.Body)
		if err != nil {
			continue
		}
		for _, f := range files {
			if f.Name == path {
				return f.Data
			}
		}
	}
	return nil
}

// Keep stores a value of a service on this device; false when the medium is full.
func (d *Device) Keep(name string, value []byte) bool {
	return d.storeSystemFile("guardian-"+name, value)
}

// Kept is the value that a service stored, nil for none.
func (d *Device) Kept(name string) []byte { return d.store.Files[systemFiles]["guardian-"+name] }
