package device

import (
	"encoding/base64"
	"path"
	"strings"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Call is one request to the device's REST interface (gatewayd, azure-sphere.md
// 4.8), which answers on the service cable.
type Call struct {
	Method  string
	Path    string
	Headers []string // lines "Name: value", as they came
	Body    []byte
	By      string // who is at the other end: a person, or a component of the device
}

// Reply is the answer to a Call.
type Reply struct {
	Status int    // of HTTP
	Code   int    // decimal code of the interface (azure-sphere.md 4.5), 0 where none fits
	Body   []byte // JSON where there is any
}

// The limits of a request, in bytes and lines.
const (
	maxHeader  = 8 << 10
	maxHeaders = 32
	maxPackage = 1 << 20
)

// CapabilityHeader carries a capability file in base64: for this request alone.
const CapabilityHeader = "AZSPHERE-CAPABILITIES"

// servicing are the capabilities that open the doors of the interface.
var servicing = []uint16{message.CapabilityAppDevelopment, message.CapabilityFieldServicing}

// Local answers one request on the service cable. Its error is the refusal that
// Status and Code stand for.
func (d *Device) Local(c Call) (Reply, error) {
	if d.mode != Running {
		return Reply{}, defense.Refuse(defense.Unavailable, "the device is %s", d.mode)
	}
	body, err := d.local(c)
	if err != nil {
		class := defense.ClassOf(err)
		d.report("access.denied", []byte(c.Method+string(class)), "local "+c.Method+" "+c.Path+": "+string(class))
	}
	if d.mode == Running {
		d.work()
	}
	if err != nil {
		return Reply{Status: statusOf(err), Code: codeOf(err)}, err
	}
	return Reply{Status: 200, Body: body}, nil
}

func (d *Device) gate(id defense.ID, held bool, class defense.Class) error {
	return d.gateway.Check(id, held, class)
}

func (d *Device) local(c Call) ([]byte, error) {
	component, inside := strings.CutPrefix(c.By, d.Name+".")
	// The kernel can forge whatever arrives; nobody else inside is on the cable.
	if err := d.gate(AnswersOnlyTheCable, !inside || component == "kernel", defense.NotPermitted); err != nil {
		return nil, err
	}
	if err := d.bounded(c); err != nil {
		return nil, err
	}
	r, argument := find(c.Method, c.Path)
	if d.gateway.Wrong(KnowsDoorsByTheirSpelling) {
		r, argument = find(c.Method, path.Clean(c.Path))
	}
	if err := d.gate(AnswersOnlyListedRoutes, r != nil, defense.UnknownCall); err != nil {
		return nil, err
	}
	if r == nil {
		return d.strayPath(c.Path)
	}
	file, contentType, err := headers(c.Headers)
	if err != nil {
		return nil, err
	}
	if len(c.Body) > 0 && contentType != r.takes {
		return nil, coded(defense.Refuse(defense.Malformed, "%s takes %q", r.path, r.takes), codeMediaType)
	}
	if !r.door {
		return r.do(d, c.Body, argument)
	}
	return d.behindTheDoor(r, c, file, argument)
}

// behindTheDoor answers a request that needs a capability: one that is stored on
// the device, or the one that comes with the request and ends with it.
func (d *Device) behindTheDoor(r *route, c Call, file []byte, argument string) ([]byte, error) {
	door := strings.ToLower(c.Method) + " " + r.path
	d.host.Observe(host.Event{Kind: "DoorTried", Who: d.Name, What: door, Peer: c.By})
	if file != nil {
		end, err := d.Chip.Session(file)
		if err != nil {
			return nil, err
		}
		if !d.gateway.Wrong(KeepsSessionCapabilities) {
			defer end()
		}
	}
	shown := d.Chip.FileFor(servicing...)
	open := shown != nil || d.Chip.Lifecycle() < chip.DeviceComplete
	open = open || d.gateway.Wrong(KnowsDoorsByTheirSpelling) && path.Clean(c.Path) != c.Path
	if err := d.gate(DoorsNeedACapability, open, defense.NotPermitted); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "DoorOpened", Who: d.Name, What: door, Peer: c.By, Bytes: shown})
	return r.do(d, c.Body, argument)
}

// bounded holds a request to what the service has memory for.
func (d *Device) bounded(c Call) error {
	size := len(c.Path)
	for _, line := range c.Headers {
		size += len(line)
	}
	fits := size <= maxHeader && len(c.Headers) <= maxHeaders
	if err := d.gate(HeadersAreBounded, fits, defense.TooLarge); err != nil {
		return err
	}
	if !fits { // past the service's buffer and stack; what watches it restarts the device
		d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.gateway.Who, State: "crash", Bytes: CauseID([]byte("header"))})
		d.PowerOn()
		return defense.Refuse(defense.Unavailable, "the service stopped")
	}
	if err := d.gate(BodiesAreBounded, len(c.Body) <= maxPackage, defense.TooLarge); err != nil {
		return err
	}
	if len(c.Body) > maxPackage { // more than there is memory: the kernel takes that of the applications
		d.starve("", "memory")
		return defense.Refuse(defense.Unavailable, "no memory")
	}
	return nil
}

// headers reads the two headers that count. Both at most once: a second one would
// let two readers see two requests.
func headers(lines []string) (file []byte, contentType string, err error) {
	seen := map[string]bool{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToUpper(name), strings.TrimSpace(value)
		if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") || strings.ContainsAny(value, "\r\n\x00") {
			return nil, "", defense.Refuse(defense.Malformed, "header")
		}
		if name != CapabilityHeader && name != "CONTENT-TYPE" {
			continue
		}
		if seen[name] {
			return nil, "", defense.Refuse(defense.Malformed, "header %s twice", name)
		}
		seen[name] = true
		if name == "CONTENT-TYPE" {
			contentType = value
			continue
		}
		if file, err = base64.StdEncoding.DecodeString(value); err != nil {
			return nil, "", defense.Refuse(defense.Malformed, "capability header: %v", err)
		}
	}
	return file, contentType, nil
}

// strayPath is what a server does that serves files where it knows no route: it
// follows the path out of its own folder.
func (d *Device) strayPath(path string) ([]byte, error) {
	if inside, ok := strings.CutPrefix(path, "/../../mnt/apps/"); ok {
		name, rest, _ := strings.Cut(inside, "/")
		d.host.Observe(host.Event{Kind: "FileTouched", Who: d.gateway.Who, What: "read", Peer: d.Name + "." + name})
		return d.store.Files[name][rest], nil
	}
	return nil, defense.Refuse(defense.Unavailable, "no file %q", path)
}

// callLocal is a request to the interface from inside the device.
func (d *Device) callLocal(p Probe) ([]byte, error) {
	method, path := strings.ToUpper(p.key("method", "GET")), p.key("path", "/status")
	call := Call{Method: method, Path: path, Body: p.Data, By: d.who(p)}
	if len(p.Data) > 0 {
		call.Headers = []string{"Content-Type: " + MediaType(method, path)}
	}
	r, err := d.Local(call)
	return r.Body, err
}
