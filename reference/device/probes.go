package device

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

func (d *Device) probeFile(p Probe) ([]byte, error) {
	owner, path := part(p.key("of", p.Component)), p.key("path", "data")
	if owner == systemFiles {
		return d.systemFile(p, path)
	}
	if d.apps[owner] == nil {
		return nil, defense.Refuse(defense.WrongState, "no app %q", owner)
	}
	if len(path) > 128 || !utf8.ValidString(path) {
		return nil, defense.Refuse(defense.Malformed, "path of %d bytes", len(path))
	}
	if err := d.kernel.Check(FilesBelongToTheirApp, owner == p.Component || p.Component == "kernel", defense.NotPermitted); err != nil {
		return nil, err
	}
	verb := strings.TrimSuffix(p.Name, "-file")
	if err := d.opens(p, verb); err != nil {
		return nil, err
	}
	above, upwards := strings.CutPrefix(path, "../")
	if err := d.kernel.Check(PathsStayInTheirFolder, !upwards, defense.Malformed); err != nil {
		return nil, err
	}
	if upwards { // followed, it leads past the check into the folder of another
		owner, path, _ = strings.Cut(above, "/")
	}
	d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: verb, Peer: d.Name + "." + owner})
	if verb == "read" {
		return d.store.Files[owner][path], nil
	}
	data, err := d.grow(p)
	if err != nil {
		return nil, err
	}
	return nil, d.storeFile(owner, path, data)
}

const (
	// maxFiles bounds the files of one app: the store's encoding takes 64.
	maxFiles = 32
	// forSystem is the part of the store that apps cannot have, in bytes:
	// credentials of its own, owner, counters, and the certificate store.
	forSystem = 8<<10 + maxCertificates + 1<<10
)

// quota is how many bytes an app may store, names included: what its manifest
// grants, and no more than its share of the medium, since what all manifests
// grant together may be more than there is.
func (d *Device) quota(a *app) int {
	if a.manifest.Capabilities.MutableStorage == nil || a.realTime() {
		return 0
	}
	storing := 0
	for _, other := range d.apps {
		if other.manifest.Capabilities.MutableStorage != nil && !other.realTime() {
			storing++
		}
	}
	medium := sizeOf(RegionConfig)/2 - halfHeader - forSystem
	return min(a.manifest.Capabilities.MutableStorage.SizeKB<<10, medium/storing)
}

// storeFile writes an app's file within what the app may store.
func (d *Device) storeFile(owner, path string, data []byte) error {
	a := d.apps[owner]
	if a == nil {
		return defense.Refuse(defense.WrongState, "no app %q", owner)
	}
	files := d.store.Files[owner]
	used, count := len(path)+len(data), 1
	for name, f := range files {
		if name != path {
			used, count = used+len(name)+len(f), count+1
		}
	}
	if err := d.kernel.Check(StorageHasAQuota, used <= d.quota(a) && count <= maxFiles, defense.TooLarge); err != nil {
		return err
	}
	return d.keepFile(owner, path, data)
}

// keepFile writes a file, if the medium has room for it.
func (d *Device) keepFile(owner, path string, data []byte) error {
	files := d.store.Files[owner]
	if files == nil {
		files = map[string][]byte{}
		d.store.Files[owner] = files
	}
	kept, had := files[path]
	files[path] = slices.Clone(data)
	if d.saveStored() {
		if had {
			d.freed = freed{owner, kept}
		}
		return nil
	}
	// The medium is full: nobody can store any more, the system included.
	if files[path] = kept; !had {
		delete(files, path)
	}
	d.starve(owner, "storage full")
	return defense.Refuse(defense.Unavailable, "storage is full")
}

// starve ends the applications that need what somebody has used up: memory, or
// room in the store.
func (d *Device) starve(user, of string) {
	for _, name := range d.names() {
		if a := d.apps[name]; name != user && (of == "memory" || a.manifest.Capabilities.MutableStorage != nil) {
			a.running = false
			d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.Name + "." + name, State: "crash", Bytes: CauseID([]byte(of))})
		}
	}
}

func (d *Device) probeFillStorage(p Probe) ([]byte, error) {
	n, err := strconv.Atoi(p.key("bytes", "65536"))
	if err != nil || n < 0 || n > 1<<20 {
		return nil, defense.Refuse(defense.Malformed, "bytes")
	}
	if err := d.opens(p, "write"); err != nil {
		return nil, err
	}
	return nil, d.storeFile(p.Component, "fill", make([]byte, n))
}

func (d *Device) appOf(p Probe) message.Capabilities {
	if a := d.apps[p.Component]; a != nil {
		return a.manifest.Capabilities
	}
	return message.Capabilities{}
}

func (d *Device) probeOpenHost(p Probe) ([]byte, error) {
	target := p.key("host", "evil.example")
	hosts, _, _, system := Service(p.Component)
	if !system {
		hosts = d.appOf(p).AllowedConnections
	}
	if a := d.apps[p.Component]; a != nil {
		if err := d.check(CoresHaveNoNetwork, !a.realTime(), defense.NotPermitted); err != nil {
			return nil, err
		}
	}
	// A name is looked up here, not by who asks: an address that he brings with it
	// is a place of its own, and no manifest names one by it (DID-7).
	if address := p.Keys["address"]; address != "" {
		if !d.kernel.Wrong(BelievesNamesBesideAddresses) {
			target = address
		} else if slices.Contains(hosts, target) {
			hosts, target = []string{address}, address
		}
	}
	declared := p.Component == "kernel" || slices.Contains(hosts, target)
	if declared {
		target = d.leadsTo(p.Component, target)
	} else {
		target, declared = d.behind(p.Component, target)
	}
	if err := d.kernel.Check(HostsAreDeclared, declared, defense.NotDeclared); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "ConnectionMade", Who: d.who(p), Peer: target, Number: 443})
	return nil, nil
}

func (d *Device) probeListen(p Probe) ([]byte, error) {
	port, err := strconv.Atoi(p.key("port", "23"))
	if err != nil || port < 1 || port > 65535 {
		return nil, defense.Refuse(defense.Malformed, "port")
	}
	if err := d.kernel.Check(PortsAreDeclared, slices.Contains(d.appOf(p).AllowedTcpServerPorts, port), defense.NotDeclared); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "port", Is: strconv.Itoa(port)})
	return nil, nil
}

func (d *Device) probeSendTo(p Probe) ([]byte, error) {
	peer, self := d.apps[part(p.key("peer", ""))], d.apps[p.Component]
	if peer == nil {
		return nil, defense.Refuse(defense.WrongState, "no such peer")
	}
	core := peer
	if self != nil && self.realTime() {
		core = self
	}
	if !core.realTime() {
		if err := d.address(p); err != nil {
			return nil, err
		}
	}
	// A fallen kernel writes into the ring itself and asks nobody.
	if p.Component != "kernel" || !core.realTime() {
		if err := d.kernel.Check(PeersAgree, self != nil && agree(self, peer), defense.NotDeclared); err != nil {
			return nil, err
		}
	}
	if core.realTime() {
		var from message.GUID
		if self != nil {
			from = self.manifest.Component()
		}
		if err := d.overRing(p, core, core == peer, from); err != nil {
			return nil, err
		}
	}
	d.host.Observe(host.Event{Kind: "PeerReached", Who: d.who(p), Peer: d.Name + "." + peer.name})
	return nil, nil
}

func (d *Device) probeOpenNode(p Probe) ([]byte, error) {
	node, c := p.key("path", "/dev/gpiochip0"), d.appOf(p)
	declared := slices.Contains(peripherals(c), node)
	if a := d.apps[p.Component]; a != nil && slices.Contains(a.nodes, node) {
		declared = true // the image brought the node along, and the kernel honours it
	}
	if err := d.kernel.Check(PeripheralsAreDeclared, declared, defense.NotDeclared); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "peripheral", Is: node})
	return nil, nil
}

func (d *Device) probeReport(p Probe) ([]byte, error) {
	kind := p.key("kind", "app.note")
	if len(kind) > 64 {
		return nil, defense.Refuse(defense.Malformed, "kind")
	}
	text := "reported by " + p.Component
	if p.Data != nil {
		text = string(p.Data)
	}
	return nil, d.reportFrom(p.Component, kind, []byte(p.Component+kind), text)
}

func (d *Device) probeSilence(p Probe) ([]byte, error) {
	if err := d.kernel.Check(SilenceIsNotForApps, false, defense.NotPermitted); err != nil {
		return nil, err
	}
	d.silenced = true
	return nil, nil
}

func (d *Device) probeCrash(p Probe) ([]byte, error) {
	if a := d.apps[p.Component]; a != nil && !a.realTime() && p.Keys["how"] == "oops" {
		d.oopsed(p.Component)
	}
	return nil, d.Crash(p.Component, []byte(p.key("how", "crash")+strconv.Itoa(int(d.store.NextSeq))))
}

func (d *Device) probeHideIndicator(Probe) ([]byte, error) { return nil, d.hideIndicator() }

func (d *Device) probeSign(p Probe) ([]byte, error) {
	digest := digest([]byte(p.key("text", "statement")))
	if a := d.apps[p.Component]; a != nil {
		declared := a.manifest.Capabilities.DeviceAuthentication != ""
		if err := d.kernel.Check(IdentityIsDeclared, declared, defense.NotDeclared); err != nil {
			return nil, err
		}
		d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "authentication", Is: "tenant-key"})
	}
	signed, err := d.mailbox(p, 1, chip.SignForTenant, append(digest[:], p.Keys["for"]...))
	if err == nil && d.kernel.Wrong(ShowsItsUpdateCertificate) && len(d.store.Update) > 0 {
		signed = append(signed, d.store.Update[0]...)
	}
	return signed, err
}

func (d *Device) probeWriteFlash(p Probe) ([]byte, error) {
	region := p.key("region", RegionBoot)
	if !slices.ContainsFunc(Flash, func(r Region) bool { return r.Name == region }) {
		return nil, defense.Refuse(defense.Malformed, "no region %q", region)
	}
	d.host.Observe(host.Event{Kind: "CallMade", Who: d.who(p), What: "flash"})
	readOnly := p.Keys["via"] == "read-only"
	if err := d.kernel.Check(ReadOnlyIsReadOnly, !readOnly, defense.NotPermitted); err != nil {
		return nil, err
	}
	if readOnly { // the driver writes by itself: the monitor is not asked
		d.host.Write(d.Name, d.who(p), region, 0, []byte("overwritten"))
		return nil, nil
	}
	own := region == RegionConfig && p.Component == "kernel"
	if d.monitor.Wrong(GuardsOnlyFirstCopies) {
		backup := slices.ContainsFunc(backups, func(b struct{ region, backup string }) bool { return b.backup == region })
		own = own || backup && p.Component == "kernel"
	}
	if err := d.check(WritesOnlyOwnRegions, own, defense.NotPermitted); err != nil {
		return nil, err
	}
	data := p.Data
	if len(data) == 0 {
		data = []byte("overwritten")
	}
	d.host.Write(d.Name, d.who(p), region, 0, data)
	return nil, nil
}

func (d *Device) probeReadMemory(p Probe) ([]byte, error) {
	if a := d.apps[p.Component]; (a == nil || !a.realTime()) && p.key("of", "security") == "security" {
		return d.Chip.ReadSecure(d.who(p))
	}
	return d.probeMemory(p)
}

// probeMemory reaches for memory from the core that the code runs on. Only the
// kernel and bare code on a real-time core can: others have pages.
func (d *Device) probeMemory(p Probe) ([]byte, error) {
	role := chip.ApplicationCore
	if a := d.apps[p.Component]; a != nil && a.realTime() {
		role = chip.InputOutputCore
	} else if p.Component != "kernel" {
		return nil, defense.Refuse(defense.UnknownCall, "%s reaches memory by its pages alone", p.Component)
	}
	core, _ := d.Chip.Core(string(role))
	return d.transfer(p, core)
}

// probeReplayMeasurements lets the kernel hand the measurements of a sound boot
// to the chip in place of what really ran.
func (d *Device) probeReplayMeasurements(p Probe) ([]byte, error) {
	d.host.Observe(host.Event{Kind: "CallMade", Who: d.who(p), What: "quote"})
	sound := digest([]byte("a sound kernel"))
	if p.Keys["log"] == "extend" {
		return nil, d.Chip.Extend("os", sound)
	}
	log := []message.Measurement{{Stage: "bootloader", Digest: sound[:]}, {Stage: "monitor", Digest: sound[:]}, {Stage: "os", Digest: sound[:]}}
	nonce, binding := digest([]byte("nonce")), digest([]byte("key"))
	return d.Chip.Quote(nonce[:], binding[:], log)
}

func (d *Device) probeStopUpdater(p Probe) ([]byte, error) {
	if err := d.kernel.Check(UpdaterIsTheSystems, p.Component == "kernel" || p.Component == azured, defense.NotPermitted); err != nil {
		return nil, err
	}
	d.jobs = slices.DeleteFunc(d.jobs, func(j job) bool { return j.kind == jobUpdate })
	return nil, nil
}
