package attack_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// The publisher's side is written with the reference's encoding: what the
// attacker's own writer makes of it is judged by the reference's strict parser.

var (
	publisherKey = sign.New([]byte("publisher"), nil)
	malloryKey   = sign.New([]byte("mallory"), nil)
	publisher    = signerOf(publisherKey)
	mallory      = signerOf(malloryKey)
	unremembered *sign.Memory
)

func signerOf(k *sign.Key) *attack.Signer {
	return &attack.Signer{Thumbprint: message.Thumbprint(k.Raw()), Sign: k.SignDigest}
}

func pack(t message.ImageType, name string, security uint32, body []byte) []byte {
	spec := message.Spec{
		Body:     body,
		Identity: message.Identity{Type: t, Component: message.DeriveGUID(t.String()), Image: message.DeriveGUID(t.String(), name)},
		Signer:   &message.Signer{Thumbprint: message.Thumbprint(publisherKey.Raw()), Kind: message.ECDSA256},
		Debug:    &message.Debug{Built: time.Unix(1700000000, 0), Name: name},
	}
	if t == message.Applications {
		spec.Depends = []message.ABI{{Version: 5, Kind: message.ApplicationRuntime}}
	} else {
		spec.SecurityVersion = &security
	}
	return spec.Pack(publisherKey.SignDigest)
}

// release makes an update of a device type with an application.
func release(deviceType string, version int) attack.Artefact {
	name := fmt.Sprintf("fw%d", version)
	images := [][]byte{
		pack(message.NormalWorldKernel, name, uint32(version), bytes.Repeat([]byte{byte(version)}, 300)),
		pack(message.Applications, "cam", 0, message.PackFS([]message.File{{Name: "bin/app", Data: []byte(name), Executable: true}})),
	}
	m := message.Manifest{Version: message.ManifestVersion, Built: time.Unix(1700000000, 0)}
	for _, image := range images {
		p, err := message.ParsePackage(image)
		if err != nil {
			panic(err)
		}
		m.Entries = append(m.Entries, message.Entry{
			Image: p.Identity.Image, Component: p.Identity.Component, Type: p.Identity.Type, Size: uint32(len(image)), Uncompressed: uint32(len(image)),
		})
	}
	manifest := pack(message.FirmwareUpdateManifest, fmt.Sprintf("%s/%d", deviceType, version), uint32(version), m.Encode())
	return attack.Artefact{Parts: append([][]byte{manifest}, images...)}
}

func parse(t *testing.T, part []byte) *message.Package {
	t.Helper()
	p, err := message.ParsePackage(part)
	if err != nil {
		t.Fatalf("%s: %v", attack.Describe(part), err)
	}
	return p
}

func forge(t *testing.T, from attack.Artefact, lies attack.Lies) attack.Artefact {
	t.Helper()
	before := from.Clone()
	forged, err := attack.Forge(from, lies)
	if err != nil {
		t.Fatal(err)
	}
	if !same(before, from) {
		t.Fatal("Forge changed what it forged from")
	}
	return forged
}

// signedBy names the key whose signature the part bears, "" for none known.
func signedBy(part []byte) string {
	end := len(part) - 64
	digest := sha256.Sum256(part[:end])
	for name, key := range map[string]*sign.Key{"publisher": publisherKey, "mallory": malloryKey} {
		if unremembered.Verify(key.Raw(), digest, [64]byte(part[end:])) {
			return name
		}
	}
	return ""
}

// same compares bytes: go-cmp compares them one by one, which takes minutes here.
func same(a, b attack.Artefact) bool { return slices.EqualFunc(a.Parts, b.Parts, bytes.Equal) }

// changed lists the indices of the parts that differ.
func changed(a, b attack.Artefact) (list []int) {
	for i := range b.Parts {
		if !bytes.Equal(a.Parts[i], b.Parts[i]) {
			list = append(list, i)
		}
	}
	return list
}

func TestForgeWithoutLies(t *testing.T) {
	from := release("vac", 2)
	if got := forge(t, from, attack.Lies{}); !same(from, got) {
		t.Errorf("parts %v changed", changed(from, got))
	}
	// Signing again with the same key gives the same bytes: RFC 6979.
	if got := forge(t, from, attack.Lies{Resign: publisher}); !same(from, got) {
		t.Errorf("signed again: parts %v changed", changed(from, got))
	}
}

func TestForgeFields(t *testing.T) {
	from := release("vac", 2)
	old := func(i int) *message.Package { return parse(t, from.Parts[i]) }
	for _, test := range []struct {
		name    string
		lies    attack.Lies
		changed []int
		check   func(a attack.Artefact) bool
	}{
		{"security", attack.Lies{Security: ptr(uint32(9))}, []int{0, 1}, func(a attack.Artefact) bool {
			return *parse(t, a.Parts[0]).SecurityVersion == 9 && *parse(t, a.Parts[1]).SecurityVersion == 9
		}},
		{"security_of_app", attack.Lies{Security: ptr(uint32(9)), Part: "app.0"}, []int{2}, func(a attack.Artefact) bool {
			return *parse(t, a.Parts[2]).SecurityVersion == 9
		}},
		{"type", attack.Lies{Type: "lamp"}, []int{0}, func(a attack.Artefact) bool { return parse(t, a.Parts[0]).Debug.Name == "lamp/2" }},
		{"version", attack.Lies{Version: "7"}, []int{0}, func(a attack.Artefact) bool { return parse(t, a.Parts[0]).Debug.Name == "vac/7" }},
		{"image_type", attack.Lies{ImageType: ptr(uint16(19))}, []int{1}, func(a attack.Artefact) bool {
			return parse(t, a.Parts[1]).Identity.Type == message.TrustedKeystore
		}},
		{"component", attack.Lies{Component: &[16]byte{7}, Image: &[16]byte{8}, Part: "app.cam"}, []int{2}, func(a attack.Artefact) bool {
			id := parse(t, a.Parts[2]).Identity
			return id.Component == message.GUID{7} && id.Image == message.GUID{8}
		}},
		{"payload", attack.Lies{Payload: []byte("evil")}, []int{1}, func(a attack.Artefact) bool {
			p := parse(t, a.Parts[1])
			return string(p.Body) == "evil" && p.Signature == old(1).Signature
		}},
		{"payload_of_app", attack.Lies{Payload: []byte("evil"), Part: "app.0"}, []int{2}, func(a attack.Artefact) bool { return len(parse(t, a.Parts[2]).Body) == 4096 }},
		{"omit_section", attack.Lies{Omit: "rv"}, []int{1}, func(a attack.Artefact) bool { return parse(t, a.Parts[1]).SecurityVersion == nil }},
		{"omit_signature", attack.Lies{Omit: "signature"}, []int{1}, func(a attack.Artefact) bool {
			p := parse(t, a.Parts[1])
			return p.Signer == nil && p.Signature == [64]byte{}
		}},
		{"flip", attack.Lies{Flip: "payload+100"}, []int{1}, func(a attack.Artefact) bool { return parse(t, a.Parts[1]).Body[100] == 3 }},
		{"flip_signature", attack.Lies{Flip: "signature"}, []int{1}, func(a attack.Artefact) bool {
			return parse(t, a.Parts[1]).Signature[0] == old(1).Signature[0]^1
		}},
		{"flip_offset", attack.Lies{Flip: "5", Part: "manifest"}, []int{0}, func(a attack.Artefact) bool { return a.Parts[0][5] == from.Parts[0][5]^1 }},
		{"set", attack.Lies{Set: []attack.Edit{{At: "entry.1+36", Bytes: []byte{1, 2}}}, Part: "manifest"}, []int{0}, func(a attack.Artefact) bool {
			m, err := message.ParseManifest(parse(t, a.Parts[0]).Body)
			return err == nil && uint16(m.Entries[1].Size) == 0x0201
		}},
		{"truncate", attack.Lies{Truncate: 10}, []int{1}, func(a attack.Artefact) bool { return len(a.Parts[1]) == len(from.Parts[1])-10 }},
		{"append", attack.Lies{Append: []byte{1, 2, 3}, Part: "app.0"}, []int{2}, func(a attack.Artefact) bool { return len(a.Parts[2]) == len(from.Parts[2])+3 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := forge(t, from, test.lies)
			if c := changed(from, got); !slices.Equal(c, test.changed) {
				t.Errorf("parts %v changed, want %v", c, test.changed)
			}
			if !test.check(got) {
				t.Errorf("the lie is not told: %s", attack.Describe(got.Parts[test.changed[0]]))
			}
			// The same lie, signed: every changed part bears the attacker's signature
			// and name, unless the lie is about these.
			test.lies.Resign = mallory
			if slices.Contains([]string{"omit_signature", "flip_signature", "truncate", "append"}, test.name) {
				return
			}
			got = forge(t, from, test.lies)
			for _, i := range changed(from, got) {
				if by := signedBy(got.Parts[i]); by != "mallory" {
					t.Errorf("part %d is signed by %q", i, by)
				}
				if p := parse(t, got.Parts[i]); p.Signer.Thumbprint != mallory.Thumbprint {
					t.Errorf("part %d names signer %x", i, p.Signer.Thumbprint)
				}
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// TestForgeConsistently: a new payload that is signed comes with a manifest that
// fits it, and nothing else is touched.
func TestForgeConsistently(t *testing.T) {
	from := release("vac", 2)
	for name, lies := range map[string]attack.Lies{
		"os":     {Payload: []byte("evil"), ImageType: ptr(uint16(8)), Resign: mallory},
		"app.0":  {Payload: make([]byte, 9000), Part: "app.0", Resign: mallory},
		"append": {Append: []byte("tail"), Part: "os", Resign: mallory},
	} {
		t.Run(name, func(t *testing.T) {
			got := forge(t, from, lies)
			m, err := message.ParseManifest(parse(t, got.Parts[0]).Body)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range m.Entries {
				part := got.Parts[i+1]
				if int(e.Size) != len(part) || e.Uncompressed != e.Size {
					t.Errorf("entry %d says %d bytes, the part has %d", i, e.Size, len(part))
				}
				if name == "append" && i == 0 {
					continue // the package has a tail and cannot be read
				}
				if p := parse(t, part); e.Type != p.Identity.Type || e.Image != p.Identity.Image || e.Component != p.Identity.Component {
					t.Errorf("entry %d is %+v, the part says %+v", i, e, p.Identity)
				}
			}
			if by := signedBy(got.Parts[0]); by != "mallory" {
				t.Errorf("manifest is signed by %q", by)
			}
			if want := map[string]int{"os": 2, "app.0": 1, "append": 2}[name]; !bytes.Equal(from.Parts[want], got.Parts[want]) {
				t.Errorf("part %d changed", want)
			}
		})
	}
}

func TestForgeWithAnotherKey(t *testing.T) {
	from := release("vac", 2)
	got := forge(t, from, attack.Lies{Resign: mallory})
	for i, part := range got.Parts {
		if by := signedBy(part); by != "mallory" {
			t.Errorf("part %d is signed by %q", i, by)
		}
	}
	got = forge(t, from, attack.Lies{Resign: mallory, Part: "manifest"})
	if c := changed(from, got); !slices.Equal(c, []int{0}) {
		t.Errorf("parts %v changed, want the manifest", c)
	}
}

func TestForgeOmitsPart(t *testing.T) {
	from := release("vac", 2)
	got := forge(t, from, attack.Lies{Omit: "os"})
	if want := (attack.Artefact{Parts: [][]byte{from.Parts[0], from.Parts[2]}}); !same(want, got) {
		t.Errorf("%d parts: %s first", len(got.Parts), attack.Describe(got.Parts[0]))
	}
}

// TestForgeCapability: a capability file is an artefact with one part, and can be
// made out to another device.
func TestForgeCapability(t *testing.T) {
	file := message.PackCapability(message.Capability{Device: publisherKey.Raw(), Kinds: []uint16{11}}, publisher.Thumbprint, time.Unix(0, 0), publisherKey.SignDigest)
	victim := malloryKey.Raw()
	got := forge(t, attack.Artefact{Parts: [][]byte{file}}, attack.Lies{
		Set: []attack.Edit{{At: "device", Bytes: victim[:]}, {At: "kinds+2", Bytes: []byte{13}}}, Resign: mallory,
	})
	c, p, err := message.ParseCapability(got.Parts[0])
	if err != nil {
		t.Fatal(err)
	}
	if c.Device != victim || !slices.Equal(c.Kinds, []uint16{11, 13}) || p.Signer.Thumbprint != mallory.Thumbprint || signedBy(got.Parts[0]) != "mallory" {
		t.Errorf("%+v, %s", c, attack.Describe(got.Parts[0]))
	}
}

func TestForgeRefuses(t *testing.T) {
	from := release("vac", 2)
	junk := attack.Artefact{Parts: [][]byte{[]byte("junk")}}
	for _, test := range []struct {
		name string
		from attack.Artefact
		lies attack.Lies
		want string
	}{
		{"no_parts", attack.Artefact{}, attack.Lies{}, "no parts"},
		{"unknown_part", from, attack.Lies{Part: "app.7"}, `no part "app.7"`},
		{"unknown_region", from, attack.Lies{Flip: "soul+1"}, `no region "soul" in os`},
		{"no_offset", from, attack.Lies{Flip: "payload+x"}, "want REGION"},
		{"negative_offset", from, attack.Lies{Flip: "payload+-1"}, "want REGION"},
		{"beyond_region", from, attack.Lies{Flip: "rv+4"}, "has 4 bytes, none at 4"},
		{"beyond_part", from, attack.Lies{Flip: "999999"}, "none at 999999"},
		{"edit_too_long", from, attack.Lies{Set: []attack.Edit{{At: "rv", Bytes: make([]byte, 5)}}}, "5 bytes do not fit"},
		{"too_short", from, attack.Lies{Truncate: 1 << 20}, "truncate: os has"},
		{"unknown_omission", from, attack.Lies{Omit: "soul"}, "nor a section"},
		{"omitted_twice", from, attack.Lies{Omit: "np"}, "no section np"},
		{"no_package", junk, attack.Lies{Security: ptr(uint32(1))}, "no image package"},
		{"no_identity", junk, attack.Lies{ImageType: ptr(uint16(1))}, "no identity section"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := attack.Forge(test.from, test.lies)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestRegions(t *testing.T) {
	from := release("vac", 2)
	for i, want := range []string{
		"payload header entry.0 entry.1 magic count id sg db rv length signature",
		"payload magic count id sg db rv length signature",
		"payload magic count id sg db nd length signature",
	} {
		var names []string
		for _, r := range from.Regions(i) {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("regions of part %d: %s, want %s", i, got, want)
		}
	}
	// Body 300, magic, count, ID 4+36, SG 4+24, DB 4+40, RV 4+4.
	for _, want := range []attack.Region{{Name: "id", Offset: 312, Size: 36}, {Name: "sg", Offset: 352, Size: 24}, {Name: "db", Offset: 380, Size: 40}, {Name: "rv", Offset: 424, Size: 4}, {Name: "length", Offset: 428, Size: 4}, {Name: "signature", Offset: 432, Size: 64}} {
		if !slices.Contains(from.Regions(1), want) {
			t.Errorf("regions %v, want %v among them", from.Regions(1), want)
		}
	}
}

func TestDescribe(t *testing.T) {
	from := release("vac", 2)
	thumb := fmt.Sprintf("%x", publisher.Thumbprint[:4])
	odd := forge(t, from, attack.Lies{ImageType: ptr(uint16(99)), Omit: "signature"})
	for want, part := range map[string][]byte{
		`FirmwareUpdateManifest "vac/2", security version 2, 364 bytes, signer ` + thumb: from.Parts[0],
		`NormalWorldKernel image "fw2", security version 2, 496 bytes, signer ` + thumb:  from.Parts[1],
		`Applications image "cam", 8396 bytes, signer ` + thumb:                          from.Parts[2],
		`type 99 image "fw2", security version 2, 468 bytes, no signer, signature zero`:  odd.Parts[1],
		`4 bytes that are no image package`:                                              []byte("junk"),
		`100 bytes that are no image package`:                                            make([]byte, 100),
		`type 0 image, 2 KiB, no signer, signature zero`:                                 least(2048),
	} {
		if got := attack.Describe(part); got != want {
			t.Errorf("Describe = %s, want %s", got, want)
		}
	}
}

// least is a package of n bytes without sections.
func least(n int) []byte {
	b := make([]byte, n)
	copy(b[n-64-12:], "4X4M")
	binary.LittleEndian.PutUint32(b[n-64-4:], 12)
	return b
}
