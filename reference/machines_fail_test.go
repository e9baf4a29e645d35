package reference_test

import (
	"flag"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/vendor"
)

func without(missing ...defense.ID) []defense.ID { return missing }

func TestMachines(t *testing.T) {
	steady(t)
	for name, machine := range machines {
		t.Run(name, func(t *testing.T) { rapid.Check(t, machine()) })
	}
}

// broken are what each machine finds, left out one by one.
var broken = []struct {
	machine string
	missing []defense.ID
}{
	{"device", without(device.RaisesTheCounterOnTrial)}, {"device", without(device.StopsAtATornRecord)},
	{"cloud", without(cloud.ClaimProvesPossession)}, {"cloud", without(cloud.ClaimsOnce)}, {"cloud", without(cloud.OnlyTheOwnerDisowns)},
	{"cloud", without(cloud.TenantsStayApart)}, {"cloud", without(cloud.ReadersOnlyRead)}, {"cloud", without(cloud.OnlyOwnersGivePermissions)},
	{"cloud", without(cloud.CapabilityKindsAreLimited)}, {"cloud", without(cloud.CapabilitiesAreForOwners)}, {"cloud", without(cloud.RemembersPermissions)},
	{"vendor", without(vendor.CommandNeedsAGrant, device.ObeysOnlyItsOwner)}, {"vendor", without(vendor.OnlyTheOwnerGrants)},
	{"vendor", without(vendor.SessionIsLive)}, {"vendor", without(vendor.SessionIsNotRevoked)}, {"vendor", without(vendor.PasswordIsRight)},
	{"vendor", without(vendor.OnlyItsUserEndsASession)}, {"vendor", without(vendor.RelaysToEverySession)},
	{"system", without(cloud.OnlyTheOwnerDisowns)}, {"system", without(cloud.ClaimsOnce, cloud.ClaimProvesPossession)},
}

// TestMachinesFindWhatIsMissing: each machine fails on a system without a defense
// that it watches.
func TestMachinesFindWhatIsMissing(t *testing.T) {
	quiet(t)
	steady(t)
	for _, c := range broken {
		t.Run(fmt.Sprintf("%s without %v", c.machine, c.missing), func(t *testing.T) {
			r := &recorder{TB: t}
			r.check(machines[c.machine](c.missing...))
			if !r.failed {
				t.Errorf("the machine of the %s sees nothing wrong", c.machine)
			}
		})
	}
}

// quiet keeps rapid from writing files about failures that are wanted, and from
// shrinking them.
func quiet(t *testing.T) {
	t.Helper()
	set(t, "rapid.nofailfile", "true")
	set(t, "rapid.shrinktime", "0s")
	set(t, "rapid.checks", "1000") // it stops at the first that fails
}

// steady makes rapid draw the same each time, unless the command line names a seed:
// chance belongs to make nightly.
func steady(t *testing.T) {
	t.Helper()
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		set(t, "rapid.seed", "1")
	}
}

func set(t *testing.T, name, value string) {
	t.Helper()
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set(name, was) })
}

// recorder is a test that notes how it ends instead of ending another.
type recorder struct {
	rapid.TB
	failed bool
	said   string
}

func (r *recorder) check(prop func(*rapid.T)) {
	defer func() {
		if over := recover(); over != nil && over != any(r) {
			panic(over)
		}
	}()
	rapid.Check(r, prop)
}

func (r *recorder) Helper()             {}
func (r *recorder) Logf(string, ...any) {}
func (r *recorder) Log(...any)          {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failed, r.said = true, fmt.Sprintf(format, args...)
}
func (r *recorder) Error(args ...any)            { r.failed, r.said = true, fmt.Sprint(args...) }
func (r *recorder) Fatalf(f string, args ...any) { r.Errorf(f, args...); r.FailNow() }
func (r *recorder) Fatal(args ...any)            { r.Error(args...); r.FailNow() }
func (r *recorder) Fail()                        { r.failed = true }
func (r *recorder) FailNow()                     { r.failed = true; panic(any(r)) }
func (r *recorder) Failed() bool                 { return r.failed }

// The fuzzer drives the same machines: its bytes are rapid's choices.

func FuzzDeviceMachine(f *testing.F) { f.Fuzz(rapid.MakeFuzz(deviceMachine())) }
func FuzzCloudMachine(f *testing.F)  { f.Fuzz(rapid.MakeFuzz(cloudMachine())) }
func FuzzVendorMachine(f *testing.F) { f.Fuzz(rapid.MakeFuzz(vendorMachine())) }
func FuzzSystemMachine(f *testing.F) { f.Fuzz(rapid.MakeFuzz(systemMachine())) }
