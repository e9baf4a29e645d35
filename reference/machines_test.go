package reference_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Device, cloud and vendor, each against a model of a few lines that knows what it
// must do and nothing of how it does it, and all three under an attacker who holds
// every link. The defects in machines_fail_test.go prove that each can fail.

// lamps are the releases of a device's machine: fw1 to fw5, the version its security
// version.
const lamps = 5

// deviceMachine is a device that is offered releases, old ones and damaged ones, and
// loses power anywhere: it always runs something released, never goes back, and
// takes the newest when it is let.
func deviceMachine(missing ...defense.ID) func(*rapid.T) {
	return func(t *rapid.T) {
		b := newBed(t, missing...)
		var releases []*cloud.Release
		for v := range uint32(lamps) {
			releases = append(releases, b.release(fmt.Sprintf("fw%d", v+1), "lamp", v+1))
		}
		d := b.device("d1", "lamp", "alice", releases[0])
		from := len(b.w.told)
		newest, floor := uint32(1), uint32(1)
		update := func() ended {
			e := b.update(d)
			for b.settle(); b.w.dark[d.Name]; b.settle() {
				b.w.cutAt = 0
				b.w.power(d.Name, true)
				b.act(d.PowerOn)
			}
			return e
		}
		publish := func(t *rapid.T) {
			newest = rapid.Uint32Range(newest, lamps).Draw(t, "version")
			b.sys.Cloud.Images.Publish(fmt.Sprintf("fw%d", newest), "")
		}
		t.Repeat(map[string]func(*rapid.T){
			"publish": publish,
			"update":  func(*rapid.T) { update() },
			"serve an old or damaged one": func(t *rapid.T) {
				parts := slices.Clone(releases[rapid.IntRange(0, lamps-1).Draw(t, "release")].Parts)
				if n := rapid.IntRange(-1, len(parts)-1).Draw(t, "damaged part"); n >= 0 {
					parts[n] = flip(parts[n], rapid.IntRange(0, len(parts[n])-1).Draw(t, "byte"))
				}
				b.serve(d, parts...)
				update()
				b.serve(d)
				b.sys.Cloud.Images.Serve(d.Name, nil)
			},
			"lose power in an update": func(t *rapid.T) {
				publish(t)
				b.w.cutHow = rapid.SampledFrom([]string{"before", "torn", "after"}).Draw(t, "how")
				b.w.cutAt = b.w.writes[d.Name] + rapid.IntRange(1, 60).Draw(t, "page")
				update()
				b.w.cutAt = 0
			},
			"power cycle": func(*rapid.T) {
				b.act(d.PowerOff)
				b.w.power(d.Name, false)
				b.w.power(d.Name, true)
				b.act(d.PowerOn)
				b.settle()
			},
			"a day": func(*rapid.T) {
				b.run(24 * time.Hour)
			},
			"": func(t *rapid.T) {
				if d.Mode() != device.Running {
					t.Fatalf("the device is %s", d.Mode())
				}
				version, _ := d.Release()
				for _, ran := range b.ran(from) {
					if ran == "os=unknown" {
						t.Fatal("code ran that nobody released")
					}
				}
				if d.Chip.Counter() < floor || version < floor {
					t.Fatalf("version %d runs and the counter is %d after %d was confirmed", version, d.Chip.Counter(), floor)
				}
				floor = max(floor, d.Chip.Counter())
			},
		})
		for range 3 {
			update()
		}
		if version, _ := d.Release(); version < newest {
			t.Fatalf("left alone, the device runs version %d instead of %d", version, newest)
		}
	}
}

// people of the cloud's and the vendor's machine. The owner is alice.
var people = []string{"alice", "bob", "mallory"}

// cloudMachine is a tenant, its people and two devices: who may do what is looked up
// in two maps.
func cloudMachine(missing ...defense.ID) func(*rapid.T) {
	return func(t *rapid.T) {
		b := newBed(t, missing...)
		for _, name := range people {
			b.person(name)
		}
		b.sys.Cloud.NewTenant("acme", "alice")
		fw := b.release("fw1", "lamp", 1)
		devices := []*device.Device{b.device("d1", "lamp", "", fw), b.device("d2", "lamp", "", fw)}
		may := map[string]int{"alice": 3} // permission in acme
		owner := map[string]string{"d1": "", "d2": ""}
		rights := []string{"", "reader", "contributor", "owner"}
		in := func(who, tenant string) int {
			switch tenant {
			case "acme":
				return may[who]
			case who:
				return 3
			}
			return 0
		}
		who, which, tenant := rapid.SampledFrom(people), rapid.IntRange(0, 1), rapid.SampledFrom([]string{"acme", "alice", "bob", "mallory"})
		judge := func(t *rapid.T, what string, allowed bool, by, call string, body any) {
			e := b.ask(b.sys.Terminals[by], cloud.Name, call, body, true)
			if (e.err == nil) != allowed {
				t.Fatalf("%s by %s: %v, allowed is %t", what, by, e.err, allowed)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"permit": func(t *rapid.T) {
				by, to, right := who.Draw(t, "by"), who.Draw(t, "to"), rapid.IntRange(0, 3).Draw(t, "right")
				allowed := may[by] == 3
				judge(t, "permit", allowed, by, message.CallPermit, message.Permit{Tenant: "acme", To: to, Right: rights[right]})
				if allowed {
					may[to] = right
				}
			},
			"claim": func(t *rapid.T) {
				by, d, to, held := who.Draw(t, "by"), devices[which.Draw(t, "device")], tenant.Draw(t, "tenant"), rapid.Bool().Draw(t, "in his hand")
				id := d.Chip.ID()
				proof := make([]byte, 96)
				if held {
					proof = d.Chip.ProvePossession(by)
				}
				allowed := in(by, to) >= 2 && (owner[d.Name] == to || owner[d.Name] == "" && held)
				judge(t, "claim", allowed, by, message.CallClaim, message.Claim{Tenant: to, Devices: []message.Possession{{Device: id[:], Proof: proof}}})
				if allowed {
					owner[d.Name] = to
				}
			},
			"disown": func(t *rapid.T) {
				by, d := who.Draw(t, "by"), devices[which.Draw(t, "device")]
				id := d.Chip.ID()
				allowed := owner[d.Name] == by
				judge(t, "disown", allowed, by, message.CallDisown, message.Disown{Device: id[:]})
				if allowed {
					owner[d.Name] = ""
				}
			},
			"capability": func(t *rapid.T) {
				by, d := who.Draw(t, "by"), devices[which.Draw(t, "device")]
				id := d.Chip.ID()
				kind := rapid.SampledFrom([]uint16{message.CapabilityAppDevelopment, message.CapabilityPlutonDebug}).Draw(t, "kind")
				allowed := in(by, owner[d.Name]) >= 2 && kind == message.CapabilityAppDevelopment
				judge(t, "capability", allowed, by, message.CallCapability, message.CapabilityRequest{Device: id[:], Kind: kind})
			},
			"export": func(t *rapid.T) {
				by, of := who.Draw(t, "by"), tenant.Draw(t, "tenant")
				judge(t, "export", in(by, of) >= 1, by, message.CallExport, message.Export{Tenant: of})
			},
			"": func(t *rapid.T) {
				for _, d := range devices {
					if got := b.sys.Cloud.Owner(d.Chip.ID()); got != owner[d.Name] {
						t.Fatalf("%s is %q's and should be %q's", d.Name, got, owner[d.Name])
					}
				}
			},
		})
	}
}

// visit is a session as the vendor's model knows it.
type visit struct {
	who   string
	token []byte
	since time.Duration
	ended bool
}

// vendorMachine is alice's vacuum cleaner with a camera, people who log in, and
// rights that come and go: a command is obeyed when the session is open and its
// holder is the owner or a guest.
func vendorMachine(missing ...defense.ID) func(*rapid.T) {
	return func(t *rapid.T) {
		b, _, _, _, _ := home(t, missing...)
		var visits []*visit
		guests := map[string]bool{}
		who := rapid.SampledFrom(people)
		open := func(v *visit) bool { return !v.ended && b.w.now-v.since <= time.Hour }
		session := func(t *rapid.T) *visit {
			if len(visits) == 0 {
				t.Skip("nobody logged in yet")
			}
			return rapid.SampledFrom(visits).Draw(t, "session")
		}
		judge := func(t *rapid.T, what string, allowed bool, err error) {
			if (err == nil) != allowed {
				t.Fatalf("%s: %v, allowed is %t", what, err, allowed)
			}
		}
		right := func(v *visit, call, to string, victim []byte) error {
			return b.ask(b.sys.Terminals[v.who], "vendor", call, message.Right{Session: v.token, Device: "vac1", To: to, Right: "use", Victim: victim}, false).err
		}
		t.Repeat(map[string]func(*rapid.T){
			"login": func(t *rapid.T) {
				name := who.Draw(t, "who")
				token, err := b.login(b.sys.Terminals[name], name, name+" password")
				judge(t, "login", true, err)
				visits = append(visits, &visit{who: name, token: token, since: b.w.now})
			},
			"guess": func(t *rapid.T) {
				if b.run(time.Hour); len(visits) > 20 {
					t.Skip("too long a story")
				}
				_, err := b.login(b.sys.Terminals["mallory"], "alice", rapid.SampledFrom([]string{"", "alice", "mallory password"}).Draw(t, "password"))
				judge(t, "a guess", false, err)
			},
			"command": func(t *rapid.T) {
				v := session(t)
				frames := b.count("FrameReached")
				allowed := open(v) && (v.who == "alice" || guests[v.who])
				judge(t, "a command by "+v.who, allowed, b.command(b.sys.Terminals[v.who], v.token, "open-camera"))
				if got := b.count("FrameReached") - frames; (got == 1) != allowed || allowed && b.last("FrameReached").Who != v.who {
					t.Fatalf("%d pictures, the last for %s", got, b.last("FrameReached").Who)
				}
			},
			"grant": func(t *rapid.T) {
				v, to := session(t), rapid.SampledFrom(people[1:]).Draw(t, "to")
				allowed := open(v) && v.who == "alice"
				judge(t, "a grant by "+v.who, allowed, right(v, message.CallGrant, to, nil))
				guests[to] = guests[to] || allowed
			},
			"revoke": func(t *rapid.T) {
				v, to := session(t), rapid.SampledFrom(people[1:]).Draw(t, "to")
				allowed := open(v) && v.who == "alice"
				judge(t, "a grant ended by "+v.who, allowed, right(v, message.CallRevoke, to, nil))
				if allowed {
					guests[to] = false
				}
			},
			"end a session": func(t *rapid.T) {
				v, victim := session(t), session(t)
				allowed := open(v) && v.who == victim.who
				err := right(v, message.CallRevoke, "", victim.token)
				if !open(victim) && err != nil {
					return // it had ended already
				}
				judge(t, "a session of "+victim.who+" ended by "+v.who, allowed, err)
				victim.ended = victim.ended || allowed
			},
			"time": func(t *rapid.T) { b.run(time.Duration(rapid.IntRange(1, 70).Draw(t, "minutes")) * time.Minute) },
			"":     func(*rapid.T) {},
		})
	}
}

// systemMachine is device, cloud and vendor together. The attacker holds every link:
// he drops, doubles, damages, keeps and sends again. Nothing runs that was not
// released, the device stays alice's, no picture reaches him; and when he is gone,
// everything works.
func systemMachine(missing ...defense.ID) func(*rapid.T) {
	return func(t *rapid.T) {
		b, d, alice, _, mallory := home(t, missing...)
		b.release("fw2", "vac", 2)
		id := d.Chip.ID()
		from := len(b.w.told)
		published := false
		held := func(t *rapid.T) host.Message { return rapid.SampledFrom(b.sent).Draw(t, "message") }
		act := func(do func()) func(*rapid.T) {
			return func(t *rapid.T) {
				kind, at := rapid.SampledFrom([]string{"nothing", "drop", "damage", "double"}).Draw(t, "on the way"), rapid.IntRange(0, 9).Draw(t, "which message")
				n := 0
				b.alter = func(m *host.Message) {
					if n++; n-1 != at {
						return
					}
					switch kind {
					case "drop":
						m.To = "nowhere"
					case "damage":
						m.Body = flip(m.Body, rapid.IntRange(0, max(len(m.Body)-1, 0)).Draw(t, "byte"))
					case "double":
						b.w.send(*m)
					}
				}
				do()
				b.alter = nil
				b.settle()
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"attest": act(func() { b.do(d.Attest) }),
			"update": act(func() { b.update(d) }),
			"publish": func(*rapid.T) {
				published = true
				b.sys.Cloud.Images.Publish("fw2", "")
			},
			"watch": act(func() {
				if s, err := b.login(alice, "alice", "alice password"); err == nil {
					b.command(alice, s, "open-camera")
				}
			}),
			"replay": func(t *rapid.T) {
				m := held(t)
				b.inject(m.From, rapid.SampledFrom([]string{m.To, d.Name, cloud.Name, "vendor"}).Draw(t, "to"), m.Body)
				b.settle()
			},
			"ask as mallory": func(t *rapid.T) {
				body := rapid.SampledFrom([]any{message.Disown{Device: id[:]}, message.Claim{Devices: []message.Possession{{Device: id[:], Proof: d.Chip.ProvePossession("alice")}}},
					message.CapabilityRequest{Device: id[:], Kind: message.CapabilityAppDevelopment}}).Draw(t, "body")
				call := map[string]string{"message.Disown": message.CallDisown, "message.Claim": message.CallClaim}[fmt.Sprintf("%T", body)]
				if call == "" {
					call = message.CallCapability
				}
				if e := b.ask(mallory, cloud.Name, call, body, true); e.err == nil {
					t.Fatalf("%s was done for mallory", call)
				}
			},
			"": func(t *rapid.T) {
				for _, ran := range b.ran(from) {
					if strings.HasSuffix(ran, "=unknown") {
						t.Fatalf("%s ran", ran)
					}
				}
				if o := b.sys.Cloud.Owner(id); o != "alice" || b.sys.Vendor.Owner("vac1") != "alice" || b.sys.Vendor.May("mallory", "vac1") {
					t.Fatalf("the device is %q's in the cloud and %q's at the vendor", o, b.sys.Vendor.Owner("vac1"))
				}
				for _, e := range b.events {
					if e.Kind == "FrameReached" && e.Who != "alice" {
						t.Fatalf("a picture reached %s", e.Who)
					}
				}
			},
		})
		b.run(2 * time.Hour) // timers, back-off and locked accounts
		if e := b.do(d.Attest); e.err != nil {
			t.Fatalf("he is gone, and attestation ends with %v", e.err)
		}
		if e := b.update(d); e.err != nil {
			t.Fatalf("he is gone, and the update ends with %v", e.err)
		}
		if version, _ := d.Release(); published && version != 2 {
			t.Fatalf("he is gone, and version %d runs", version)
		}
		session, err := b.login(alice, "alice", "alice password")
		if err == nil {
			err = b.command(alice, session, "open-camera")
		}
		if err != nil {
			t.Fatalf("he is gone, and alice's command ends with %v", err)
		}
	}
}

// machines are the four by name.
var machines = map[string]func(...defense.ID) func(*rapid.T){
	"device": deviceMachine, "cloud": cloudMachine, "vendor": vendorMachine, "system": systemMachine,
}
