package world

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/google/go-cmp/cmp"
)

// arrivals lists what arrives, as ENDPOINT:BODY.
func arrivals(w *World) []string {
	var list []string
	for e, ok := w.Next(w.Now() + time.Hour); ok; e, ok = w.Next(w.Now() + time.Hour) {
		at := e.Message.To
		if e.Message.At != "" {
			at = e.Message.At
		}
		list = append(list, at+":"+string(e.Message.Body))
	}
	return list
}

func kinds(w *World) []string {
	var list []string
	for _, e := range w.Events() {
		list = append(list, strings.TrimSpace(string(e.Kind)+" "+e.State))
	}
	return list
}

func TestRules(t *testing.T) {
	rule := func(a Action) Rule { return Rule{Name: "rec", By: "mallory", From: "d1", To: "cloud", Action: a} }
	limited := func(r Rule, kind string, count int) Rule { r.Kind, r.Count = kind, count; return r }
	alter := rule(Alter)
	alter.Change = Change{HasFlip: true, Flip: -1}
	for name, c := range map[string]struct {
		rules []Rule
		want  []string
	}{
		"none":               {nil, []string{"cloud:a", "cloud:b", "d1:c"}},
		"tap":                {[]Rule{rule(Tap)}, []string{"cloud:a", "cloud:b", "d1:c"}},
		"drop":               {[]Rule{rule(Drop)}, []string{"d1:c"}},
		"drop one":           {[]Rule{limited(rule(Drop), "", 1)}, []string{"cloud:b", "d1:c"}},
		"drop one of a kind": {[]Rule{limited(rule(Drop), "second", 1)}, []string{"cloud:a", "d1:c"}},
		"alter":              {[]Rule{alter}, []string{"cloud:`", "cloud:c", "d1:c"}},
		"redirect":           {[]Rule{rule(Redirect)}, []string{"mallory:a", "mallory:b", "d1:c"}},
		"tap what is lost":   {[]Rule{rule(Tap), rule(Drop)}, []string{"d1:c"}},
	} {
		w := New(1)
		for _, r := range c.rules {
			w.AddRule(r)
		}
		w.Send(Message{From: "d1", To: "cloud", Kind: "first", Body: []byte("a")})
		w.Send(Message{From: "d1", To: "cloud", Kind: "second", Body: []byte("b")})
		w.Send(Message{From: "cloud", To: "d1", Kind: "first", Body: []byte("c")})
		if diff := cmp.Diff(c.want, arrivals(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(name, "tap") && len(w.Recording("rec")) != 2 {
			t.Errorf("%s: %d messages recorded, want 2", name, len(w.Recording("rec")))
		}
		w.Heal("d1", "cloud")
		w.Send(Message{From: "d1", To: "cloud", Body: []byte("d")})
		if diff := cmp.Diff([]string{"cloud:d"}, arrivals(w)); diff != "" {
			t.Errorf("%s, healed:\n%s", name, diff)
		}
	}
}

func TestChange(t *testing.T) {
	for name, c := range map[string]struct {
		change Change
		want   string
	}{
		"nothing":              {Change{}, "abcd"},
		"first byte":           {Change{HasFlip: true}, "`bcd"},
		"from the end":         {Change{HasFlip: true, Flip: -2}, "abbd"},
		"beyond the end":       {Change{HasFlip: true, Flip: 99}, "abcd"},
		"before the beginning": {Change{HasFlip: true, Flip: -99}, "abcd"},
		"cut":                  {Change{Truncate: 3}, "a"},
		"cut more than all":    {Change{Truncate: 99}, ""},
		"cut less than none":   {Change{Truncate: -5}, "abcd"},
		"add":                  {Change{Truncate: 1, Append: []byte("xy")}, "abcxy"},
	} {
		b := []byte("abcd")
		if got := c.change.Apply(b); string(got) != c.want || string(b) != "abcd" {
			t.Errorf("%s: %q (the original %q), want %q", name, got, b, c.want)
		}
	}
}

func TestFaultsOnLinks(t *testing.T) {
	for how, c := range map[string]struct {
		want  []string
		kinds []string
		now   time.Duration
	}{
		"drop":      {nil, []string{"MessageSent plain", "FaultInjected k", "MessageDropped fault"}, 0},
		"duplicate": {[]string{"cloud:a", "cloud:a"}, []string{"MessageSent plain", "FaultInjected k"}, Latency},
		"delay":     {[]string{"cloud:a"}, []string{"MessageSent plain", "FaultInjected k"}, 1000 * Latency},
	} {
		w := New(1)
		w.AddFault(Fault{Kind: "message", Name: "d1->cloud", N: 1, How: how})
		w.Send(Message{From: "d1", To: "cloud", Kind: "k", Body: []byte("a")})
		if w.Busy() != (c.want != nil) {
			t.Errorf("%s: busy is %t", how, w.Busy())
		}
		if diff := cmp.Diff(c.want, arrivals(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
		if diff := cmp.Diff(c.kinds, kinds(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
		if w.Now() != c.now {
			t.Errorf("%s: it is %v, want %v", how, w.Now(), c.now)
		}
	}
}

// TestDeliveredIsWhenItArrives: what an attacker delivers is told of when it
// arrives, and not at all when nobody is there.
func TestDeliveredIsWhenItArrives(t *testing.T) {
	for name, c := range map[string]struct {
		dark bool
		want string
	}{"there": {false, "MessageDelivered plain"}, "without power": {true, "MessageDropped no power"}} {
		w := New(1)
		w.SetPower("d1", !c.dark)
		w.Inject(Message{From: "cloud", To: "d1", Body: []byte("x"), Attacker: "mallory"})
		if len(w.Events()) != 0 {
			t.Errorf("%s: told before it arrived", name)
		}
		arrivals(w)
		if diff := cmp.Diff([]string{c.want}, kinds(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if e := w.Events()[0]; e.Is != "mallory" || e.At != Latency {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// TestHeldBackIsTheSendersOwnOnce: who lets through what he held back has written
// nothing; who repeats or changes it has.
func TestHeldBackIsTheSendersOwnOnce(t *testing.T) {
	for name, c := range map[string]struct {
		rules []Action
		body  string
		want  []bool
	}{
		"held back":               {[]Action{Tap, Drop}, "a", []bool{true, false}},
		"held back, then changed": {[]Action{Tap, Drop}, "b", []bool{false}},
		"lost unseen":             {[]Action{Drop}, "a", []bool{false}},
		"led elsewhere":           {[]Action{Tap, Redirect}, "a", []bool{true, false}},
		"arrived before":          {[]Action{Tap}, "a", []bool{false}},
		"changed on its way":      {[]Action{Alter, Tap, Drop}, "`", []bool{false}},
	} {
		w := New(1)
		for _, a := range c.rules {
			w.AddRule(Rule{Name: "rec", By: "mallory", From: "d1", To: "cloud", Action: a, Change: Change{HasFlip: true}})
		}
		w.Send(Message{From: "d1", To: "cloud", Body: []byte("a")})
		arrivals(w)
		var got []bool
		for range c.want {
			w.Inject(Message{From: "d1", To: "cloud", Body: []byte(c.body), Attacker: "mallory"})
			e, _ := w.Next(time.Hour)
			got = append(got, e.Message.Held)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// forms of a secret as it may cross a boundary, by name.
func forms(secret []byte) map[string][]byte {
	all := map[string][]byte{"raw": secret, "hex": []byte(hex.EncodeToString(secret)), "upper hex": []byte(strings.ToUpper(hex.EncodeToString(secret)))}
	for name, enc := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
		for lead := range 4 {
			for tail := range 3 {
				text := enc.EncodeToString(slices.Concat(bytes.Repeat([]byte{'?'}, lead), secret, bytes.Repeat([]byte{'!'}, tail)))
				all[fmt.Sprintf("%s, %d bytes before and %d behind", name, lead, tail)] = []byte(text)
			}
		}
	}
	return all
}

// secretsOf are values of several lengths.
func secretsOf() map[string][]byte {
	list := map[string][]byte{}
	for _, n := range []int{8, 9, 16, 31, 32, 64} {
		list[fmt.Sprint(n)] = New(9).Noise("secret", n)
	}
	return list
}

func TestSecretsAreFoundInEveryForm(t *testing.T) {
	for label, secret := range secretsOf() {
		w := New(1)
		w.Secret(label, secret)
		for name, form := range forms(secret) {
			said := slices.Concat([]byte("before "), form, []byte(" behind"))
			if got := w.Labels(said); !slices.Equal(got, []string{label}) {
				t.Errorf("%s bytes, %s: found %v", label, name, got)
			}
			if got := w.Labels(said[:len(said)/2]); got != nil {
				t.Errorf("%s bytes, %s: found in half of it", label, name)
			}
		}
	}
	w := New(1)
	w.Secret("short", []byte("seven.."))
	if w.Labels([]byte("seven..")) != nil {
		t.Error("a value too short to tell from chance is looked for")
	}
}

// TestSecretsAreFoundOverMessages cuts every form at every byte, and into pieces
// amid other words; sealed or not, what is said counts.
func TestSecretsAreFoundOverMessages(t *testing.T) {
	secret := secretsOf()["32"]
	send := func(w *World, link string, said ...[]byte) (labels []string) {
		for _, b := range said {
			w.Send(Message{From: link, To: "cloud", Kind: "k", Body: []byte("ciphertext"), Plain: b})
			labels = append(labels, w.Events()[len(w.Events())-1].Labels...)
		}
		return labels
	}
	fresh := func() *World {
		w := New(1)
		w.Secret("key", secret)
		return w
	}
	for name, form := range forms(secret) {
		for cut := 1; cut < len(form); cut += 5 {
			w := fresh()
			if got := send(w, "d1", slices.Concat([]byte("x"), form[:cut]), slices.Concat(form[cut:], []byte("y"))); !slices.Equal(got, []string{"key"}) {
				t.Fatalf("%s cut at %d: found %v", name, cut, got)
			}
			w = fresh()
			send(w, "d1", form[:cut])
			if got := send(w, "d2", form[cut:]); got != nil && w.Labels(form[cut:]) == nil {
				t.Fatalf("%s: halves on two links were put together: %v", name, got)
			}
		}
		w := fresh()
		var pieces [][]byte
		for rest := form; len(rest) > 0; rest = rest[min(12, len(rest)):] {
			pieces = append(pieces, slices.Concat([]byte("<head>"), rest[:min(12, len(rest))], []byte("<foot>")))
		}
		if got := send(w, "d1", pieces...); !slices.Contains(got, "key") {
			t.Errorf("%s in %d pieces: not found", name, len(pieces))
		}
		copied := fresh()
		send(copied, "d1", pieces[:1]...)
		copied = copied.Clone()
		if got := send(copied, "d1", pieces[1:]...); !slices.Contains(got, "key") {
			t.Errorf("%s: a copy forgot the first piece", name)
		}
	}
	if got := send(fresh(), "d1", secret[:16], secret[:16], []byte("and nothing more")); got != nil {
		t.Errorf("half of a secret, twice: found %v", got)
	}
}

func TestLearn(t *testing.T) {
	w := New(1)
	w.Secret("b", []byte("bbbbbbbbbb"))
	w.Secret("a", []byte("aaaaaaaaaa"))
	if got := w.Learn("mallory", "leak", []byte("bbbbbbbbbb aaaaaaaaaa bbbbbbbbbb")); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("learnt %v", got)
	}
	if w.Learn("mallory", "leak", []byte("nothing")) != nil || len(w.Events()) != 1 {
		t.Error("nothing was learnt, and told of")
	}
	if e := w.Events()[0]; e.Kind != trace.AttackerLearnt || e.Who != "mallory" || e.What != "leak" {
		t.Errorf("told of %+v", e)
	}
	frame := w.Picture("d1")
	if got := w.Learn("mallory", "message", frame); !slices.Equal(got, []string{"d1.frames"}) {
		t.Errorf("a picture is %v", got)
	}
}
