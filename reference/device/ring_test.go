package device

import (
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// copies is a host of which only what is copied matters.
type copies struct {
	host.Host
	t    *testing.T
	made int
}

func (c *copies) Observe(e host.Event) {
	limit := map[string]int64{"ring.rt": ringSize, "message.rt": maxMessage}[e.What]
	if e.Kind != "MemoryCopied" || e.Number < 0 || e.Number+e.Level > limit {
		c.t.Errorf("copied %d bytes from %d of %s", e.Level, e.Number, e.What)
	}
	c.made++
}

func (c *copies) Decided(_ string, _ defense.ID, held, _ bool) bool { return held }

// TestRing lets messages of every length go round a ring many times: none is
// refused, and nothing is copied from outside.
func TestRing(t *testing.T) {
	c := &copies{t: t}
	g := &defense.Guard{Who: "d1.kernel", Observer: c}
	d := &Device{host: c}
	ring := make([]byte, ringSize)
	for n := range maxBody + 1 {
		ring = putBlock(ring, message.GUID{1}, make([]byte, n))
		s := shared{bytes: ring}
		if err := d.takeBlock(&s, side{guard: g, inside: RingPositionsAreInside, fits: MessagesFitTheRing}, "rt"); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		ring = s.bytes
	}
	if c.made < maxBody {
		t.Errorf("copied %d times", c.made)
	}
}
