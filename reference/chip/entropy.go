package chip

import (
	"crypto/sha256"

	"github.com/armillary/armillary/reference/defense"
)

// Health is what the chip's own test says of its source of randomness.
type Health string

// The states of health.
const (
	Good    Health = "good"
	Starved Health = "starved" // it gives a constant
	Stuck   Health = "stuck"   // it gives what it gave before
)

// shortest is the number of bytes from which a draw tells a fault from chance.
const shortest = 16

// health is the continuous test of a draw (NIST SP 800-90B section 4.4: a source
// that repeats a value is down).
func (c *Chip) health(b []byte) Health {
	if len(b) < shortest {
		return Good
	}
	if sha256.Sum256(b) == c.drawn {
		return Stuck
	}
	for _, v := range b {
		if v != b[0] {
			return Good
		}
	}
	return Starved
}

// draw takes n bytes from the source, and none of them where it is not healthy.
func (c *Chip) draw(purpose string, n int) ([]byte, error) {
	b := c.host.Random(c.guard.Who, purpose, n)
	err := c.check(DrawsOnlyWhenHealthy, c.health(b) == Good, defense.Unavailable)
	c.drawn = sha256.Sum256(b)
	if err != nil {
		return nil, err
	}
	return b, nil
}
