package chip

import (
	"bytes"
	"testing"

	"github.com/armillary/armillary/reference/defense"
)

// brokenHost gives one block for ever.
type brokenHost struct {
	fakeHost
	block []byte
}

func (h *brokenHost) Random(string, string, int) []byte { return h.block }

func TestNoKeyFromAnUnhealthySource(t *testing.T) {
	for _, tt := range []struct {
		name  string
		block []byte
		twice bool
		want  Health
	}{
		{"starved", make([]byte, 32), false, Starved},
		{"stuck", []byte("0123456789abcdef0123456789abcdef"), true, Stuck},
		{"first of its kind", []byte("0123456789abcdef0123456789abcdef"), false, Good},
		{"too short to tell", bytes.Repeat([]byte{7}, 4), false, Good},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChip()
			h := &brokenHost{block: tt.block}
			c.host = h
			if tt.twice {
				renew(c)
			}
			if got := c.health(tt.block); got != tt.want {
				t.Errorf("health %q, want %q", got, tt.want)
			}
			_, err := c.NewClientKey()
			if (defense.ClassOf(err) == defense.Unavailable) != (tt.want != Good) {
				t.Errorf("key: %v, want it only from a good source", err)
			}
		})
	}
}
