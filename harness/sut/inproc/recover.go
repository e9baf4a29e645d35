package inproc

import (
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
)

// recover brings a device back over the cable. What is no release goes with the
// recovery manifest that comes with it, or with that of the release that it has
// most of.
func (s *system) recover(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		parts := r.Parts[r.Args["with"]]
		m := s.sys.Cloud.Images
		like := m.Like(parts)
		if like == nil || len(parts) == 0 {
			return failed("nothing to recover with: " + r.Args["with"])
		}
		all, err := m.Recovery(like)
		if err != nil {
			return failed(err.Error())
		}
		if n := len(parts) - 1; isRecovery(parts[n]) {
			all.Manifest, parts = parts[n], parts[:n]
		}
		set, _ := message.SplitCosignatures(parts)
		all.Set = set[:message.BaseAt(set)]
		if !r.Hostile {
			s.published(r.Args["with"], "") // who hands a release out over the cable has published it
		}
		s.w.SetPower(d.Name, true)
		if err := d.Recover(all); err != nil {
			return result(nil, err), true
		}
		if owner := s.sys.Cloud.Owner(d.Chip.ID()); owner != "" {
			d.Claimed(owner) // the claim lies in the cloud
			d.PowerOn()
		}
		return s.whenIdle(r, d)
	})
}

func isRecovery(raw []byte) bool {
	pkg, err := message.ParsePackage(raw)
	return err == nil && pkg.Identity.Type == message.RecoveryManifest
}
