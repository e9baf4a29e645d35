package message_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/reference/message"
)

var places = message.LocatorTable{{Type: message.PlutonRuntime, Partition: message.PartitionFirmware, Length: 100}, {Type: message.SecurityMonitor, Partition: message.PartitionFirmware, Offset: message.BlockSize, Length: message.BlockSize + 1}}

func TestBootTables(t *testing.T) {
	table, err := message.ParseLocatorTable(places.Encode())
	if diff := cmp.Diff(places, table); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	partition := bytes.Repeat([]byte{1, 2, 3, 4}, 3*message.BlockSize/4)
	hashes := message.HashBlocks(partition)
	again, err := message.ParseBlockHashes(hashes.Encode())
	if diff := cmp.Diff(hashes, again); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	image, at := table.Find(message.SecurityMonitor, partition)
	if len(image) != message.BlockSize+1 || at != places[1] || !hashes.Match(at, partition) {
		t.Errorf("found %d bytes at %+v", len(image), at)
	}
	if image, _ := table.Find(message.SecurityMonitor, partition[:2*message.BlockSize]); image != nil {
		t.Error("an image that ends outside its partition is found")
	}
	partition[3*message.BlockSize-1] ^= 1
	if hashes.Match(at, partition) || !hashes.Match(places[0], partition) {
		t.Error("a change counts in another block than its own")
	}
	if at.Offset = 0xFFFFFFFF; hashes.Match(at, partition) {
		t.Error("a place outside the partition matches")
	}
}

func TestBootTablesRefuse(t *testing.T) {
	table, hashes := places.Encode(), message.HashBlocks(make([]byte, message.BlockSize)).Encode()
	for name, c := range map[string][2][]byte{
		"empty": {nil, nil}, "cut short": {table[:len(table)-1], hashes[:len(hashes)-1]}, "trailing": {append(bytes.Clone(table), 0), append(bytes.Clone(hashes), 0)},
		"other magic": {flipped(table, 0), flipped(hashes, 0)}, "other count": {flipped(table, 4), flipped(hashes, 4)}, "count at its limit": {flipped(table, 7), flipped(hashes, 7)},
	} {
		if got, err := message.ParseLocatorTable(c[0]); err == nil {
			t.Errorf("%s: locator table %v", name, got)
		}
		if got, err := message.ParseBlockHashes(c[1]); err == nil {
			t.Errorf("%s: block hashes %v", name, got)
		}
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0xC0
	return b
}

// TestFits compares the two quick looks with the strict readers: what these take
// always fits.
func TestFits(t *testing.T) {
	body := (&message.Manifest{Version: message.ManifestVersion, Entries: make([]message.Entry, 2)}).Encode()
	for at := 2; at < 8; at++ {
		if message.ManifestFits(flipped(body, at)) {
			t.Errorf("a manifest fits with byte %d changed", at)
		}
	}
	raw := message.Spec{Identity: message.Identity{Type: message.OneBL}, Debug: &message.Debug{Name: "x"}}.Pack(nil)
	if !message.ManifestFits(body) || !message.SectionsFit(raw) || message.ManifestFits(nil) || !message.SectionsFit(nil) {
		t.Error("what is whole does not fit, or what is nothing does")
	}
	for at := 4; at < 8; at++ {
		if message.SectionsFit(flipped(raw, at)) {
			t.Errorf("a package fits with byte %d of its count changed", at-4)
		}
	}
}

// FuzzFits: no input makes the quick looks read outside it, and what parses fits.
func FuzzFits(f *testing.F) {
	f.Add(message.Spec{}.Pack(nil))
	f.Add((&message.Manifest{Version: message.ManifestVersion}).Encode())
	f.Add(places.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := message.ParsePackage(b); err == nil && (!message.SectionsFit(b) || message.TypeOf(b) != p.Identity.Type) {
			t.Fatal("a package that parses does not fit, or is of another type")
		}
		if _, err := message.ParseManifest(b); err == nil && !message.ManifestFits(b) {
			t.Fatal("a manifest that parses does not fit")
		}
		if table, err := message.ParseLocatorTable(b); err == nil && !bytes.Equal(table.Encode(), b) {
			t.Fatal("a locator table is not what it encodes to")
		}
		if hashes, err := message.ParseBlockHashes(b); err == nil && !bytes.Equal(hashes.Encode(), b) {
			t.Fatal("block hashes are not what they encode to")
		}
	})
}
