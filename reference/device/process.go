package device

import (
	"slices"
	"strconv"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// process is who a caller is to kernel and monitor (azure-sphere 4.2): its user and
// groups as in every Linux, and the credential of the security module.
type process struct {
	user   int
	groups []int // supplementary; never changed in place
	credential
}

// credential is what the security module knows of a process. Only a process whose
// appMan is set may set one, its own, and that clears appMan.
type credential struct {
	component  string // component id, "" for the system
	tenant     string // whom the device belonged to when the process was started, "" for nobody and for the system
	appMan     bool
	jobControl bool // it may take other processes into a job of its own
	bits       Bits
}

// The components of a device that are processes beside the applications.
const (
	appManager = "application-manager" // init: starts all the others
	azcore     = "azcore"              // helper that takes a crashed process's state
	azured     = "azured"              // attestation and updates
	networkd   = "networkd"            // network and Wi-Fi
	gatewayd   = "gatewayd"            // local REST interface
)

// service is a service of the system.
type service struct {
	name  string
	hosts []string // that it may reach
	process
}

// services are the on-chip services, each a process of its own with what its work
// needs and nothing else. The names are the real ones; which bits each has is not
// public, and this is the least that its work can do with.
var services = []service{
	{appManager, nil, process{0, nil, credential{appMan: true, jobControl: true, bits: AllBits}}},
	{azcore, nil, process{101, nil, credential{bits: RecordTelemetry}}},
	{azured, []string{"cloud", "repo"}, process{102, nil, credential{bits: UpdateImage | QueryImageInfo | AttestationRuntime | ManageLogAndTelemetry}}},
	{networkd, []string{"time.example"}, process{103, []int{groupNetAdmin}, credential{}}},
	{gatewayd, nil, process{104, []int{groupReboot, groupSideload, groupAppStart, groupAppStop, groupAppDelete, groupAppDebug, groupCertStore},
		credential{bits: UpdateImage | QueryImageInfo | UpdateSecurityState | ManageLogAndTelemetry}}},
}

// The supplementary groups (azure-sphere 4.2): to have a capability is to be in
// its group. Those from 500 on guard a socket of a service.
const (
	groupGpio           = 5
	groupNetAdmin       = 9
	groupWifiConfig     = 10
	groupClock          = 14
	groupNetConfig      = 15
	groupTimeSync       = 16
	groupDhcp           = 17
	groupSntp           = 18
	groupEnterpriseWifi = 19
	groupReboot         = 500
	groupSideload       = 501
	groupAppStart       = 503
	groupAppStop        = 504
	groupAppDelete      = 505
	groupAppDebug       = 506
	groupCertStore      = 700
	groupDeferral       = 800
)

// Groups are the groups that a manifest puts its application into, ascending.
func Groups(c message.Capabilities) []int {
	var groups []int
	for _, g := range []struct {
		has   bool
		group int
	}{
		{len(c.Gpio) > 0, groupGpio}, {c.WifiConfig, groupWifiConfig}, {c.SystemTime, groupClock}, {c.NetworkConfig, groupNetConfig},
		{c.TimeSyncConfig, groupTimeSync}, {c.DhcpService, groupDhcp}, {c.SntpService, groupSntp}, {c.EnterpriseWifiConfig, groupEnterpriseWifi},
		{slices.Contains(c.PowerControls, "ForceReboot"), groupReboot}, {c.CertStore, groupCertStore}, {c.SoftwareUpdateDeferral, groupDeferral},
	} {
		if g.has {
			groups = append(groups, g.group)
		}
	}
	return groups
}

// sockets are the groups that guard a socket, ascending.
var sockets = []int{groupReboot, groupSideload, groupAppStart, groupAppStop, groupAppDelete, groupAppDebug, groupCertStore, groupDeferral}

// Service tells what a service of the system may do beside its calls: the hosts it
// may reach, its groups, and whether it may change what is installed; ok is false for
// what is no service. The first process runs as user 0, to whom every socket opens.
func Service(name string) (hosts []string, groups []int, updates, ok bool) {
	i := slices.IndexFunc(services, func(s service) bool { return s.name == name })
	if i < 0 {
		return nil, nil, false, false
	}
	s := services[i]
	if s.bits == AllBits {
		return s.hosts, sockets, true, true
	}
	return s.hosts, s.groups, s.bits&UpdateImage != 0, true
}

// ControlsJobs tells whether a service may stop and start other processes.
func ControlsJobs(name string) bool {
	return slices.ContainsFunc(services, func(s service) bool { return s.name == name && s.jobControl })
}

// process finds a process by the name of its component.
func (d *Device) process(name string) (process, bool) {
	if p, changed := d.processes[name]; changed {
		return p, true
	}
	if i := slices.IndexFunc(services, func(s service) bool { return s.name == name }); i >= 0 {
		p := services[i].process
		if name == azcore && d.kernel.Wrong(HelperKeepsEveryRight) {
			p.bits = AllBits // what the kernel that starts it has
		}
		return p, true
	}
	if a := d.apps[name]; a != nil {
		return process{a.user, Groups(a.manifest.Capabilities), a.credential()}, true
	}
	return process{credential: credential{jobControl: true, bits: AllBits}}, name == "kernel"
}

// credential is what the application manager gives an application when it starts it.
func (a *app) credential() credential {
	return credential{
		component: a.manifest.ComponentID, tenant: a.tenant, bits: a.bits(),
		jobControl: a.manifest.ApplicationType == message.Debugger,
	}
}

// bits are the capability bits of an application: one that may store files may have
// the key of its own storage derived.
func (a *app) bits() Bits {
	if a.manifest.Capabilities.MutableStorage != nil {
		return SecureFiles
	}
	return 0
}

// bits are a component's capability bits.
func (d *Device) bits(component string) Bits {
	p, _ := d.process(component)
	return p.bits
}

// may tells whether the caller has all the bits that a call needs.
func (d *Device) may(p Probe, needs Bits) bool { return d.bits(p.Component)&needs == needs }

// probeBecome is an attempt to become somebody else: another user, or the holder
// of another credential (of: whose it takes; for: which process it sets it on).
func (d *Device) probeBecome(p Probe) ([]byte, error) {
	if of := p.Keys["of"]; of != "" {
		return d.setCredential(p, part(of), part(p.key("for", p.Component)))
	}
	uid, err := strconv.Atoi(p.key("uid", "0"))
	if err != nil || uid < 0 {
		return nil, defense.Refuse(defense.Malformed, "uid")
	}
	self, _ := d.process(p.Component)
	if err := d.kernel.Check(IdentityIsSetOnce, uid == self.user, defense.NotPermitted); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "identity", Is: strconv.Itoa(uid)})
	return nil, nil
}

// setCredential sets the credential of the process on to that of of.
func (d *Device) setCredential(p Probe, of, on string) ([]byte, error) {
	taken, known := d.process(of)
	target, runs := d.process(on)
	if !known || !runs || of == "kernel" || on == "kernel" {
		return nil, defense.Refuse(defense.WrongState, "no process %q or %q", of, on)
	}
	self, _ := d.process(p.Component)
	if err := d.kernel.Check(CredentialsAreTheManagers, self.appMan, defense.NotPermitted); err != nil {
		return nil, err
	}
	if err := d.kernel.Check(CredentialsAreOnesOwn, on == p.Component, defense.NotPermitted); err != nil {
		return nil, err
	}
	if d.processes == nil {
		d.processes = map[string]process{}
	}
	target.credential = taken.credential
	target.appMan = false
	d.processes[on] = target
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.Name + "." + on, What: "identity", Is: d.Name + "." + of})
	return nil, nil
}

// callSocket opens the socket that a group guards.
func (d *Device) callSocket(p Probe, group int) error {
	d.host.Observe(host.Event{Kind: "CallMade", Who: d.who(p), What: "ipc", Number: int64(group)})
	self, _ := d.process(p.Component)
	member := slices.Contains(self.groups, group) || self.bits == AllBits
	if d.kernel.Wrong(AnyGroupOpensEverySocket) {
		member = member || slices.ContainsFunc(self.groups, func(g int) bool { return g >= groupReboot })
	}
	if err := d.kernel.Check(SocketsAreForTheirGroup, member, defense.NotPermitted); err != nil {
		return err
	}
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "group", Is: strconv.Itoa(group)})
	return nil
}

// callService asks the service behind a socket for what it is there for.
func (d *Device) callService(p Probe, group int) ([]byte, error) {
	if group < groupReboot {
		return nil, defense.Refuse(defense.Malformed, "no socket has group %d", group)
	}
	if err := d.callSocket(p, group); err != nil {
		return nil, err
	}
	switch group {
	case groupReboot:
		d.PowerOn()
	case groupAppStop:
		if a := d.apps[string(p.Data)]; a != nil {
			a.running = false
		}
	case groupAppStart:
		if a := d.apps[string(p.Data)]; a != nil && !a.running {
			d.startApp(a)
		}
	}
	return nil, nil
}
