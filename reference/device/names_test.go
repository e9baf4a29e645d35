package device

import (
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// TestNamesThatMove: an address is open to who went there by a name, for as long as the
// name has no other answer.
func TestNamesThatMove(t *testing.T) {
	d, _ := newStore()
	d.kernel = d.monitor
	to := func(hosts ...string) *app {
		return &app{manifest: message.AppManifest{Capabilities: message.Capabilities{AllowedConnections: hosts}}}
	}
	d.apps = map[string]*app{"good": to("api.example"), "evil": to("news.example")}
	for _, c := range []struct {
		answer string
		want   defense.Class
	}{
		{"api.example", defense.Malformed},
		{"=192.0.2.1", defense.Malformed},
		{"api.example=here", defense.Malformed},
		{"other.example=192.0.2.1", defense.WrongState},
		{"api.example=127.9.9.9", defense.NotPermitted},
		{"api.example=::1", defense.NotPermitted},
		{"api.example=::ffff:192.168.35.2", defense.NotPermitted},
		{"api.example=192.168.36.2", ""},
	} {
		if got := defense.ClassOf(d.takeAnswer(c.answer)); got != c.want {
			t.Errorf("%s: %q, want %q", c.answer, got, c.want)
		}
	}
	if got := d.leadsTo("good", "api.example"); got != "api.example" {
		t.Errorf("the name leads to %q", got)
	}
	let := func(component, address string) bool { _, let := d.behind(component, address); return let }
	if !let("good", "192.168.36.2") || let("evil", "192.168.36.2") || let("good", "192.168.36.3") {
		t.Error("the address is open to others, or to nobody, or another is")
	}
	if err := d.takeAnswer("api.example=192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if let("good", "192.168.36.2") || let("good", "192.0.2.1") {
		t.Error("the address before is open still, or the next one before anybody went there")
	}
	d.leadsTo("good", "api.example")
	o := d.opened[opening{"good", "192.0.2.1"}]
	if o.until = d.host.Now(); !let("good", "192.0.2.1") {
		t.Error("the next one is not open")
	}
	if d.opened[opening{"good", "192.0.2.1"}] = o; let("good", "192.0.2.1") {
		t.Error("an answer lives for ever")
	}
}
