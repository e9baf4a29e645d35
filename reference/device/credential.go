package device

import (
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// What tenant and job control of a credential decide (azure-sphere 4.2, 4.4). Both are
// set when a process is started and stay: who owns the device since is nobody that an
// older process may act for.

// bindTenant tells chip and processes whose the device is now. Those that belong to a
// tenant keep him until they are started anew.
func (d *Device) bindTenant(owner string) {
	d.Chip.BindTenant(owner)
	for _, a := range d.apps {
		if a.tenant == "" {
			a.tenant = d.Chip.Tenant()
		}
	}
}

// tenantOf is the tenant that the kernel puts into a request of the caller's, whatever
// the caller wrote there (TCB-3). The system acts for whom the device belongs to.
func (d *Device) tenantOf(p Probe) string {
	if self, _ := d.process(p.Component); self.tenant != "" {
		return self.tenant
	}
	return d.store.Owner
}

// ofTheOwner tells whether the caller may act for whom the device belongs to.
func (d *Device) ofTheOwner(p Probe) bool { return d.tenantOf(p) == d.store.Owner }

// opens asks whether the caller may open storage, its own or that of all: what lies
// there belongs to whom the device belongs to.
func (d *Device) opens(p Probe, verb string) error {
	ours := d.ofTheOwner(p)
	if err := d.kernel.Check(StorageIsItsTenants, ours, defense.WrongState); err != nil {
		return err
	}
	if !ours {
		d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: verb, Peer: d.who(p), Is: d.tenantOf(p)})
	}
	return nil
}

// What a process may do with another that it has in its job.
const (
	jobStop     = 1
	jobContinue = 2
)

// controlProcess takes another process (args: the application's name) into a job of
// the caller's, and stops it or lets it go on.
func (d *Device) controlProcess(p Probe, number int) ([]byte, error) {
	a := d.apps[part(string(p.Data))]
	if a == nil || a.realTime() || number != jobStop && number != jobContinue {
		return nil, defense.Refuse(defense.WrongState, "no such process, or nothing to do with it")
	}
	self, _ := d.process(p.Component)
	if err := d.kernel.Check(JobsNeedJobControl, self.jobControl, defense.UnknownCall); err != nil {
		return nil, err
	}
	if self.bits != AllBits { // what debugs is an application itself
		if err := d.debugs(p, a); err != nil {
			return nil, err
		}
	}
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "job", Is: "others"})
	switch {
	case number == jobStop && a.running:
		d.stopApp(a)
	case number == jobContinue && !a.running:
		d.startApp(a)
	}
	return nil, nil
}

// debugs is the door through which one application has its hands on another: open only
// while the device is one of development.
func (d *Device) debugs(p Probe, a *app) error {
	shown := d.Chip.FileFor(message.CapabilityAppDevelopment)
	d.host.Observe(host.Event{Kind: "DoorTried", Who: d.Name, What: "debug " + a.name, Peer: d.who(p)})
	open := shown != nil || d.Chip.Lifecycle() < chip.DeviceComplete
	if err := d.kernel.Check(DebuggersNeedDevelopment, open, defense.NotPermitted); err != nil {
		return err
	}
	d.host.Observe(host.Event{Kind: "DoorOpened", Who: d.Name, What: "debug " + a.name, Peer: d.who(p), Bytes: shown})
	return nil
}

// startDebug starts an application under the debugger that runs, for somebody on the
// cable: his capability has to be one for development, as the debugger's own has.
func (d *Device) startDebug(a *app) error {
	for _, name := range d.names() {
		if dbg := d.apps[name]; dbg.running && dbg != a && dbg.credential().jobControl {
			if err := d.debugs(Probe{Component: name}, a); err != nil {
				return err
			}
			if !a.running {
				d.startApp(a)
			}
			return nil
		}
	}
	return coded(defense.Refuse(defense.WrongState, "no debug server"), codeNoDebugger)
}
