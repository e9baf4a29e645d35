package reference_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// shown are the requests that tell what a device holds.
var shown = []string{"/device/capabilities", "/device/manufacturing_state", "/images", "/certstore/certs", "/app/quota/good", "/app/status/good", "/net/status"}

// holds is what a device holds: what it answers whoever may ask, and the hash of
// each region of its flash but the two in which it keeps what it saw and counted.
func holds(b *bed, d *device.Device, file []byte) map[string]string {
	all := map[string]string{}
	for _, path := range shown {
		got, err := on(d, file, "GET", path, "")
		all[path] = fmt.Sprintf("%d %v %s", got.Status, err, got.Body)
	}
	for _, r := range device.Flash {
		if r.Name != device.RegionConfig && r.Name != device.RegionTelemetry {
			all[r.Name] = fmt.Sprintf("%x", sha256.Sum256(b.w.read(d.Name, r.Name)))
		}
	}
	return all
}

// FuzzDeviceREST: no request on the service cable stops the device; one without a
// capability passes no door; what is refused changes nothing; every answer is in
// bounds, and JSON where the interface promises it.
func FuzzDeviceREST(f *testing.F) {
	start, first, file := kept(f, message.CapabilityFieldServicing)
	for i, r := range requests {
		f.Add(r.method, r.path, "Content-Type: "+device.MediaType(r.method, r.path), []byte(r.body), i%2 == 0)
	}
	f.Add("GET", "/images", device.CapabilityHeader+": AAAA\nContent-Type: x", []byte(nil), true)
	f.Fuzz(func(t *testing.T, method, path, headers string, body []byte, capability bool) {
		b := start.clone()
		b.t = t
		d := b.sys.Devices[first.Name]
		was := holds(b, d, file)
		doors, boots := b.count("DoorOpened"), b.w.boots[d.Name]
		c := device.Call{Method: method, Path: path, Headers: strings.Split(headers, "\n"), Body: body, By: "bench"}
		if capability {
			c.Headers = append(c.Headers, device.CapabilityHeader+": "+base64.StdEncoding.EncodeToString(file))
		}
		var got device.Reply
		var err error
		b.act(func() { got, err = d.Local(c) })
		if (err == nil) != (got.Status == 200) || got.Status < 200 || got.Status > 599 || len(got.Body) > 1<<20 {
			t.Fatalf("status %d with %d bytes beside error %v", got.Status, len(got.Body), err)
		}
		if err == nil && len(got.Body) > 0 && path != "/log" && !json.Valid(got.Body) {
			t.Fatalf("answer %q is no JSON", got.Body)
		}
		if !capability && b.count("DoorOpened") != doors {
			t.Fatalf("%s %s passed a door without a capability", method, path)
		}
		if err != nil {
			if b.w.boots[d.Name] != boots {
				t.Fatalf("refused with %v, and yet the device restarted", err)
			}
			if diff := cmp.Diff(was, holds(b, d, file)); diff != "" {
				t.Fatalf("refused with %v, and yet the device changed (-before +after):\n%s", err, diff)
			}
		}
		b.run(time.Minute)
		if after, err := on(d, nil, "GET", "/status", ""); err != nil || after.Status != 200 {
			t.Fatalf("afterwards the device answers %d, %v", after.Status, err)
		}
	})
}

// registered is what the cloud holds of who owns what and who may certify it.
func registered(b *bed) map[string]string {
	all := map[string]string{}
	for _, id := range b.sys.Cloud.Devices() {
		all[string(id[:4])] = b.sys.Cloud.Owner(id)
	}
	for _, tenant := range []string{"alice", "mallory"} {
		all["authorities of "+tenant] = strings.Join(b.sys.Cloud.AuthorityLabels(tenant), ",")
	}
	return all
}

// calls are the cloud's calls with a body that makes sense, for the device id.
func calls(id []byte) map[string]any {
	return map[string]any{
		message.CallChallenge:  message.Challenge{Device: id},
		message.CallAttest:     message.Attest{Device: id, Evidence: []byte{1}, Key: id, Proof: id},
		message.CallCapability: message.CapabilityRequest{Device: id, Kind: message.CapabilityAppDevelopment},
		message.CallPermit:     message.Permit{Tenant: "alice", To: "mallory", Right: "owner"},
		message.CallGroup:      message.Group{Tenant: "alice", Product: "vac", Name: "all", Feed: "retail", Dumps: "enabled"},
		message.CallDeploy:     message.Deploy{Tenant: "alice", Release: "fw1", Group: "all", Percent: 100},
		message.CallRecall:     message.Recall{Tenant: "alice", Release: "fw1"},
		message.CallErase:      message.Erase{Tenant: "alice"},
		message.CallExport:     message.Export{Tenant: "alice"},
		message.CallDump:       message.Dump{Device: id, Cause: make([]byte, 8), Component: "good", Stack: []byte("stack")},
	}
}

// open are the calls that need no proof by certificate, and those anybody may make
// of his own.
var open = map[string]bool{message.CallChallenge: true, message.CallAttest: true}

// FuzzCloudAPI: whoever calls, with whatever body, the cloud goes on answering; who
// proves nothing gets nothing but a challenge; a stranger changes nothing of
// what is another's.
func FuzzCloudAPI(f *testing.F) {
	start, first := probed(f)
	start.person("alice")
	start.person("mallory")
	id := first.Chip.ID()
	for _, call := range slices.Sorted(maps.Keys(calls(id[:]))) {
		f.Add(call, message.Encode(calls(id[:])[call]), true)
		f.Add(call, message.Encode(calls(id[:])[call]), false)
	}
	f.Add(message.CallCertify, []byte{0x80}, true)
	f.Add("no such call", []byte(nil), true)
	f.Fuzz(func(t *testing.T, call string, body []byte, proven bool) {
		if !utf8.ValidString(call) {
			return // no CBOR text: the answer cannot name the request that it answers
		}
		b := start.clone()
		b.t = t
		was := registered(b)
		mallory := b.sys.Terminals["mallory"]
		e := b.do(func(op uint64) { mallory.Call(op, cloud.Name, call, body, proven) })
		if defense.ClassOf(e.err) == defense.Unavailable {
			t.Fatalf("%s is never answered: %v", call, e.err)
		}
		if e.err == nil && !proven && !open[call] {
			t.Fatalf("%s was answered to somebody who proved nothing: %x", call, e.data)
		}
		if diff := cmp.Diff(was, registered(b)); diff != "" {
			t.Fatalf("%s by a stranger (-before +after):\n%s", call, diff)
		}
		answersAlice(t, b, id[:])
	})
}

// answersAlice tells when the cloud does not serve the owner any more.
func answersAlice(t *testing.T, b *bed, id []byte) {
	t.Helper()
	e := b.ask(b.sys.Terminals["alice"], cloud.Name, message.CallCapability, message.CapabilityRequest{Device: id, Kind: message.CapabilityAppDevelopment}, true)
	if e.err != nil || len(e.data) != message.CapabilitySize {
		t.Fatalf("afterwards the owner gets %d bytes, %v", len(e.data), e.err)
	}
}

// FuzzVendorAPI: whatever somebody without an account asks of the product's service,
// he gets no session and the owner's stays good.
func FuzzVendorAPI(f *testing.F) {
	start, _ := probed(f)
	start.person("alice")
	start.person("mallory")
	login := message.Login{User: "alice", Secret: []byte("alice password")}
	f.Add(message.CallLogin, message.Encode(message.Login{User: "alice", Secret: []byte("guess")}))
	f.Add(message.CallCommand, []byte{0x83, 0, 0, 0})
	f.Add(message.CallGrant, []byte{0x80})
	f.Add(message.CallRegister, []byte{0x80})
	f.Add(message.CallPair, []byte{0x80})
	f.Fuzz(func(t *testing.T, call string, body []byte) {
		var guess message.Login
		if message.Decode(body, &guess) == nil && bytes.Contains(guess.Secret, []byte(" password")) {
			return // he knows it: the seed's own
		}
		b := start.clone()
		b.t = t
		e := b.do(func(op uint64) { b.sys.Terminals["mallory"].Call(op, vendor.Name, call, body, false) })
		if e.err == nil && call == message.CallLogin {
			t.Fatalf("a session for %+v", guess)
		}
		if got := b.ask(b.sys.Terminals["alice"], vendor.Name, message.CallLogin, login, false); got.err != nil {
			t.Fatalf("after %s the owner cannot log in: %v", call, got.err)
		}
	})
}
