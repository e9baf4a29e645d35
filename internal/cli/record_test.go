package cli

import (
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reports"
	"github.com/google/go-cmp/cmp"
)

// bench is a system of which only the introduction is heard.
type bench struct {
	sut.Inside
	hello sut.Hello
}

func (b bench) Hello() sut.Hello { return b.hello }

// What the unit on the bench says of itself reaches run.json.
func TestUnitsIntroduceThemselves(t *testing.T) {
	var u units
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for _, h := range []sut.Hello{
		{Serial: "SN-2", Firmware: map[string]string{"os.img": b}}, {Serial: "SN-1", Firmware: map[string]string{"os.img": a, "boot.img": b}},
		{Serial: "SN-2", Firmware: map[string]string{"os.img": b}}, {},
	} {
		made, err := u.meet(func(*world.World, sut.Options) (sut.Inside, error) { return bench{hello: h}, nil })(nil, sut.Options{})
		if err != nil || made.Hello().Serial != h.Serial {
			t.Fatalf("another system came out: %v, %v", made, err)
		}
	}
	serial, firmware := u.told()
	want := []reports.Digest{{Name: "boot.img", SHA256: b}, {Name: "os.img", SHA256: a}, {Name: "os.img", SHA256: b}}
	if diff := cmp.Diff(want, firmware); diff != "" || serial != "SN-1, SN-2" {
		t.Errorf("serial %q, firmware %s", serial, diff)
	}
}
