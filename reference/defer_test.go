package reference_test

import (
	"testing"
	"time"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
)

const mayDefer = `"SystemEventNotifications": true, "SoftwareUpdateDeferral": true`

// offered is a bed with a device whose application may put updates off, and an
// update for it: of applications alone, or of the system too.
func offered(t *testing.T, payload string) (*bed, *device.Device) {
	b := newBed(t)
	code := func(text string) func(*cloud.ReleaseSpec) {
		return func(s *cloud.ReleaseSpec) { s.Payload = []byte(text) }
	}
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1, code("system"), app("pump", mayDefer), app("other", "")))
	b.release("fw2", "lamp", 2, code(payload), app("pump", mayDefer), app("other", ""))
	b.sys.Cloud.Images.Publish("fw2", "")
	return b, d
}

func TestDeferral(t *testing.T) {
	for _, kind := range []struct {
		name, payload string
		longest       time.Duration
	}{{"applications", "system", 7 * 24 * time.Hour}, {"system", "renewed", 24 * time.Hour}} {
		t.Run(kind.name, func(t *testing.T) {
			b, d := offered(t, kind.payload)
			b.want("defer", d.Defer("other", time.Hour), defense.NotPermitted)
			b.want("defer", d.Defer("nobody", time.Hour), defense.WrongState)
			b.want("defer", d.Defer("pump", 0), defense.Malformed)
			b.want("defer", d.Defer("pump", 8*24*time.Hour), defense.Expired)
			b.want("defer", d.Defer("pump", time.Hour), "")
			if got := b.must(d.Update); string(got) != "deferred" {
				t.Fatalf("update: %s", got)
			}
			if last := b.last("UpdateAnnounced"); last.State != "deferred" || last.Peer != "d1.pump" || last.Number < int64(kind.longest/time.Minute)-2 {
				t.Errorf("told: %+v", last)
			}
			b.want("defer", d.Defer("pump", kind.longest+time.Minute), defense.Expired)
			b.want("defer", d.Defer("pump", kind.longest-time.Hour), "")
			b.run(kind.longest - 2*time.Hour)
			if version, _ := d.Release(); version != 1 {
				t.Error("installed too early")
			}
			b.want("defer", d.Defer("pump", 20*time.Hour), defense.Expired)
			b.run(2 * time.Hour)
			if version, _ := d.Release(); version != 2 {
				t.Error("not installed when the time was over")
			}
			if last := b.last("UpdateAnnounced"); last.State != "complete" {
				t.Errorf("told: %+v", last)
			}
		})
	}
}

// A device that was away for a year knows of the update only when it is back, and
// may then wait a day (azure-sphere.md 4.9).
func TestDeferralBeginsWhenTheDeviceKnows(t *testing.T) {
	b, d := offered(t, "renewed")
	d.PowerOff()
	b.run(365 * 24 * time.Hour)
	d.PowerOn()
	b.want("defer", d.Defer("pump", 23*time.Hour), "")
	if got := b.must(d.Update); string(got) != "deferred" {
		t.Errorf("update: %s", got)
	}
}

func TestDevelopmentKeepsDeploymentsAway(t *testing.T) {
	for payload, got := range map[string]string{"system": "current", "renewed": "installed"} {
		b, d := offered(t, payload)
		file := capabilityFor(b, d, message.CapabilityAppDevelopment)
		if _, err := on(d, file, "PUT", "/device/capabilities", string(file)); err != nil {
			t.Fatal(err)
		}
		if answer := b.must(d.Update); string(answer) != got {
			t.Errorf("payload %s: %s, want %s", payload, answer, got)
		}
	}
}

func TestRestartsDoNotPutOffTheLookForUpdates(t *testing.T) {
	b, d := offered(t, "renewed")
	for range 3 {
		b.run(19 * time.Hour)
		d.PowerOn()
	}
	if version, _ := d.Release(); version != 2 {
		t.Error("it never looked")
	}
}
