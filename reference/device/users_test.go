package device

import "testing"

func TestUserMaps(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		distinct  bool
		apps      int
	}{
		{"empty", "", true, 0},
		{"distinct", "a=1000,b=1001", true, 2},
		{"one twice", "a=1000,b=1000", false, 2},
		{"the system's", "a=0", false, 1},
		{"no numbers", "a=x,b", true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ids, distinct := parseUsers([]byte(tt.raw))
			if distinct != tt.distinct || len(ids) != tt.apps {
				t.Errorf("%v, distinct %v", ids, distinct)
			}
			if again, _ := parseUsers(writeUsers(ids)); len(again) != len(ids) {
				t.Errorf("%v read again as %v", ids, again)
			}
		})
	}
}
