package message

import (
	"errors"
	"testing"
)

func TestDownstreamVersion(t *testing.T) {
	b := PackDownstream(7, []byte("code"))
	if v, err := DownstreamVersion(b); v != 7 || err != nil {
		t.Errorf("version %d, %v", v, err)
	}
	for name, bad := range map[string][]byte{"empty": nil, "cut": b[:7], "other magic": append([]byte("x"), b...), "too long": make([]byte, MaxDownstream+1)} {
		if _, err := DownstreamVersion(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
