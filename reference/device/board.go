package device

import (
	"maps"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// maxPins bounds the lines of a board configuration.
const maxPins = 64

// ParseBoard reads the body of a board configuration image (type 21): a line for
// each peripheral, its name as manifests write it and the pin that it is: "$LED 8".
// The real body is compiled from a hardware definition and not public.
func ParseBoard(body []byte) (pins map[string]string, err error) {
	pins = map[string]string{}
	for line := range strings.Lines(string(body)) {
		name, pin, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || !strings.HasPrefix(name, "$") || pin == "" || strings.ContainsAny(pin, " $") || pins[name] != "" || len(pins) == maxPins {
			return nil, defense.Refuse(defense.Malformed, "board configuration: %q", line)
		}
		pins[name] = pin
	}
	return pins, nil
}

// readBoard takes an image for the board configuration if it is one.
func (d *Device) readBoard(raw []byte) bool {
	pkg, err := message.ParsePackage(raw)
	if err != nil || pkg.Identity.Type != message.CustomerBoardConfig {
		return false
	}
	if d.board, err = ParseBoard(pkg.Body); err != nil {
		d.board = map[string]string{} // with nothing on it
		d.report("app.refused", raw, "the board configuration cannot be used")
	}
	return true
}

// pin is what a peripheral's name stands for on this board; a device without a
// board configuration knows only names.
func (d *Device) pin(name string) (pin string, known bool) {
	if !strings.HasPrefix(name, "$") || d.board == nil {
		return name, true
	}
	pin, known = d.board[name]
	return pin, known
}

// admit decides whether an application may start beside those that have started:
// what it asks for must be there, and nobody's yet, whatever name it goes by.
func (d *Device) admit(a *app) error {
	wants := map[string]string{}
	for _, name := range peripherals(a.manifest.Capabilities) {
		pin, known := d.pin(name)
		if err := d.check(PeripheralsAreOnTheBoard, known, defense.NotDeclared); err != nil {
			return err
		}
		owner := d.pins[pin]
		if err := d.check(PeripheralsHaveOneOwner, owner == "" || owner == a.name, defense.Conflict); err != nil {
			return err
		}
		wants[pin] = a.name
	}
	if d.pins == nil {
		d.pins = wants
	}
	maps.Copy(d.pins, wants)
	return nil
}
