package defense

import (
	"errors"
	"fmt"
	"testing"
)

// observer turns decisions round when told to, and keeps what it heard.
type observer struct {
	flip  bool
	heard []string
}

func (o *observer) Decided(who string, id ID, held, missing bool) bool {
	o.heard = append(o.heard, fmt.Sprintf("%s %s held=%t missing=%t", who, id, held, missing))
	return held != o.flip
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		held, missing, flip bool
		refused             bool
	}{
		"holds":                           {held: true},
		"does not hold":                   {refused: true},
		"missing, would hold":             {held: true, missing: true},
		"missing, would refuse":           {missing: true},
		"a glitch refuses":                {held: true, flip: true, refused: true},
		"a glitch lets through":           {flip: true},
		"a glitch on a missing one":       {held: true, missing: true, flip: true},
		"a glitch on a missing one, held": {missing: true, flip: true},
	} {
		o := &observer{flip: c.flip}
		g := Guard{Who: "d1.chip", Observer: o}
		if c.missing {
			g.Missing = SetOf("chip.x")
		}
		err := g.Check("chip.x", c.held, Rollback)
		if (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (ClassOf(err) != Rollback || err.Error() != "rollback: chip.x") {
			t.Errorf("%s: refused with %q", name, err)
		}
		if want := fmt.Sprintf("d1.chip chip.x held=%t missing=%t", c.held, c.missing); len(o.heard) != 1 || o.heard[0] != want {
			t.Errorf("%s: the observer heard %q, want %q once", name, o.heard, want)
		}
	}
}

func TestClassOf(t *testing.T) {
	refused := Refuse(Stale, "nonce %d", 7)
	for name, c := range map[string]struct {
		err  error
		want Class
	}{
		"nothing":           {nil, ""},
		"a refusal":         {refused, Stale},
		"a wrapped refusal": {fmt.Errorf("cloud: %w", refused), Stale},
		"another error":     {errors.New("stale: not a refusal"), ""},
	} {
		if got := ClassOf(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if refused.Error() != "stale: nonce 7" {
		t.Errorf("a refusal says %q", refused)
	}
}

func TestKnown(t *testing.T) {
	for class, want := range map[Class]bool{Malformed: true, Unavailable: true, Rollback: true, "": false, "form": false, "rollback ": false, "\xff": false} {
		if class.Known() != want {
			t.Errorf("%q is known: %t, want %t", class, !want, want)
		}
	}
}

func TestSets(t *testing.T) {
	a, b := SetOf("x.one"), SetOf("x.two")
	u := a.With(b)
	if len(u) != 2 || !u["x.one"] || !u["x.two"] {
		t.Errorf("the union is %v", u)
	}
	if len(a) != 1 || len(b) != 1 {
		t.Error("a union changed what it was made of")
	}
	var none Set
	if none["x.one"] || !none.With(a)["x.one"] || len(a.With(nil)) != 1 {
		t.Error("the nil set is not the empty one")
	}
	g := Guard{Missing: a}
	if !g.Wrong("x.one") || g.Wrong("x.two") {
		t.Error("a wrong design is taken when it is not named, or not when it is")
	}
}

func TestComponent(t *testing.T) {
	for id, want := range map[ID]string{"chip.counter-only-rises": "chip", "rom": "rom", "a.b.c": "a", "": ""} {
		if got := id.Component(); got != want {
			t.Errorf("component of %q: %q, want %q", id, got, want)
		}
	}
}
