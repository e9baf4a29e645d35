package inproc

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// maker owns devices that a story gives no owner.
const maker = "maker"

func (s *system) principal(r sut.Request) (sut.Answer, bool) {
	name, kind := r.Pos[0], r.Pos[1]
	s.sys.Person(name)
	s.people[name] = kind
	secret := s.w.Noise("password of "+name, 12)
	s.sys.Vendor.Enroll(name, secret)
	s.w.Secret(name+".password", secret)
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.SecretMade, Who: name, What: name + ".password"})
	if kind == "staff" {
		s.sys.Cloud.Staff(name)
		s.sys.Vendor.Staff(name)
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.GrantMade, Who: cloud.Name, Peer: name, What: cloud.Name, Is: "support"})
	}
	return sut.Answer{Outcome: sut.Done, Data: secret}, true
}

func (s *system) turn(r sut.Request) (sut.Answer, bool) {
	s.people[r.Pos[0]] = "attacker"
	return sut.Answer{Outcome: sut.Done}, true
}

func (s *system) newKey(r sut.Request) (sut.Answer, bool) {
	key := s.sys.Cloud.Images.NewKey(r.Pos[0])
	return sut.Answer{Outcome: sut.Done, Data: key.Scalar()}, true
}

func (s *system) trust(r sut.Request) (sut.Answer, bool) {
	keys := strings.Split(r.Arg("keys", ""), ",")
	usage, threshold := r.Arg("for", cloud.ForRelease), number(r.Arg("threshold", "1"))
	if usage == cloud.ForRelease {
		s.sys.Cloud.Images.Threshold(int(threshold))
	}
	s.sys.Cloud.Images.Trust(usage, keys...)
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.TrustDeclared, Who: cloud.Name, What: usage, Labels: keys, Number: int64(threshold)})
	return sut.Answer{Outcome: sut.Done}, true
}

// release makes a release and writes down what it truly is.
func (s *system) release(r sut.Request) (sut.Answer, bool) {
	spec := cloud.ReleaseSpec{Name: r.Pos[0], Type: kindOf(r), Tenant: r.Args["tenant"], Signer: r.Arg("signers", ""), Version: number(r.Arg("version", "1")), Security: number(r.Arg("security", "1"))}
	spec.Base = number(r.Arg("base", "0"))
	spec.Payload = r.Value(r.Args["payload"])
	if spec.Payload == nil {
		size, err := strconv.Atoi(r.Arg("size", "3000"))
		if err != nil {
			return failed("size is no number of bytes")
		}
		spec.Payload = s.w.Noise("payload of "+spec.Name, size)
	}
	state := ""
	if behaves := r.Args["behaves"]; behaves != "" {
		spec.Behaves, state = []defense.ID{defense.ID(behaves)}, "planted"
		if spec.Behaves[0] == device.NeverHealthy {
			state = "bad"
		}
	}
	apps, err := s.appsOf(r)
	if err != nil {
		return failed(err.Error())
	}
	spec.Board = r.Value(r.Args["board"])
	if _, err := device.ParseBoard(spec.Board); err != nil {
		return failed(err.Error())
	}
	spec.Apps, spec.Development = apps, r.Args["development"] == "yes"
	made, err := s.sys.Cloud.Images.Make(spec)
	if err != nil {
		return failed(err.Error())
	}
	s.announce(made, spec, state)
	parts := made.Parts
	if r.Args["format"] == message.FormatSUIT {
		parts = s.sys.Cloud.Images.SUIT(made)
		s.w.Know(parts[0], made.Name)
	}
	if r.Args["recovery"] == "yes" {
		all, err := s.sys.Cloud.Images.Recovery(made)
		if err != nil {
			return failed(err.Error())
		}
		parts = append(slices.Clip(parts), all.Manifest)
	}
	return sut.Answer{Outcome: sut.Done, Parts: parts}, true
}

// appsOf reads app=name:@file,... of a release.
func (s *system) appsOf(r sut.Request) ([]cloud.App, error) {
	var apps []cloud.App
	for _, item := range strings.Split(r.Args["app"], ",") {
		if item == "" {
			continue
		}
		name, file, _ := strings.Cut(item, ":@")
		raw := r.Files[file]
		if raw == nil {
			return nil, fmt.Errorf("app %s: no file part %q", name, file)
		}
		m, err := message.ParseAppManifest(raw)
		if err != nil {
			return nil, fmt.Errorf("app %s: %v", name, err)
		}
		if m.Name != name {
			return nil, fmt.Errorf("app %s: its manifest says %q", name, m.Name)
		}
		app := cloud.App{Name: name, Manifest: raw}
		if r.Args["nodes"] == name {
			app.Node = "dev/mem"
		}
		if version := r.Args["downstream"]; version != "" && apps == nil {
			app.Firmware = message.PackDownstream(number(version), s.w.Noise("downstream of "+r.Pos[0], 3000))
		}
		apps = append(apps, app)
	}
	return apps, nil
}

// announce writes the truth about a release: digests of its parts and the
// rights that its applications declare.
func (s *system) announce(r *cloud.Release, spec cloud.ReleaseSpec, state string) {
	e := trace.Event{Source: trace.Actor, Kind: trace.ReleaseMade, Who: r.Tenant, What: r.Name, Is: r.Type, Number: int64(r.Version), Level: int64(r.Security), State: state, Labels: strings.Split(spec.Signer, ",")}
	if spec.Signer == "" {
		e.Labels = []string{cloud.Name + ".release-key"}
	}
	s.w.Emit(e)
	set, _ := message.SplitCosignatures(r.Parts)
	for i, part := range r.Parts {
		s.w.Know(part, r.Name)
		if i >= len(set) {
			continue // a co-signature: it comes with an update and is not installed
		}
		p := e
		p.Peer, p.Digest = partName(part, i), world.Digest(part)
		if strings.HasPrefix(p.Peer, "base.") {
			p.Level = int64(spec.Base)
		}
		s.w.Emit(p)
	}
	pins, _ := device.ParseBoard(spec.Board)
	for _, name := range slices.Sorted(maps.Keys(pins)) {
		s.declare(r.Name, "board", "pin", name+"="+pins[name])
	}
	for _, a := range spec.Apps {
		if version, err := message.DownstreamVersion(a.Firmware); err == nil {
			p := e
			p.Peer, p.Digest, p.Number = "firmware", world.Digest(a.Firmware), int64(version)
			s.w.Know(a.Firmware, r.Name)
			s.w.Emit(p)
		}
		m, err := message.ParseAppManifest(a.Manifest)
		if err == nil {
			s.rights(r.Name, a.Name, m)
		}
	}
}

// declare writes the rights of one kind that a release gives a component.
func (s *system) declare(release, component, kind string, values ...string) {
	for _, v := range values {
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.RightDeclared, Who: release, What: component, Peer: kind, Is: v})
	}
}

// systemRights writes what a service of the system may do: with no release of its
// own, it has it from the system.
func (s *system) systemRights(component string) {
	hosts, groups, updates, _ := device.Service(component)
	s.declare("system", component, "host", hosts...)
	if updates {
		s.declare("system", component, "slot", "inactive")
	}
	s.declareGroups("system", component, groups)
	if device.ControlsJobs(component) {
		s.declare("system", component, "job", "others")
	}
}

func (s *system) declareGroups(release, component string, groups []int) {
	for _, g := range groups {
		s.declare(release, component, "group", strconv.Itoa(g))
	}
}

func (s *system) rights(release, app string, m *message.AppManifest) {
	c := m.Capabilities
	declare := func(kind string, values ...string) { s.declare(release, app, kind, values...) }
	if m.ApplicationType != message.RealTimeCapable { // it has no network, whatever it lists
		declare("host", c.AllowedConnections...)
	}
	for _, port := range c.AllowedTcpServerPorts {
		declare("port", strconv.Itoa(port))
	}
	declare("peripheral", slices.Concat(c.Gpio, c.Pwm, c.Adc, c.I2cMaster, c.SpiMaster, c.Uart, c.I2sSubordinate)...)
	if c.VideoCapture {
		declare("peripheral", "camera")
	}
	if c.DeviceAuthentication != "" {
		declare("authentication", "tenant-key")
	}
	if m.ApplicationType == message.Debugger {
		declare("job", "others")
	}
	declare("app", c.AllowedApplicationConnections...)
	declare("component", m.ComponentID)
	s.declareGroups(release, app, device.Groups(c))
	if c.MutableStorage != nil {
		declare("storage", strconv.Itoa(c.MutableStorage.SizeKB))
	}
}

// layout is that of every device's flash.
var layout = func() (list []world.Region) {
	for _, region := range device.Flash {
		list = append(list, world.Region{Name: region.Name, Pages: region.Pages})
	}
	return list
}()

// build makes a device with the factory's images and a release in slot A.
func (s *system) build(r sut.Request, honest bool) (*device.Device, *cloud.Release, error) {
	name, kind := r.Pos[0], kindOf(r)
	release, err := s.first(r, kind)
	if err != nil {
		return nil, nil, err
	}
	s.w.AddFlash(name, layout)
	config := s.sys.Config(name, kind, hasCamera(kind))
	config.Format, config.Layers = chip.Format(r.Args["evidence"]), r.Args["identity"] == "dice"
	if config.Layers && config.Format != chip.PSA {
		return nil, nil, fmt.Errorf("identity=dice needs evidence=psa: the certificates of the layers go with a token")
	}
	config.Updates = r.Args["update-format"]
	d := device.New(s, config)
	s.sys.Devices[name] = d
	m := s.sys.Cloud.Images
	base := m.Factory(release)
	set, _ := message.SplitCosignatures(release.Parts)
	set = set[:message.BaseAt(set)]
	if release.Base == nil {
		for _, raw := range base.Set.Packages() {
			s.w.Know(raw, "factory")
		}
	}
	for _, c := range base.Contents {
		s.w.LoadFlash(name, c.Region, c.Data)
	}
	s.w.LoadFlash(name, device.RegionKeystore, message.EncodeParts([][]byte{m.Keystore()}))
	for _, region := range []string{device.RegionCertStore, device.RegionCertStoreBackup} {
		s.w.LoadFlash(name, region, message.EncodeParts([][]byte{m.CertStore()}))
	}
	s.w.LoadFlash(name, device.RegionSlotA, message.EncodeParts(set))
	if original := s.sys.Devices[r.Args["clone"]]; original != nil {
		d.Chip.Pretend(original.Chip.ID())
	}
	id := d.Chip.ID()
	source := trace.Actor
	if honest {
		s.sys.Cloud.List(name, kind, id)
		s.sys.Cloud.Enroll(id, config.Format, config.Layers, d.Chip.Implementation())
	} else {
		source = trace.Attack
	}
	s.addName(name, id)
	s.w.Emit(trace.Event{Source: source, Kind: trace.DeviceManufactured, Who: name, Is: kind, Peer: r.Args["group"], Digest: world.Digest(id[:])})
	return d, release, nil
}

// first is the release that a new device runs: the one named, else the oldest of
// its type, else one made for it.
func (s *system) first(r sut.Request, kind string) (*cloud.Release, error) {
	m := s.sys.Cloud.Images
	if name := r.Args["running"]; name != "" {
		release := m.Release(name)
		if release == nil || release.Type != kind {
			return nil, fmt.Errorf("release %q is not made, or not for type %q", name, kind)
		}
		return release, nil
	}
	if release := m.Oldest(kind); release != nil {
		return release, nil
	}
	made := sut.Request{Verb: "release", Pos: []string{kind + "-factory"}, Args: map[string]string{"version": "1", "type": kind}}
	if keys := m.Trusted(cloud.ForRelease); len(keys) > 0 {
		made.Args["signers"] = strings.Join(keys, ",") // what the factory puts on a device is signed as everything is
	}
	if a, _ := s.release(made); a.Outcome != sut.Done {
		return nil, fmt.Errorf("factory release: %s", a.Reason)
	}
	return m.Release(kind + "-factory"), nil
}

func (s *system) manufacture(r sut.Request) (sut.Answer, bool) {
	d, release, err := s.build(r, !r.Hostile)
	if err != nil {
		return refuse(defense.Inconsistent, err.Error()), true
	}
	stop, ok := chip.ParseLifecycle(r.Arg("stop-at", chip.DeviceComplete.String()))
	if !ok {
		return failed("stop-at is no manufacturing state")
	}
	for state := chip.Module1Complete; state <= stop; state++ {
		if err := d.Chip.SetLifecycle(state); err != nil {
			return result(nil, err), true
		}
	}
	if err := d.Chip.SetCounter(release.Security); err != nil {
		return result(nil, err), true
	}
	if err := d.Chip.SetBaseFloor(s.sys.Cloud.Images.Factory(release).Security); err != nil {
		return result(nil, err), true
	}
	d.PowerOn()
	return s.whenIdle(r, d)
}

// device makes a device and puts it into service: claimed, attested, paired.
func (s *system) device(r sut.Request) (sut.Answer, bool) {
	r.Hostile = false
	a, done := s.manufacture(r)
	if done && a.Outcome != sut.Done {
		return a, true
	}
	d := s.sys.Devices[r.Pos[0]]
	owner := r.Arg("owner", maker)
	id := d.Chip.ID()
	s.sys.Cloud.Own(id, owner)
	s.sys.Cloud.Group(id, r.Args["group"])
	s.sys.Vendor.Pair(d.Name, id, owner)
	s.relied(owner)
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.GrantMade, Who: cloud.Name, Peer: owner, What: d.Name, Is: "owner"})
	if r.Args["running"] != "" || s.sys.Cloud.Images.Newest(kindOf(r), r.Args["group"]) == nil {
		s.published(s.running(d.Name), r.Args["group"])
	}
	d.Claimed(owner)
	d.PowerOn() // a restart, now that it has an owner
	return s.whenIdle(r, d)
}

// published writes that a release may be installed by a group, or by all ("").
func (s *system) published(name, group string) {
	if s.sys.Cloud.Images.Release(name) != nil {
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.ReleasePublished, What: name, Peer: group})
	}
}

func (s *system) whenIdle(r sut.Request, d *device.Device) (sut.Answer, bool) {
	if d.Idle() || d.Mode() != device.Running {
		return sut.Answer{Outcome: sut.Done}, true
	}
	s.busy[r.Op], s.idle[r.Op] = d.Name, true
	return sut.Answer{}, false
}

func number(text string) uint32 {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func refuse(class defense.Class, reason string) sut.Answer {
	return sut.Answer{Outcome: sut.Refused, Class: string(class), Reason: reason}
}

// selfIssued is a certificate for a service's name that a thief of an authority's key
// gives himself: one of now or, where the authority has run out, of the last hour in
// which it stood.
func (s *system) selfIssued(a *channel.Authority, name string, key sign.Public) [][]byte {
	from := s.Now()
	if cert, err := x509.ParseCertificate(a.Cert); err == nil && from.After(cert.NotAfter) {
		from = cert.NotAfter.Add(-time.Hour)
	}
	return a.Issue(channel.Wanted{Kind: channel.KindService, Subject: name, Key: key, From: from, For: s.Now().Add(time.Hour).Sub(from), Serial: [8]byte{10}}, s.memory)
}

// identity is a credential that a story names: NAME.certificate is public but
// works only with its key; NAME.self-signed is made by the attacker himself, NAME.mutated
// is one that he broke, NAME.issued one that he signed with the key of his own genuine one,
// NAME.public one that a public authority gave him.
func (s *system) identity(r sut.Request, credential string) (channel.Identity, bool) {
	t := s.terminal(r)
	if t == nil {
		return channel.Identity{}, false
	}
	name, kind, _ := strings.Cut(credential, ".")
	id := channel.Identity{Key: t.Key}
	switch {
	case kind == "mutated": // no certificate any more, but the beginning of one
		own := channel.NewRoot("own root", t.Key, s.Now(), s.memory)
		id.Chain = [][]byte{append(own.Cert[:len(own.Cert)/2:len(own.Cert)/2], s.w.Noise("mutated certificate", 64)...)}
	case kind == "self-signed":
		own := channel.NewRoot("own root", t.Key, s.Now(), s.memory)
		id.Chain = own.Issue(channel.Wanted{Kind: channel.KindService, Subject: r.Pos[0], Key: t.Key.Raw(), From: s.Now(), For: 3600e9, Serial: [8]byte{9}}, s.memory)
	case kind == "public":
		id.Chain = channel.PublicRoot(s.memory).Issue(channel.Wanted{Kind: channel.KindService, Subject: r.Pos[0], Key: t.Key.Raw(), From: s.Now(), For: 3600e9, Serial: [8]byte{12}}, s.memory)
	case kind == "issued":
		own := &channel.Authority{Key: t.Key, Cert: t.Chain[0], Chain: t.Chain}
		id.Chain = own.Issue(channel.Wanted{Kind: channel.KindService, Subject: r.Pos[0], Key: t.Key.Raw(), From: s.Now(), For: 3600e9, Serial: [8]byte{11}}, nil)
	case s.sys.Cloud.Authority(credential) != nil && slices.Contains(r.Knows, credential): // he certifies himself
		id.Chain = s.selfIssued(s.sys.Cloud.Authority(credential), r.Pos[0], t.Key.Raw())
	case name == cloud.Name:
		id.Chain = s.sys.Cloud.Certificate()
	case name == "vendor":
		id.Chain = s.sys.Vendor.Certificate()
		if slices.Contains(r.Knows, "vendor.tls-key") {
			id.Key = s.sys.Vendor.Key()
		}
	case s.sys.Terminals[name] != nil:
		id.Chain = s.sys.Terminals[name].Chain
	case s.sys.Devices[name] != nil:
		id.Chain = s.sys.Devices[name].Certificate()
		if slices.Contains(r.Knows, name+".client-key") {
			id.Key = s.sys.Devices[name].Chip.ClientKey()
		}
	default:
		return channel.Identity{}, false
	}
	return id, true
}
