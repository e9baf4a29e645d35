package attack

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Artefact is an update as it is served. Part 0 is the firmware manifest, part 1
// the image of the operating system, then what else it names, then the customer
// manifest and the applications that it names, then co-signatures. What is not an update (a capability file, the image of a
// service) is an artefact with one part.
type Artefact struct {
	Parts [][]byte
}

// Clone returns an artefact that shares no bytes with a.
func (a Artefact) Clone() Artefact {
	parts := make([][]byte, len(a.Parts))
	for i, part := range a.Parts {
		parts[i] = bytes.Clone(part)
	}
	return Artefact{parts}
}

// Regions returns the named ranges of a part: payload, header, entry.N, device,
// kinds, magic, count, id, sg, db, tp, np, nd, ro, rv, length, signature, as far
// as they are there.
func (a Artefact) Regions(part int) []Region { return regions(a.Parts[part]) }

// PartName returns manifest, os, loader, rootfs, services, customer (the customer
// manifest), app.0, app.1 and so on; "envelope" for a SUIT envelope before them and
// "all" for the only part of an artefact.
func (a Artefact) PartName(part int) string {
	if a.Enveloped() {
		if part == 0 {
			return "envelope"
		}
		return a.images().PartName(part - 1)
	}
	switch {
	case len(a.Parts) == 1:
		return "all"
	case part == 0:
		return "manifest"
	case part == 1:
		return "os"
	}
	named := func(i int) string { p, _ := unpack(a.Parts[i]); return partNames[p.imageType()] }
	if name := named(part); name != "" {
		return name
	}
	apps := 0
	for i := 2; i < part; i++ {
		if named(i) == "" {
			apps++
		}
	}
	return "app." + strconv.Itoa(apps)
}

// partNames are the parts of an update that go by their image type.
var partNames = map[uint16]string{1: "bootloader", 2: "runtime", 4: "monitor", 16: "boot-manifest", 23: "base", 26: "recovery", 28: "table", 5: "loader", 8: "rootfs", 9: "services", typeCustomerManifest: "customer", typeManifestSet: "cosignature"}

// manifestOf is the index of the manifest before part i: the one that should name
// it; -1 when there is none.
func (a Artefact) manifestOf(i int) int {
	for i--; i >= 0; i-- {
		if p, ok := unpack(a.Parts[i]); ok && p.isManifest() {
			return i
		}
	}
	return -1
}

// part returns the index of a part by its name. app.NAME is an application by
// the name in its metadata.
func (a Artefact) part(name string) (int, error) {
	for i := range a.Parts {
		if a.PartName(i) == name {
			return i, nil
		}
		p, _ := unpack(a.Parts[i])
		if label, isApp := strings.CutPrefix(name, "app."); isApp && p.imageType() == typeApplications && p.name() == label {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no part %q in an artefact of %d parts", name, len(a.Parts))
}

// Lies says how a forged artefact differs from the true one. The zero Lies tells
// none.
type Lies struct {
	// Part is where the lies are told: manifest, os, app.N or app.NAME. Empty
	// means, lie by lie, where it makes sense: Security in manifest and OS image;
	// Type and Version in the manifest; everything else in the OS image. In an
	// artefact with one part all are told there.
	Part string

	Security  *uint32   // security version (RV section)
	Type      string    // device type: what is before the slash in the manifest's name
	Version   string    // release version: what is behind it
	ImageType *uint16   // image type (ID section)
	Component *[16]byte // component GUID (ID section)
	Image     *[16]byte // image GUID (ID section)
	Payload   []byte    // replaces the body; that of an application is padded to 4 KiB
	Set       []Edit    // bytes written over others, before signing
	Omit      string    // a section (rv, db, ...), "signature" (with its section sg), or a part (os, app.0)

	// Flip is REGION or REGION+OFFSET: the lowest bit of that byte is turned round,
	// before signing where the signature covers it. An OFFSET alone counts from the
	// start of the part.
	Flip     string
	Truncate int    // bytes cut off the end, after signing
	Append   []byte // bytes behind the end, after signing

	// Resign signs what was changed, and puts the changed parts' sizes and
	// identities into the manifest, which it signs too; if nothing was changed it
	// signs every part (or Part). Nil keeps the old signatures.
	Resign *Signer
}

// Edit writes Bytes at At, which has the form of Lies.Flip.
type Edit struct {
	At    string
	Bytes []byte
}

// Forge returns a copy of an artefact with lies in it. It can tell any lie,
// consistent or not; an error means that the lie cannot be told of this artefact
// (no such part, region or section), never that it is implausible.
func Forge(from Artefact, lies Lies) (Artefact, error) {
	f := forger{artefact: from.Clone(), lies: lies, changed: make([]bool, len(from.Parts))}
	if len(f.artefact.Parts) == 0 {
		return Artefact{}, fmt.Errorf("forge: the artefact has no parts")
	}
	if err := f.run(); err != nil {
		return Artefact{}, fmt.Errorf("forge: %w", err)
	}
	return f.artefact, nil
}

// forger is one call of Forge.
type forger struct {
	artefact Artefact
	lies     Lies
	changed  []bool // by part
}

func (f *forger) run() error {
	only, dropped, err := f.targets()
	if err != nil {
		return err
	}
	last := len(f.artefact.Parts) - 1
	for i := last; i > 0; i-- { // the manifest comes last: it describes the others
		if err := f.tell(i, only); err != nil {
			return err
		}
		if f.changed[i] && f.lies.Resign != nil {
			f.describe(i)
		}
	}
	if err := f.tell(0, only); err != nil {
		return err
	}
	if f.lies.Resign != nil && !slices.Contains(f.changed, true) {
		for i := range f.artefact.Parts {
			if only < 0 || only == i {
				f.artefact.Parts[i] = signWhole(f.artefact.Parts[i], f.lies.Resign)
			}
		}
	}
	if dropped >= 0 {
		f.artefact.Parts = slices.Delete(f.artefact.Parts, dropped, dropped+1)
	}
	return nil
}

// targets returns the part that Lies.Part names, -1 for none, and the part that
// Lies.Omit drops, -1 for none.
func (f *forger) targets() (only, dropped int, err error) {
	only, dropped = -1, -1
	if f.lies.Part != "" {
		if only, err = f.artefact.part(f.lies.Part); err != nil {
			return 0, 0, err
		}
	}
	if omit := f.lies.Omit; omit != "" && omit != "signature" && !isSection(omit) {
		if dropped, err = f.artefact.part(omit); err != nil {
			return 0, 0, fmt.Errorf("omit: %w, nor a section of that name", err)
		}
	}
	return only, dropped, nil
}

func isSection(name string) bool {
	_, ok := sectionByName(name)
	return ok
}

func sectionByName(name string) (uint16, bool) {
	for id, known := range regionNames {
		if known == name {
			return id, true
		}
	}
	return 0, false
}

// tell tells part i the lies meant for it.
func (f *forger) tell(i, only int) error {
	single := len(f.artefact.Parts) == 1
	here := func(usual ...int) bool {
		if only >= 0 {
			return i == only
		}
		return single || slices.Contains(usual, i)
	}
	l := f.lies
	p, ok := unpack(f.artefact.Parts[i])
	before := p.bytes()
	if err := f.fields(&p, here); err != nil {
		return err
	}
	if !ok && len(p.sections) > 0 {
		return fmt.Errorf("%s is no image package", f.artefact.PartName(i))
	}
	edited := here(1) && (len(l.Set) > 0 || l.Flip != "" || l.Truncate != 0 || len(l.Append) > 0)
	if edited || !bytes.Equal(before, p.bytes()) {
		f.changed[i] = true
	}
	if !f.changed[i] {
		return nil
	}
	sign := ok && l.Resign != nil && (l.Omit != "signature" || !here(1))
	if sign {
		p.claim(l.Resign.Thumbprint)
	}
	if after := p.bytes(); !bytes.Equal(before, after) {
		if ok {
			p.fix()
		}
		f.artefact.Parts[i] = p.bytes()
	}
	if edited {
		return f.edit(i, sign)
	}
	if sign {
		f.artefact.Parts[i] = signRaw(f.artefact.Parts[i], l.Resign)
	}
	return nil
}

// edit makes the lies about bytes in part i: Set and Flip, then the signature if
// sign, then what comes behind it.
func (f *forger) edit(i int, sign bool) error {
	l := f.lies
	for _, edit := range l.Set {
		if err := f.write(i, edit.At, func(b []byte) error { return overwrite(b, edit) }); err != nil {
			return err
		}
	}
	flip := func() error { return f.write(i, l.Flip, func(b []byte) error { b[0] ^= 1; return nil }) }
	late := strings.HasPrefix(l.Flip, "signature")
	if l.Flip != "" && !late {
		if err := flip(); err != nil {
			return err
		}
	}
	if sign {
		f.artefact.Parts[i] = signRaw(f.artefact.Parts[i], l.Resign)
	}
	if late {
		if err := flip(); err != nil {
			return err
		}
	}
	part := f.artefact.Parts[i]
	if l.Truncate < 0 || l.Truncate > len(part) {
		return fmt.Errorf("truncate: %s has %d bytes", f.artefact.PartName(i), len(part))
	}
	f.artefact.Parts[i] = append(part[:len(part)-l.Truncate:len(part)-l.Truncate], l.Append...)
	return nil
}

func overwrite(b []byte, edit Edit) error {
	if len(edit.Bytes) > len(b) {
		return fmt.Errorf("set: %d bytes do not fit at %s", len(edit.Bytes), edit.At)
	}
	copy(b, edit.Bytes)
	return nil
}

// fields tells the lies that are about fields; here tells whether this is one of
// the parts a lie is usually about.
func (f *forger) fields(p *packed, here func(usual ...int) bool) error {
	l := f.lies
	if l.Security != nil && here(0, 1) {
		p.set(sectionVersion, le.AppendUint32(nil, *l.Security))
	}
	if (l.Type != "" || l.Version != "") && (here(0) || l.Part == "" && p.imageType() == typeCustomerManifest) {
		deviceType, version, _ := strings.Cut(p.name(), "/")
		if l.Type != "" {
			deviceType = l.Type
		}
		if l.Version != "" {
			version = l.Version
		}
		p.setName(deviceType + "/" + version)
	}
	if (l.ImageType != nil || l.Component != nil || l.Image != nil) && here(1) {
		id := p.find(sectionID, 36)
		if id == nil {
			return fmt.Errorf("no identity section to lie about")
		}
		if l.ImageType != nil {
			le.PutUint16(id, *l.ImageType)
		}
		if l.Component != nil {
			copy(id[4:], l.Component[:])
		}
		if l.Image != nil {
			copy(id[20:], l.Image[:])
		}
	}
	if l.Payload != nil && here(1) {
		p.body = bytes.Clone(l.Payload)
		for p.imageType() == typeApplications && len(p.body)%pageSize != 0 {
			p.body = append(p.body, 0)
		}
	}
	return f.omit(p, here)
}

// omit takes out the section that Lies.Omit names.
func (f *forger) omit(p *packed, here func(usual ...int) bool) error {
	if f.lies.Omit == "signature" && here(1) {
		p.remove(sectionSigner)
		clear(p.signature)
	}
	if id, ok := sectionByName(f.lies.Omit); ok && here(1) && !p.remove(id) {
		return fmt.Errorf("omit: no section %s", f.lies.Omit)
	}
	return nil
}

// write gives change the bytes of part i from the place at to the end of its
// region.
func (f *forger) write(i int, at string, change func([]byte) error) error {
	name, text, plus := strings.Cut(at, "+")
	if _, err := strconv.Atoi(at); err == nil {
		name, text, plus = "", at, true
	}
	offset := 0
	if plus {
		var err error
		if offset, err = strconv.Atoi(text); err != nil || offset < 0 {
			return fmt.Errorf("%q: want REGION, REGION+OFFSET or OFFSET", at)
		}
	}
	part := f.artefact.Parts[i]
	where := Region{Size: len(part)}
	if name != "" {
		list := regions(part)
		n := slices.IndexFunc(list, func(r Region) bool { return r.Name == name })
		if n < 0 {
			return fmt.Errorf("no region %q in %s", name, f.artefact.PartName(i))
		}
		where = list[n]
	}
	if offset >= where.Size {
		return fmt.Errorf("%s has %d bytes, none at %d", at, where.Size, offset)
	}
	return change(part[where.Offset+offset : where.Offset+where.Size])
}

// describe makes the entry for part i fit in the manifest before it.
func (f *forger) describe(i int) {
	m := f.artefact.manifestOf(i)
	if m < 0 {
		return
	}
	if described := describeIn(f.artefact.Parts[m], i-m-1, f.artefact.Parts[i]); described != nil {
		f.artefact.Parts[m], f.changed[m] = described, true
	}
}

// describeIn returns the manifest with entry n made to fit the part; nil when
// there is no such entry, or nothing to change.
func describeIn(manifest []byte, n int, part []byte) []byte {
	m, ok := unpack(manifest)
	at := manifestHeader + n*manifestEntry
	if !ok || !m.isManifest() || at+manifestEntry > len(m.body) {
		return nil
	}
	entry := m.body[at : at+manifestEntry]
	old := bytes.Clone(entry)
	le.PutUint32(entry[entrySize:], uint32(len(part)))
	le.PutUint32(entry[entrySize+4:], uint32(len(part)))
	p, _ := unpack(part)
	if id := p.find(sectionID, 36); id != nil {
		copy(entry[0:16], id[20:36])
		copy(entry[16:32], id[4:20])
		copy(entry[entryType:], id[:2])
	}
	if bytes.Equal(entry, old) {
		return nil
	}
	return m.bytes()
}

// signWhole signs a package and names the signer in it, with a new section if
// need be. What is no package stays as it is.
func signWhole(part []byte, s *Signer) []byte {
	p, ok := unpack(part)
	if !ok {
		return part
	}
	p.claim(s.Thumbprint)
	p.fix()
	return signRaw(p.bytes(), s)
}
