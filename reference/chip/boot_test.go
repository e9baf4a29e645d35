package chip

import (
	"bytes"
	"testing"

	"github.com/armillary/armillary/reference/message"
)

// TestBootFallsBack starts the first copy that verifies, and nothing when none
// does.
func TestBootFallsBack(t *testing.T) {
	good, forged := image(message.OneBL, "good", rootKey), image(message.OneBL, "evil", wrongKey)
	flipped := bytes.Clone(good)
	flipped[20] ^= 1
	for name, c := range map[string]struct {
		copies [2][]byte
		starts bool
	}{
		"primary":          {[2][]byte{good, good}, true},
		"backup":           {[2][]byte{forged, good}, true},
		"after a bit flip": {[2][]byte{flipped, good}, true},
		"after blank":      {[2][]byte{make([]byte, 8192), good}, true},
		"neither":          {[2][]byte{forged, flipped}, false},
		"empty flash":      {[2][]byte{nil, {1}}, false},
		"no copy at all":   {[2][]byte{}, false},
	} {
		chip, h := newChip()
		err := chip.startFirstStage(c.copies)
		if (err == nil) != c.starts || (len(h.ran) == 1) != c.starts || (len(chip.measurements) == 1) != c.starts {
			t.Errorf("%s: %v, ran %v", name, err, h.ran)
		}
	}
}

// TestBootSetsBelongTogether starts the set of whichever boot manifest is whole:
// what power loss at each step of a renewal leaves behind.
func TestBootSetsBelongTogether(t *testing.T) {
	old, renewed := bootFlash(nil), bootFlash(func(b *base) { b.name, b.security = "new", 2 })
	for name, c := range map[string]struct {
		f    Flash
		want uint32
	}{
		"old": {old, 1}, "new": {renewed, 2},
		"new firmware, old manifests": {mixed(old, renewed, func(f *Flash, n Flash) { f.Firmware[0] = n.Firmware[0] }), 1},
		"new firmware and tables": {mixed(old, renewed, func(f *Flash, n Flash) {
			f.Firmware[0], f.Locator[0], f.Hashes[0] = n.Firmware[0], n.Locator[0], n.Hashes[0]
		}), 1},
		"new primary": {mixed(old, renewed, func(f *Flash, n Flash) {
			f.Firmware[0], f.Locator[0], f.Hashes[0], f.Manifest[0] = n.Firmware[0], n.Locator[0], n.Hashes[0], n.Manifest[0]
		}), 2},
		"torn manifest": {mixed(old, renewed, func(f *Flash, n Flash) {
			f.Firmware[0], f.Locator[0], f.Hashes[0], f.Manifest[0] = n.Firmware[0], n.Locator[0], n.Hashes[0], n.Manifest[0][:100]
		}), 1},
		"new backup firmware, old backup manifest": {mixed(renewed, old, func(f *Flash, n Flash) { f.Manifest[1] = n.Manifest[1] }), 2},
	} {
		chip, h := newChip()
		if err := chip.Start(c.f); err != nil || chip.BaseSecurity() != c.want || len(h.ran) != 3 {
			t.Errorf("%s: %v, base %d, ran %v", name, err, chip.BaseSecurity(), h.ran)
		}
	}
}

func mixed(f, from Flash, change func(f *Flash, n Flash)) Flash {
	change(&f, from)
	return f
}
