package device

import (
	"bytes"
	"errors"
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// updating tells whether an update is under way: the staging area and the slots
// are its own until the new release has shown that it works.
func (d *Device) updating() bool {
	busy := slices.ContainsFunc(d.jobs, func(j job) bool { return j.kind == jobUpdate && j.stage != "" })
	return busy || d.readBootRecord().Trial
}

// restStage puts an application's image package into the staging area.
func (d *Device) restStage(body []byte, _ string) ([]byte, error) {
	if err := d.gate(WaitsForUpdates, !d.updating(), defense.WrongState); err != nil {
		return nil, coded(err, codeUpdating)
	}
	if err := d.beginStaging(gatewayd, message.Applications, int64(len(body))); err != nil {
		return nil, coded(err, codeSpace)
	}
	_, err := d.stageBlock(Probe{Component: gatewayd}, 0, body, false)
	return nil, err
}

// restInstall verifies what is staged, keeps it and starts it.
func (d *Device) restInstall(body []byte, _ string) ([]byte, error) {
	var w struct {
		Mode string `json:"appControlMode"`
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	if w.Mode != "Auto" && w.Mode != "Manual" {
		return nil, defense.Refuse(defense.Malformed, "appControlMode %q", w.Mode)
	}
	if err := d.gate(WaitsForUpdates, !d.updating(), defense.WrongState); err != nil {
		return nil, coded(err, codeUpdating)
	}
	raw := bytes.Clone(d.staging.raw)
	if d.staging.by != gatewayd || len(raw) == 0 {
		return nil, coded(defense.Refuse(defense.WrongState, "nothing is staged"), codeStaging)
	}
	d.staging = staging{}
	a, err := d.verifySideload(raw)
	if err != nil {
		return nil, err
	}
	if err := d.keepSideload(a); err != nil {
		return nil, err
	}
	if old := d.apps[a.name]; old != nil && old.running {
		d.stopApp(old)
	}
	a.user = d.users([]string{a.name})[a.name]
	d.apps[a.name] = a
	d.Chip.Measure("app."+a.name, a.image)
	if w.Mode == "Auto" {
		d.startApp(a)
	}
	return nil, nil
}

// verifySideload decides whether a package may be sideloaded: an application,
// signed by the cloud or, under the capability for it, with the test key.
func (d *Device) verifySideload(raw []byte) (*app, error) {
	pkg, err := readImage(raw)
	if err != nil {
		return nil, coded(err, codeImage)
	}
	if pkg.Identity.Type != message.Applications {
		return nil, coded(defense.Refuse(defense.NotPermitted, "only applications are sideloaded"), codePermission)
	}
	developing := d.Chip.Enabled(message.CapabilityAppDevelopment)
	if err := d.verifySigner(pkg, developing); err != nil {
		return nil, coded(err, codeUntrusted)
	}
	return d.readSideload(raw)
}

// readSideload reads the application in a package, and refuses a manifest with
// the code that stands for its fault.
func (d *Device) readSideload(raw []byte) (*app, error) {
	a, err := d.readApp(raw)
	if fault, ok := errors.AsType[*message.ManifestError](err); ok && fault.Code != 0 {
		return nil, coded(defense.Refuse(defense.Malformed, "%v", err), fault.Code)
	}
	if err != nil {
		return nil, coded(defense.Refuse(defense.Malformed, "%v", err), codeImage)
	}
	if old := d.apps[a.name]; old != nil && old.manifest.ComponentID != a.manifest.ComponentID {
		return nil, coded(defense.Refuse(defense.Conflict, "%s is the name of another component", a.name), codeDeployed)
	}
	return a, nil
}

// sideloaded reads the packages that were sideloaded.
func (d *Device) sideloaded() [][]byte {
	parts, err := message.DecodeParts(d.readImages(RegionSideloaded))
	if err != nil {
		return nil
	}
	return parts
}

// keepSideload keeps a package beside the release, in place of an older one of
// the same component.
func (d *Device) keepSideload(a *app) error {
	list := d.without(a.manifest.ComponentID)
	list = append(list, a.image)
	if len(list) > message.MaxParts || message.PartsSize(list) > sizeOf(RegionSideloaded) {
		return coded(defense.Refuse(defense.TooLarge, "no space"), codeSpace)
	}
	d.write(RegionSideloaded, 0, message.EncodeParts(list))
	return nil
}

// without is what was sideloaded except for a component.
func (d *Device) without(component string) [][]byte {
	var list [][]byte
	for _, raw := range d.sideloaded() {
		if a, err := d.readApp(raw); err == nil && a.manifest.ComponentID != component {
			list = append(list, bytes.Clone(raw))
		}
	}
	return list
}

// startSideloaded puts what was sideloaded among the applications that start, and
// names those that the release does not have: each verified anew, and those of
// development only while it is enabled.
func (d *Device) startSideloaded() (names []string) {
	for _, raw := range d.sideloaded() {
		pkg, err := message.ParsePackage(raw)
		if err != nil || pkg.Identity.Type != message.Applications {
			continue
		}
		key, known := d.keys.keys.Find(signerOf(pkg))
		signed := known && d.host.Memory().Verify(key.Public, pkg.Digest(), pkg.Signature)
		if err := d.check(VerifiesSideloadsAtBoot, signed && key.Usage&message.UsageApplication != 0, defense.BadSignature); err != nil {
			d.report("app.refused", raw, "a sideloaded application does not verify")
			continue
		}
		mayRun := key.Public != d.TestKey || d.Chip.Enabled(message.CapabilityAppDevelopment)
		if err := d.check(DevelopmentEndsWithItsCapability, mayRun, defense.UntrustedSigner); err != nil {
			d.report("app.refused", raw, "an application of development, which is not enabled")
			continue
		}
		if a, err := d.readSideload(raw); err == nil {
			if d.apps[a.name] == nil {
				names = append(names, a.name)
			}
			d.apps[a.name] = a
		}
	}
	return names
}

// restDeleteApp removes a sideloaded application, and what it stored.
func (d *Device) restDeleteApp(_ []byte, argument string) ([]byte, error) {
	a, err := d.component(argument)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.sideloaded(), func(raw []byte) bool { return bytes.Equal(raw, a.image) }) {
		return nil, coded(defense.Refuse(defense.WrongState, "%s belongs to the release", a.name), codeDeployed)
	}
	list := d.without(a.manifest.ComponentID)
	d.write(RegionSideloaded, 0, message.EncodeParts(list))
	delete(d.store.Files, a.name)
	d.saveStored()
	return nil, d.restart()
}

// restKeepCapability stores a capability file: it is in force from the next start
// on, and at each one verified anew.
func (d *Device) restKeepCapability(body []byte, _ string) ([]byte, error) {
	end, err := d.Chip.Session(body)
	if err != nil {
		return nil, err
	}
	end()
	d.store.Capability = bytes.Clone(body)
	if !d.saveStored() {
		return nil, defense.Refuse(defense.Unavailable, "storage is full")
	}
	return nil, d.restart()
}

// restDropCapability locks the device again: development ends with its
// capability.
func (d *Device) restDropCapability([]byte, string) ([]byte, error) {
	d.store.Capability = nil
	d.saveStored()
	return nil, d.restart()
}

// enableStored puts the stored capability in force, if it is sound still.
func (d *Device) enableStored() {
	if len(d.store.Capability) == 0 {
		return
	}
	if _, err := d.Chip.Accept(d.store.Capability); err != nil {
		d.report("access.denied", d.store.Capability, "the stored capability: "+string(defense.ClassOf(err)))
	}
}

// endDevelopment locks the device at once and takes away what was sideloaded: who
// had the device before may have left more on it than data.
func (d *Device) endDevelopment() {
	d.store.Capability = nil
	d.Chip.EndCapabilities()
	list := d.sideloaded()
	for _, raw := range list {
		if a, err := d.readApp(raw); err == nil && d.apps[a.name] != nil && bytes.Equal(d.apps[a.name].image, raw) {
			d.stopApp(d.apps[a.name])
			delete(d.apps, a.name)
		}
	}
	if len(list) > 0 {
		d.write(RegionSideloaded, 0, make([]byte, sizeOf(RegionSideloaded)))
	}
}
