package reference_test

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/vendor"
)

// bed is the whole model in a world, without harness and scenarios: what a test
// asks of a part, it asks directly.
type bed struct {
	t        rapid.TB
	w        *universe
	sys      *reference.System
	memory   *sign.Memory
	events   []host.Event
	refused  []defense.ID // decisions that did not hold
	finished map[uint64]ended
	op       uint64
	at       map[string]func(b *bed) // what happens when a device passes a point
	alter    func(m *host.Message)   // what an attacker does to what is sent; nil is nothing
	sent     []host.Message
	eve      channel.Channel // a conversation of somebody with no terminal
}

// ended is how a request ended.
type ended struct {
	data []byte
	err  error
}

var remembered = sign.NewMemory()

func newBed(t rapid.TB, missing ...defense.ID) *bed {
	b := &bed{t: t, w: newUniverse(), memory: remembered, finished: map[uint64]ended{}, at: map[string]func(*bed){}}
	b.sys = reference.New(b, defense.SetOf(missing...), chip.Profiles[0])
	return b
}

func (b *bed) clone() *bed {
	n := *b
	n.w, n.finished = b.w.clone(), maps.Clone(b.finished)
	n.events, n.refused, n.sent = slices.Clone(b.events), slices.Clone(b.refused), slices.Clone(b.sent)
	n.sys = b.sys.Clone(&n)
	return &n
}

func (b *bed) Now() time.Time                               { return b.w.time() }
func (b *bed) Clock(string) time.Time                       { return b.w.time() }
func (b *bed) Random(who, what string, n int) []byte        { return b.w.draw(who+"/"+what, n) }
func (b *bed) After(who string, d time.Duration, wd string) { b.w.after(who, d, wd) }
func (b *bed) Read(device, region string, offset, n int) []byte {
	all := b.w.read(device, region)
	return all[offset:min(offset+n, len(all))]
}
func (b *bed) Burn(string, string) bool                 { return true }
func (b *bed) Picture(device string) []byte             { return b.w.draw("picture "+device, 64) }
func (b *bed) Made(_, _ string, _, _ []byte)            {}
func (b *bed) Memory() *sign.Memory                     { return b.memory }
func (b *bed) Finish(op uint64, data []byte, err error) { b.finished[op] = ended{data, err} }

func (b *bed) Send(m host.Message) {
	if b.alter != nil {
		b.alter(&m)
	}
	b.sent = append(b.sent, m)
	b.w.send(m)
}

func (b *bed) Write(device, _, region string, offset int, data []byte) {
	b.w.write(device, region, offset, data)
}

func (b *bed) Reach(_, point string) {
	if do := b.at[point]; do != nil {
		delete(b.at, point)
		do(b)
	}
}

func (b *bed) Execute(device, stage string, code []byte) {
	b.w.tell(told{Kind: "CodeStarted", Who: device, What: stage, Is: b.w.what(code)})
}

func (b *bed) Observe(e host.Event) {
	if e.Kind == "BootStarted" {
		b.w.boots[e.Who]++
	}
	b.events = append(b.events, e)
	b.w.tell(told{Kind: e.Kind, Who: e.Who, What: e.What, Is: e.Is, State: e.State, Digest: sha256.Sum256(e.Bytes), Number: e.Number})
}

func (b *bed) Decided(_ string, id defense.ID, held, _ bool) bool {
	if !held {
		b.refused = append(b.refused, id)
	}
	return held
}

// count tells how often something was observed.
func (b *bed) count(kind string) (n int) {
	for _, e := range b.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// last is the last event of a kind.
func (b *bed) last(kind string) host.Event {
	for _, e := range slices.Backward(b.events) {
		if e.Kind == kind {
			return e
		}
	}
	return host.Event{}
}

// step handles one event of the world; false when none is due.
func (b *bed) step(limit time.Duration) bool {
	e, ok := b.w.next(limit)
	if !ok {
		return false
	}
	b.act(func() {
		if m := e.message; m != nil && m.To == "eve" {
			var f message.Frame
			if message.Decode(m.Body, &f) == nil {
				b.eve.Take(f)
			}
		} else if m != nil {
			b.sys.Receive(m.To, host.Message{From: m.From, To: m.To, Kind: m.Kind, Body: m.Body})
		} else {
			b.sys.Wake(e.who, e.word)
		}
	})
	return true
}

// act does something in which a device may lose its power.
func (b *bed) act(do func()) {
	if lost := guarded(do); lost != "" {
		b.sys.Devices[lost].PowerOff()
	}
}

// run lets time pass.
func (b *bed) run(d time.Duration) {
	limit := b.w.now + d
	for b.step(limit) {
	}
	b.w.now = limit
}

// settle lets time pass until no message is on its way.
func (b *bed) settle() {
	for b.w.busy() && b.step(b.w.now+time.Hour) {
	}
}

// do makes a request and waits for its answer, at most ten minutes.
func (b *bed) do(ask func(op uint64)) ended {
	b.t.Helper()
	b.op++
	op := b.op
	b.act(func() { ask(op) })
	limit := b.w.now + 10*time.Minute
	for {
		if e, ok := b.finished[op]; ok {
			return e
		}
		if !b.step(limit) {
			return ended{err: defense.Refuse(defense.Unavailable, "no answer")}
		}
	}
}

// must is do for what has to be done.
func (b *bed) must(ask func(op uint64)) []byte {
	b.t.Helper()
	e := b.do(ask)
	if e.err != nil {
		b.t.Fatal(e.err)
	}
	return e.data
}

// want tells when a refusal has another class.
func (b *bed) want(what string, err error, class defense.Class) {
	b.t.Helper()
	if defense.ClassOf(err) != class || (class == "" && err != nil) {
		b.t.Errorf("%s: %v, want %q", what, err, class)
	}
}

// release makes a release; version is its security version too.
func (b *bed) release(name, kind string, version uint32, change ...func(*cloud.ReleaseSpec)) *cloud.Release {
	b.t.Helper()
	spec := cloud.ReleaseSpec{Name: name, Type: kind, Version: version, Security: version, Payload: b.w.draw("payload "+name, 5000)}
	for _, c := range change {
		c(&spec)
	}
	r, err := b.sys.Cloud.Images.Make(spec)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, part := range r.Parts {
		b.w.know(part, name)
	}
	return r
}

// app adds an application to a release.
func app(name, capabilities string) func(*cloud.ReleaseSpec) {
	return func(s *cloud.ReleaseSpec) {
		s.Apps = append(s.Apps, cloud.App{Name: name, Manifest: []byte(`{"SchemaVersion": 1, "Name": "` + name + `", "Capabilities": {` + capabilities + `}}`)})
	}
}

// device makes a device in service: claimed by an owner, attested, paired; with
// no owner it is left as it comes from the factory.
func (b *bed) device(name, kind, owner string, r *cloud.Release) *device.Device {
	b.t.Helper()
	for _, r := range device.Flash {
		b.w.addRegion(name, r.Name, r.Pages)
	}
	d := device.New(b, b.sys.Config(name, kind, kind == "vac"))
	b.sys.Devices[name] = d
	for _, c := range b.sys.Cloud.Images.Factory(r).Contents {
		b.w.load(name, c.Region, c.Data)
	}
	for _, part := range []struct {
		region string
		parts  [][]byte
	}{{device.RegionKeystore, [][]byte{b.sys.Cloud.Images.Keystore()}}, {device.RegionCertStore, [][]byte{b.sys.Cloud.Images.CertStore()}}, {device.RegionCertStoreBackup, [][]byte{b.sys.Cloud.Images.CertStore()}}, {device.RegionSlotA, r.Parts}} {
		b.w.load(name, part.region, message.EncodeParts(part.parts))
	}
	b.sys.Cloud.List(name, kind, d.Chip.ID())
	if d.Chip.SetLifecycle(chip.DeviceComplete) != nil || d.Chip.SetCounter(r.Security) != nil {
		b.t.Fatal("a blank chip cannot be completed")
	}
	b.act(d.PowerOn)
	if owner != "" {
		b.sys.Cloud.Own(d.Chip.ID(), owner)
		b.sys.Vendor.Pair(name, d.Chip.ID(), owner)
		d.Claimed(owner)
		b.act(d.PowerOn)
	}
	b.settle()
	if d.Mode() != device.Running {
		b.t.Fatalf("%s is %s", name, d.Mode())
	}
	return d
}

// person makes somebody a terminal and an account whose password is his name
// with a tail.
func (b *bed) person(name string) *vendor.Terminal {
	b.sys.Vendor.Enroll(name, []byte(name+" password"))
	return b.sys.Person(name)
}

// ask calls a service from a terminal and waits for the reply.
func (b *bed) ask(t *vendor.Terminal, peer, call string, body any, proven bool) ended {
	b.t.Helper()
	return b.do(func(op uint64) { t.Call(op, peer, call, message.Encode(body), proven) })
}

// ran lists what devices started since event number from, as STAGE=RELEASE.
func (b *bed) ran(from int) []string {
	var list []string
	for _, e := range b.w.told[from:] {
		if e.Kind == "CodeStarted" && (e.What == "os" || strings.HasPrefix(e.What, "app.")) {
			list = append(list, e.What+"="+e.Is)
		}
	}
	return list
}

// inject delivers bytes in somebody's name.
func (b *bed) inject(from, to string, body []byte) {
	b.w.send(host.Message{From: from, To: to, Body: body})
}

// open lets eve open a conversation with a service, proving nothing.
func (b *bed) open(peer string) {
	guard := &defense.Guard{Who: "eve", Observer: b}
	b.eve = channel.NewClient(channel.End{Host: b, Guard: guard, Self: "eve", Other: peer, ID: 1, Clock: host.Host.Now}, channel.Identity{}, channel.Trust{Root: b.sys.Cloud.Roots()[0], Name: peer})
	b.eve.Open()
	b.settle()
}

// lastConversation is the number of the conversation that somebody last spoke on
// with a peer.
func lastConversation(b *bed, from, to string) uint32 {
	b.t.Helper()
	for _, m := range slices.Backward(b.sent) {
		var f message.Frame
		if m.From == from && m.To == to && message.Decode(m.Body, &f) == nil {
			return f.Conversation
		}
	}
	b.t.Fatalf("%s never spoke with %s", from, to)
	return 0
}
