package cloud

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"time"

	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
)

// Base is a base system: what starts below the normal world, and the tables by
// which the first stage finds it (azure-sphere 3.2, 4.6). The root key signs all
// of it.
type Base struct {
	Security uint32
	Set      device.BaseSet
	Contents []device.Content // what lies in flash from the factory, backups too
}

// Base makes a base system. name is what its code belongs to, as reference values
// say it.
func (m *Images) Base(name string, security uint32) (*Base, error) {
	stage := func(kind message.ImageType, what string) []byte {
		raw := m.pack(kind, what, security, device.Code(name+" "+what, make([]byte, 512)), m.boot)
		m.know(raw, sha256.Sum256(raw), name)
		m.stages[sha512.Sum512(raw)] = name
		return raw
	}
	b := &Base{Security: security, Set: device.BaseSet{FirstStage: stage(message.OneBL, "bootloader"), Runtime: stage(message.PlutonRuntime, "runtime"), Monitor: stage(message.SecurityMonitor, "monitor")}}
	table := message.LocatorTable{}
	var firmware []byte
	lay := func(kind message.ImageType, raw []byte) {
		table = append(table, message.Place{Type: kind, Partition: message.PartitionFirmware, Offset: uint32(len(firmware)), Length: uint32(len(raw))})
		firmware = append(firmware, raw...)
		firmware = append(firmware, make([]byte, -len(firmware)&(message.BlockSize-1))...)
	}
	lay(message.PlutonRuntime, b.Set.Runtime)
	lay(message.SecurityMonitor, b.Set.Monitor)
	b.Set.Locator = m.pack(message.Other, "locator table", security, table.Encode(), m.boot)
	b.Set.Hashes = m.pack(message.Other, "block hashes", security, message.HashBlocks(firmware).Encode(), m.boot)
	manifest := message.Manifest{Version: message.ManifestVersion, Built: m.cloud.host.Now().Truncate(time.Second)}
	for _, raw := range b.Set.Packages()[:5] {
		pkg, err := message.ParsePackage(raw)
		if err != nil {
			return nil, fmt.Errorf("base system %s: %w", name, err)
		}
		manifest.Entries = append(manifest.Entries, entryFor(pkg, raw))
	}
	b.Set.Manifest = m.pack(message.BootManifest, name, security, manifest.Encode(), m.boot)
	var err error
	b.Contents, err = b.Set.Flash()
	return b, err
}
