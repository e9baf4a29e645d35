package device

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// app is one application container.
type app struct {
	name     string
	manifest message.AppManifest
	image    []byte
	id       message.GUID // of the image
	running  bool
	user     int
	tenant   string   // whom the device belonged to when it was started
	nodes    []string // device nodes in its image, where they count

	toCore, fromCore []byte // of a real-time application: its rings, never changed in place
	buffer           uint32 // where they were put, 0 for where boot puts them
}

// startApps reads the applications of the running slot and starts each in a
// container of its own.
func (d *Device) startApps() {
	parts, err := message.DecodeParts(d.readImages(slotRegions[d.slot]))
	if err != nil || len(parts) < 2 {
		return
	}
	var names []string
	for _, raw := range parts[min(message.CustomerAt(parts)+1, len(parts)):] {
		if d.readBoard(raw) {
			continue
		}
		a, err := d.readApp(raw)
		if err != nil || d.apps[a.name] != nil || !d.fitsACore(a) {
			d.report("app.refused", raw, "an application image cannot be used")
			continue
		}
		d.apps[a.name] = a
		names = append(names, a.name)
	}
	names = append(names, d.startSideloaded()...)
	users := d.users(names)
	for _, name := range names {
		a := d.apps[name]
		a.user = users[name]
		if err := d.admit(a); err != nil {
			delete(d.apps, name)
			d.report("app.refused", a.image, name+" asks for a peripheral that it cannot have")
			continue
		}
		for _, peripheral := range peripherals(a.manifest.Capabilities) {
			d.Chip.AssignPeripheral(peripheral, d.Name+"."+name)
		}
		d.Chip.Measure("app."+name, a.image)
		d.startApp(a)
	}
}

func (d *Device) startApp(a *app) {
	a.running, a.tenant = true, d.Chip.Tenant()
	d.host.Execute(d.Name, "app."+a.name, a.image)
	d.host.Observe(host.Event{Kind: "AppStarted", Who: d.Name + "." + a.name, Number: int64(a.user)})
	if a.realTime() {
		d.shareRing(a)
		return
	}
	d.host.Observe(host.Event{Kind: "MappingChanged", Who: d.Name + "." + a.name, State: "rx"})
}

// reserved are the components beside the applications: an application of such a
// name would be taken for it.
var reserved = []string{"kernel", "monitor", "chip", "radio", "modem", "media", certificates, appManager, azcore, azured, networkd, gatewayd}

func (d *Device) readApp(raw []byte) (*app, error) {
	pkg, err := message.ParsePackage(raw)
	if err != nil {
		return nil, err
	}
	files, err := message.ParseFS(pkg.Body)
	nodes := errors.Is(err, message.ErrDeviceNode)
	if err != nil && !nodes {
		return nil, err
	}
	if err := d.kernel.Check(ImagesHoldNoNodes, !nodes, defense.Malformed); err != nil {
		return nil, err
	}
	var special []string
	for _, f := range files {
		if f.Special != nil {
			special = append(special, "/"+f.Name)
		}
	}
	for _, f := range files {
		if f.Name == "app_manifest.json" {
			m, err := message.ParseAppManifest(f.Data)
			if err != nil {
				return nil, err
			}
			if slices.Contains(reserved, m.Name) {
				return nil, &message.ManifestError{Key: "Name", Reason: "the name of a part of the system"}
			}
			if err := entryPoint(m, files); err != nil {
				return nil, err
			}
			return &app{name: m.Name, manifest: *m, image: raw, id: pkg.Identity.Image, nodes: special}, nil
		}
	}
	return nil, &message.ManifestError{Code: message.CodeManifestMissing}
}

// entryPoint tells whether the code that a manifest starts is in the image.
func entryPoint(m *message.AppManifest, files []message.File) error {
	path := strings.TrimPrefix(m.EntryPoint, "/")
	fault := &message.ManifestError{Code: message.CodeEntryPointMissing, Key: "EntryPoint", Reason: "not in the image"}
	for _, f := range files {
		switch {
		case m.ApplicationType == message.RealTimeCapable, f.Name == path && f.Special == nil:
			return nil
		case strings.HasPrefix(f.Name, path+"/"):
			fault = &message.ManifestError{Code: message.CodeEntryPointNoFile, Key: "EntryPoint", Reason: "is no file"}
		}
	}
	return fault
}

// names lists the applications, running or not, in order.
func (d *Device) names() []string { return slices.Sorted(maps.Keys(d.apps)) }

// Apps lists the running applications by name.
func (d *Device) Apps() []string {
	var names []string
	for name, a := range d.apps {
		if a.running {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Alive tells whether a component (kernel, monitor, chip, a service or an app) runs.
func (d *Device) Alive(component string) bool {
	switch component {
	case "kernel", "monitor":
		return d.mode == Running
	case "chip":
		return d.mode == Running && !d.Chip.Stopped()
	}
	if _, _, _, ok := Service(component); ok {
		return d.mode == Running && !d.down[component]
	}
	a := d.apps[component]
	return a != nil && a.running
}

// Crash stops an app or service as an attack on it would; the application manager
// starts it anew and reports. A kernel that falls takes the device with it. cause
// names the crash.
func (d *Device) Crash(name string, cause []byte) error {
	p, ok := d.process(name)
	if name == "kernel" && d.mode == Running {
		d.panicked(cause)
		return nil
	}
	if !ok || d.down[name] {
		return defense.Refuse(defense.WrongState, "no app or service %q runs", name)
	}
	a := d.apps[name]
	if a != nil {
		a.running = false
	}
	d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.Name + "." + name, State: "crash", Bytes: CauseID(cause)})
	if a == nil {
		d.stopService(name, cause)
	}
	if a != nil && a.realTime() {
		d.crashedCore(a, cause)
	} else {
		var image message.GUID
		if a != nil {
			image = a.id
			d.dump(a, cause)
		}
		d.reportFrom("crash", "crash", cause, crashText(p.component, image))
	}
	if a != nil && d.kernel.Wrong(CrashRestartsTheDevice) {
		d.PowerOn()
		return nil
	}
	if a != nil {
		d.startApp(a)
	} else if d.crashes[name] == 1 {
		d.startServices()
	}
	d.push(job{kind: jobReport})
	d.work()
	return nil
}

// startServices starts the services that are down. One that falls a second time is
// left until some time has passed: it would only fall again.
func (d *Device) startServices() {
	if d.kernel.Wrong(LeavesServicesDown) {
		return
	}
	for _, s := range services {
		if d.down[s.name] {
			d.host.Observe(host.Event{Kind: "AppStarted", Who: d.Name + "." + s.name, Number: int64(s.user)})
		}
	}
	d.down = nil
}

// stopService takes a service out, and what shares its fate.
func (d *Device) stopService(name string, cause []byte) {
	if d.down == nil {
		d.down = map[string]bool{}
	}
	if d.crashes == nil {
		d.crashes = map[string]int{}
	}
	d.down[name] = true
	d.crashes[name]++
	if !d.kernel.Wrong(ServicesShareAProcess) {
		return
	}
	for _, s := range services {
		if s.name != name && s.name != appManager {
			d.down[s.name] = true
			d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.Name + "." + s.name, State: "crash", Bytes: CauseID(cause)})
		}
	}
}

// Probe is something that code in a held component attempts (language.md
// section 3).
type Probe struct {
	Component string // kernel, or a service's or app's name
	Name      string
	Keys      map[string]string
	Data      []byte
	Block     []byte // that the arguments of a call point to, nil for none
	Manifest  []byte // that comes with an image, nil for none
}

// probes by name: what each attempts.
var probes = map[string]func(d *Device, p Probe) ([]byte, error){
	"map":                 (*Device).probeMap,
	"write-code":          (*Device).probeWriteCode,
	"read-file":           (*Device).probeFile,
	"write-file":          (*Device).probeFile,
	"fill-storage":        (*Device).probeFillStorage,
	"store-certificate":   (*Device).probeStoreCertificate,
	"open-host":           (*Device).probeOpenHost,
	"listen":              (*Device).probeListen,
	"send-to":             (*Device).probeSendTo,
	"become":              (*Device).probeBecome,
	"open-node":           (*Device).probeOpenNode,
	"set-peripheral":      (*Device).probeSetPeripheral,
	"report":              (*Device).probeReport,
	"silence-reporter":    (*Device).probeSilence,
	"crash":               (*Device).probeCrash,
	"hide-indicator":      (*Device).probeHideIndicator,
	"call":                (*Device).probeCall,
	"sign":                (*Device).probeSign,
	"seal":                (*Device).probeSeal,
	"unseal":              (*Device).probeUnseal,
	"stage":               (*Device).probeStage,
	"write-flash":         (*Device).probeWriteFlash,
	"read-memory":         (*Device).probeReadMemory,
	"write-memory":        (*Device).probeMemory,
	"set-access":          (*Device).probeSetAccess,
	"replay-measurements": (*Device).probeReplayMeasurements,
	"stop-updater":        (*Device).probeStopUpdater,
}

// Try lets code in a held component attempt something. What it gets back is
// known to whoever holds the component.
func (d *Device) Try(p Probe) ([]byte, error) {
	if d.mode != Running {
		return nil, defense.Refuse(defense.Unavailable, "the device is %s", d.mode)
	}
	try := probes[p.Name]
	core, beside := d.neighbour(p.Component)
	if beside {
		try = nil
		if attempt := neighbourProbes[p.Name]; attempt != nil {
			try = func(d *Device, p Probe) ([]byte, error) { return attempt(d, p, core) }
		}
	}
	if try == nil {
		return nil, defense.Refuse(defense.UnknownCall, "no probe %q", p.Name)
	}
	if _, ok := d.process(p.Component); !ok && !beside {
		return nil, defense.Refuse(defense.WrongState, "no component %q runs", p.Component)
	}
	if a := d.apps[p.Component]; a != nil && a.realTime() && !slices.Contains(coreProbes, p.Name) {
		return nil, defense.Refuse(defense.UnknownCall, "a real-time core makes no system calls")
	}
	data, err := try(d, p)
	if err != nil && p.Component != "kernel" {
		// The kernel reports what an app was refused; a fallen kernel reports nothing.
		d.report("access.denied", []byte(p.Component+p.Name), p.Component+": "+p.Name+": "+string(defense.ClassOf(err)))
	}
	if d.mode == Running && d.Chip.Stopped() {
		d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.Name, State: "reset"})
		d.PowerOn()
	}
	if d.mode == Running {
		d.work()
	}
	return data, err
}

func (d *Device) who(p Probe) string { return d.Name + "." + p.Component }

func (p Probe) key(name, otherwise string) string {
	if v := p.Keys[name]; v != "" {
		return v
	}
	return otherwise
}

// part is the last part of a dotted name: d1.good -> good.
func part(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
