package message

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// frames are values of the messages that are written by hand, with numbers and
// lengths on both sides of every step of the encoding.
func frames() []any {
	var list []any
	texts := []string{"", "fetch", string(bytes.Repeat([]byte("ä"), 200))}
	bodies := [][]byte{nil, {}, {0xF6}, make([]byte, 23), make([]byte, 24), make([]byte, 255), make([]byte, 256), make([]byte, 65536)}
	for i, n := range []uint64{0, 1, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<64 - 1} {
		for j, body := range bodies {
			small, text := uint32(n), texts[(i+j)%len(texts)]
			list = append(list, Frame{Conversation: small, Kind: FrameKind(n), Body: body}, Record{Sequence: n, Cipher: body},
				Request{Tag: small, Call: text, Body: body}, Reply{Tag: small, Class: text, Reason: texts[i%3], Body: body}, Part{Parts: small, Data: body})
		}
	}
	return list
}

// TestFramesAreTheLibrarysBytes: what is written by hand is what the library
// writes, and reads back as it was.
func TestFramesAreTheLibrarysBytes(t *testing.T) {
	for _, v := range frames() {
		want, err := encoder.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got := Encode(v); !bytes.Equal(got, want) {
			t.Fatalf("%#v: %x, want %x", v, got, want)
		}
		back := reflect.New(reflect.TypeOf(v))
		if err := Decode(want, back.Interface()); err != nil || !reflect.DeepEqual(back.Elem().Interface(), v) {
			t.Fatalf("%#v comes back as %#v: %v", v, back.Elem(), err)
		}
	}
}

// agree reads bytes as every frame, by hand and by the library.
func agree(t *testing.T, b []byte) {
	t.Helper()
	for _, kind := range []any{Frame{}, Record{}, Request{}, Reply{}, Part{}} {
		ours, theirs := reflect.New(reflect.TypeOf(kind)), reflect.New(reflect.TypeOf(kind))
		err := Decode(b, ours.Interface())
		strict := decoder.Unmarshal(b, theirs.Interface()) == nil
		if strict {
			again, err := encoder.Marshal(theirs.Interface())
			strict = err == nil && bytes.Equal(again, b)
		}
		if (err == nil) != strict {
			t.Fatalf("%T %x: read here %t, by the library %t", kind, b, err == nil, strict)
		}
		if diff := cmp.Diff(theirs.Interface(), ours.Interface(), cmp.AllowUnexported(Frame{}, Record{}, Request{}, Reply{}, Part{})); strict && diff != "" {
			t.Fatalf("%x: %s", b, diff)
		}
	}
}

// TestFramesAreReadAsTheLibraryReads changes a byte here and there.
func TestFramesAreReadAsTheLibraryReads(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, v := range frames() {
		b := Encode(v)
		if len(b) > 600 {
			continue
		}
		for range 40 {
			c := bytes.Clone(b)
			c[random.IntN(min(len(c), 12))] = byte(random.Uint32())
			agree(t, c[:len(c)-random.IntN(2)])
			agree(t, append(c, c[0]))
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, v := range frames() {
		if b := Encode(v); len(b) < 300 {
			f.Add(b)
		}
	}
	f.Fuzz(agree)
}
