// Package reference assembles the model that Armillary attacks: a chip, the
// device around it, the cloud security service and a product company.
//
// The victim does not know that it is watched: it imports nothing of the
// harness and is handed clock, randomness, storage, links and an observer
// (package host). Start with [New].
package reference

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/broker"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/edge"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/vendor"
)

// Version is the version of the model.
const Version = "1"

// System is one whole model: every part of one world.
type System struct {
	host      host.Host
	missing   defense.Set
	profile   chip.Profile // of every device
	Cloud     *cloud.Cloud
	Vendor    *vendor.Vendor
	Broker    *broker.Broker
	Devices   map[string]*device.Device
	Terminals map[string]*vendor.Terminal
	Guardians map[string]*edge.Guardian // by the name of the machine behind it
	behind    map[string]string         // machine -> the module in front of it
	down      map[string]bool           // services that do not answer
}

// New makes a cloud and a vendor without devices or people. Its devices will have
// chips of the given profile.
func New(h host.Host, missing defense.Set, profile chip.Profile) *System {
	s := &System{host: h, missing: missing, profile: profile, Devices: map[string]*device.Device{}, Terminals: map[string]*vendor.Terminal{},
		Guardians: map[string]*edge.Guardian{}, behind: map[string]string{}, down: map[string]bool{}}
	s.Cloud = cloud.New(h, missing)
	key, chain := s.service(vendor.Name)
	s.Vendor = vendor.New(h, missing, s.Cloud, s.Cloud.Roots()[0], key, chain)
	key, chain = s.service(broker.Name)
	s.Broker = broker.New(h, missing, s.Vendor, s.Cloud.Roots()[0], key, chain)
	return s
}

// service makes a service's key and certificate.
func (s *System) service(name string) (*sign.Key, [][]byte) {
	key := sign.New(s.host.Random(name, "tls-key", 32), s.host.Memory())
	public := key.Raw()
	s.host.Made(name, name+".tls-key", key.Scalar(), public[:])
	return key, s.Cloud.ServiceCertificate(name, public)
}

// Clone copies the model onto another host.
func (s *System) Clone(h host.Host) *System {
	n := &System{host: h, missing: s.missing, profile: s.profile, Cloud: s.Cloud.Clone(h), Devices: map[string]*device.Device{}, Terminals: map[string]*vendor.Terminal{},
		Guardians: map[string]*edge.Guardian{}, behind: map[string]string{}, down: maps.Clone(s.down)}
	n.Vendor = s.Vendor.Clone(h, n.Cloud)
	n.Broker = s.Broker.Clone(h, n.Vendor)
	for name, d := range s.Devices {
		n.Devices[name] = d.Clone(h)
	}
	for name, g := range s.Guardians {
		n.behind[name] = s.behind[name]
		n.Guardians[name] = g.Clone(h, n.Devices[s.behind[name]])
	}
	for name, t := range s.Terminals {
		n.Terminals[name] = t.Clone(h)
	}
	return n
}

// Config is what a new device of a type is made with.
func (s *System) Config(name, kind string, camera bool) device.Config {
	m := s.Cloud.Images
	return device.Config{Name: name, Profile: s.profile, Type: kind, Camera: camera, Boot: m.Boot(), Caps: m.Capability(), TestKey: m.Test().Raw(), Missing: s.missing}
}

// Person makes somebody a terminal, a key and a certificate.
func (s *System) Person(name string) *vendor.Terminal {
	key := sign.New(s.host.Random(name, "key", 32), s.host.Memory())
	public := key.Raw()
	s.host.Made(name, name+".key", key.Scalar(), public[:])
	t := vendor.NewTerminal(s.host, s.missing, name, s.Cloud.Roots()[0], key, s.Cloud.UserCertificate(name, public))
	t.Recertify(nil, s.Cloud.Roots())
	s.Terminals[name] = t
	return t
}

// Legacy puts a guardian module in front of a legacy machine.
func (s *System) Legacy(name, module string) *edge.Guardian {
	key, chain := s.service(name)
	family := s.host.Random(name, "family key", 16)
	s.host.Made(name, name+".family-key", family, nil)
	s.behind[name] = module
	s.Guardians[name] = edge.New(s.host, s.missing, name, s.Devices[module], s.Cloud.Roots()[0], family, key, chain)
	s.Guardians[name].Recertify(nil, s.Cloud.Roots())
	return s.Guardians[name]
}

// Receive gives a message to the part at an endpoint and returns what a
// person's terminal heard in clear.
func (s *System) Receive(at string, m host.Message) (heard []byte) {
	switch {
	case s.down[at]: // what is sent to it is lost
	case at == cloud.Name || at == cloud.RepoName:
		s.Cloud.Receive(m)
	case at == vendor.Name:
		s.Vendor.Receive(m)
	case at == broker.Name:
		s.Broker.Receive(m)
	case s.Guardians[at] != nil:
		s.Guardians[at].Receive(m)
	case s.Devices[at] != nil:
		s.Devices[at].Receive(m)
		s.attend(at)
	case s.Terminals[at] != nil:
		return s.Terminals[at].Receive(m)
	}
	return nil
}

// ExchangeRoot takes one step of an exchange of the cloud's root, as
// [cloud.Cloud.ExchangeRoot] says, and tells everybody but the devices: services,
// guardians and people's terminals learn of roots with their own updates, which are
// not modelled.
func (s *System) ExchangeRoot(do string) error {
	if err := s.Cloud.ExchangeRoot(do); err != nil {
		return err
	}
	anew, roots := do == message.ActivateAuthority, s.Cloud.Roots()
	certify := func(name string, key sign.Public) [][]byte {
		if !anew {
			return nil
		}
		return s.Cloud.ServiceCertificate(name, key)
	}
	s.Vendor.Recertify(certify(vendor.Name, s.Vendor.Key().Raw()), roots)
	s.Broker.Recertify(certify(broker.Name, s.Broker.Key().Raw()), roots)
	for _, name := range slices.Sorted(maps.Keys(s.Guardians)) {
		s.Guardians[name].Recertify(certify(name, s.Guardians[name].Key().Raw()), roots)
	}
	var above [][]byte
	if anew {
		above = s.Cloud.Above()
	}
	for _, name := range slices.Sorted(maps.Keys(s.Terminals)) {
		s.Terminals[name].Recertify(above, roots)
	}
	return nil
}

// Silence stops a service (cloud with its repository, repo, vendor or broker), or
// lets it answer again. What a silent service was sent is lost; false means that
// there is no such service.
func (s *System) Silence(name string, silent bool) bool {
	switch name {
	case cloud.Name, cloud.RepoName:
		s.Cloud.Images.Silence(silent)
	case vendor.Name, broker.Name:
	default:
		return false
	}
	if name != cloud.RepoName {
		s.down[name] = silent
	}
	return true
}

// Wake gives a wake-up to who asked for it.
func (s *System) Wake(who, word string) {
	if who == cloud.Name {
		s.Cloud.Woken(word)
	}
	if d := s.Devices[who]; d != nil {
		d.Woken(word)
		s.attend(who)
	}
	if g := s.Guardians[who]; g != nil {
		g.Woken(word)
	}
	if t := s.Terminals[who]; t != nil {
		t.Woken(word)
	}
}

// attend lets the guardians on a module look after their machines.
func (s *System) attend(module string) {
	for _, machine := range slices.Sorted(maps.Keys(s.behind)) {
		if s.behind[machine] == module {
			s.Guardians[machine].Attend()
		}
	}
}

// Defenses is the catalogue of every security decision of the model.
func Defenses() []defense.Defense {
	return slices.Concat(chip.Defenses, device.Defenses, cloud.Defenses, vendor.Defenses, broker.Defenses, edge.Defenses, channel.Defenses)
}

// Defects is the catalogue of every wrong design of the model.
func Defects() []defense.Defect {
	return slices.Concat(chip.Defects, device.Defects, cloud.Defects, vendor.Defects, broker.Defects, edge.Defects, channel.Defects)
}
