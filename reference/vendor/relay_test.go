package vendor

import "testing"

// TestPendingIsBounded: commands that no device answers are forgotten, the oldest
// first.
func TestPendingIsBounded(t *testing.T) {
	v := &Vendor{pending: map[route]pending{}}
	for tag := uint32(1); tag <= maxPending+3; tag++ {
		v.expect(route{talk: tag % 5, tag: tag}, pending{talk: 9, tag: tag})
	}
	if n := len(v.pending); n != maxPending {
		t.Errorf("%d commands wait, want %d", n, maxPending)
	}
	for tag := uint32(1); tag <= maxPending+3; tag++ {
		if _, waits := v.pending[route{tag % 5, tag}]; waits != (tag > 3) {
			t.Errorf("command %d waits: %t", tag, waits)
		}
	}
}

func TestHolds(t *testing.T) {
	v := &Vendor{users: map[string]*account{}}
	v.Enroll("alice", []byte("secret"))
	if held := v.Holds(); string(held["alice.password"]) != "secret" || len(held) != 1 {
		t.Errorf("holds %v", held)
	}
}
