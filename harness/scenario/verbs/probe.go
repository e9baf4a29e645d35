package verbs

import "slices"

// Probe is one thing that code in a held component can attempt with try.
type Probe struct {
	Name       string
	Keys       []string // free keys, in the order of the formatter
	Components []string // kinds of component that can attempt it
	Doc        string   // one sentence
}

// Probes is the probe table.
var Probes = []Probe{
	{"map", []string{"rights", "then", "via", "length"}, []string{"app"}, "Asks for a page with rights, then changes them."},
	{"write-code", []string{"via"}, []string{"app"}, "Changes code bytes on one of the known ways around page rights."},
	{"read-file", []string{"of", "path"}, []string{"app", "kernel"}, "Reads a file of another component."},
	{"write-file", []string{"of", "path", "body", "grow"}, []string{"app", "kernel"}, "Writes a file of another component, then makes it longer."},
	{"fill-storage", []string{"bytes"}, []string{"app"}, "Writes more than its share of storage."},
	{"store-certificate", []string{"id", "body"}, []string{"app", "service"}, "Puts a certificate into the store that all share."},
	{"open-host", []string{"host", "port", "address"}, []string{"app", "service", "core", "radio", "legacy"}, "Opens a connection to a host; address is where it says that this is."},
	{"listen", []string{"host", "port"}, []string{"app", "radio", "legacy"}, "Listens on a port."},
	{"send-to", []string{"peer", "body", "address", "then"}, []string{"app", "core", "kernel", "legacy", "radio", "modem"}, "Sends a message to another component; address is what stands beside it, then what stands there a moment later."},
	{"become", []string{"uid", "of", "for"}, []string{"app", "service"}, "Takes another user id, or the credential of another process for itself or a third."},
	{"call", []string{"interface", "number", "args", "buffer", "threads", "method", "path", "body"}, []string{"app", "service", "kernel"}, "Makes a raw call with chosen arguments."},
	{"open-node", []string{"path"}, []string{"app"}, "Opens a device node."},
	{"sign", []string{"for"}, []string{"app", "kernel"}, "Has the chip sign for a tenant."},
	{"seal", []string{"body"}, []string{"app"}, "Has the chip seal data, and keeps it in its storage."},
	{"unseal", []string{"for"}, []string{"app", "kernel"}, "Has the chip open sealed data."},
	{"read-memory", []string{"of"}, []string{"kernel", "core", "radio", "modem", "media"}, "Reads memory of another component."},
	{"write-memory", []string{"of", "body"}, []string{"kernel", "core", "radio", "modem", "media"}, "Writes memory of another component."},
	{"set-access", []string{"core", "of", "rights"}, []string{"kernel"}, "Changes what a core may do in a region of memory."},
	{"stage", []string{"from", "image", "manifest", "body"}, []string{"app", "kernel"}, "Stages an image for installation."},
	{"write-flash", []string{"region", "body", "via"}, []string{"app", "kernel"}, "Writes a region of flash."},
	{"replay-measurements", []string{"log"}, []string{"kernel"}, "Extends the measurements of a healthy boot again."},
	{"stop-updater", nil, []string{"kernel", "service"}, "Stops the updater."},
	{"silence-reporter", []string{"kind"}, []string{"app", "kernel"}, "Stops reports."},
	{"report", []string{"kind", "body"}, []string{"app"}, "Reports something itself."},
	{"crash", []string{"how"}, []string{"app", "service", "core"}, "Fails on purpose."},
	{"set-peripheral", []string{"index", "on"}, []string{"app", "kernel", "radio", "modem"}, "Switches a peripheral."},
	{"hide-indicator", nil, []string{"app", "kernel"}, "Runs a sensor without its indicator."},
}

// LookupProbe returns the probe with the name, or nil.
func LookupProbe(name string) *Probe {
	for i := range Probes {
		if Probes[i].Name == name {
			return &Probes[i]
		}
	}
	return nil
}

// ProbesOf returns the probes that a kind of component (app, kernel, ...) can
// attempt, in the order of the table.
func ProbesOf(component string) []*Probe {
	var found []*Probe
	for i := range Probes {
		if slices.Contains(Probes[i].Components, component) {
			found = append(found, &Probes[i])
		}
	}
	return found
}
