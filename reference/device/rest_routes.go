package device

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// What a body may be.
const (
	takesJSON  = "application/json"
	takesBytes = "application/octet-stream"
)

// route is one entry of the interface's closed list.
type route struct {
	method, path string // a path that ends in a slash takes an argument
	takes        string // content type of its body
	door         bool   // it needs a capability
	do           func(d *Device, body []byte, argument string) ([]byte, error)
}

// routes is the list (azure-sphere.md 4.8): first those that answer anybody.
var routes = []route{
	{method: "GET", path: "/status", do: (*Device).restStatus},
	{method: "GET", path: "/abi_versions", do: (*Device).restABI},
	{method: "GET", path: "/net/status", do: (*Device).restNet},
	{method: "GET", path: "/device/capabilities", do: (*Device).restCapabilities},
	{method: "GET", path: "/device/security_state", do: (*Device).restSecurity},
	{method: "GET", path: "/device/manufacturing_state", do: (*Device).restLifecycle},

	{method: "GET", path: "/app/status/", door: true, do: (*Device).restAppStatus},
	{method: "PATCH", path: "/app/status/", takes: takesJSON, door: true, do: (*Device).restTrigger},
	{method: "GET", path: "/app/quota/", door: true, do: (*Device).restQuota},
	{method: "DELETE", path: "/app/image/", door: true, do: (*Device).restDeleteApp},
	{method: "GET", path: "/images", door: true, do: (*Device).restImages},
	{method: "PUT", path: "/update/stage", takes: takesBytes, door: true, do: (*Device).restStage},
	{method: "POST", path: "/update/install", takes: takesJSON, door: true, do: (*Device).restInstall},
	{method: "POST", path: "/restart", door: true, do: (*Device).restRestart},
	{method: "GET", path: "/log", door: true, do: (*Device).restLog},
	{method: "GET", path: "/telemetry", door: true, do: (*Device).restTelemetry},
	{method: "DELETE", path: "/telemetry", door: true, do: (*Device).restEraseTelemetry},
	{method: "GET", path: "/certstore/certs", door: true, do: (*Device).restCertificates},
	{method: "POST", path: "/certstore/certs", takes: takesJSON, door: true, do: (*Device).restAddCertificate},
	{method: "DELETE", path: "/certstore/certs/", door: true, do: (*Device).restDropCertificate},
	{method: "GET", path: "/certstore/space", door: true, do: (*Device).restCertificateSpace},
	{method: "GET", path: "/net/interfaces", door: true, do: (*Device).restNet},
	{method: "GET", path: "/wifi/config/networks", door: true, do: (*Device).restNetworks},
	{method: "POST", path: "/wifi/config/networks", takes: takesJSON, door: true, do: (*Device).restAddNetwork},
	{method: "GET", path: "/wifi/config/networks/", door: true, do: (*Device).restNetwork},
	{method: "PATCH", path: "/wifi/config/networks/", takes: takesJSON, door: true, do: (*Device).restChangeNetwork},
	{method: "DELETE", path: "/wifi/config/networks/", door: true, do: (*Device).restForgetNetwork},
	{method: "GET", path: "/net/proxy", door: true, do: (*Device).restProxy},
	{method: "POST", path: "/net/proxy", takes: takesJSON, door: true, do: (*Device).restSetProxy},
	{method: "GET", path: "/stats/memory/groups/applications", door: true, do: (*Device).restMemory},
	{method: "GET", path: "/net/firewall/rulesets", door: true, do: (*Device).restFirewall},
	{method: "GET", path: "/osversion", door: true, do: (*Device).restVersion},
	{method: "PUT", path: "/device/manufacturing_state", takes: takesJSON, door: true, do: (*Device).restSetLifecycle},
	// How a capability file gets onto a device is not public; these two are ours.
	{method: "PUT", path: "/device/capabilities", takes: takesBytes, door: true, do: (*Device).restKeepCapability},
	{method: "DELETE", path: "/device/capabilities", door: true, do: (*Device).restDropCapability},
}

// find returns the route for a request, nil when there is none, and what its
// path says behind the route's.
func find(method, path string) (*route, string) {
	for i := range routes {
		r := &routes[i]
		if r.method != method {
			continue
		}
		argument, ok := strings.CutPrefix(path, r.path)
		takes := strings.HasSuffix(r.path, "/")
		if ok && takes == (argument != "") && !strings.Contains(argument, "/") {
			return r, argument
		}
	}
	return nil, ""
}

// MediaType is the content type that the route of a request takes, "" for none.
func MediaType(method, path string) string {
	if r, _ := find(method, path); r != nil {
		return r.takes
	}
	return ""
}

// read reads a JSON body; a member that the route does not know is refused.
func read(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil || dec.More() {
		return defense.Refuse(defense.Malformed, "body: %v", err)
	}
	return nil
}

func write(v any) ([]byte, error) { return json.Marshal(v) }

func (d *Device) restStatus([]byte, string) ([]byte, error) {
	return write(map[string]any{"uptime": int64(d.host.Now().Sub(d.started) / time.Second), "version": "4.5.0"})
}

func (d *Device) restABI([]byte, string) ([]byte, error) {
	list := []map[string]int{}
	for _, a := range abis {
		list = append(list, map[string]int{"kind": a.kind, "version": a.version})
	}
	return write(map[string]any{"abiVersions": list})
}

func (d *Device) restNet([]byte, string) ([]byte, error) {
	status := map[string]any{"deviceAuthenticationIsReady": len(d.store.Client) > 0, "networkTimeSync": true}
	if d.gateway.Wrong(ShowsItsUpdateCertificate) && len(d.store.Update) > 0 {
		status["deviceAuthentication"] = hex.EncodeToString(d.store.Update[0])
	}
	return write(status)
}

func (d *Device) restCapabilities([]byte, string) ([]byte, error) {
	return write(map[string]any{"device_capabilities": d.Chip.Kinds()})
}

func (d *Device) restSecurity([]byte, string) ([]byte, error) {
	id := d.Chip.ID()
	return write(map[string]any{"securityState": "SECURE", "deviceIdentityPublicKey": hex.EncodeToString(id[:])})
}

func (d *Device) restLifecycle([]byte, string) ([]byte, error) {
	return write(map[string]string{"manufacturingState": lifecycles[d.Chip.Lifecycle()]})
}

// lifecycles are the names of the manufacturing states on the cable.
var lifecycles = []string{"Blank", "Module1Complete", "DeviceComplete"}

func (d *Device) restSetLifecycle(body []byte, _ string) ([]byte, error) {
	var w struct {
		State string `json:"manufacturingState"`
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	for i, name := range lifecycles {
		if name == w.State {
			return nil, d.Chip.SetLifecycle(chip.Lifecycle(i))
		}
	}
	return nil, defense.Refuse(defense.Malformed, "no manufacturing state %q", w.State)
}

// component finds an application by its component id, or by the name that an id
// is derived from (see message.Capabilities).
func (d *Device) component(argument string) (*app, error) {
	for _, name := range d.names() {
		if a := d.apps[name]; a.manifest.ComponentID == strings.ToLower(argument) || name == argument {
			return a, nil
		}
	}
	return nil, coded(defense.Refuse(defense.WrongState, "no component %q", argument), codeAbsent)
}

func (d *Device) restAppStatus(_ []byte, argument string) ([]byte, error) {
	a, err := d.component(argument)
	if err != nil {
		return nil, err
	}
	return write(map[string]string{"state": map[bool]string{true: "running", false: "stopped"}[a.running]})
}

func (d *Device) restTrigger(body []byte, argument string) ([]byte, error) {
	var w struct {
		Trigger string `json:"trigger"`
	}
	a, err := d.component(argument)
	if err != nil {
		return nil, err
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	switch {
	case w.Trigger == "start" && !a.running:
		d.startApp(a)
	case w.Trigger == "stop" && a.running:
		d.stopApp(a)
	case w.Trigger == "startDebug":
		return nil, d.startDebug(a)
	case w.Trigger != "start" && w.Trigger != "stop":
		return nil, defense.Refuse(defense.Malformed, "trigger %q", w.Trigger)
	}
	return nil, nil
}

// stopApp ends an application that somebody asked to end.
func (d *Device) stopApp(a *app) {
	a.running = false
	d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.Name + "." + a.name, State: "reset"})
}

func (d *Device) restQuota(_ []byte, argument string) ([]byte, error) {
	a, err := d.component(argument)
	if err != nil {
		return nil, err
	}
	used := 0
	for path, data := range d.store.Files[a.name] {
		used += len(path) + len(data)
	}
	return write(map[string]int{"LimitKB": d.quota(a) >> 10, "UsageKB": (used + 1023) >> 10})
}

func (d *Device) restImages([]byte, string) ([]byte, error) {
	var list []map[string]string
	for _, name := range d.names() {
		a := d.apps[name]
		if pkg, err := message.ParsePackage(a.image); err == nil {
			list = append(list, map[string]string{"name": name, "uid": a.manifest.ComponentID, "image": pkg.Identity.Image.String()})
		}
	}
	return write(map[string]any{"components": list})
}

func (d *Device) restRestart([]byte, string) ([]byte, error) { return nil, d.restart() }

// restart starts the device anew for somebody on the cable: not while an update
// is under way, which ends in a restart of its own.
func (d *Device) restart() error {
	if d.updating() {
		return coded(defense.Refuse(defense.WrongState, "an update is in progress"), codeUpdating)
	}
	d.PowerOn()
	return nil
}

func (d *Device) restLog([]byte, string) ([]byte, error) { return d.logData(Probe{}) }

func (d *Device) restTelemetry([]byte, string) ([]byte, error) {
	list := []map[string]any{}
	for _, r := range d.log.Reports {
		list = append(list, map[string]any{"sequence": r.Seq, "kind": r.Kind, "at": r.At})
	}
	return write(map[string]any{"records": list})
}

// restEraseTelemetry drops the reports that wait for the cloud. Their numbers are
// gone with them, so the cloud sees a gap; a report says who made it.
func (d *Device) restEraseTelemetry([]byte, string) ([]byte, error) {
	for _, r := range d.log.Reports {
		d.host.Observe(host.Event{Kind: "ReportDropped", Who: d.Name, Is: r.Kind, Number: int64(r.Seq), Bytes: r.Cause})
	}
	d.log.Reports = nil
	d.saveReports()
	if d.gateway.Wrong(ErasesTheCount) {
		d.store.NextSeq = 0
	}
	d.report("report.erased", []byte("local"), "reports erased on the service cable")
	return nil, nil
}
