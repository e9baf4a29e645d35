package property

import (
	"testing"
	"time"
)

const endStory = `
		DeviceManufactured who=d1
		ReleaseMade what=fw1 digest=01
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=01 is=fw1
		CodeStarted who=d1 what=app.good digest=01 is=fw1
		ServiceEnded who=cloud state=announced
		ServiceEnded who=cloud state=over
		hostile update updater d1
		refused untrusted-signer`

var serviceRulings = []ruling{
	{"runs on", "service.end-leaves-the-device-safe", endStory + `
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=01 is=fw1
		CodeStarted who=d1 what=app.good digest=01 is=fw1`, pass, "", nil},
	{"takes new code", "service.end-leaves-the-device-safe", endStory + `
		CodeStarted who=d1 what=os digest=02 is=unknown`, fail, "", []uint64{6, 10}},
	{"takes a new owner", "service.end-leaves-the-device-safe", endStory + `
		OwnerChanged who=d1 what=mallory`, fail, "", []uint64{6, 10}},
	{"is let go by its owner", "service.end-leaves-the-device-safe", endStory + `
		OwnerChanged who=d1`, pass, "", nil},
	{"starts without its app", "service.end-leaves-the-device-safe", endStory + `
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=01 is=fw1`, fail, "", []uint64{6, 10}},
	{"a credential of the last day", "service.end-leaves-the-device-safe", endStory + `
		+20h
		IdentityAccepted who=vendor what=d1 peer=mallory`, pass, "", nil},
	{"a credential that lives on", "service.end-leaves-the-device-safe", endStory + `
		+30h
		IdentityAccepted who=vendor what=d1 peer=mallory`, fail, "", []uint64{7, 10}},
	{"another service ended", "service.end-leaves-the-device-safe", `
		DeviceManufactured who=d1
		ServiceEnded who=vendor state=over
		OwnerChanged who=d1 what=alice`, other, "idle", nil},
}

func TestOutageStopsTheTime(t *testing.T) {
	o := outages{{10 * time.Hour, 80 * time.Hour}}
	for at, want := range map[time.Duration]time.Duration{0: 106 * time.Hour, 20 * time.Hour: 106 * time.Hour, 90 * time.Hour: 116 * time.Hour} {
		if got := o.deadline(at, 26*time.Hour); got != want {
			t.Errorf("from %v: %v, want %v", at, got, want)
		}
	}
}
