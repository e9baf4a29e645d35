package inproc

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/broker"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/vendor"
)

// verb answers a request at once (true), or later (false).
type verb func(s *system, r sut.Request) (sut.Answer, bool)

// verbs by name. What the harness does itself (time, taps, checks) is not here.
var verbs = map[string]verb{
	"principal": (*system).principal, "turn": (*system).turn, "key": (*system).newKey, "trust": (*system).trust, "release": (*system).release,
	"legacy": (*system).legacy, "device": (*system).device, "manufacture": (*system).manufacture,
	"publish": (*system).publish, "recall": (*system).recall, "rotate": (*system).rotate, "update": (*system).update,
	"challenge": (*system).challenge, "evidence": (*system).evidence, "appraise": (*system).appraise, "attest": (*system).attest, "certify": (*system).certify,
	"erase-records": (*system).eraseRecords, "export": (*system).export,
	"authority": (*system).authority, "pin": (*system).pin,
	"group": (*system).group, "open-case": (*system).openCase, "deploy": (*system).deploy,
	"tenant": (*system).tenant, "claim": (*system).claim, "disown": (*system).disown, "capability": (*system).capability,
	"setup": (*system).setup, "pair": (*system).pair, "unpair": (*system).unpair,
	"login": (*system).login, "begin-login": (*system).login, "finish-login": (*system).finishLogin, "enroll": (*system).enroll, "change-password": (*system).changePassword, "code": (*system).code, "command": (*system).command,
	"grant": (*system).grant, "revoke": (*system).revoke, "register": (*system).register, "dial": (*system).dial, "connect": (*system).connect,
	"subscribe": (*system).subscribe, "post": (*system).post, "disconnect": (*system).disconnect,
	"crash": (*system).crash, "submit": (*system).submit, "power": (*system).power, "recover": (*system).recover, "open-debug": (*system).openDebug, "sideload": (*system).sideload, "defer": (*system).putOff, "request": (*system).local, "set-lifecycle": (*system).setLifecycle,
	"try": (*system).try, "compromise": (*system).compromise, "leak": (*system).leak, "touch": (*system).touch, "pulse": (*system).pulse, "serve": (*system).serve, "swap": (*system).swap, "flash": (*system).flash,
	"impersonate": (*system).impersonate, "outage": (*system).outage, "retire": (*system).retire, "state": (*system).state, "deliver": (*system).deliver,
	"backup": (*system).backup, "restore": (*system).restore,
}

// Begin starts a request.
func (s *system) Begin(r sut.Request) {
	s.request = r
	do, ok := verbs[r.Verb]
	if !ok {
		s.answers[r.Op] = sut.Answer{Outcome: sut.NotImplemented, Reason: "no verb " + r.Verb}
		return
	}
	if a, done := do(s, r); done {
		s.answer(r.Op, a)
	}
}

func done(data []byte) (sut.Answer, bool) { return sut.Answer{Outcome: sut.Done, Data: data}, true }

func failed(reason string) (sut.Answer, bool) {
	return sut.Answer{Outcome: sut.Failed, Reason: reason}, true
}

// deviceOf is the device that a request addresses.
func (s *system) deviceOf(r sut.Request) *device.Device {
	name, _, _ := strings.Cut(r.Pos[0], ".")
	return s.sys.Devices[name]
}

// onDevice runs something on the addressed device.
func (s *system) onDevice(r sut.Request, do func(d *device.Device) (sut.Answer, bool)) (sut.Answer, bool) {
	d := s.deviceOf(r)
	if d == nil {
		return failed("no device " + r.Pos[0])
	}
	s.busy[r.Op] = d.Name
	return do(d)
}

// ask runs something on the addressed device whose answer comes later.
func (s *system) ask(r sut.Request, do func(d *device.Device)) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) { do(d); return sut.Answer{}, false })
}

func (s *system) publish(r sut.Request) (sut.Answer, bool) {
	if s.sys.Cloud.Images.Release(r.Pos[0]) == nil {
		return failed("no release " + r.Pos[0])
	}
	if s.sys.Cloud.Images.Release(r.Pos[0]).Tenant != "" {
		return failed(r.Pos[0] + " is a tenant's, who deploys it")
	}
	if pilot := r.Args["pilot"]; pilot != "" {
		return s.pilot(r, pilot)
	}
	s.sys.Cloud.Images.Publish(r.Pos[0], r.Args["group"])
	s.published(r.Pos[0], r.Args["group"])
	return done(nil)
}

func (s *system) recall(r sut.Request) (sut.Answer, bool) {
	if s.sys.Cloud.Images.Release(r.Pos[0]) == nil {
		return failed("no release " + r.Pos[0])
	}
	if s.sys.Cloud.Images.Release(r.Pos[0]).Tenant != "" {
		return s.recallOwn(r)
	}
	s.sys.Cloud.Images.Recall(r.Pos[0])
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.ReleaseRecalled, What: r.Pos[0]})
	return done(nil)
}

// rotate replaces a signing key: the old one is revoked.
func (s *system) rotate(r sut.Request) (sut.Answer, bool) {
	m := s.sys.Cloud.Images
	usage := r.Arg("for", cloud.ForRelease)
	var names []string
	for _, name := range m.Trusted(usage) {
		if name != r.Args["from"] {
			names = append(names, name)
		}
	}
	m.Trust(usage, append([]string{r.Args["to"]}, names...)...)
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.KeyRevoked, What: r.Args["from"]})
	return done(nil)
}

// update runs an update cycle of a device, or renews a component of the vendor.
func (s *system) update(r sut.Request) (sut.Answer, bool) {
	if component, ok := strings.CutPrefix(r.Pos[0], "vendor."); ok {
		return s.renew(component)
	}
	return s.ask(r, func(d *device.Device) {
		s.measure(d.Name, "before", "")
		d.Update(r.Op)
	})
}

// renew installs the newest release of a component of the vendor: the service, or
// the app on the phones of everybody honest.
func (s *system) renew(component string) (sut.Answer, bool) {
	kinds := map[string]string{"service": "service", "app": vendor.AppType}
	release := s.sys.Cloud.Images.Newest(kinds[component], "")
	if component == "app" {
		return s.renewApp(release)
	}
	if release == nil {
		return done([]byte("current"))
	}
	s.sys.Vendor.Renew(release.Version, release.Behaves)
	s.started(component, release.Parts[1])
	return done(nil)
}

func (s *system) renewApp(release *cloud.Release) (sut.Answer, bool) {
	m := s.sys.Cloud.Images
	parts := m.Served(vendor.Name + "." + vendor.AppType)
	if parts == nil && release == nil {
		return done([]byte("current"))
	}
	if parts == nil {
		parts = release.Parts
	}
	var keys []sign.Public
	for _, name := range m.Trusted(cloud.ForRelease) {
		keys = append(keys, m.Key(name).Raw())
	}
	for _, name := range slices.Sorted(maps.Keys(s.sys.Terminals)) {
		if s.people[name] == "attacker" {
			continue
		}
		if err := s.sys.Terminals[name].Install(parts, keys); err != nil {
			return result(nil, err), true
		}
	}
	s.started(vendor.AppType, parts[1])
	return done(nil)
}

// started tells that a component of the vendor runs an image.
func (s *system) started(component string, image []byte) {
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.CodeStarted, Who: vendor.Name + "." + component, What: component, Digest: world.Digest(image), Is: s.w.What(image)})
}

func (s *system) challenge(r sut.Request) (sut.Answer, bool) {
	d := s.deviceOf(r)
	if t := s.terminal(r); t != nil && d != nil {
		id := d.Chip.ID()
		t.Call(r.Op, cloud.Name, message.CallChallenge, message.Encode(message.Challenge{Device: id[:]}), false)
		return sut.Answer{}, false
	}
	return s.ask(r, func(d *device.Device) { d.Challenge(r.Op) })
}

func (s *system) evidence(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		var nonce []byte
		raw := r.Value(r.Args["nonce"])
		if message.Decode(raw, &nonce) != nil {
			nonce = raw
		}
		return result(d.Evidence(nonce)), true
	})
}

// appraise presents evidence: on the device's own conversation, or on that of a
// person who wants a certificate over a key of his own.
func (s *system) appraise(r sut.Request) (sut.Answer, bool) {
	evidence := r.Value(r.Pos[0])
	d := s.sys.Devices[r.Args["for"]]
	if d == nil {
		return failed("no device " + r.Args["for"])
	}
	if t := s.terminal(r); t != nil {
		id, key := d.Chip.ID(), t.Key.Raw()
		proof := t.Key.SignDigest(sha256.Sum256(evidence))
		t.Call(r.Op, cloud.Name, message.CallAttest, message.Encode(message.Attest{Device: id[:], Evidence: evidence, Key: key[:], Proof: proof[:]}), false)
		return sut.Answer{}, false
	}
	s.busy[r.Op] = d.Name
	d.Appraise(r.Op, evidence)
	return sut.Answer{}, false
}

func (s *system) attest(r sut.Request) (sut.Answer, bool) {
	return s.ask(r, func(d *device.Device) { d.Attest(r.Op) })
}

func (s *system) certify(r sut.Request) (sut.Answer, bool) {
	if t, d := s.terminal(r), s.deviceOf(r); t != nil && d != nil && r.Args["subject"] == "" && r.Args["key"] == "" {
		// A person asks for a device's certificate, over a key of his own.
		id, key := d.Chip.ID(), t.Key.Raw()
		subject := hex.EncodeToString(id[:])
		proof := t.Key.SignDigest(sha256.Sum256([]byte(subject)))
		t.Call(r.Op, cloud.Name, message.CallCertify, message.Encode(message.Certify{Subject: subject, Key: key[:], Proof: proof[:]}), true)
		return sut.Answer{}, false
	}
	subject, key := "", []byte(nil)
	if other := s.sys.Devices[r.Args["subject"]]; other != nil {
		id := other.Chip.ID()
		subject = hex.EncodeToString(id[:])
	}
	if owner, _, ok := strings.Cut(r.Args["key"], "."); ok && s.sys.Devices[owner] != nil {
		public := s.sys.Devices[owner].Chip.ClientKey().Raw()
		key = public[:]
	}
	return s.ask(r, func(d *device.Device) { d.Certify(r.Op, subject, key) })
}

// register lets a device, or whoever poses as one, tell the vendor where it is.
func (s *system) register(r sut.Request) (sut.Answer, bool) {
	if t := s.terminal(r); t != nil {
		s.proof(r, r.Pos[0], "key", false)
		t.Call(r.Op, vendor.Name, message.CallRegister, message.Encode(message.Register{Device: r.Pos[0]}), true)
		return sut.Answer{}, false
	}
	return s.ask(r, func(d *device.Device) { d.Register(r.Op) })
}

// connect opens a conversation under a credential.
func (s *system) connect(r sut.Request) (sut.Answer, bool) {
	if r.Pos[0] == broker.Name {
		return s.brokered(r)
	}
	credential := r.Args["credential"]
	owner, _, _ := strings.Cut(credential, ".")
	t := s.terminal(r)
	if t == nil {
		d := s.sys.Devices[owner]
		if d == nil {
			return failed("connect needs by= or a device's credential")
		}
		s.busy[r.Op] = d.Name
		d.Connect(r.Op, r.Pos[0])
		return sut.Answer{}, false
	}
	id, ok := s.identity(r, credential)
	if !ok || len(id.Chain) == 0 {
		return failed("no credential " + credential)
	}
	s.proof(r, owner, "key", slices.Contains(r.Knows, owner+".client-key"))
	t.CallAs(r.Op, r.Pos[0], message.CallRegister, message.Encode(message.Register{Device: owner}), id, fmt.Sprintf("%s as %s, %d", r.Pos[0], credential, r.Op)) // never an old conversation: its certificate may have run out
	return sut.Answer{}, false
}

func (s *system) impersonate(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	credential := r.Arg("credential", r.By+".self-signed")
	id, ok := s.identity(r, credential)
	if t == nil || !ok {
		return failed("no credential " + credential)
	}
	t.Pose(r.Pos[0], channel.Identity{Chain: id.Chain, Key: id.Key})
	s.w.AddRule(world.Rule{By: r.By, From: r.Args["to"], To: r.Pos[0], Action: world.Redirect})
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.LinkChanged, Who: r.Args["to"], Peer: r.Pos[0], State: "attacked", What: r.Verb})
	return done(nil)
}

func (s *system) power(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		state := r.Pos[1]
		if state != "on" {
			d.PowerOff()
			s.w.SetPower(d.Name, false)
		}
		if state != "off" && (d.Mode() == device.Off || state == "cycle") {
			s.w.SetPower(d.Name, true)
			d.PowerOn()
		}
		delete(s.busy, r.Op)
		return s.whenIdle(r, d)
	})
}

func (s *system) crash(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		_, app, _ := strings.Cut(r.Pos[0], ".")
		cause := []byte(r.As + s.w.Time().Format(time.RFC3339Nano) + app)
		return result(device.CauseID(cause), d.Crash(app, cause)), true
	})
}

// submit uploads a report: the device's own, or one that a person writes in its
// name.
func (s *system) submit(r sut.Request) (sut.Answer, bool) {
	d := s.deviceOf(r)
	if d == nil {
		return failed("no device " + r.Pos[0])
	}
	id := d.Chip.ID()
	report := message.Report{Device: id[:], Seq: uint64(number(r.Arg("seq", "1000"))), Kind: r.Args["kind"], Cause: []byte("submitted"), Text: "submitted", At: s.w.Time().Unix()}
	if t := s.terminal(r); t != nil {
		// Who stole another device's key speaks as that device.
		for _, label := range r.Knows {
			if other, ok := strings.CutSuffix(label, ".client-key"); ok && other != d.Name {
				id, _ := s.identity(r, other+".certificate")
				t.CallAs(r.Op, cloud.Name, message.CallReport, message.Encode(message.Reports{Reports: []message.Report{report}}), id, fmt.Sprintf("cloud as %s, %d", other, r.Op))
				return sut.Answer{}, false
			}
		}
		t.Call(r.Op, cloud.Name, message.CallReport, message.Encode(message.Reports{Reports: []message.Report{report}}), true)
		return sut.Answer{}, false
	}
	return s.ask(r, func(d *device.Device) { d.Submit(r.Op, report) })
}

func (s *system) openDebug(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		by := r.By
		if by == "" {
			by = "bench"
		}
		return result(nil, d.Chip.OpenDebug(r.Args["core"], by, r.Value(r.Args["capability"]))), true
	})
}
