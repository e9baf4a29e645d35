// Package edge models a legacy machine and the guardian in front of it: a module
// with the seven properties, put on the machine's only line, so that a machine
// that can defend nothing need not be reached by anybody.
//
// The guardian ends the machine's own protocol. It knows people by certificate,
// passes a closed list of functions, each only by grant and in its window, and
// lets nothing out. It does not mend the machine: what a machine does with a
// function that was rightly passed is the machine's. Start with [New].
package edge

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Module is the device that the guardian runs on.
type Module interface {
	// Serves tells whether the module runs.
	Serves() bool
	// Owner is the user whose module it is.
	Owner() string
	// Note writes an error report of the module.
	Note(kind, text string)
	// Starts is how often the module started.
	Starts() uint32
	// Resource is a file out of the verified image of an application, nil for none.
	Resource(path string) []byte
	// Keep stores a value of a service on the module, Kept reads it.
	Keep(name string, value []byte) bool
	Kept(name string) []byte
}

// Kind is the type of a legacy machine, where things have types.
const Kind = "legacy"

// functions is what may pass at all. The machine knows more, such as firmware.
var functions = []string{"read", "write", "program"}

// Guardian is the module's part for one machine. Its endpoint has the machine's
// name: it stands on the machine's line.
type Guardian struct {
	Name    string
	host    host.Host
	guard   defense.Guard
	module  Module
	service channel.Service
	grants  map[grant]time.Time // -> end of the window, zero for none
	machine Machine

	attended uint32 // start of the module at which the firmware was looked at
	flashing *flashing
}

// grant is what somebody may do.
type grant struct{ user, right string }

// Machine is the legacy machine: whoever speaks its protocol and knows the key
// of its family may do everything.
type Machine struct {
	FamilyKey []byte
	Last      string // the function it did last
	Firmware  []byte // what is in its flash, whole or not
	Whole     bool   // whether it is, so that the machine runs
	Fallen    bool   // whether somebody else's code runs in it
}

// New makes a guardian in front of a machine whose family key is given.
func New(h host.Host, missing defense.Set, name string, m Module, root, family []byte, key *sign.Key, chain [][]byte) *Guardian {
	g := &Guardian{Name: name, module: m, grants: map[grant]time.Time{}, machine: Machine{FamilyKey: family, Whole: true}}
	g.machine.Firmware = message.PackDownstream(0, h.Random(name, "firmware", 256))
	g.bind(h, missing)
	g.service = channel.Service{Name: name, Trust: channel.Trust{Root: root}, Identity: channel.Identity{Chain: chain, Key: key}}
	return g
}

// Recertify has the guardian show another certificate, none to keep its own, and
// believe these roots, the newest first.
func (g *Guardian) Recertify(certificate, roots [][]byte) { g.service.Renew(certificate, roots) }

func (g *Guardian) bind(h host.Host, missing defense.Set) {
	g.host = h
	g.guard = defense.Guard{Who: g.Name, Missing: missing, Observer: h}
}

// Clone copies the guardian onto another host and module.
func (g *Guardian) Clone(h host.Host, m Module) *Guardian {
	n := *g
	n.module = m
	n.bind(h, g.guard.Missing)
	n.service = g.service.Clone(h, &n.guard)
	n.grants = maps.Clone(g.grants)
	if g.flashing != nil {
		copied := *g.flashing
		n.flashing = &copied
	}
	return &n
}

// Machine is the machine behind the guardian, as hands on it would find it.
func (g *Guardian) Machine() Machine { return g.machine }

// Key is the key of its certificate.
func (g *Guardian) Key() channel.Signer { return g.service.Identity.Key }

// Receive handles a message on the machine's line.
func (g *Guardian) Receive(m host.Message) {
	var f message.Frame
	if message.Decode(m.Body, &f) == nil && f.Kind == message.Clear {
		g.legacy(m, f)
		return
	}
	if !g.module.Serves() {
		return
	}
	talk, body := g.service.Take(g.host, &g.guard, m)
	if body == nil {
		return
	}
	var r message.Request
	if err := message.Decode(body, &r); err != nil {
		talk.Reply("answer", 0, nil, defense.Refuse(defense.Malformed, "request: %v", err))
		return
	}
	talk.Reply(r.Call+" answer", r.Tag, nil, g.call(talk, r))
}

func (g *Guardian) call(talk *channel.Talk, r message.Request) error {
	var w message.Guarded
	if err := message.Decode(r.Body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "request: %v", err)
	}
	user, err := g.speaker(talk.Peer())
	if err != nil {
		return err
	}
	switch r.Call {
	case message.CallOperate:
		return g.operate(user, w.Function)
	case message.CallGrant, message.CallRevoke:
		return g.grant(user, r.Call, w)
	}
	return defense.Refuse(defense.UnknownCall, "no call %q", r.Call)
}

func (g *Guardian) check(id defense.ID, held bool, class defense.Class, text string) error {
	err := g.guard.Check(id, held, class)
	if err != nil {
		g.module.Note("guardian.blocked", text)
	}
	return err
}

// speaker is who speaks: whom his certificate names.
func (g *Guardian) speaker(p channel.Peer) (string, error) {
	named := p.Kind == channel.KindUser && p.Subject != ""
	return p.Subject, g.check(SpeakerShowsACertificate, named, defense.Unauthenticated, "somebody without a certificate")
}

// operate passes a function to the machine.
func (g *Guardian) operate(user, function string) error {
	if err := g.check(FunctionIsListed, slices.Contains(functions, function), defense.UnknownCall, "a function that is not listed"); err != nil {
		return err
	}
	until, granted := g.grants[grant{user, function}]
	owner := user == g.module.Owner()
	if err := g.check(FunctionIsGranted, granted || owner, defense.NotPermitted, function+" refused to "+user); err != nil {
		return err
	}
	if err := g.check(WindowIsOpen, until.IsZero() || g.host.Now().Before(until), defense.Expired, function+" of "+user+" after its window"); err != nil {
		return err
	}
	if !g.machine.Whole {
		return defense.Refuse(defense.Unavailable, "the machine has no whole firmware")
	}
	g.forward(user, function)
	return nil
}

// forward lets the machine do something.
func (g *Guardian) forward(user, function string) {
	g.machine.Last = function
	g.host.Observe(host.Event{Kind: "FrameForwarded", Who: g.Name, What: function, Is: user})
}

// grant gives or ends a right. A window counts from now.
func (g *Guardian) grant(user, call string, w message.Guarded) error {
	if err := g.check(OnlyTheOwnerGrants, user == g.module.Owner(), defense.NotPermitted, "a grant by "+user); err != nil {
		return err
	}
	right := grant{w.To, w.Function}
	if call == message.CallRevoke {
		delete(g.grants, right)
		return nil
	}
	g.grants[right] = time.Time{}
	if w.Seconds > 0 {
		g.grants[right] = g.host.Now().Add(time.Duration(w.Seconds) * time.Second)
	}
	return nil
}

// legacy handles the machine's own protocol, which says who speaks by the key of
// the machine's family. It ends here: nobody is known by it.
func (g *Guardian) legacy(m host.Message, f message.Frame) {
	var r message.Request
	var w message.Legacy
	if message.Decode(f.Body, &r) != nil || message.Decode(r.Body, &w) != nil {
		return
	}
	through := !g.module.Serves() && g.guard.Wrong(FailsOpen)
	if !g.module.Serves() && !through {
		return
	}
	var err error
	if !through {
		_, err = g.speaker(channel.Peer{})
	}
	if err == nil { // what the machine would do if it stood alone
		if g.machine.Whole && bytes.Equal(w.Key, g.machine.FamilyKey) {
			g.forward("", w.Function)
		} else {
			err = defense.Refuse(defense.BadCredential, "the machine does not know this key")
		}
	}
	reply := message.Reply{Tag: r.Tag, Class: string(defense.ClassOf(err))}
	if err != nil {
		reply.Reason = err.Error()
	}
	g.host.Send(host.Message{From: g.Name, To: m.From, Kind: "legacy answer", Body: message.Encode(message.Frame{Conversation: f.Conversation, Kind: message.Clear, Body: message.Encode(reply)})})
}

// OpenHost is the machine trying to reach a host.
func (g *Guardian) OpenHost(component, name string) error {
	if err := g.check(MachineReachesNoHost, false, defense.NotDeclared, "the machine wants to reach "+name); err != nil {
		return err
	}
	g.host.Observe(host.Event{Kind: "ConnectionMade", Who: g.Name + "." + component, Peer: name})
	return nil
}

// SendTo is the machine trying to send to a component of the module.
func (g *Guardian) SendTo(component, peer string) error {
	if err := g.check(MachineSendsToNobody, false, defense.NotPermitted, "the machine sends to "+peer); err != nil {
		return err
	}
	g.host.Observe(host.Event{Kind: "PeerReached", Who: g.Name + "." + component, Peer: peer})
	return nil
}
