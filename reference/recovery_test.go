package reference_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
)

// TestRecovery brings a device back from nothing with what is signed, whole and
// not too old, and with nothing else.
func TestRecovery(t *testing.T) {
	b := newBed(t)
	old, fw := b.release("fw1", "lamp", 1), b.release("fw2", "lamp", 2, func(s *cloud.ReleaseSpec) { s.Security = 2 })
	d := b.device("d1", "lamp", "", fw)
	recovery := func(r *cloud.Release) device.Recovery {
		all, err := b.sys.Cloud.Images.Recovery(r)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for name, c := range map[string]struct {
		change func(r *device.Recovery)
		class  defense.Class
	}{
		"an older release": {func(r *device.Recovery) { *r = recovery(old) }, defense.Rollback},
		"another's set under its manifest": {func(r *device.Recovery) {
			r.Set = old.Parts
		}, defense.Inconsistent},
		"a changed system":      {func(r *device.Recovery) { r.Set = with(r.Set, 1, flip(r.Set[1], 50)) }, defense.BadSignature},
		"a changed monitor":     {func(r *device.Recovery) { r.Base.Monitor = flip(r.Base.Monitor, 50) }, defense.BadSignature},
		"a changed key store":   {func(r *device.Recovery) { r.Keystore = flip(r.Keystore, 10) }, defense.BadSignature},
		"a changed manifest":    {func(r *device.Recovery) { r.Manifest = flip(r.Manifest, 20) }, defense.BadSignature},
		"a changed first stage": {func(r *device.Recovery) { r.Base.FirstStage = flip(r.Base.FirstStage, 50) }, defense.BadSignature},
		"no manifest":           {func(r *device.Recovery) { r.Manifest = nil }, defense.Malformed},
		"a set too large":       {func(r *device.Recovery) { r.Set = slices.Concat(r.Set, [][]byte{make([]byte, 70000)}) }, defense.TooLarge},
	} {
		r := recovery(fw)
		c.change(&r)
		var err error
		b.act(func() { err = d.Recover(r) })
		b.want(name, err, c.class)
		if d.Mode() != device.Dead {
			t.Errorf("%s: the device is %s", name, d.Mode())
		}
	}
	b.act(func() {
		if err := d.Recover(recovery(fw)); err != nil {
			t.Error(err)
		}
	})
	version, _ := d.Release()
	if d.Mode() != device.Running || version != 2 || d.Owner() != "" {
		t.Errorf("%s, version %d, owner %q", d.Mode(), version, d.Owner())
	}
	if left := b.w.read("d1", device.RegionConfig); !bytes.Equal(left, make([]byte, len(left))) {
		t.Error("recovery left something of the configuration")
	}
}
