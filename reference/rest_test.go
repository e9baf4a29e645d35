package reference_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// kept is a bed with a device, and a capability file of a kind for it.
func kept(t rapid.TB, kind uint16) (*bed, *device.Device, []byte) {
	b, d := probed(t)
	return b, d, capabilityFor(b, d, kind)
}

func capabilityFor(b *bed, d *device.Device, kind uint16) []byte {
	b.t.Helper()
	alice := b.person("alice" + d.Name)
	b.sys.Cloud.Own(d.Chip.ID(), alice.Name)
	id := d.Chip.ID()
	e := b.ask(alice, "cloud", message.CallCapability, message.CapabilityRequest{Device: id[:], Kind: kind}, true)
	if e.err != nil {
		b.t.Fatal(e.err)
	}
	return e.data
}

// on sends a request with the right content type, and a capability where there
// is one.
func on(d *device.Device, file []byte, method, path, body string) (device.Reply, error) {
	c := device.Call{Method: method, Path: path, Body: []byte(body), By: "bench"}
	if body != "" {
		c.Headers = append(c.Headers, "Content-Type: "+device.MediaType(method, path))
	}
	if file != nil {
		c.Headers = append(c.Headers, device.CapabilityHeader+": "+base64.StdEncoding.EncodeToString(file))
	}
	return d.Local(c)
}

// requests are what comes over the cable; held says what it is with a capability.
var requests = []struct {
	name, method, path, body string
	status, held             int // without and with a capability
	code                     int // with one
}{
	{"status", "GET", "/status", "", 200, 200, 0},
	{"ABI versions", "GET", "/abi_versions", "", 200, 200, 0},
	{"network", "GET", "/net/status", "", 200, 200, 0},
	{"capabilities", "GET", "/device/capabilities", "", 200, 200, 0},
	{"security state", "GET", "/device/security_state", "", 200, 200, 0},
	{"manufacturing state", "GET", "/device/manufacturing_state", "", 200, 200, 0},
	{"an application", "GET", "/app/status/good", "", 403, 200, 0},
	{"an application that is not there", "GET", "/app/status/nobody", "", 403, 404, 14680076},
	{"an application stops", "PATCH", "/app/status/good", `{"trigger":"stop"}`, 403, 200, 0},
	{"a debugger", "PATCH", "/app/status/good", `{"trigger":"startDebug"}`, 403, 412, 3145738},
	{"a trigger that is none", "PATCH", "/app/status/good", `{"trigger":"explode"}`, 403, 400, 0},
	{"a body that is no JSON", "PATCH", "/app/status/good", `{`, 403, 400, 0},
	{"a member that is not known", "PATCH", "/app/status/good", `{"trigger":"stop","now":true}`, 403, 400, 0},
	{"a quota", "GET", "/app/quota/good", "", 403, 200, 0},
	{"an application of the release goes", "DELETE", "/app/image/good", "", 403, 409, 4194306},
	{"images", "GET", "/images", "", 403, 200, 0},
	{"nothing staged", "POST", "/update/install", `{"appControlMode":"Auto"}`, 403, 409, 7340050},
	{"no mode", "POST", "/update/install", `{"appControlMode":"Soon"}`, 403, 400, 0},
	{"more than fits", "PUT", "/update/stage", strings.Repeat("x", 70<<10), 403, 400, 14680082},
	{"more than memory", "PUT", "/update/stage", strings.Repeat("x", 1<<20+1), 400, 400, 14680082},
	{"log", "GET", "/log", "", 403, 200, 0},
	{"telemetry", "GET", "/telemetry", "", 403, 200, 0},
	{"certificates", "GET", "/certstore/certs", "", 403, 200, 0},
	{"room for certificates", "GET", "/certstore/space", "", 403, 200, 0},
	{"a certificate", "POST", "/certstore/certs", `{"id":"root","publicCert":"AAAA"}`, 403, 200, 0},
	{"a certificate that is none", "POST", "/certstore/certs", `{"id":"root","publicCert":"?"}`, 403, 400, 0},
	{"a certificate that is not there", "DELETE", "/certstore/certs/root", "", 403, 404, 14680076},
	{"interfaces", "GET", "/net/interfaces", "", 403, 200, 0},
	{"firewall rules", "GET", "/net/firewall/rulesets", "", 403, 200, 0},
	{"version of the OS", "GET", "/osversion", "", 403, 200, 0},
	{"memory", "GET", "/stats/memory/groups/applications", "", 403, 200, 0},
	{"networks", "GET", "/wifi/config/networks", "", 403, 200, 0},
	{"a network", "POST", "/wifi/config/networks", `{"ssid":"home","securityState":"psk","psk":"0123456789","configState":"enabled"}`, 403, 200, 0},
	{"an open network", "POST", "/wifi/config/networks", `{"ssid":"home","securityState":"open","configState":"disabled"}`, 403, 200, 0},
	{"a network with a short key", "POST", "/wifi/config/networks", `{"ssid":"home","securityState":"psk","psk":"0123456","configState":"enabled"}`, 403, 400, 0},
	{"a network without a name", "POST", "/wifi/config/networks", `{"ssid":"","securityState":"open","configState":"enabled"}`, 403, 400, 0},
	{"a network of no kind", "POST", "/wifi/config/networks", `{"ssid":"home","securityState":"wep","configState":"enabled"}`, 403, 400, 0},
	{"a network whose root is not there", "POST", "/wifi/config/networks", `{"ssid":"home","securityState":"eaptls","rootCACertStoreIdentifier":"root","configState":"enabled"}`, 403, 404, 14680076},
	{"a network that is not there", "GET", "/wifi/config/networks/0", "", 403, 404, 14680076},
	{"one that is not there is switched off", "PATCH", "/wifi/config/networks/0", `{"configState":"disabled"}`, 403, 404, 14680076},
	{"one that is not there goes", "DELETE", "/wifi/config/networks/-1", "", 403, 404, 14680076},
	{"no proxy", "GET", "/net/proxy", "", 403, 404, 14680076},
	{"a proxy", "POST", "/net/proxy", `{"address":"192.0.2.1","port":8080,"enabled":true,"authenticationType":"anonymous","noProxyAddresses":[]}`, 403, 200, 0},
	{"a proxy at no port", "POST", "/net/proxy", `{"address":"192.0.2.1","port":0,"enabled":true,"authenticationType":"anonymous"}`, 403, 400, 0},
	{"a proxy without a name for its password", "POST", "/net/proxy", `{"address":"192.0.2.1","port":80,"enabled":true,"authenticationType":"basic","password":"x"}`, 403, 400, 0},
	{"back to the factory", "PUT", "/device/manufacturing_state", `{"manufacturingState":"Blank"}`, 403, 409, 0},
	{"a state that is none", "PUT", "/device/manufacturing_state", `{"manufacturingState":"Wild"}`, 403, 400, 0},
	{"a capability that is none", "PUT", "/device/capabilities", "no file", 403, 400, 0},
	{"restart", "POST", "/restart", "", 403, 200, 0},
	{"no route", "GET", "/", "", 404, 404, 14680076},
	{"a route with more behind it", "GET", "/status/more", "", 404, 404, 14680076},
	{"another method", "POST", "/status", "", 404, 404, 14680076},
	{"up and out", "GET", "/app/status/../../etc", "", 404, 404, 14680076},
}

func TestRequestsOnTheServiceCable(t *testing.T) {
	start, first, file := kept(t, message.CapabilityFieldServicing)
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			b := start.clone()
			d := b.sys.Devices[first.Name]
			if got, err := on(d, nil, r.method, r.path, r.body); got.Status != r.status || (err == nil) != (r.status == 200) {
				t.Errorf("without a capability: status %d, error %v, want %d", got.Status, err, r.status)
			}
			got, err := on(d, file, r.method, r.path, r.body)
			if got.Status != r.held || got.Code != r.code || (err == nil) != (r.held == 200) {
				t.Errorf("with a capability: status %d, code %d, error %v, want %d and %d", got.Status, got.Code, err, r.held, r.code)
			}
			if err == nil && len(got.Body) > 0 && r.path != "/log" && !json.Valid(got.Body) {
				t.Errorf("answer %q is no JSON", got.Body)
			}
		})
	}
}

// answer asks with a capability and reads the JSON that comes.
func answer(t *testing.T, d *device.Device, file []byte, method, path, body string, into any) {
	t.Helper()
	reply, err := on(d, file, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if err := json.Unmarshal(reply.Body, into); err != nil {
		t.Fatalf("%s %s: %q: %v", method, path, reply.Body, err)
	}
}

// TestLaterRoutesTellWhatIs: the answers are the device's own, not words.
func TestLaterRoutesTellWhatIs(t *testing.T) {
	_, d, file := kept(t, message.CapabilityFieldServicing)
	var rules struct {
		Rulesets []struct {
			Application string
			Hosts       []string
			Ports       []int
		}
	}
	answer(t, d, file, "GET", "/net/firewall/rulesets", "", &rules)
	if got := fmt.Sprint(rules.Rulesets); got != "[{evil [] []} {good [api.example] [8080]}]" {
		t.Errorf("rules: %s", got)
	}
	var os struct{ OSVersion string }
	if answer(t, d, file, "GET", "/osversion", "", &os); os.OSVersion != "1" {
		t.Errorf("version %q", os.OSVersion)
	}
	type stats struct{ CurrentMemoryUsageInBytes, PeakUserModeMemoryUsageInBytes int }
	var before, after struct{ MemoryStats stats }
	answer(t, d, file, "GET", "/stats/memory/groups/applications", "", &before)
	if _, err := on(d, file, "PATCH", "/app/status/good", `{"trigger":"stop"}`); err != nil {
		t.Fatal(err)
	}
	answer(t, d, file, "GET", "/stats/memory/groups/applications", "", &after)
	if a, b := before.MemoryStats, after.MemoryStats; a.CurrentMemoryUsageInBytes <= b.CurrentMemoryUsageInBytes || b.CurrentMemoryUsageInBytes == 0 || b.PeakUserModeMemoryUsageInBytes != a.CurrentMemoryUsageInBytes {
		t.Errorf("memory: %v, then %v", a, b)
	}
}

// TestNetworksAreKept: a configuration outlives a restart, shows no key, and goes with
// its owner.
func TestNetworksAreKept(t *testing.T) {
	b, d, file := kept(t, message.CapabilityFieldServicing)
	list := func() string {
		reply, err := on(d, file, "GET", "/wifi/config/networks", "")
		if err != nil {
			t.Fatal(err)
		}
		return string(reply.Body)
	}
	const one = `{"ssid":"home","configState":"%s","connectionState":"unknown","id":0,"securityState":"psk","targetedScan":false}`
	if _, err := on(d, file, "POST", "/wifi/config/networks", `{"ssid":"home","securityState":"psk","psk":"0123456789","configState":"enabled"}`); err != nil {
		t.Fatal(err)
	}
	b.act(d.PowerOn)
	if want := fmt.Sprintf(`{"values":[`+one+`]}`, "enabled"); list() != want {
		t.Errorf("after a restart: %s, want %s", list(), want)
	}
	if bytes.Contains(b.w.read("d1", device.RegionNwConfig), []byte("0123456789")) {
		t.Error("the key lies in flash as it is")
	}
	if reply, err := on(d, file, "PATCH", "/wifi/config/networks/0", `{"configState":"disabled"}`); err != nil || string(reply.Body) != fmt.Sprintf(one, "disabled") {
		t.Errorf("switched off: %s, %v", reply.Body, err)
	}
	for range 7 {
		if _, err := on(d, file, "POST", "/wifi/config/networks", `{"ssid":"guest","securityState":"open","configState":"enabled"}`); err != nil {
			t.Fatal(err)
		}
	}
	if reply, _ := on(d, file, "POST", "/wifi/config/networks", `{"ssid":"guest","securityState":"open","configState":"enabled"}`); reply.Code != 14680082 {
		t.Errorf("a ninth network: status %d, code %d", reply.Status, reply.Code)
	}
	if _, err := on(d, file, "DELETE", "/wifi/config/networks/0", ""); err != nil || strings.Contains(list(), "home") {
		t.Errorf("forgotten: %s, %v", list(), err)
	}
	d.Claimed("bob") // who has it since can open none of it
	b.act(d.PowerOn)
	if list() != `{"values":[]}` {
		t.Errorf("for the next owner: %s", list())
	}
}

func TestOtherContentTypeIs415(t *testing.T) {
	_, d, file := kept(t, message.CapabilityFieldServicing)
	got, err := d.Local(device.Call{Method: "PUT", Path: "/update/stage", Body: []byte("x"), By: "bench",
		Headers: []string{"Content-Type: text/plain", device.CapabilityHeader + ": " + base64.StdEncoding.EncodeToString(file)}})
	if got.Status != 415 || defense.ClassOf(err) != defense.Malformed {
		t.Errorf("status %d, error %v", got.Status, err)
	}
}

func TestCapabilityOnTheDeviceLastsUntilItIsTaken(t *testing.T) {
	b, d, file := kept(t, message.CapabilityAppDevelopment)
	open := func() bool { r, _ := on(d, nil, "GET", "/images", ""); return r.Status == 200 }
	for _, step := range []struct {
		file         []byte
		method, body string
		open         bool
	}{{file, "GET", "", false}, {file, "PUT", string(file), true}, {nil, "GET", "", true}, {nil, "DELETE", "", false}} {
		if _, err := on(d, step.file, step.method, "/device/capabilities", step.body); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if open() != step.open {
				t.Errorf("after %s: open %v, want %v", step.method, !step.open, step.open)
			}
			d.PowerOn()
		}
	}
	b.settle()
}

// badManifests has one for every code that the sources give for a manifest.
var badManifests = []struct {
	name, manifest string
	code           int
}{
	{"not JSON", `{`, 2097153},
	{"entry point", whole(`"EntryPoint":"bin/app","Capabilities":{}`), 2097155},
	{"no schema", `{"Name":"a","Capabilities":{}}`, 2097156},
	{"arguments", whole(`"CmdArgs":"x","Capabilities":{}`), 2097157},
	{"no capabilities", whole(`"EntryPoint":"/bin/app"`), 2097158},
	{"forbidden capability", given(`"LogDataAccess":true`), 2097159},
	{"hosts", given(`"AllowedConnections":["*"]`), 2097161},
	{"GPIO", given(`"Gpio":[-1]`), 2097162},
	{"schema 2", `{"SchemaVersion":2,"Name":"a","Capabilities":{}}`, 2097169},
	{"UART", given(`"Uart":[""]`), 2097170},
	{"policy", whole(`"Policy":{},"Capabilities":{}`), 2097173},
	{"entry point that is not there", whole(`"EntryPoint":"/bin/other","Capabilities":{}`), 2097174},
	{"entry point that is a folder", whole(`"EntryPoint":"/bin","Capabilities":{}`), 2097175},
	{"device authentication", given(`"DeviceAuthentication":""`), 2097176},
	{"no manifest", "", 2097177},
	{"application type", whole(`"ApplicationType":"Root","Capabilities":{}`), 2097178},
	{"storage", given(`"MutableStorage":8`), 2097183},
	{"one pin twice", given(`"Gpio":[9,9]`), 2097187},
	{"server port", given(`"AllowedTcpServerPorts":[0]`), 2097188},
	{"DHCP", given(`"DhcpService":1`), 2097193},
	{"SNTP", given(`"SntpService":1`), 2097194},
	{"peers", given(`"AllowedApplicationConnections":["Not A Name"]`), 2097195},
	{"certificate store", given(`"CertStore":1`), 2097196},
	{"deferral", given(`"SoftwareUpdateDeferral":true`), 2097199},
	{"no power control", given(`"PowerControls":[]`), 2097200},
	{"power control twice", given(`"PowerControls":["ForceReboot","ForceReboot"]`), 2097201},
	{"power control unknown", given(`"PowerControls":["Explode"]`), 2097202},
	{"component id", whole(`"ComponentId":"x","Capabilities":{}`), 7340079},
}

func whole(rest string) string { return `{"SchemaVersion":1,"Name":"a",` + rest + `}` }
func given(c string) string    { return whole(`"Capabilities":{` + c + `}`) }

// sdkPackage is an application as the SDK packs and signs it.
func sdkPackage(b *bed, manifest string) []byte {
	key := b.sys.Cloud.Images.Test()
	files := []message.File{{Name: "bin/app", Data: []byte("code"), Executable: true}}
	if manifest != "" {
		files = append([]message.File{{Name: "app_manifest.json", Data: []byte(manifest)}}, files...)
	}
	return message.Spec{
		Body:     message.PackFS(files),
		Identity: message.Identity{Type: message.Applications, Component: message.ComponentOf("a"), Image: message.DeriveGUID("image", manifest)},
		Signer:   &message.Signer{Thumbprint: message.Thumbprint(key.Raw()), Kind: message.ECDSA256},
		Debug:    &message.Debug{Built: b.Now().Truncate(time.Second), Name: "a"},
	}.Pack(func(digest [32]byte) [sign.Size]byte { return key.SignDigest(digest) })
}

func TestBadManifestsAreRefusedWithTheirCode(t *testing.T) {
	start, first, file := kept(t, message.CapabilityAppDevelopment)
	for _, bad := range badManifests {
		t.Run(bad.name, func(t *testing.T) {
			b := start.clone()
			d := b.sys.Devices[first.Name]
			if _, err := on(d, file, "PUT", "/update/stage", string(sdkPackage(b, bad.manifest))); err != nil {
				t.Fatal(err)
			}
			got, err := on(d, file, "POST", "/update/install", `{"appControlMode":"Auto"}`)
			if got.Code != bad.code || got.Status != 400 || err == nil {
				t.Errorf("status %d, code %d, error %v, want 400 and %d", got.Status, got.Code, err, bad.code)
			}
			if d.Alive("a") {
				t.Error("it runs")
			}
		})
	}
}

func TestSideload(t *testing.T) {
	b, d, file := kept(t, message.CapabilityAppDevelopment)
	image := string(sdkPackage(b, given("")))
	install := func(file []byte) (device.Reply, error) {
		if r, err := on(d, file, "PUT", "/update/stage", image); err != nil {
			return r, err
		}
		return on(d, file, "POST", "/update/install", `{"appControlMode":"Auto"}`)
	}
	if r, err := install(nil); r.Status != 403 || r.Code != 7340069 {
		t.Errorf("without a capability: %+v, %v", r, err)
	}
	if _, err := install(file); err != nil || !d.Alive("a") {
		t.Fatalf("with one: %v, alive %v", err, d.Alive("a"))
	}
	if r, err := install(capabilityFor(b, d, message.CapabilityFieldServicing)); r.Code != 7340047 {
		t.Errorf("with one to service the device: %+v, %v", r, err)
	}
	d.PowerOn()
	if d.Alive("a") || !d.Alive("good") {
		t.Error("it outlived a restart without a capability on the device")
	}
	if _, err := on(d, file, "PUT", "/device/capabilities", string(file)); err != nil || !d.Alive("a") {
		t.Errorf("with a capability on the device: %v, alive %v", err, d.Alive("a"))
	}
	if _, err := on(d, nil, "DELETE", "/app/image/a", ""); err != nil || d.Alive("a") {
		t.Errorf("deleted: %v, alive %v", err, d.Alive("a"))
	}
}
