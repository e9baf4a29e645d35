package message_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/reference/message"
)

// FuzzParseKeystore: a body is the encoding of what it parses to, and no key is in
// it twice or under another's thumbprint.
func FuzzParseKeystore(f *testing.F) {
	f.Add(twoKeys().Encode())
	f.Add((&message.Keystore{}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := message.ParseKeystore(b)
		if err != nil {
			return
		}
		if again := k.Encode(); !bytes.Equal(again, b) {
			t.Fatalf("encoded again: %x, want %x", again, b)
		}
		for _, e := range k.Entries {
			if got, ok := k.Find(message.Thumbprint(e.Public)); !ok || got != e {
				t.Fatalf("by its thumbprint one finds %v instead of %v", got, e)
			}
		}
		if k.Threshold > len(k.Entries) {
			t.Fatalf("%d of %d keys must sign", k.Threshold, len(k.Entries))
		}
	})
}

// FuzzParseCapability: a file says of itself what a second, simple reading of the
// documented offsets says, and packing what it says gives it back when its kinds
// stand together.
func FuzzParseCapability(f *testing.F) {
	for _, kinds := range [][]uint16{{11}, {11, 13}, nil} {
		f.Add(message.PackCapability(message.Capability{Device: key.Raw(), Kinds: kinds}, signer.Thumbprint, built, key.SignDigest))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, p, err := message.ParseCapability(b)
		if err != nil {
			return
		}
		var kinds []uint16
		for at := 76; at < 204; at += 2 {
			if kind := binary.LittleEndian.Uint16(b[at:]); kind != 0 {
				kinds = append(kinds, kind)
			}
		}
		if diff := cmp.Diff(kinds, c.Kinds); diff != "" || !bytes.Equal(c.Device[:], b[12:76]) {
			t.Fatalf("device %x, kinds (-offsets +parsed):\n%s", c.Device, diff)
		}
		if !bytes.Equal(append(bytes.Clone(p.Signed), p.Signature[:]...), b) {
			t.Fatal("the signature does not cover the file")
		}
		spec := p.Spec()
		again, _, err := message.ParseCapability(spec.Pack(func([32]byte) [64]byte { return p.Signature }))
		if err != nil || !cmp.Equal(again, c) {
			t.Fatalf("packed again: %v, %v, want %v", again, err, c)
		}
	})
}

// FuzzParseCertStore: a body is the encoding of what it parses to.
func FuzzParseCertStore(f *testing.F) {
	f.Add(message.EncodeCertStore([][]byte{{1, 2, 3}, {4}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if roots, err := message.ParseCertStore(b); err == nil && !bytes.Equal(message.EncodeCertStore(roots), b) {
			t.Fatalf("encoded again: %x, want %x", message.EncodeCertStore(roots), b)
		}
	})
}

// FuzzBootTables: tables are the encoding of what they parse to; an image that is
// found lies within its partition; hashes that match are those of its blocks.
func FuzzBootTables(f *testing.F) {
	partition := bytes.Repeat([]byte("boot"), message.BlockSize)
	f.Add(message.LocatorTable{{Type: message.Applications, Offset: 5000, Length: 100}}.Encode(), partition)
	f.Add(message.HashBlocks(partition).Encode(), partition)
	f.Add(message.LocatorTable{{Type: message.Applications, Offset: 1<<32 - 1, Length: 1<<32 - 1}}.Encode(), partition)
	f.Fuzz(func(t *testing.T, table, partition []byte) {
		if l, err := message.ParseLocatorTable(table); err == nil {
			if !bytes.Equal(l.Encode(), table) {
				t.Fatalf("locator table encoded again: %x, want %x", l.Encode(), table)
			}
			for _, p := range l {
				image, at := l.Find(p.Type, partition)
				if image != nil && (len(image) != int(at.Length) || !bytes.Equal(image, partition[at.Offset:][:at.Length])) {
					t.Fatalf("%v is %d bytes that are not the partition's", at, len(image))
				}
				if p.Length > 0 && message.HashBlocks(partition).Match(p, partition) && int(p.Offset)+int(p.Length) > len(partition) {
					t.Fatalf("%v matches beyond the %d bytes of the partition", p, len(partition))
				}
			}
		}
		if h, err := message.ParseBlockHashes(table); err == nil && !bytes.Equal(h.Encode(), table) {
			t.Fatalf("block hashes encoded again: %x, want %x", h.Encode(), table)
		}
	})
}

// FuzzParts: a region is the encoding of the packages that it holds, and what says
// how long they are agrees with what reads them.
func FuzzParts(f *testing.F) {
	f.Add(message.EncodeParts([][]byte{{1, 2, 3}, nil, {4}}))
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, region []byte) {
		parts, err := message.DecodeParts(region)
		if err != nil {
			return
		}
		if again := message.EncodeParts(parts); !bytes.HasPrefix(region, again) || len(again) != message.PartsSize(parts) || len(again) != message.RegionSize(region) {
			t.Fatalf("encoded again: %x of %x, %d bytes, said to be %d", again, region, len(again), message.RegionSize(region))
		}
	})
}
