package device

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// setup is the pairing code that the device shows, after its button was pressed.
type setup struct {
	code  []byte // nil for none
	until time.Time
}

// setupWindow is how long a code is shown.
const setupWindow = 10 * time.Minute

// OpenSetup is a press on the device's button: it shows a pairing code, and tells
// the service the code's digest by its own conversation.
func (d *Device) OpenSetup(op uint64) { d.ask(job{kind: jobSetup, op: op}) }

func (d *Device) startSetup(j *job) {
	j.data = d.host.Random(d.Name, "pairing code", 16)
	d.setup = setup{code: j.data, until: d.host.Clock(d.Name).Add(setupWindow)}
	sum := sha256.Sum256(j.data)
	d.request(j, talkVendor, message.CallSetup, "setup", message.Encode(message.Setup{Device: d.Name, Digest: sum[:]}))
}

// Shown is the pairing code that the device shows now, nil for none.
func (d *Device) Shown() []byte {
	if d.host.Clock(d.Name).Before(d.setup.until) {
		return d.setup.code
	}
	return nil
}

// owned changes the owner of the device. A service may end an ownership; to give
// it to somebody takes a press on the button and the code that was shown then.
func (d *Device) owned(o message.Owned) error {
	if o.User != "" {
		shown := d.Shown()
		if err := d.kernel.Check(OwnerChangesOnlyInSetup, shown != nil && subtle.ConstantTimeCompare(shown, o.Code) == 1, defense.PresenceMissing); err != nil {
			return err
		}
	}
	d.setup = setup{}
	d.store.Owner = o.User
	d.bindTenant(o.User)
	if !d.kernel.Wrong(KeepsTheFormerOwnersData) {
		d.forgetNet()
		d.forgetLog()
		d.store.Map = nil
		d.store.Files = map[string]map[string][]byte{systemFiles: d.store.Files[systemFiles]}
	}
	if !d.gateway.Wrong(DevelopmentOutlivesItsOwner) {
		d.endDevelopment()
	}
	d.saveStored()
	if !d.kernel.Wrong(WipesOneCopy) {
		d.eraseOlderHalf(RegionConfig)
		d.saveStored()
		d.eraseOlderHalf(RegionConfig) // a shorter value leaves the end of the one before
	}
	return nil
}
