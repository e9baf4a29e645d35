package reference_test

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/suit"
)

// untrusted are the decoders of what crosses a trust boundary, each with something
// that it reads.
func untrusted(t *testing.T) []decoder {
	zero := func([32]byte) [64]byte { return [64]byte{} }
	security := uint32(3)
	spec := message.Spec{Body: bytes.Repeat([]byte{7}, 300), Identity: message.Identity{Type: message.NormalWorldKernel}, Signer: &message.Signer{Kind: message.ECDSA256},
		Debug: &message.Debug{Built: time.Unix(1, 0), Name: "fw1"}, SecurityVersion: &security}
	manifest := message.Manifest{Version: message.ManifestVersion, Built: time.Unix(1, 0), Entries: []message.Entry{{Type: message.NormalWorldKernel, Size: 9, Uncompressed: 9}}}
	files := message.PackFS([]message.File{{Name: "bin/app", Data: []byte("code"), Executable: true}, {Name: "b", Data: make([]byte, 5000)}})
	m := &suit.Manifest{SequenceNumber: 1, Components: []suit.ComponentID{message.SUITImage(0)}, Sequences: map[suit.Section]suit.Sequence{
		suit.SectionInstall: {{Code: suit.SetComponentIndex, Index: suit.Index{List: []uint64{0}}}, {Code: suit.Fetch, Policy: suit.ReportAll}}}}
	claims := evidence.Claims{Profile: evidence.ProfileTFM, Nonce: make([]byte, 32), InstanceID: append([]byte{1}, make([]byte, 32)...), ClientID: -7, Lifecycle: evidence.LifecycleSecured,
		ImplementationID: make([]byte, 32), Components: []evidence.Component{{Type: "os", Value: make([]byte, 32), SignerID: make([]byte, 32)}}}
	var cdi evidence.CDI
	layer := evidence.Layer{}
	next := cdi.Next(&layer)
	key := next.Key(evidence.P256)
	certificate, err := evidence.MakeCBOR(key, key.Public(), &layer, "")
	if err != nil {
		t.Fatal(err)
	}
	der, err := evidence.MakeX509(key, key.Public(), &layer, "armillary")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := evidence.NewSecret(evidence.HMAC256, []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := evidence.Tag(claims.Encode(), secret)
	if err != nil {
		t.Fatal(err)
	}
	return []decoder{
		{"image package", spec.Pack(zero), func(b []byte) error { _, err := message.ParsePackage(b); return err }},
		{"firmware manifest", manifest.Encode(), func(b []byte) error { _, err := message.ParseManifest(b); return err }},
		{"key store", (&message.Keystore{}).Encode(), func(b []byte) error { _, err := message.ParseKeystore(b); return err }},
		{"certificate store", message.EncodeCertStore([][]byte{{1, 2, 3}, {4}}), func(b []byte) error { _, err := message.ParseCertStore(b); return err }},
		{"capability file", message.PackCapability(message.Capability{Kinds: []uint16{11}}, [20]byte{}, time.Unix(1, 0), zero), func(b []byte) error { _, _, err := message.ParseCapability(b); return err }},
		{"file system", files, func(b []byte) error { _, err := message.ParseFS(b); return err }},
		{"locator table", message.LocatorTable{{Type: message.Applications, Offset: 1, Length: 2}}.Encode(), func(b []byte) error { _, err := message.ParseLocatorTable(b); return err }},
		{"block hashes", message.HashBlocks(make([]byte, 2*message.BlockSize)).Encode(), func(b []byte) error { _, err := message.ParseBlockHashes(b); return err }},
		{"parts", message.EncodeParts([][]byte{{1, 2, 3}, {4}}), func(b []byte) error { _, err := message.DecodeParts(b); return err }},
		{"frame", message.Encode(message.LayeredEvidence{Token: []byte{1, 2}, Chain: [][]byte{{3}, {4, 5}}}), func(b []byte) error { var v message.LayeredEvidence; return message.Decode(b, &v) }},
		{"board", []byte("$RELAY 8\n$LAMP 9\n"), func(b []byte) error { _, err := device.ParseBoard(b); return err }},
		{"application manifest", []byte(`{"SchemaVersion": 1, "Name": "good", "Capabilities": {"MutableStorage": {"SizeKB": 8}}}`), func(b []byte) error { _, err := message.ParseAppManifest(b); return err }},
		{"SUIT envelope", suit.Seal(m).Encode(), func(b []byte) error { _, err := suit.Decode(b, suit.Options{}); return err }},
		{"SUIT manifest", m.Encode(), func(b []byte) error { _, err := suit.ParseManifest(b, suit.Limits{}); return err }},
		{"token", token, func(b []byte) error { _, err := evidence.Read(b); return err }},
		{"claims", claims.Encode(), func(b []byte) error { _, err := evidence.ReadClaims(b); return err }},
		{"EAT", claims.Encode(), func(b []byte) error { _, err := evidence.ReadEAT(b); return err }},
		{"result", (&evidence.Result{Developer: "d", Build: "b", PolicyID: "p", Name: "n"}).Encode(), func(b []byte) error { _, err := evidence.ReadResult(b); return err }},
		{"DICE certificate in CBOR", certificate, func(b []byte) error { _, err := evidence.ReadCBOR(b); return err }},
		{"DICE certificate in X.509", der, func(b []byte) error { _, err := evidence.ReadX509(b); return err }},
		{"DiceTcbInfo", (&evidence.TCBInfo{Vendor: "v", SVN: 3}).Encode(), func(b []byte) error { _, err := evidence.ReadTCBInfo(b); return err }},
	}
}

type decoder struct {
	name    string
	genuine []byte
	read    func([]byte) error
}

// Bounds of what one input may cost: a length field must not be believed before there
// are as many bytes. A decoder may make several values of each byte.
const (
	perByte = 64       // bytes of memory for each byte of input
	floor   = 16 << 10 // and for any input
	slow    = 250 * time.Millisecond
)

// hostile writes numbers that a length could be over every place of an input: wide and
// narrow ones, in both orders, and heads of CBOR and DER that promise as much.
func hostile(genuine []byte, try func([]byte)) {
	heads := [][]byte{
		binary.LittleEndian.AppendUint32(nil, 0xffffffff), binary.LittleEndian.AppendUint32(nil, 0x7fffffff), binary.BigEndian.AppendUint32(nil, 0x7fffffff),
		binary.LittleEndian.AppendUint32(nil, 0x10000000), binary.BigEndian.AppendUint32(nil, 0x10000000), {0xff, 0xff}, {0xff, 0x7f},
		{0x5a, 0x7f, 0xff, 0xff, 0xff}, {0x9a, 0x0f, 0xff, 0xff, 0xff}, {0xba, 0x0f, 0xff, 0xff, 0xff}, {0x9b, 0, 0, 0, 1, 0, 0, 0, 0}, {0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, bytes.Repeat([]byte{0x81}, 64), bytes.Repeat([]byte{0x30, 0x80}, 32), bytes.Repeat([]byte("["), 64),
	}
	stride := max(1, len(genuine)/96) // long inputs: some places in the middle, all near both ends
	for _, head := range heads {
		for at := 0; at < len(genuine); at++ {
			if at > 64 && at < len(genuine)-200 && at%stride != 0 {
				continue
			}
			b := bytes.Clone(genuine)
			copy(b[at:], head)
			try(b)
		}
	}
}

// TestHostileLengthsCostLittle: whatever length a field claims, no decoder takes much
// memory or time, or panics.
func TestHostileLengthsCostLittle(t *testing.T) {
	for _, d := range untrusted(t) {
		t.Run(d.name, func(t *testing.T) {
			if err := d.read(d.genuine); err != nil {
				t.Fatalf("the genuine one is refused: %v", err)
			}
			worst, refused, tried := uint64(0), 0, 0
			hostile(d.genuine, func(b []byte) {
				tried++
				cost, took := costOf(func() {
					if d.read(b) != nil {
						refused++
					}
				})
				worst = max(worst, cost)
				if bound := uint64(perByte*len(b) + floor); cost > bound {
					t.Fatalf("%d bytes took %d bytes of memory, want at most %d: %x", len(b), cost, bound, b[:min(len(b), 200)])
				}
				if took > slow {
					t.Fatalf("%d bytes took %s: %x", len(b), took, b[:min(len(b), 200)])
				}
			})
			t.Logf("%d inputs of %d bytes, %d refused, at most %d bytes of memory", tried, len(d.genuine), refused, worst)
			if refused == 0 {
				t.Error("none was refused: no place was a length")
			}
		})
	}
}

// costOf measures what a call allocates, and how long it takes: the best of three when it
// seems slow, for others run on this machine too.
func costOf(do func()) (bytes uint64, took time.Duration) {
	var before, after runtime.MemStats
	for range 3 {
		runtime.ReadMemStats(&before)
		start := time.Now()
		do()
		took = time.Since(start)
		runtime.ReadMemStats(&after)
		if took <= slow {
			break
		}
	}
	return after.TotalAlloc - before.TotalAlloc, took
}

// TestTheBoundWouldBeNoticed measures a decoder that believes a length.
func TestTheBoundWouldBeNoticed(t *testing.T) {
	var kept []byte
	cost, _ := costOf(func() { kept = make([]byte, binary.LittleEndian.Uint32([]byte{0, 0, 0, 1})) })
	if len(kept) != 1<<24 || cost <= perByte*300+floor {
		t.Errorf("%d bytes were measured", cost)
	}
}
