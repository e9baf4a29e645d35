package reference_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
	"github.com/google/go-cmp/cmp"
)

// story begins a login, a command and an update with a change of keys, so that
// every part of the model is busy.
func story(t *testing.T) *bed {
	b, d, alice, _, _ := home(t)
	sa, err := b.login(alice, "alice", "alice password")
	if err != nil {
		t.Fatal(err)
	}
	b.sys.Cloud.Images.NewKey("k1")
	b.sys.Cloud.Images.Trust(cloud.ForRelease, "k1")
	b.release("fw2", "vac", 2, app("a", ""), app("b", ""), app("c", `"MutableStorage": {"SizeKB": 8}`))
	b.sys.Cloud.Images.Publish("fw2", "")
	d.Update(101)
	alice.Call(102, vendor.Name, message.CallCommand, message.Encode(message.Command{Session: sa, Device: "vac1", Do: "open-camera", Protocol: 1}), false)
	alice.Call(103, cloud.Name, message.CallCapability, message.Encode(message.CapabilityRequest{Kind: 11}), true)
	return b
}

// TestCopiesGoOnAlike copies the model between any two events and drives copy and
// original to the end: what happens is the same, and the copy moves nothing.
func TestCopiesGoOnAlike(t *testing.T) {
	rest := func(b *bed) *bed {
		b.run(2 * time.Minute)
		return b
	}
	want := rest(story(t))
	b := story(t)
	for n := 0; ; n++ {
		copied := b.clone()
		copied.sys.Cloud.Images.Serve("vac1", [][]byte{[]byte("something else")}) // and is led astray
		rest(copied)
		if got := rest(b.clone()); !cmp.Equal(want.w.told, got.w.told) {
			t.Fatalf("a copy after %d events goes on unlike:\n%s", n, cmp.Diff(want.w.told, got.w.told))
		}
		if !b.w.busy() || !b.step(b.w.now+time.Minute) {
			break
		}
	}
	if version, _ := want.sys.Devices["vac1"].Release(); version != 2 || want.count("FrameReached") != 1 {
		t.Errorf("the story ended with version %d and %d frames", version, want.count("FrameReached"))
	}
}

// TestMemoryDoesNotShow: with the memory of pure cryptography and without it the
// same happens.
func TestMemoryDoesNotShow(t *testing.T) {
	with := story(t)
	saved := remembered
	t.Cleanup(func() { remembered = saved })
	remembered = nil
	without := story(t)
	for _, b := range []*bed{with, without} {
		b.run(time.Minute)
	}
	if diff := cmp.Diff(with.w.told, without.w.told); diff != "" {
		t.Errorf("remembering shows:\n%s", diff)
	}
}

// TestAnyMessageAnywhere sends every message of the story to every endpoint, as it
// was, cut, flipped and in others' names: nothing panics, and the story's device
// still updates.
func TestAnyMessageAnywhere(t *testing.T) {
	b := story(t)
	b.run(time.Minute)
	sent := slices.Clone(b.sent)
	ends := []string{"cloud", "repo", "vendor", "vac1", "alice", "mallory"}
	for i, m := range sent {
		for _, to := range ends {
			from := m.From
			if i%3 == 0 {
				from = ends[i%len(ends)]
			}
			for _, body := range [][]byte{m.Body, m.Body[:len(m.Body)/2], flipped(m.Body, i), m.Plain, nil} {
				b.act(func() { b.sys.Receive(to, host.Message{From: from, To: to, Kind: m.Kind, Body: body}) })
			}
		}
	}
	b.run(time.Hour)
	b.release("fw3", "vac", 3)
	b.sys.Cloud.Images.Publish("fw3", "")
	if got := b.must(b.sys.Devices["vac1"].Update); string(got) != "installed" {
		t.Errorf("afterwards an update is %q", got)
	}
}

func flipped(b []byte, at int) []byte {
	n := slices.Clone(b)
	if len(n) > 0 {
		n[at%len(n)] ^= 1 << (at % 8)
	}
	return n
}

// TestHostileFlash lets hands on the flash fill each region with noise, with the
// bytes of every other region, and with lengths that lie: the device starts what
// is genuine or nothing.
func TestHostileFlash(t *testing.T) {
	b, _ := probed(t)
	b.release("fw2", "vac", 2)
	b.sys.Cloud.Images.Publish("fw2", "")
	b.must(b.sys.Devices["d1"].Update)
	for _, region := range device.Flash {
		contents := map[string][]byte{"noise": b.w.draw("flash", 9000), "ones": slices.Repeat([]byte{0xff}, 9000), "one empty part": message.EncodeParts([][]byte{nil}), "parts of nothing": message.EncodeParts([][]byte{nil, nil, nil})}
		for _, other := range device.Flash {
			contents[other.Name] = slices.Clone(b.w.read("d1", other.Name))
		}
		for name, content := range contents {
			n := b.clone()
			d := n.sys.Devices["d1"]
			n.w.load("d1", region.Name, content)
			from := len(n.w.told)
			n.act(d.PowerOn)
			n.run(time.Minute)
			for _, ran := range n.ran(from) {
				if strings.HasSuffix(ran, "=unknown") {
					t.Errorf("%s in region %s: %s", name, region.Name, ran)
				}
			}
			if d.Mode() == device.Running {
				n.do(d.Update)
				d.Certify(0, "", nil)
				n.run(time.Minute)
			}
		}
	}
}

// TestStolenStore: certificates of another device in flash open nothing. The chip gives
// their key back to nobody else, so they are dropped; where it does, the key is none of
// the certificates'.
func TestStolenStore(t *testing.T) {
	for about, missing := range map[string][]defense.ID{"sound": nil, "any persisted key is taken": {chip.SealedDataIsAuthentic}} {
		t.Run(about, func(t *testing.T) { stolenStore(t, missing) })
	}
}

func stolenStore(t *testing.T, missing []defense.ID) {
	b := newBed(t, missing...)
	fw1 := b.release("fw1", "vac", 1)
	b.device("d1", "vac", "alice", fw1)
	d := b.device("d2", "vac", "", fw1)
	b.w.load("d2", device.RegionConfig, b.w.read("d1", device.RegionConfig))
	b.sys.Silence(cloud.Name, true) // it cannot attest
	b.act(d.PowerOn)
	if d.Owner() != "alice" || (len(d.Certificate()) != 0) != (missing != nil) {
		t.Fatalf("the store of %q came over with %d certificates", d.Owner(), len(d.Certificate()))
	}
	if missing == nil {
		return
	}
	b.want("with another's certificate", b.do(func(op uint64) { d.Connect(op, vendor.Name) }).err, defense.BadSignature)
}

// TestCatalogue: what the catalogue says of the model.
func TestCatalogue(t *testing.T) {
	seen := map[defense.ID]bool{}
	for _, d := range reference.Defenses() {
		if seen[d.ID] || d.Title == "" || d.Cites == "" || d.Property == "" || !d.Class.Known() || !strings.HasPrefix(d.Title, "refuses ") {
			t.Errorf("%s: there twice, or incomplete, or its title does not say what it refuses: %+v", d.ID, d)
		}
		seen[d.ID] = true
	}
	for _, d := range reference.Defects() {
		if seen[d.ID] || d.Title == "" || d.Cites == "" || d.Property == "" {
			t.Errorf("%s: there twice, or incomplete", d.ID)
		}
		seen[d.ID] = true
	}
	if n := len(reference.Defenses()); n < 35 {
		t.Errorf("%d defenses, want at least 35", n)
	}
	if n := len(reference.Defects()); n < 8 {
		t.Errorf("%d wrong designs, want at least 8", n)
	}
}

// TestEveryWrongDesignStarts: with any defense missing or wrong design taken the
// model still does its work, or dies quietly.
func TestEveryWrongDesignStarts(t *testing.T) {
	var all []defense.ID
	for _, d := range reference.Defenses() {
		all = append(all, d.ID)
	}
	for _, d := range reference.Defects() {
		all = append(all, d.ID)
	}
	for _, id := range append(all, "") {
		b, d, alice, _, _ := home(t, id)
		sa, err := b.login(alice, "alice", "alice password")
		if err != nil {
			t.Errorf("%s: login: %v", id, err)
		}
		if err := b.command(alice, sa, "open-camera"); err != nil {
			t.Errorf("%s: command: %v", id, err)
		}
		b.release("fw2", "vac", 2, app("good", ""))
		b.sys.Cloud.Images.Publish("fw2", "")
		if e := b.update(d); e.err != nil {
			t.Errorf("%s: update: %v", id, e.err)
		}
		b.run(50 * time.Hour)
		if d.Mode() != device.Running {
			t.Errorf("%s: the device is %s", id, d.Mode())
		}
	}
}
