package chip

import (
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Flash is what the chip reads of flash before anything else runs: two copies of
// each partition, the backup last (REN-4, azure-sphere 4.6).
type Flash struct {
	FirstStage [2][]byte // 1BL
	Manifest   [2][]byte // boot manifest: the images that belong together
	Locator    [2][]byte // where in the firmware partition they lie
	Hashes     [2][]byte // of the blocks of the firmware partition
	Firmware   [2][]byte // security core's runtime and security monitor
}

// Start is the boot ROM and the first stage: 1BL, then the security core's runtime,
// then the security monitor, each verified before it runs, and measured (HRT-5,
// HRT-6). It fails when no copies are there that belong together.
func (c *Chip) Start(f Flash) error {
	if err := c.startFirstStage(f.FirstStage); err != nil {
		return err
	}
	err := defense.Refuse(defense.Incomplete, "no boot manifest")
	for _, raw := range f.Manifest {
		var set bootSet
		if set, err = c.readSet(raw, f); err == nil {
			c.base = set.security
			c.run("runtime", set.runtime)
			c.run("monitor", set.monitor)
			return nil
		}
	}
	return err
}

// StartRecovery is the boot ROM with the recovery strap set: it takes the first
// stage from the line instead of flash, and judges it as any other.
func (c *Chip) StartRecovery(firstStage []byte) error {
	return c.startFirstStage([2][]byte{firstStage})
}

// startFirstStage is the ROM: it starts the first of the copies that the root key
// signed.
func (c *Chip) startFirstStage(copies [2][]byte) error {
	err := defense.Refuse(defense.Incomplete, "no copy of the first stage")
	for _, raw := range copies {
		if raw == nil {
			continue
		}
		var pkg *message.Package
		var image []byte
		if pkg, image, err = c.verifyStage(message.OneBL, ROMVerifiesTheFirstStage, raw); err != nil {
			continue
		}
		if err = c.check(FirstStageIsNotOlder, securityOf(pkg) >= c.baseFloor, defense.Rollback); err == nil {
			c.run("bootloader", image)
			return nil
		}
	}
	return err
}

func (c *Chip) run(stage string, image []byte) {
	c.Measure(stage, image)
	c.nextLayer(image)
	c.host.Execute(c.name, stage, image)
}

// bootSet is a base system whose parts belong together.
type bootSet struct {
	security         uint32 // that its manifest says
	runtime, monitor []byte
}

// readSet is the first stage: with one boot manifest it looks, copy by copy, for
// the tables and images that it names. So power may be lost while any of them is
// renewed: the other manifest still finds its own.
func (c *Chip) readSet(raw []byte, f Flash) (set bootSet, err error) {
	pkg, _, err := c.verifyStage(message.BootManifest, BootTablesAreSigned, raw)
	if err != nil {
		return set, err
	}
	manifest, err := message.ParseManifest(pkg.Body)
	if err != nil {
		return set, defense.Refuse(defense.Malformed, "boot manifest: %v", err)
	}
	if err := c.check(BootManifestIsNotOlder, securityOf(pkg) >= c.baseFloor, defense.Rollback); err != nil {
		return set, err
	}
	set.security = securityOf(pkg)
	l := located{named: manifest.Entries}
	if err = c.readTables(&l, f); err != nil {
		return set, err
	}
	if set.runtime, err = c.findStage(message.PlutonRuntime, FirstStageVerifiesTheRuntime, l, f.Firmware); err != nil {
		return set, err
	}
	set.monitor, err = c.findStage(message.SecurityMonitor, RuntimeVerifiesTheMonitor, l, f.Firmware)
	return set, err
}

// located is how the images of one boot manifest are found.
type located struct {
	named   []message.Entry
	locator message.LocatorTable
	hashes  message.BlockHashes
}

// names tells whether the boot manifest names a package.
func (l *located) names(pkg *message.Package) bool {
	for _, n := range l.named {
		if pkg.Identity == (message.Identity{Type: n.Type, Component: n.Component, Image: n.Image}) {
			return true
		}
	}
	return false
}

// readTables finds the locator table and the block hashes that belong to a boot
// manifest.
func (c *Chip) readTables(l *located, f Flash) error {
	err := defense.Refuse(defense.Incomplete, "no locator table")
	for _, raw := range f.Locator {
		var pkg *message.Package
		if pkg, err = c.verifyTable(l, raw); err == nil {
			if l.locator, err = message.ParseLocatorTable(pkg.Body); err == nil {
				break
			}
		}
	}
	if err != nil {
		return err
	}
	err = defense.Refuse(defense.Incomplete, "no block hashes")
	for _, raw := range f.Hashes {
		var pkg *message.Package
		if pkg, err = c.verifyTable(l, raw); err == nil {
			if l.hashes, err = message.ParseBlockHashes(pkg.Body); err == nil {
				break
			}
		}
	}
	return err
}

func (c *Chip) verifyTable(l *located, raw []byte) (*message.Package, error) {
	pkg, _, err := c.verifyStage(message.Other, BootTablesAreSigned, raw)
	if err != nil {
		return nil, err
	}
	return pkg, c.check(BootSetBelongsTogether, l.names(pkg), defense.Inconsistent)
}

// findStage finds the copy of a stage that its table, its manifest and its
// signature all vouch for.
func (c *Chip) findStage(kind message.ImageType, id defense.ID, l located, copies [2][]byte) ([]byte, error) {
	err := defense.Refuse(defense.Incomplete, "no copy of the %s", kind)
	for _, partition := range copies {
		raw, at := l.locator.Find(kind, partition)
		if raw == nil {
			continue
		}
		if err = c.check(BlocksAreTheHashed, l.hashes.Match(at, partition), defense.DigestMismatch); err != nil {
			continue
		}
		pkg, parseErr := message.ParsePackage(raw)
		if parseErr != nil {
			err = defense.Refuse(defense.Malformed, "%s: %v", kind, parseErr)
			continue
		}
		signed := pkg.Identity.Type == kind && c.host.Memory().Verify(c.root, pkg.Digest(), pkg.Signature)
		if err = c.check(id, signed, defense.BadSignature); err != nil {
			continue
		}
		if err = c.check(BootSetBelongsTogether, l.names(pkg), defense.Inconsistent); err == nil {
			return raw, nil
		}
	}
	return nil, err
}

// verifyStage verifies the one package of a boot region.
func (c *Chip) verifyStage(kind message.ImageType, id defense.ID, raw []byte) (*message.Package, []byte, error) {
	pkg, image, err := message.FirstPackage(raw)
	signed := err == nil && pkg.Identity.Type == kind && c.host.Memory().Verify(c.root, pkg.Digest(), pkg.Signature)
	if refused := c.check(id, signed, defense.BadSignature); refused != nil {
		return nil, nil, refused
	}
	if err != nil && kind != message.OneBL { // a ROM without the check starts whatever there is
		return nil, nil, defense.Refuse(defense.Malformed, "%s: %v", kind, err)
	}
	return pkg, image, nil
}

// securityOf is the security version that a package says, 0 when it says none or
// is none.
func securityOf(pkg *message.Package) uint32 {
	if pkg == nil || pkg.SecurityVersion == nil {
		return 0
	}
	return *pkg.SecurityVersion
}

// BaseSecurity is the security version of the base system that runs.
func (c *Chip) BaseSecurity() uint32 { return c.base }

// BaseFloor is the security version below which no base system starts.
func (c *Chip) BaseFloor() uint32 { return c.baseFloor }

// SetBaseFloor moves the counter below which no base system starts: a counter of
// its own, since the base system and the release above it are renewed apart.
func (c *Chip) SetBaseFloor(to uint32) error {
	if err := c.check(CounterOnlyRises, to >= c.baseFloor, defense.Rollback); err != nil {
		return err
	}
	if to != c.baseFloor && c.host.Burn(c.name, "counter") {
		c.baseFloor = to
		c.host.Observe(host.Event{Kind: "CounterRaised", Who: c.name, What: "base", Number: int64(to)})
	}
	return nil
}
