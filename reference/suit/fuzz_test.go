package suit_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/armillary/armillary/reference/suit"
	"github.com/veraison/go-cose"
)

// seeds writes the committed corpora anew from this package's own writer.
var seeds = flag.Bool("seeds", false, "write the seeds of the fuzz targets")

// exampleKey is a key for examples and fuzz targets, which have no test to fail.
func exampleKey() *ecdsa.PrivateKey {
	d := sha256.Sum256([]byte("example"))
	d[0] &= 0x7f
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d[:])
	if err != nil {
		panic(err)
	}
	return k
}

// FuzzEnvelope: what decodes encodes to the same bytes, one way only; nothing
// panics; a manifest that decodes comes out of the writer as it was.
func FuzzEnvelope(f *testing.F) {
	o := suit.Options{Limits: suit.Limits{Envelope: 1 << 16}}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := suit.Decode(data, o)
		if err != nil {
			if _, ok := errors.AsType[*suit.Error](err); !ok {
				t.Errorf("an untyped error: %v", err)
			}
			return
		}
		if again := e.Encode(); !bytes.Equal(again, data) {
			t.Errorf("decoded and encoded:\n%x\n%x", data, again)
		}
		for _, k := range []suit.Key{{Secret: make([]byte, 32)}, mustKey()} {
			if _, err := suit.Authenticate(e, []suit.Key{k}, 0, o); err == nil && k.Secret == nil {
				t.Log("a genuine signature")
			}
		}
		body := inner(e.Manifest)
		m, err := suit.ParseManifest(body, o.Limits)
		if err == nil && !bytes.Equal(m.Encode(), body) {
			t.Errorf("manifest decoded and encoded:\n%x\n%x", body, m.Encode())
		}
	})
}

// inner is the content of a byte string with a head of the shortest form.
func inner(wrapped []byte) []byte {
	switch {
	case wrapped[0] < 0x58:
		return wrapped[1:]
	case wrapped[0] == 0x58:
		return wrapped[2:]
	case wrapped[0] == 0x59:
		return wrapped[3:]
	}
	return wrapped[5:]
}

func mustKey() suit.Key {
	k, err := suit.PublicKey("example", nil, &exampleKey().PublicKey)
	if err != nil {
		panic(err)
	}
	return k
}

// FuzzProcessor runs any manifest as if its author had signed it: the work is
// bounded, a refusal leaves the platform as it was, and what is invoked has the
// digest that the manifest names for it.
func FuzzProcessor(f *testing.F) {
	limits := suit.Limits{Steps: 200, Image: 1 << 12, Work: 1 << 18}
	f.Fuzz(func(t *testing.T, body []byte, lax bool) {
		if len(body) > 1<<14 {
			return
		}
		a := signedBody(t, body, limits)
		if a == nil {
			return
		}
		s := &counted{shelf: newShelf(first, second, third)}
		s.put(second, "two")
		s.remote["http://a"] = []byte("two")
		s.slots[string(first.Encode())] = 1
		p := &suit.Processor{Platform: s, AnyDevice: lax, Options: suit.Options{Limits: limits}}
		for _, procedure := range []func(*suit.Authenticated) (*suit.Report, error){p.Update, p.Invoke, p.Uninstall} {
			before, asked := maps.Clone(s.holds), s.calls
			report, err := procedure(a)
			if s.calls-asked > 8*limits.Steps {
				t.Errorf("%d calls of the platform", s.calls-asked)
			}
			if err != nil && (!maps.EqualFunc(before, s.holds, bytes.Equal) || len(report.Invoked) > 0) {
				t.Errorf("refused (%v) and changed", err)
			}
			if suit.ReasonOf(err) != report.Result {
				t.Errorf("report %v, error %v", report.Result, err)
			}
			report.Encode()
		}
		for _, image := range s.ran {
			d := sha256.Sum256([]byte(image))
			if !bytes.Contains(a.Envelope.Encode(), d[:]) {
				t.Errorf("%q ran, and the manifest names no such digest", image)
			}
		}
	})
}

// counted counts what a processor asks.
type counted struct {
	*shelf
	calls int
}

func (c *counted) Read(id suit.ComponentID) ([]byte, bool) { c.calls++; return c.shelf.Read(id) }

func (c *counted) Identified(k suit.ParameterKey, id suit.ComponentID, b []byte) bool {
	c.calls++
	return c.shelf.Identified(k, id, b)
}

// signedBody signs a manifest's bytes as they are; nil when they are no manifest.
func signedBody(t *testing.T, body []byte, limits suit.Limits) *suit.Authenticated {
	m, err := suit.ParseManifest(body, limits)
	if err != nil {
		return nil
	}
	e := suit.Seal(m)
	signer, err := suit.NewSigner(suit.ESP256, exampleKey())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Sign(signer, nil); err != nil {
		t.Fatal(err)
	}
	e.Integrated = []suit.Payload{{URI: "#image", Data: []byte("two")}}
	a, err := suit.Authenticate(e, []suit.Key{mustKey()}, 0, suit.Options{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestSeeds compares the committed corpora with what the writer makes, so that
// they stay seeds: each must decode.
func TestSeeds(t *testing.T) {
	manifests := map[string]*suit.Manifest{
		"install": manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{
			suit.SectionInstall:  {set(suit.URI("#image"), suit.ImageDigest(digestOf(t, "two"))), do(suit.Fetch), do(suit.ConditionImage)},
			suit.SectionValidate: {do(suit.ConditionImage)}, suit.SectionInvoke: {do(suit.Invoke)},
		}),
		"alternatives": manifest([]suit.ComponentID{first, second}, map[suit.Section]suit.Sequence{
			suit.SectionInstall: {at(0), set(suit.Number(suit.ParamSlot, 0)), try(seq(do(suit.ConditionSlot)), seq(soft(true), abort), write("x")),
				at(1), runs(soft(true), abort), all(), set(suit.ImageDigest(digestOf(t, "x"))), runs(do(suit.ConditionImage))},
		}),
		"invoke": manifest([]suit.ComponentID{first, second}, map[suit.Section]suit.Sequence{
			suit.SectionValidate: {at(1), set(suit.ImageDigest(digestOf(t, "two"))), do(suit.ConditionImage)},
			suit.SectionLoad:     {at(0), set(suit.Number(suit.ParamSource, 1), suit.ImageDigest(digestOf(t, "two"))), do(suit.Copy), do(suit.ConditionImage)},
			suit.SectionInvoke:   {at(0), do(suit.Invoke)},
		}),
		"swap": manifest([]suit.ComponentID{first, second}, map[suit.Section]suit.Sequence{
			suit.SectionInstall: {at(0), set(content("x"), suit.Number(suit.ParamSource, 1)), do(suit.Write), do(suit.Swap), do(suit.Unlink)},
		}),
	}
	for name, m := range manifests {
		committed(t, "FuzzProcessor", name, fmt.Sprintf("[]byte(%s)\nbool(false)\n", strconv.Quote(string(m.Encode()))))
		e := suit.Seal(m)
		sign(t, e, "vendor", cose.AlgorithmES256)
		e.MAC(make([]byte, 32))
		e.Integrated = []suit.Payload{{URI: "#image", Data: []byte("two")}}
		committed(t, "FuzzEnvelope", name, fmt.Sprintf("[]byte(%s)\n", strconv.Quote(string(e.Encode()))))
	}
	m := manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: {do(suit.Fetch)}})
	m.Text = suit.Text{"en": {Manifest: map[int64]string{1: "x"}}}
	install, text := m.Sever(suit.SectionInstall), m.Sever(suit.SectionText)
	e := suit.Seal(m)
	e.Members[suit.SectionInstall], e.Members[suit.SectionText] = install, text
	committed(t, "FuzzEnvelope", "severed", fmt.Sprintf("[]byte(%s)\n", strconv.Quote(string(e.Encode()))))
}

func committed(t *testing.T, target, name, entry string) {
	t.Helper()
	path := filepath.Join("testdata", "fuzz", target, name)
	want := "go test fuzz v1\n" + entry
	if *seeds {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the writer makes (%v); -seeds writes it", path, err)
	}
}

// TestContentIsComparedInConstantTime holds section 8.4.9.3 where it can be seen:
// the condition compares with crypto/subtle and with nothing else.
func TestContentIsComparedInConstantTime(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "commands.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "content" {
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					calls = append(calls, s.Sel.Name)
				}
				return true
			})
		}
	}
	constant := false
	for _, c := range calls {
		constant = constant || c == "ConstantTimeCompare"
		if c == "Equal" {
			t.Error("compares with Equal")
		}
	}
	if !constant {
		t.Error("does not compare in constant time")
	}
}
