package cloud

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Make builds and signs a release; it is not published yet. Its parts are the
// firmware manifest, the OS (or a vendor component's code), loader, file system and
// services, then the customer manifest and the applications, then the base system's manifest and its
// packages where the release renews it, then co-signatures.
func (m *Images) Make(s ReleaseSpec) (*Release, error) {
	first, others, _ := strings.Cut(s.Signer, ",")
	signer, forApps := m.signer(ForRelease, first), m.signer(ForApp, "")
	if signer == nil || forApps == nil {
		return nil, fmt.Errorf("release %s: no key to sign it with (%q)", s.Name, s.Signer)
	}
	images := forApps
	if s.Development {
		images = m.test
	}
	r := &Release{Name: s.Name, Type: s.Type, Tenant: s.Tenant, Version: s.Version, Security: s.Security, Behaves: defense.SetOf(s.Behaves...)}
	set, err := m.set(s, message.FirmwareUpdateManifest, m.firmware(s, signer), signer)
	if err != nil {
		return nil, err
	}
	customer, err := m.set(s, message.CustomerUpdateManifest, m.apps(s, images), forApps)
	if err != nil {
		return nil, err
	}
	set = append(set, customer...)
	if s.Base > 0 {
		base, err := m.baseSet(r, s, signer)
		if err != nil {
			return nil, err
		}
		set = append(set, base...)
	}
	if r.Parts = m.cosign(set, s, others); r.Parts == nil {
		return nil, fmt.Errorf("release %s: no key to sign it with (%q)", s.Name, s.Signer)
	}
	r.signers = []*sign.Key{signer}
	for name := range strings.FieldsFuncSeq(others, func(c rune) bool { return c == ',' }) {
		r.signers = append(r.signers, m.keys[name])
	}
	m.releases[s.Name] = r
	for _, raw := range set {
		m.know(raw, sha256.Sum256(raw), s.Name)
	}
	return r, nil
}

// baseSet makes the base system that a release renews.
func (m *Images) baseSet(r *Release, s ReleaseSpec, key *sign.Key) ([][]byte, error) {
	var err error
	if r.Base, err = m.Base(s.Name, s.Base); err != nil {
		return nil, err
	}
	s.Security = s.Base
	return m.set(s, message.BaseSystemUpdateManifest, r.Base.Set.Packages(), key)
}

// firmware makes the images of the normal world below the applications.
func (m *Images) firmware(s ReleaseSpec, key *sign.Key) [][]byte {
	images := [][]byte{m.pack(message.NormalWorldKernel, s.Name, s.Security, device.Code(s.Name, s.Payload, s.Behaves...), key)}
	for _, t := range []message.ImageType{message.NormalWorldLoader, message.RootFs, message.Services} {
		images = append(images, m.pack(t, s.Name, s.Security, device.Code(s.Name+" "+t.String(), nil), key))
	}
	return images
}

// apps makes the images of the customer: board configuration and applications.
func (m *Images) apps(s ReleaseSpec, key *sign.Key) (images [][]byte) {
	if s.Board != nil {
		images = append(images, m.pack(message.CustomerBoardConfig, "board", s.Security, s.Board, key))
	}
	for _, a := range s.Apps {
		files := []message.File{{Name: "app_manifest.json", Data: a.Manifest}, {Name: "bin/app", Data: device.Code(s.Name+"."+a.Name, nil), Executable: true}}
		if a.Node != "" {
			files = append(files, message.File{Name: a.Node, Special: &message.Special{Mode: characterDevice, Device: 0x0101}})
		}
		if a.Firmware != nil {
			files = append(files, message.File{Name: message.DownstreamFile, Data: a.Firmware})
		}
		images = append(images, m.pack(message.Applications, a.Name, s.Security, message.PackFS(files), key))
	}
	return images
}

// partition says where images of a type lie in flash (azure-sphere 4.6).
func partition(t message.ImageType) uint16 {
	switch t {
	case message.Applications, message.CustomerBoardConfig:
		return message.PartitionApplications
	case message.OneBL:
		return message.PartitionBootloader
	case message.BootManifest:
		return message.PartitionBootManifest
	default:
		return message.PartitionFirmware
	}
}

// entryFor describes a package in a manifest.
func entryFor(pkg *message.Package, raw []byte) message.Entry {
	return message.Entry{Image: pkg.Identity.Image, Component: pkg.Identity.Component, Type: pkg.Identity.Type, Partition: partition(pkg.Identity.Type), Size: uint32(len(raw)), Uncompressed: uint32(len(raw))}
}

// set puts a manifest of a type before the images that it names.
func (m *Images) set(s ReleaseSpec, t message.ImageType, images [][]byte, key *sign.Key) ([][]byte, error) {
	manifest := message.Manifest{Version: message.ManifestVersion, Built: m.cloud.host.Now().Truncate(time.Second)}
	for _, raw := range images {
		pkg, err := message.ParsePackage(raw)
		if err != nil {
			return nil, fmt.Errorf("release %s: %w", s.Name, err)
		}
		manifest.Entries = append(manifest.Entries, entryFor(pkg, raw))
	}
	head := m.pack(t, fmt.Sprintf("%s/%d", s.Type, s.Version), s.Security, manifest.Encode(), key)
	return append([][]byte{head}, images...), nil
}

// cosign puts the signatures of further keys behind a set; nil when one of the
// keys is not there.
func (m *Images) cosign(set [][]byte, s ReleaseSpec, others string) [][]byte {
	names := strings.FieldsFunc(others, func(c rune) bool { return c == ',' })
	if len(names) == 0 {
		return set
	}
	parts, body := set, message.CosignatureBody(set)
	for _, name := range names {
		key := m.keys[name]
		if key == nil {
			return nil
		}
		parts = append(parts, m.pack(message.ManifestSet, s.Name, s.Security, body, key))
	}
	return parts
}

func (m *Images) signer(usage, name string) *sign.Key {
	if name == "" && len(m.trusted[usage]) > 0 {
		name = m.trusted[usage][0]
	}
	return m.keys[name]
}
