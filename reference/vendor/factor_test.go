package vendor

import (
	"testing"
	"time"
)

// The last six of the eight digits of RFC 6238 appendix B, SHA-1.
func TestCodeOfRFC6238(t *testing.T) {
	key := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := code(key, at/30); string(got) != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// A code is taken in its own step and in the two beside it.
func TestStepsOfACode(t *testing.T) {
	f := factor{key: []byte("12345678901234567890")}
	now := time.Unix(359, 0)
	for late, want := range map[time.Duration]bool{-codeStep: true, 0: true, codeStep: true, 2 * codeStep: false, -2 * codeStep: false, time.Hour: false} {
		if _, shown := f.step(code(f.key, 359/30), now.Add(late), codeSteps); shown != want {
			t.Errorf("%s late: %t", late, shown)
		}
	}
	if _, shown := f.step(nil, now, codeSteps); shown {
		t.Error("no code is one")
	}
}
