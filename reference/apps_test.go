package reference_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/google/go-cmp/cmp"
)

// probed is a bed with a device and the applications that the tests hold.
func probed(t rapid.TB, missing ...defense.ID) (*bed, *device.Device) {
	b := newBed(t, missing...)
	fw1 := b.release("fw1", "vac", 1,
		app("good", `"DeviceAuthentication": "77777777-7777-7777-7777-777777777777", "MutableStorage": {"SizeKB": 8}, "AllowedConnections": ["api.example"], "AllowedTcpServerPorts": [8080], "Gpio": ["$RELAY"]`),
		app("evil", `"MutableStorage": {"SizeKB": 64}`))
	return b, b.device("d1", "vac", "alice", fw1)
}

// keys makes a probe's keys out of name and value in turn.
func keys(list ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

// probes are what code in a held component attempts.
var probes = map[string]struct {
	probe   device.Probe
	class   defense.Class
	without defense.ID // the defense without which it works; "" when it is allowed, or no defense's matter
}{
	"a page that is w and x":        {device.Probe{Component: "evil", Name: "map"}, defense.NotPermitted, device.PagesAreNeverWX},
	"w, then x":                     {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rw", "then", "x")}, defense.NotPermitted, device.PagesAreNeverWX},
	"a page to write":               {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rw")}, "", ""},
	"its own code":                  {device.Probe{Component: "evil", Name: "write-code"}, defense.NotPermitted, device.MemoryFilesAreReadOnly},
	"code of its child":             {device.Probe{Component: "evil", Name: "write-code", Keys: keys("via", "child-debug")}, defense.NotPermitted, device.DebuggersWriteNoCode},
	"code by no known way":          {device.Probe{Component: "evil", Name: "write-code", Keys: keys("via", "prayer")}, defense.Malformed, ""},
	"a shared page to run":          {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rx", "via", "shared")}, defense.NotPermitted, device.SharedPagesNeverRun},
	"a shared page to write":        {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rw", "via", "shared")}, "", ""},
	"a packet ring to run":          {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rx", "via", "packet-ring")}, defense.NotPermitted, device.RingsNeverRun},
	"to read is to run":             {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rw", "via", "read-implies-exec")}, defense.NotPermitted, device.ReadingIsNotRunning},
	"a mount of its own":            {device.Probe{Component: "evil", Name: "map", Keys: keys("rights", "rx", "via", "namespace")}, defense.NotPermitted, device.OwnMountsNeverRun},
	"a page by no known way":        {device.Probe{Component: "evil", Name: "map", Keys: keys("via", "prayer")}, defense.Malformed, ""},
	"a certificate":                 {device.Probe{Component: "evil", Name: "store-certificate", Data: make([]byte, 100)}, defense.NotPermitted, device.SocketsAreForTheirGroup},
	"a certificate too long":        {device.Probe{Component: "gatewayd", Name: "store-certificate", Data: make([]byte, 8193)}, defense.TooLarge, device.CertificatesAreBounded},
	"a certificate of no name":      {device.Probe{Component: "gatewayd", Name: "store-certificate", Keys: keys("id", "../x")}, defense.Malformed, ""},
	"another's credential":          {device.Probe{Component: "evil", Name: "become", Keys: keys("of", "d1.azured")}, defense.NotPermitted, device.CredentialsAreTheManagers},
	"a running app's credential":    {device.Probe{Component: "application-manager", Name: "become", Keys: keys("of", "d1.azured", "for", "d1.good")}, defense.NotPermitted, device.CredentialsAreOnesOwn},
	"another process in its job":    {device.Probe{Component: "evil", Name: "call", Keys: keys("interface", "job", "number", "1"), Data: []byte("d1.good")}, defense.UnknownCall, device.JobsNeedJobControl},
	"a job of the manager's":        {device.Probe{Component: "application-manager", Name: "call", Keys: keys("interface", "job", "number", "1"), Data: []byte("d1.good")}, "", ""},
	"a job of nobody":               {device.Probe{Component: "application-manager", Name: "call", Keys: keys("interface", "job", "number", "1"), Data: []byte("d1.nobody")}, defense.WrongState, ""},
	"the socket of a service":       {device.Probe{Component: "evil", Name: "call", Keys: keys("interface", "ipc", "number", "504")}, defense.NotPermitted, device.SocketsAreForTheirGroup},
	"a driver without a peripheral": {device.Probe{Component: "evil", Name: "call", Keys: keys("interface", "gpio")}, defense.NotDeclared, device.PeripheralsAreDeclared},
	"another's file":                {device.Probe{Component: "evil", Name: "read-file", Keys: keys("of", "d1.good")}, defense.NotPermitted, device.FilesBelongToTheirApp},
	"a write to another's file":     {device.Probe{Component: "evil", Name: "write-file", Keys: keys("of", "d1.good"), Data: []byte("x")}, defense.NotPermitted, device.FilesBelongToTheirApp},
	"its own file":                  {device.Probe{Component: "evil", Name: "write-file", Data: []byte("x")}, "", ""},
	"a file of an app not there":    {device.Probe{Component: "evil", Name: "read-file", Keys: keys("of", "d1.nobody")}, defense.WrongState, ""},
	"a path too long":               {device.Probe{Component: "evil", Name: "write-file", Keys: keys("path", strings.Repeat("p", 129))}, defense.Malformed, ""},
	"a path that is no text":        {device.Probe{Component: "evil", Name: "write-file", Keys: keys("path", "\xff")}, defense.Malformed, ""},
	"more than its share":           {device.Probe{Component: "good", Name: "fill-storage", Keys: keys("bytes", "9000")}, defense.TooLarge, device.StorageHasAQuota},
	"more than the medium":          {device.Probe{Component: "evil", Name: "fill-storage", Keys: keys("bytes", "40000")}, defense.TooLarge, ""},
	"no number of bytes":            {device.Probe{Component: "evil", Name: "fill-storage", Keys: keys("bytes", "-1")}, defense.Malformed, ""},
	"the kernel fills":              {device.Probe{Component: "kernel", Name: "fill-storage"}, defense.WrongState, ""},
	"a host that is not listed":     {device.Probe{Component: "good", Name: "open-host"}, defense.NotDeclared, device.HostsAreDeclared},
	"a host that is listed":         {device.Probe{Component: "good", Name: "open-host", Keys: keys("host", "api.example")}, "", ""},
	"a port that is not listed":     {device.Probe{Component: "good", Name: "listen"}, defense.NotDeclared, device.PortsAreDeclared},
	"a port that is listed":         {device.Probe{Component: "good", Name: "listen", Keys: keys("port", "8080")}, "", ""},
	"a port that is none":           {device.Probe{Component: "good", Name: "listen", Keys: keys("port", "70000")}, defense.Malformed, ""},
	"a peer that is not listed":     {device.Probe{Component: "evil", Name: "send-to", Keys: keys("peer", "d1.good")}, defense.NotDeclared, device.PeersAgree},
	"a peer that is not there":      {device.Probe{Component: "evil", Name: "send-to", Keys: keys("peer", "d1.nobody")}, defense.WrongState, ""},
	"another user id":               {device.Probe{Component: "evil", Name: "become"}, defense.NotPermitted, device.IdentityIsSetOnce},
	"its own user id":               {device.Probe{Component: "evil", Name: "become", Keys: keys("uid", "1001")}, "", ""},
	"a node that is not listed":     {device.Probe{Component: "good", Name: "open-node"}, defense.NotDeclared, device.PeripheralsAreDeclared},
	"a node that is listed":         {device.Probe{Component: "good", Name: "open-node", Keys: keys("path", "$RELAY")}, "", ""},
	"the camera":                    {device.Probe{Component: "evil", Name: "open-node", Keys: keys("path", "camera")}, defense.NotDeclared, device.PeripheralsAreDeclared},
	"the light out":                 {device.Probe{Component: "evil", Name: "hide-indicator"}, defense.NotPermitted, device.IndicatorFollowsSensor},
	"no more reports":               {device.Probe{Component: "evil", Name: "silence-reporter"}, defense.NotPermitted, device.SilenceIsNotForApps},
	"a report of its own":           {device.Probe{Component: "evil", Name: "report"}, "", ""},
	"a report of a kind too long":   {device.Probe{Component: "evil", Name: "report", Keys: keys("kind", strings.Repeat("k", 65))}, defense.Malformed, ""},
	"an end to updates":             {device.Probe{Component: "evil", Name: "stop-updater"}, defense.NotPermitted, device.UpdaterIsTheSystems},
	"a call outside the list":       {device.Probe{Component: "evil", Name: "call", Keys: keys("number", "99")}, defense.UnknownCall, device.AnswersOnlyListedCalls},
	"a call for the kernel":         {device.Probe{Component: "evil", Name: "call", Keys: keys("number", "4")}, defense.NotPermitted, device.CallerMayUpdate},
	"a call to ask a question":      {device.Probe{Component: "evil", Name: "call", Keys: keys("number", "1")}, defense.NotPermitted, device.CallerMayUpdate},
	"a call that is no number":      {device.Probe{Component: "evil", Name: "call", Keys: keys("number", "1000")}, defense.Malformed, ""},
	"a fuse by an app":              {device.Probe{Component: "evil", Name: "call", Keys: keys("interface", "mailbox", "number", "82"), Data: []byte{2}}, defense.NotPermitted, device.CallerMayUpdate},
	"the counter to the top":        {device.Probe{Component: "kernel", Name: "call", Keys: keys("interface", "mailbox", "number", "96"), Data: []byte{255, 255, 255, 255}}, defense.Malformed, ""},
	"a signature for its tenant":    {device.Probe{Component: "good", Name: "sign"}, "", ""},
	"a signature by another app":    {device.Probe{Component: "evil", Name: "sign"}, defense.NotDeclared, device.IdentityIsDeclared},
	"staging by an app":             {device.Probe{Component: "evil", Name: "stage", Data: []byte("x")}, defense.NotPermitted, device.CallerMayUpdate},
	"staging from secure memory":    {device.Probe{Component: "kernel", Name: "stage", Keys: keys("from", "secure-memory")}, defense.Malformed, device.ReadsOnlyNormalMemory},
	"staging by the kernel":         {device.Probe{Component: "kernel", Name: "stage", Data: []byte("x")}, "", ""},
	"staging more than there is":    {device.Probe{Component: "kernel", Name: "stage", Data: make([]byte, 70000)}, defense.TooLarge, device.ImagesFitTheirSlot},
	"flash by an app":               {device.Probe{Component: "evil", Name: "write-flash"}, defense.NotPermitted, device.WritesOnlyOwnRegions},
	"the kernel's region by an app": {device.Probe{Component: "evil", Name: "write-flash", Keys: keys("region", "config")}, defense.NotPermitted, device.WritesOnlyOwnRegions},
	"flash that is not there":       {device.Probe{Component: "kernel", Name: "write-flash", Keys: keys("region", "attic")}, defense.Malformed, ""},
	"secure memory":                 {device.Probe{Component: "kernel", Name: "read-memory"}, defense.NotPermitted, ""},
	"measurements handed in":        {device.Probe{Component: "kernel", Name: "replay-measurements"}, defense.NotPermitted, ""},
	"a probe that does not exist":   {device.Probe{Component: "evil", Name: "fly"}, defense.UnknownCall, ""},
	"a component not there":         {device.Probe{Component: "nobody", Name: "map"}, defense.WrongState, ""},
}

// TestProbes lets code in a held component attempt each thing: it is refused with
// its class, and works without the defense; what a manifest grants is allowed.
func TestProbes(t *testing.T) {
	for name, c := range probes {
		t.Run(name, func(t *testing.T) {
			b, d := probed(t)
			var err error
			b.act(func() { _, err = d.Try(c.probe) })
			b.want("with it", err, c.class)
			denied := b.count("ReportStored") > 0 && b.last("ReportStored").Is == "access.denied"
			if reports := c.class != "" && c.probe.Component != "kernel" && c.probe.Component != "nobody" && c.probe.Name != "fly"; denied != reports {
				t.Errorf("reported: %t, want %t", denied, reports)
			}
			if c.without == "" {
				return
			}
			b, d = probed(t, c.without)
			b.act(func() { _, err = d.Try(c.probe) })
			if class := defense.ClassOf(err); class == c.class {
				t.Errorf("without %s still %v", c.without, err)
			}
		})
	}
}

// TestNoFilesTakeTheStoreAway: however many files an app writes, the device keeps
// owner and certificates over a restart.
func TestNoFilesTakeTheStoreAway(t *testing.T) {
	b, d := probed(t)
	refused := 0
	for i := range 100 {
		if _, err := d.Try(device.Probe{Component: "evil", Name: "write-file", Keys: map[string]string{"path": fmt.Sprint("file", i)}, Data: []byte{1}}); err != nil {
			b.want("one file more", err, defense.TooLarge)
			refused++
		}
	}
	if refused == 0 {
		t.Error("an app may write any number of files")
	}
	b.act(d.PowerOn)
	b.settle()
	if d.Owner() != "alice" || len(d.Certificate()) == 0 {
		t.Errorf("after a restart the owner is %q", d.Owner())
	}
	data, err := d.Try(device.Probe{Component: "evil", Name: "read-file", Keys: map[string]string{"path": "file3"}})
	if err != nil || !slices.Equal(data, []byte{1}) {
		t.Errorf("its file holds %v (%v)", data, err)
	}
}

// TestAppsShareTheMedium: apps that may together store more than there is each
// keep their share, and none takes another down.
func TestAppsShareTheMedium(t *testing.T) {
	b := newBed(t)
	fw := b.release("fw1", "vac", 1, app("one", `"MutableStorage": {"SizeKB": 64}`), app("two", `"MutableStorage": {"SizeKB": 64}`), app("three", `"MutableStorage": {"SizeKB": 64}`))
	d := b.device("d1", "vac", "alice", fw)
	for _, name := range []string{"one", "two", "three"} {
		for _, n := range []string{"30000", "8000"} {
			d.Try(device.Probe{Component: name, Name: "fill-storage", Keys: map[string]string{"bytes": n}})
		}
		if data, err := d.Try(device.Probe{Component: name, Name: "read-file", Keys: map[string]string{"path": "fill"}}); err != nil || len(data) != 8000 {
			t.Errorf("%s stored %d bytes: %v", name, len(data), err)
		}
	}
	if apps := d.Apps(); len(apps) != 3 || b.count("ComponentStopped") != 0 {
		t.Errorf("%v run, %d stopped", apps, b.count("ComponentStopped"))
	}
}

// TestReservedNames: an application that calls itself the kernel is not started,
// and the others are.
func TestReservedNames(t *testing.T) {
	b := newBed(t)
	d := b.device("d1", "vac", "alice", b.release("fw1", "vac", 1, app("kernel", ""), app("good", ""), app("chip", ""), app("good", "")))
	if diff := cmp.Diff([]string{"good"}, d.Apps()); diff != "" {
		t.Errorf("apps (-want +got):\n%s", diff)
	}
	if got := b.last("ReportStored"); got.Is != "app.refused" {
		t.Errorf("reported last %q", got.Is)
	}
}

func TestCrashStaysInside(t *testing.T) {
	b, d := probed(t)
	boots := d.Chip.Boots()
	if _, err := d.Try(device.Probe{Component: "evil", Name: "crash"}); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if d.Chip.Boots() != boots || !d.Alive("good") || !d.Alive("evil") || b.last("ReportReceived").Is != "crash" {
		t.Errorf("%d boots more, good alive %t, last report %q", d.Chip.Boots()-boots, d.Alive("good"), b.last("ReportReceived").Is)
	}
	for component, want := range map[string]bool{"kernel": true, "monitor": true, "chip": true, "good": true, "nobody": false} {
		if d.Alive(component) != want {
			t.Errorf("%s alive: %t", component, !want)
		}
	}
	b.want("a crash of nobody", d.Crash("nobody", nil), defense.WrongState)
	b, d = probed(t, device.CrashRestartsTheDevice)
	boots = d.Chip.Boots()
	b.act(func() { d.Try(device.Probe{Component: "evil", Name: "crash"}) })
	if d.Chip.Boots() != boots+1 {
		t.Error("the wrong design does not restart the device")
	}
}

// TestOopses: a fault of the kernel that it survives is a record of its own beside the
// end of the process; of several the first is kept until it was sent, and then another.
func TestOopses(t *testing.T) {
	b, d := probed(t)
	oops := func(component string) error {
		_, err := d.Try(device.Probe{Component: component, Name: "crash", Keys: keys("how", "oops")})
		return err
	}
	stored := func() (n int) {
		for _, e := range b.events {
			if e.Kind == "ReportStored" && e.Is == "oops" {
				n++
			}
		}
		return n
	}
	boots := d.Chip.Boots()
	for range 3 {
		if err := oops("evil"); err != nil {
			t.Fatal(err)
		}
	}
	if err := oops("good"); err != nil {
		t.Fatal(err)
	}
	// The first is being sent when the second comes, and so is the last.
	first := stored()
	b.run(2 * time.Minute)
	if err := oops("evil"); err != nil || stored() != first+1 {
		t.Errorf("%d records, then %d after they were sent: %v", first, stored(), err)
	}
	if first != 3 || d.Chip.Boots() != boots || !d.Alive("evil") {
		t.Errorf("%d records, %d boots more, the application alive: %t", first, d.Chip.Boots()-boots, d.Alive("evil"))
	}
}

// TestFlood: a source has its share of reports in an hour; what is over it is
// told once, and takes nothing from others.
func TestFlood(t *testing.T) {
	b, d := probed(t)
	refused := 0
	for range 100 {
		if _, err := d.Try(device.Probe{Component: "evil", Name: "report"}); err != nil {
			b.want("over its share", err, defense.Rate)
			refused++
		}
	}
	if err := d.Crash("good", []byte("real")); err != nil {
		t.Fatal(err)
	}
	b.run(2 * time.Minute)
	got := map[string]int{}
	for _, e := range b.events {
		if e.Kind == "ReportReceived" {
			got[e.Is]++
		}
	}
	if refused != 84 || got["app.note"] != 16 || got["crash"] != 1 || got["report.rate_limited"] == 0 {
		t.Errorf("%d refused, the cloud has %v", refused, got)
	}
	b.run(time.Hour)
	if _, err := d.Try(device.Probe{Component: "evil", Name: "report"}); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// TestFallenMonitor: a call through an empty table entry takes the device down,
// and it comes back.
func TestFallenMonitor(t *testing.T) {
	b, d := probed(t, device.AnswersOnlyListedCalls)
	boots := d.Chip.Boots()
	var err error
	b.act(func() {
		_, err = d.Try(device.Probe{Component: "evil", Name: "call", Keys: map[string]string{"number": "99"}})
	})
	b.want("the call", err, defense.Unavailable)
	if d.Chip.Boots() != boots+1 || d.Mode() != device.Running {
		t.Errorf("%d boots more, %s", d.Chip.Boots()-boots, d.Mode())
	}
	d.PowerOff()
	_, err = d.Try(device.Probe{Component: "evil", Name: "map"})
	b.want("without power", err, defense.Unavailable)
}
