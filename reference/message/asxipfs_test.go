package message_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/armillary/armillary/reference/message"
)

func appFiles() []message.File {
	return []message.File{
		{Name: "app_manifest.json", Data: []byte("{}")},
		{Name: "bin/app", Data: []byte("program"), Executable: true},
	}
}

// resum corrects the checksum of a changed file system.
func resum(b []byte) []byte {
	copy(b[32:36], make([]byte, 4))
	binary.LittleEndian.PutUint32(b[32:], crc32.ChecksumIEEE(b))
	return b
}

// TestFSLayout holds the header and the tables of a small file system, with
// offsets counted by hand.
func TestFSLayout(t *testing.T) {
	b := message.PackFS(appFiles())
	if len(b) != 8192 {
		t.Fatalf("%d bytes, want 8192", len(b))
	}
	sum := crc32.ChecksumIEEE(append(append(bytes.Clone(b[:32]), 0, 0, 0, 0), b[36:]...))
	want := "453dcd28" + "00200000" + "03000000" + "00000000" +
		hex.EncodeToString([]byte("Compressed ROMFS")) +
		hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, sum)) + "00000000" + "02000000" + "04000000" + strings.Repeat("00", 16) + // 32 to 64
		"ed410000" + "30000000" + "c0040000" + // 64: root, 48 bytes of table at 76 = 19 words
		"a4830000" + "02000000" + "c5080000" + hex.EncodeToString([]byte("app_manifest.json\x00\x00\x00")) + // 76: 5 words of name, data at 140 = 35 words
		"ed410000" + "10000000" + "c1070000" + hex.EncodeToString([]byte("bin\x00")) + // 108: table at 124 = 31 words
		"ed830000" + "07000000" + "01000100" + hex.EncodeToString([]byte("app\x00")) // 124: data at 4096 = 1024 words
	want += hex.EncodeToString([]byte("{}\x00\x00")) // 140
	if got := hex.EncodeToString(b[:144]); got != want {
		t.Errorf("header and tables:\n got %s\nwant %s", got, want)
	}
	if string(b[4096:4103]) != "program" {
		t.Errorf("program is not at 4096: %q", b[4096:4103])
	}
}

func TestFSRoundTrip(t *testing.T) {
	many := make([]message.File, message.MaxFiles)
	for i := range many {
		many[i] = message.File{Name: fmt.Sprintf("d%d/e/f/g/file-%02d", i/32, i), Data: bytes.Repeat([]byte{byte(i)}, i*7), Executable: i%3 == 0}
	}
	for name, files := range map[string][]message.File{
		"app": appFiles(), "empty_file": {{Name: "a"}, {Name: "b", Executable: true}}, "none": nil, "many": many,
		"order": {{Name: "a-b"}, {Name: "a/c", Data: []byte("x")}, {Name: "a1"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := message.PackFS(files)
			got, err := message.ParseFS(b)
			if err != nil {
				t.Fatal(err)
			}
			byName := func(list []message.File) map[string]message.File {
				m := map[string]message.File{}
				for _, f := range list {
					m[f.Name] = f
				}
				return m
			}
			if diff := cmp.Diff(byName(files), byName(got), cmpopts.EquateEmpty()); diff != "" || len(got) != len(files) {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFSEveryByteCounts: no change of a byte goes unnoticed even when the
// checksum is corrected, except that of the data of a file.
func TestFSEveryByteCounts(t *testing.T) {
	good := message.PackFS(appFiles())
	want, err := message.ParseFS(good)
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		b := bytes.Clone(good)
		b[at] ^= 0x41
		if _, err := message.ParseFS(b); err == nil {
			t.Errorf("byte %d: wrong checksum accepted", at)
		}
		got, err := message.ParseFS(resum(b))
		if err == nil && cmp.Equal(want, got) && (at < 32 || at >= 36) {
			t.Errorf("byte %d: parsed as the same", at)
		}
	}
	for n := range good {
		if _, err := message.ParseFS(good[:n]); err == nil {
			t.Errorf("cut to %d bytes: accepted", n)
		}
	}
}

func TestFSRefuses(t *testing.T) {
	// Offsets as in TestFSLayout.
	good := message.PackFS(appFiles())
	set := func(at int, b ...byte) []byte { c := bytes.Clone(good); copy(c[at:], b); return resum(c) }
	pack := func(names ...string) []byte {
		var files []message.File
		for _, name := range names {
			files = append(files, message.File{Name: name, Data: []byte("x")})
		}
		return message.PackFS(files)
	}
	for _, test := range []struct {
		name  string
		input []byte
		want  string
	}{
		{"empty", nil, "no header"},
		{"too_long", make([]byte, message.MaxPackage+1), "too large"},
		{"magic", set(0, 0), "file system magic"},
		{"size", set(4, 1), "size 8193"},
		{"flags", set(8, 1), "flags 0x1"},
		{"reserved", set(12, 1), "not the one encoding"},
		{"signature", set(16, 'X'), "no file system signature"},
		{"blocks", set(40, 9), "not the one encoding"},
		{"volume_name", set(48, 'x'), "not the one encoding"},
		{"padding", set(8191, 1), "not the one encoding"},
		{"root_is_a_file", set(65, 0x81), "root is not a directory"},
		{"root_table_outside", set(74, 0xff, 0xff), "leaves the file system"},
		{"root_table_too_long", set(68, 0xff, 0xff, 0xff), "leaves the file system"},
		{"table_in_itself", set(112, 0x30, 0, 0, 0, 0xc1, 0x04), "deeper than 4"},
		{"data_outside", set(86, 0xff, 0xff), "leaves the file system"},
		{"data_too_long", set(80, 0xff, 0xff, 0xff), "leaves the file system"},
		{"data_shared", set(132, 0xc1, 0x08, 0, 0), "not the one encoding"},
		{"owner", set(78, 1), "belongs to 1:0"},
		{"group", set(83, 1), "belongs to 0:1"},
		{"compressed", set(77, 0x81), "has mode"},
		{"writable", set(76, 0xb6), "has mode"},
		{"name_too_long", set(84, 0x3f), "cut off"},
		{"slash_in_name", set(88, '/'), "name \"/pp"},
		{"blank_in_name", set(88, ' '), "name"},
		{"dot_dot", pack("../x"), "name \"..\""},
		{"twice", pack("a", "a"), "name \"a\" behind \"a\""},
		{"file_and_directory", pack("a", "a/b"), "name \"a\" behind \"a\""},
		{"empty_name", pack("a/"), "name \"\""},
		{"absolute", pack("/a"), "name \"\""},
		{"too_deep", pack("1/2/3/4/5/6"), "deeper than 4"},
		{"too_many", pack(strings.Split(strings.Repeat("x", message.MaxFiles*2+1), "")...), "behind"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := message.ParseFS(test.input)
			if !errors.Is(err, message.ErrMalformed) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestFSSpecialFiles: the file system that TALOS-2020-1131 describes comes back
// with its files and an error of its own.
func TestFSSpecialFiles(t *testing.T) {
	for name, special := range map[string]message.File{
		"device": {Name: "dev/mem", Special: &message.Special{Mode: 0x21b6, Device: 0x101}},
		"pipe":   {Name: "pipe", Special: &message.Special{Mode: 0x1180}},
		"setuid": {Name: "bin/su", Data: []byte("x"), Executable: true, Special: &message.Special{Mode: 0x8bed}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := message.ParseFS(message.PackFS(append(appFiles(), special)))
			if !errors.Is(err, message.ErrDeviceNode) || errors.Is(err, message.ErrMalformed) {
				t.Fatalf("error %v, want ErrDeviceNode", err)
			}
			found := false
			for _, f := range got {
				found = found || cmp.Equal(f, special)
			}
			if !found || len(got) != 3 {
				t.Errorf("files %+v, want one to be %+v", got, special)
			}
		})
	}
}

// FuzzParseFS: a file system is the one encoding of what it parses to.
func FuzzParseFS(f *testing.F) {
	f.Add(message.PackFS(appFiles()))
	f.Add(message.PackFS(nil))
	f.Add(message.PackFS([]message.File{{Name: "d", Special: &message.Special{Mode: 0x2000, Device: 1}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		// A fuzzer does not find checksums and sizes: give it right ones.
		if len(b) >= 36 {
			b = bytes.Clone(b)
			binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
			resum(b)
		}
		files, err := message.ParseFS(b)
		if err != nil && !errors.Is(err, message.ErrDeviceNode) {
			if !errors.Is(err, message.ErrMalformed) {
				t.Fatalf("error %v does not wrap ErrMalformed", err)
			}
			return
		}
		if again := message.PackFS(files); !bytes.Equal(again, b) {
			t.Fatalf("packed again: %x, want %x", again, b)
		}
	})
}
