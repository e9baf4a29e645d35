package reference_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/google/go-cmp/cmp"
)

// update runs one cycle.
func (b *bed) update(d *device.Device) ended { b.t.Helper(); return b.do(d.Update) }

// with returns a copy of parts with another in one place.
func with(parts [][]byte, place int, part []byte) [][]byte {
	parts = slices.Clone(parts)
	parts[place] = part
	return parts
}

// serve shows a device other parts than the published ones.
func (b *bed) serve(d *device.Device, parts ...[]byte) { b.sys.Cloud.Images.Serve(d.Name, parts) }

func TestUpdate(t *testing.T) {
	b := newBed(t)
	fw1, fw2 := b.release("fw1", "lamp", 1), b.release("fw2", "lamp", 2)
	d := b.device("d1", "lamp", "alice", fw1)
	if got := b.must(d.Update); string(got) != "current" {
		t.Errorf("with nothing published: %q", got)
	}
	b.sys.Cloud.Images.Publish("fw2", "")
	for _, want := range []string{"installed", "current"} {
		if got := b.must(d.Update); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if version, slot := d.Release(); version != 2 || slot != 1 || d.Chip.Counter() != 2 {
		t.Errorf("runs version %d from slot %d, counter %d", version, slot, d.Chip.Counter())
	}
	b.serve(d, fw1.Parts...)
	b.want("an older release", b.update(d).err, defense.Rollback)
	b.serve(d, fw2.Parts...)
	if got := b.must(d.Update); string(got) != "current" {
		t.Errorf("what runs, again: %q", got)
	}
}

// flip returns a copy with one bit turned round; at counts from the end when it
// is negative.
func flip(raw []byte, at int) []byte {
	n := slices.Clone(raw)
	n[(len(n)+at)%len(n)] ^= 1
	return n
}

// resigned is an image by another key; by nobody, when the key is nil.
func (b *bed) resigned(raw []byte, key *sign.Key) []byte {
	b.t.Helper()
	pkg, err := message.ParsePackage(raw)
	if err != nil {
		b.t.Fatal(err)
	}
	spec := pkg.Spec()
	if key == nil {
		spec.Signer = nil
		return spec.Pack(nil)
	}
	spec.Signer = &message.Signer{Thumbprint: message.Thumbprint(key.Raw()), Kind: message.ECDSA256}
	return spec.Pack(key.SignDigest)
}

// slots is everything that an update may change.
func (b *bed) slots(device string) []byte {
	var all []byte
	for _, region := range []string{"slot-a", "slot-b", "state"} {
		all = append(all, b.w.read(device, region)...)
	}
	return all
}

// TestUpdateRefusals serves each wrong update: it is refused with its class, runs
// nowhere, and the next right one installs.
func TestUpdateRefusals(t *testing.T) {
	b := newBed(t)
	fw1, fw2, fw3 := b.release("fw1", "lamp", 1), b.release("fw2", "lamp", 2, app("good", "")), b.release("fw3", "lamp", 3)
	other := b.release("other", "oven", 4)
	large := b.release("large", "lamp", 5, func(s *cloud.ReleaseSpec) { s.Payload = make([]byte, 70000) })
	b.sys.Cloud.Images.NewKey("unknown")
	stranger := b.release("stranger", "lamp", 6, func(s *cloud.ReleaseSpec) { s.Signer = "unknown" })
	byApp := b.release("by-app", "lamp", 7, func(s *cloud.ReleaseSpec) { s.Signer = "default-app" })
	d := b.device("d1", "lamp", "alice", fw1)
	p := fw2.Parts
	before := b.slots("d1")
	for name, c := range map[string]struct {
		parts [][]byte
		class defense.Class
	}{
		"one bit of the code":          {with(p, 1, flip(p[1], 50)), defense.BadSignature},
		"one bit of a signature":       {with(p, 0, flip(p[0], -1)), defense.BadSignature},
		"another device type":          {other.Parts, defense.WrongDevice},
		"larger than its slot":         {large.Parts, defense.TooLarge},
		"an unknown signer":            {stranger.Parts, defense.UntrustedSigner},
		"a key for apps":               {byApp.Parts, defense.UntrustedSigner},
		"the public test key":          {with(p, 0, b.resigned(p[0], b.sys.Cloud.Images.Test())), defense.UntrustedSigner},
		"no signer":                    {with(p, 0, b.resigned(p[0], nil)), defense.Unsigned},
		"no app":                       {p[:len(p)-1], defense.Incomplete},
		"no customer set":              {p[:message.CustomerAt(p)], defense.Incomplete},
		"no image at all":              {p[:1], defense.Incomplete},
		"another release's system":     {with(p, 1, fw3.Parts[1]), defense.Inconsistent},
		"images exchanged":             {with(with(p, 1, p[2]), 2, p[1]), defense.Inconsistent},
		"a system for a manifest":      {with(p, 0, p[1]), defense.Malformed},
		"nothing in the first place":   {with(p, 0, nil), defense.Malformed},
		"cut short":                    {with(p, 0, p[0][:len(p[0])-10]), defense.Malformed},
		"more parts than there can be": {slices.Repeat([][]byte{p[0]}, message.MaxParts+1), defense.TooLarge},
	} {
		b.serve(d, c.parts...)
		from := len(b.w.told)
		b.want(name, b.update(d).err, c.class)
		if ran := b.ran(from); len(ran) != 0 {
			t.Errorf("%s: %v ran", name, ran)
		}
		if !slices.Equal(before, b.slots("d1")) {
			t.Errorf("%s: was refused and changed something", name)
		}
	}
	b.serve(d, p...)
	if got := b.must(d.Update); string(got) != "installed" {
		t.Errorf("the right one: %q", got)
	}
	if diff := cmp.Diff([]string{"good"}, d.Apps()); diff != "" {
		t.Errorf("apps (-want +got):\n%s", diff)
	}
}

// TestPowerLossInAnUpdate cuts the power at every page that an update writes, a
// change of keys and of roots and a renewal of the base system included, and within
// and after it: the device boots, knows the cloud, and takes the update the next time.
func TestPowerLossInAnUpdate(t *testing.T) {
	rig := func() (*bed, *device.Device) {
		b := newBed(t)
		m := b.sys.Cloud.Images
		m.NewKey("k1")
		m.NewKey("k2")
		m.Trust(cloud.ForRelease, "k1")
		fw1 := b.release("fw1", "lamp", 1)
		d := b.device("d1", "lamp", "alice", fw1)
		m.Trust(cloud.ForRelease, "k2")
		b.release("fw2", "lamp", 2, func(s *cloud.ReleaseSpec) { s.Base = 3 })
		m.Publish("fw2", "")
		if err := b.sys.ExchangeRoot(message.MakeAuthority); err != nil {
			t.Fatal(err)
		}
		return b, d
	}
	whole, d := rig()
	before := whole.w.writes["d1"]
	whole.must(d.Update)
	pages := whole.w.writes["d1"] - before
	if pages < 8 {
		t.Fatalf("an update writes %d pages", pages)
	}
	for _, how := range []string{"before", "torn", "after"} {
		for page := 1; page <= pages; page++ {
			b, d := rig()
			b.w.cutAt, b.w.cutHow = b.w.writes["d1"]+page, how
			b.update(d)
			if !b.w.dark["d1"] {
				continue // it wrote fewer pages this time
			}
			b.w.power("d1", true)
			b.act(d.PowerOn)
			if d.Mode() != device.Running {
				t.Errorf("power lost %s page %d: the device is %s", how, page, d.Mode())
				continue
			}
			if roots := b.last("RootsTrusted"); roots.Number == 0 {
				t.Errorf("power lost %s page %d: the device trusts nobody", how, page)
			}
			b.settle()
			if e := b.do(d.Attest); e.err != nil {
				t.Errorf("power lost %s page %d: the cloud: %v", how, page, e.err)
			}
			if e := b.update(d); e.err != nil {
				t.Errorf("power lost %s page %d: the next update: %v", how, page, e.err)
			}
			if roots := b.last("RootsTrusted"); roots.Level != 2 {
				t.Errorf("power lost %s page %d: certificate store %d is in use", how, page, roots.Level)
			}
			if version, _ := d.Release(); version != 2 {
				t.Errorf("power lost %s page %d: version %d runs", how, page, version)
			}
			if base, floor := d.Chip.BaseSecurity(), d.Chip.BaseFloor(); base != 3 || floor != 3 {
				t.Errorf("power lost %s page %d: base system %d runs, none below %d starts", how, page, base, floor)
			}
		}
	}
}

// TestKeysMayChangeOften: key after key is retired while the release that runs is
// still signed by the first; the device goes on booting, and takes no image by a
// retired key.
func TestKeysMayChangeOften(t *testing.T) {
	b := newBed(t)
	m := b.sys.Cloud.Images
	fw1 := b.release("fw1", "lamp", 1, app("good", ""))
	later := b.release("later", "lamp", 9)
	d := b.device("d1", "lamp", "alice", fw1)
	for i := range 12 {
		name := fmt.Sprintf("k%d", i)
		m.NewKey(name)
		m.Trust(cloud.ForRelease, name)
		m.NewKey(name + "-app")
		m.Trust(cloud.ForApp, name+"-app")
		b.must(d.Update)
		b.act(d.PowerOn)
		b.settle()
		if d.Mode() != device.Running {
			t.Fatalf("after %d changes of keys the device is %s", i+1, d.Mode())
		}
	}
	b.serve(d, later.Parts...)
	b.want("a release by the first key", b.update(d).err, defense.UntrustedSigner)
}

// TestOldKeystoreIsRefused: a genuine key store from before a key was revoked
// would bring the key back.
func TestOldKeystoreIsRefused(t *testing.T) {
	b := newBed(t)
	m := b.sys.Cloud.Images
	m.NewKey("k1")
	m.Trust(cloud.ForRelease, "k1")
	old := m.Keystore()
	fw1, stolen := b.release("fw1", "lamp", 1), b.release("stolen", "lamp", 5)
	d := b.device("d1", "lamp", "alice", fw1)
	m.NewKey("k2")
	m.Trust(cloud.ForRelease, "k2")
	b.must(d.Update)
	b.serve(d, stolen.Parts...)
	b.answers("keystore", func(p *message.Part) { p.Data = old })
	b.want("an old key store", b.update(d).err, defense.Rollback)
	b.answers("keystore", func(p *message.Part) { p.Data = nil })
	b.want("no key store", b.update(d).err, defense.Malformed)
}

// answers changes what the repository answers to requests of a kind.
func (b *bed) answers(kind string, change func(p *message.Part)) {
	b.alter = func(m *host.Message) {
		var f message.Frame
		var r message.Reply
		var p message.Part
		if m.From != cloud.RepoName || m.Kind != kind || message.Decode(m.Body, &f) != nil || message.Decode(f.Body, &r) != nil || message.Decode(r.Body, &p) != nil {
			return
		}
		change(&p)
		r.Body = message.Encode(p)
		f.Body = message.Encode(r)
		m.Body = message.Encode(f)
	}
}

// fetch is a request to the repository as it stands on the link.
func (b *bed) fetch() (conversation, tag uint32) {
	b.t.Helper()
	for _, m := range slices.Backward(b.sent) {
		var f message.Frame
		var r message.Request
		if m.To == cloud.RepoName && message.Decode(m.Body, &f) == nil && message.Decode(f.Body, &r) == nil {
			return f.Conversation, r.Tag
		}
	}
	b.t.Fatal("nothing was asked of the repository")
	return 0, 0
}

// half is the first half of a region that holds a value, as a device saves it.
func half(v any) []byte {
	body := message.Encode(v)
	b := binary.LittleEndian.AppendUint32(nil, 0x464c4148)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(append(slices.Clone(b[4:12]), body...)))
	return append(b, body...)
}

// TestBootDecisions puts slots and a boot record into flash and looks which slot
// starts.
func TestBootDecisions(t *testing.T) {
	type slots struct{ a, b string }
	type record struct {
		Active byte
		Trial  bool
		Tries  byte
	}
	for name, c := range map[string]struct {
		slots   slots
		record  record
		counter uint32
		want    string // "dead" when nothing starts
	}{
		"active A":                         {slots{"fw2", "fw3"}, record{0, false, 0}, 2, "fw2"},
		"active B":                         {slots{"fw2", "fw3"}, record{1, false, 0}, 2, "fw3"},
		"active broken":                    {slots{"broken", "fw3"}, record{0, false, 0}, 2, "fw3"},
		"active empty":                     {slots{"", "fw3"}, record{0, false, 0}, 2, "fw3"},
		"active older than the counter":    {slots{"fw1", "fw3"}, record{0, false, 0}, 2, "fw3"},
		"old system, new manifest":         {slots{"mixed", "fw2"}, record{0, false, 0}, 2, "fw2"},
		"a genuine image too few":          {slots{"missing", "fw2"}, record{0, false, 0}, 2, "fw2"},
		"both broken":                      {slots{"broken", "broken"}, record{0, false, 0}, 2, "dead"},
		"both older":                       {slots{"fw1", "fw1"}, record{1, false, 0}, 2, "dead"},
		"one broken, the other older":      {slots{"fw1", "broken"}, record{1, false, 0}, 2, "dead"},
		"first trial":                      {slots{"fw2", "fw3"}, record{1, true, 0}, 2, "fw3"},
		"second trial":                     {slots{"fw2", "fw3"}, record{1, true, 1}, 2, "fw3"},
		"out of trials":                    {slots{"fw2", "fw3"}, record{1, true, 2}, 2, "fw2"},
		"out of trials, nothing to return": {slots{"broken", "fw3"}, record{1, true, 2}, 2, "fw3"},
		"a slot that does not exist":       {slots{"fw2", "fw3"}, record{7, false, 0}, 2, "fw3"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			fw1, fw2, fw3 := b.release("fw1", "lamp", 1), b.release("fw2", "lamp", 2, app("good", "")), b.release("fw3", "lamp", 3)
			broken := slices.Clone(fw2.Parts)
			broken[1] = slices.Clone(broken[1])
			broken[1][70] ^= 1
			contents := map[string][][]byte{"fw1": fw1.Parts, "fw2": fw2.Parts, "fw3": fw3.Parts, "broken": broken,
				"mixed": with(fw2.Parts, 1, fw1.Parts[1]), "missing": fw2.Parts[:2]}
			d := b.device("d1", "lamp", "", fw2)
			d.PowerOff()
			for region, content := range map[string]string{device.RegionSlotA: c.slots.a, device.RegionSlotB: c.slots.b} {
				b.w.load("d1", region, make([]byte, 16*4096))
				if content != "" {
					b.w.load("d1", region, message.EncodeParts(contents[content]))
				}
			}
			b.w.load("d1", device.RegionState, half([]any{c.record.Active, c.record.Trial, c.record.Tries}))
			from := len(b.w.told)
			b.act(d.PowerOn)
			got := "dead"
			if d.Mode() == device.Running {
				got = strings.TrimPrefix(b.ran(from)[0], "os=")
			}
			if got != c.want {
				t.Errorf("%s starts, want %s", got, c.want)
			}
		})
	}
}

func TestBadReleaseIsUndone(t *testing.T) {
	b := newBed(t)
	fw1 := b.release("fw1", "lamp", 1)
	b.release("bad", "lamp", 2, func(s *cloud.ReleaseSpec) { s.Behaves = []defense.ID{device.NeverHealthy} })
	d := b.device("d1", "lamp", "alice", fw1)
	b.sys.Cloud.Images.Publish("bad", "")
	if got := b.must(d.Update); string(got) != "reverted" {
		t.Errorf("a release that never becomes healthy was %q", got)
	}
	if version, _ := d.Release(); version != 1 || d.Chip.Counter() != 1 {
		t.Errorf("version %d runs, counter %d", version, d.Chip.Counter())
	}
	b.settle()
	if got := b.last("ReportReceived"); got.Is != "update.reverted" {
		t.Errorf("the cloud heard last of %q", got.Is)
	}
}

// TestSwapAfterVerify exchanges the staged bytes between check and use.
func TestSwapAfterVerify(t *testing.T) {
	b := newBed(t)
	fw1, fw2 := b.release("fw1", "lamp", 1), b.release("fw2", "lamp", 2)
	d := b.device("d1", "lamp", "alice", fw1)
	evil := slices.Clone(fw2.Parts)
	evil[1] = slices.Clone(evil[1])
	evil[1][40] ^= 1
	b.sys.Cloud.Images.Publish("fw2", "")
	b.at["verified"] = func(b *bed) {
		b.w.write("d1", device.RegionStaging, 0, message.EncodeParts(evil))
	}
	b.want("swapped in staging", b.update(d).err, defense.DigestMismatch)
}

// TestReportsSurvive: reports are kept over restarts until the cloud confirms
// them, and come once.
func TestReportsSurvive(t *testing.T) {
	b := newBed(t)
	fw1 := b.release("fw1", "lamp", 1, app("good", ""))
	d := b.device("d1", "lamp", "alice", fw1)
	b.sys.Silence(cloud.Name, true)
	if err := d.Crash("good", []byte("first")); err != nil {
		t.Fatal(err)
	}
	b.run(time.Minute)
	for range 3 {
		b.act(d.PowerOn)
		b.run(2 * time.Minute)
	}
	if n := b.count("ReportReceived"); n != 0 {
		t.Fatalf("%d reports reached a cloud that is down", n)
	}
	b.sys.Silence(cloud.Name, false)
	b.run(26 * time.Hour)
	if n := b.count("ReportReceived"); n != 1 || b.last("ReportReceived").Is != "crash" {
		t.Errorf("%d reports arrived, the last %q", n, b.last("ReportReceived").Is)
	}
	if err := d.Crash("good", []byte("second")); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if got := b.last("ReportReceived"); got.Number != 2 || b.count("GapFlagged") != 0 {
		t.Errorf("the second crash is report %d, %d gaps", got.Number, b.count("GapFlagged"))
	}
}

// TestHostileTextCannotStopReports: what an attacker on the plain link to the
// repository says ends up in a report; neither its length nor its bytes keep
// reports from being stored, read again and taken.
func TestHostileTextCannotStopReports(t *testing.T) {
	for name, reply := range map[string]message.Reply{
		"long reason":     {Class: "rollback", Reason: strings.Repeat("x", 100000)},
		"no class":        {Class: strings.Repeat("y", 5000), Reason: "?"},
		"a strange alert": {},
	} {
		b := newBed(t)
		fw1 := b.release("fw1", "lamp", 1, app("good", ""))
		d := b.device("d1", "lamp", "alice", fw1)
		b.sys.Silence(cloud.Name, true)
		b.op++
		op := b.op
		b.act(func() { d.Update(op) })
		// Conversation and tag are in the clear: the attacker answers in the repository's name.
		conversation, tag := b.fetch()
		kind, body := message.Clear, message.Encode(message.Reply{Tag: tag, Class: reply.Class, Reason: reply.Reason})
		if name == "a strange alert" {
			kind, body = message.Alert, []byte("\xff\xfe")
		}
		b.inject("repo", "d1", message.Encode(message.Frame{Conversation: conversation, Kind: kind, Body: body}))
		b.run(2 * time.Second)
		if e, ok := b.finished[op]; !ok || defense.ClassOf(e.err) == "" || !defense.ClassOf(e.err).Known() {
			t.Errorf("%s: the update ended with %v", name, e.err)
		}
		if err := d.Crash("good", []byte("after the attack")); err != nil {
			t.Fatal(err)
		}
		b.act(d.PowerOn)
		b.sys.Silence(cloud.Name, false)
		b.run(2 * time.Hour)
		if got := b.last("ReportReceived"); got.Is != "crash" {
			t.Errorf("%s: the crash behind it did not arrive (last %q)", name, got.Is)
		}
	}
}
