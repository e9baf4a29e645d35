package chip

import (
	"bytes"
	"testing"

	"github.com/armillary/armillary/reference/defense"
)

func TestSealedDataOpensOnlyWhereItWasSealed(t *testing.T) {
	boot := func(c *Chip, os, good, evil string) {
		c.Restart()
		c.Measure("monitor", []byte("monitor"))
		c.Measure("os", []byte(os))
		c.Measure("app.good", []byte(good))
		c.Measure("app.evil", []byte(evil))
	}
	for _, tt := range []struct {
		name           string
		by             string
		os, good, evil string
		flip           int
		want           defense.Class
	}{
		{"as it was", "d1.good", "os", "good", "evil", 0, ""},
		{"a neighbour changed", "d1.good", "os", "good", "other", 0, ""},
		{"the sealer changed", "d1.good", "os", "other", "evil", 0, defense.WrongState},
		{"the system changed", "d1.good", "other", "good", "evil", 0, defense.WrongState},
		{"the neighbour asks", "d1.evil", "os", "good", "evil", 0, defense.NotPermitted},
		{"the last byte changed", "d1.good", "os", "good", "evil", 1, defense.Tamper},
		{"the nonce changed", "d1.good", "os", "good", "evil", len("secret") + sealMAC + 1, defense.Tamper},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChip()
			boot(c, "os", "good", "evil")
			blob, err := c.Mailbox("d1.good", "", SealData, []byte("secret"))
			if err != nil || bytes.Contains(blob, []byte("secret")) {
				t.Fatalf("sealed %q, %v", blob, err)
			}
			if tt.flip > 0 {
				blob[len(blob)-tt.flip] ^= 1
			}
			boot(c, tt.os, tt.good, tt.evil)
			data, err := c.Mailbox(tt.by, "", UnsealData, blob)
			if got := defense.ClassOf(err); got != tt.want || (err == nil && string(data) != "secret") {
				t.Errorf("unsealed %q, %v; want class %q", data, err, tt.want)
			}
		})
	}
}

func TestSealedDataOfNoShapeIsMalformed(t *testing.T) {
	c, _ := newChip()
	for _, n := range []int{0, sealState + sealNonce + sealMAC, maxSealed + sealOverhead + 1} {
		if _, err := c.Mailbox("d1.good", "", UnsealData, bytes.Repeat([]byte{0xFF}, n)); defense.ClassOf(err) != defense.Malformed {
			t.Errorf("%d bytes: %v, want malformed", n, err)
		}
	}
}
