package cloud

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
)

// Recovery is the package that brings a device back to a release over the cable
// (azure-sphere 4.9): its base system, the newest key store, both sets, and a
// manifest of all of them that the root key signs. Older ones are given out too;
// the security version decides which a device takes.
func (m *Images) Recovery(r *Release) (device.Recovery, error) {
	set, _ := message.SplitCosignatures(r.Parts)
	all := device.Recovery{Keystore: m.keystore, Roots: m.CertStore(), Base: m.Factory(r).Set, Set: set[:message.BaseAt(set)]}
	manifest := message.Manifest{Version: message.ManifestVersion, Built: m.cloud.host.Now().Truncate(time.Second)}
	for _, raw := range all.Images() {
		pkg, err := message.ParsePackage(raw)
		if err != nil {
			return all, err
		}
		manifest.Entries = append(manifest.Entries, entryFor(pkg, raw))
	}
	all.Manifest = m.pack(message.RecoveryManifest, r.Name, r.Security, manifest.Encode(), m.boot)
	return all, nil
}

// Like is the release that has most parts in common with some parts: whose recovery
// manifest somebody would send who changed one of them. It is nil when none has any.
func (m *Images) Like(parts [][]byte) *Release {
	var found *Release
	most := 0
	for _, name := range slices.Sorted(maps.Keys(m.releases)) {
		same := 0
		for _, raw := range parts {
			if slices.ContainsFunc(m.releases[name].Parts, func(p []byte) bool { return bytes.Equal(p, raw) }) {
				same++
			}
		}
		if same > most {
			found, most = m.releases[name], same
		}
	}
	return found
}
