package scenario_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/google/go-cmp/cmp"
)

func TestExpand(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        []string // nil: an error
	}{
		{"one", "d1", []string{"d1"}},
		{"list", "a,b,c", []string{"a", "b", "c"}},
		{"range", "d[9-11]", []string{"d9", "d10", "d11"}},
		{"range of components", "d[1-2].kernel", []string{"d1.kernel", "d2.kernel"}},
		{"list of ranges", "a,d[1-2],e[5-5]", []string{"a", "d1", "d2", "e5"}},
		{"alternatives stay", "a|b", []string{"a|b"}},
		{"from nought", "d[0-1]", []string{"d0", "d1"}},
		{"leading zero", "d[01-2]", nil},
		{"descending", "d[2-1]", nil},
		{"open", "d[1-2", nil},
		{"closed alone", "d1]", nil},
		{"two ranges", "d[1-2].a[1-2]", nil},
		{"no numbers", "d[a-b]", nil},
		{"one number", "d[1]", nil},
		{"empty place", "a,,b", nil},
		{"nothing", "", nil},
		{"too many", "d[1-10001]", nil},
		{"too many together", "d[1-6000],e[1-6000]", nil},
		{"huge", "d[1-99999999999999999999]", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scenario.Expand(tt.value)
			if (err != nil) != (tt.want == nil) {
				t.Fatalf("Expand(%q) = %v, %v", tt.value, got, err)
			}
			if diff := cmp.Diff(tt.want, got); err == nil && diff != "" {
				t.Errorf("Expand(%q) (-want +got):\n%s", tt.value, diff)
			}
		})
	}
	if all, err := scenario.Expand("d[1-10000]"); err != nil || len(all) != 10_000 {
		t.Errorf("Expand(d[1-10000]) = %d names, %v", len(all), err)
	}
}

func TestParseDuration(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"10s": 10 * time.Second, "5m": 5 * time.Minute, "24h": 24 * time.Hour, "31d": 31 * 24 * time.Hour, "0s": 0, "36500d": 36500 * 24 * time.Hour,
		"": -1, "10": -1, "s": -1, "1M": -1, "1y": -1, "1h30m": -1, "1.5h": -1, "-1h": -1, "+1h": -1, "01h": -1, "36501d": -1, "99999999999999999999s": -1,
	} {
		got, err := scenario.ParseDuration(value)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", value, got, err, want)
		}
	}
	for value, want := range map[string]time.Duration{"+30d": 720 * time.Hour, "-60d": -1440 * time.Hour, "+0s": 0} {
		if got, err := scenario.ParseOffset(value); err != nil || got != want {
			t.Errorf("ParseOffset(%q) = %v, %v, want %v", value, got, err, want)
		}
	}
	for _, value := range []string{"", "30d", "+", "--1d", "+-1d", "now"} {
		if got, err := scenario.ParseOffset(value); err == nil {
			t.Errorf("ParseOffset(%q) = %v, want an error", value, got)
		}
	}
}

func TestParseBytes(t *testing.T) {
	part := func(name string) ([]byte, bool) { return []byte("part"), name == "a.hex" }
	noise := func(n int) []byte { return bytes.Repeat([]byte("n"), n) }
	for _, tt := range []struct{ name, value, want, wantError string }{
		{"hex", "hex:00ff", "\x00\xff", ""},
		{"text", "text:a:b", "a:b", ""},
		{"no text", "text:", "", ""},
		{"zeros", "zeros:4KiB", strings.Repeat("\x00", 4096), ""},
		{"noise", "noise:3", "nnn", ""},
		{"part", "@a.hex", "part", ""},
		{"no part", "@b", "", "no file part"},
		{"odd hex", "hex:0", "", "bad hex"},
		{"size", "zeros:4KB", "", "no size"},
		{"too large", "noise:17MiB", "", "no size"},
		{"a name", "fw1", "", "not written as bytes"},
		{"unknown form", "base64:AA", "", "not written as bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scenario.ParseBytes(tt.value, part, noise)
			if tt.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantError) {
					t.Fatalf("ParseBytes(%q) = %q, %v, want error %q", tt.value, got, err, tt.wantError)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Errorf("ParseBytes(%q) = %q, %v, want %q", tt.value, got, err, tt.want)
			}
		})
	}
}

func TestParsePlace(t *testing.T) {
	for _, tt := range []struct {
		value, region string
		offset        int
		ok            bool
	}{
		{"payload+100", "payload", 100, true}, {"manifest", "manifest", 0, true}, {"100", "", 100, true}, {"4KiB", "", 4096, true},
		{"app.cam+1", "app.cam", 1, true}, {"", "", 0, false}, {"payload+", "", 0, false}, {"+1", "", 0, false}, {"Payload+1", "", 0, false},
	} {
		region, offset, err := scenario.ParsePlace(tt.value)
		if region != tt.region || offset != tt.offset || (err == nil) != tt.ok {
			t.Errorf("ParsePlace(%q) = %q, %d, %v", tt.value, region, offset, err)
		}
	}
}

func TestParseLink(t *testing.T) {
	for value, want := range map[string]scenario.Link{
		"d1->cloud":  {From: "d1", To: "cloud"},
		"repo<->d1":  {From: "repo", To: "d1", Both: true},
		"d1-cloud":   {},
		"->cloud":    {},
		"d1->":       {},
		"d1->a->b":   {},
		"d1<->a<->b": {},
	} {
		got, err := scenario.ParseLink(value)
		if got != want || (err == nil) != (want != scenario.Link{}) {
			t.Errorf("ParseLink(%q) = %+v, %v, want %+v", value, got, err, want)
		}
	}
}

func TestParsePoints(t *testing.T) {
	got, err := scenario.ParsePoints("verified|boot#2|flash-write#17")
	want := []scenario.Point{{Name: "verified", N: 1}, {Name: "boot", N: 2}, {Name: "flash-write", N: 17, Raw: true}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParsePoints: %v (-want +got):\n%s", err, diff)
	}
	for _, value := range []string{"", "boot#", "boot#0", "boot#01", "flash-write", "boot|", "#1"} {
		if got, err := scenario.ParsePoints(value); err == nil {
			t.Errorf("ParsePoints(%q) = %v, want an error", value, got)
		}
	}
}
