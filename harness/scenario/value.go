package scenario

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// IsName tells whether a word has the form of a name: a lower-case letter, then
// lower-case letters, digits and hyphens.
func IsName(word string) bool {
	if word == "" || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	return isWord(word)
}

// isWord allows a digit in first place too.
func isWord(word string) bool {
	for i := range len(word) {
		c := word[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0) {
			return false
		}
	}
	return word != ""
}

// isDotted tells whether word is names joined by dots, at least least of them.
func isDotted(word string, least int) bool {
	parts := strings.Split(word, ".")
	for i, p := range parts {
		if i == 0 && !IsName(p) || !isWord(p) {
			return false
		}
	}
	return len(parts) >= least
}

// Expand gives the names that a value stands for: lists (a,b,c) and ranges
// (d[1-5], d[1-5].kernel) in the order written and ascending. Alternatives
// (a|b) stay one value. The error says what is wrong with the value; at most
// MaxRange names are given.
func Expand(value string) ([]string, error) {
	var all []string
	for item := range strings.SplitSeq(value, ",") {
		if item == "" {
			return nil, errors.New("an empty place in a list")
		}
		open := strings.IndexByte(item, '[')
		if open < 0 {
			if strings.IndexByte(item, ']') >= 0 {
				return nil, fmt.Errorf("%q has no [", item)
			}
			all = append(all, item)
		} else {
			low, high, end, err := parseRange(item, open)
			if err != nil {
				return nil, err
			}
			if len(all)+high-low+1 > MaxRange {
				return nil, fmt.Errorf("more than %d names", MaxRange)
			}
			for n := low; n <= high; n++ {
				all = append(all, item[:open]+strconv.Itoa(n)+item[end:])
			}
		}
	}
	return all, nil
}

// parseRange reads the range of item that begins at open; end is the place
// behind its bracket.
func parseRange(item string, open int) (low, high, end int, err error) {
	bad := func() (int, int, int, error) {
		return 0, 0, 0, fmt.Errorf("%q is no range such as d[1-5]: decimal, ascending, no leading zero, at most %d names", item, MaxRange)
	}
	length := strings.IndexByte(item[open:], ']')
	if length < 0 {
		return bad()
	}
	end = open + length + 1
	if strings.ContainsAny(item[end:], "[]") {
		return 0, 0, 0, fmt.Errorf("%q has two ranges", item)
	}
	from, to, ok := strings.Cut(item[open+1:end-1], "-")
	if !ok {
		return bad()
	}
	low, okLow := decimal(from, math.MaxInt32)
	high, okHigh := decimal(to, math.MaxInt32)
	if !okLow || !okHigh || low > high || high-low >= MaxRange {
		return bad()
	}
	return low, high, end, nil
}

// decimal reads a number without sign or leading zero, at most limit.
func decimal(s string, limit int) (int, bool) {
	if s == "" || len(s) > 18 || s[0] == '0' && s != "0" {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= limit
}

// ParseDuration reads 10s, 5m, 24h or 31d (a day is 24 h; months and years do
// not exist). At most 36500d.
func ParseDuration(value string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	const longest = 36500 * 24 * time.Hour
	if value == "" {
		return 0, errors.New("no duration")
	}
	last := len(value) - 1
	unit, ok := units[value[last]]
	if ok {
		var n int
		n, ok = decimal(value[:last], int(longest/unit))
		if ok {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("%q is no duration such as 10s, 5m, 24h or 31d", value)
}

// ParseOffset reads a distance from true time: +30d or -60d.
func ParseOffset(value string) (time.Duration, error) {
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(value, "-"):
		sign = -1
	case !strings.HasPrefix(value, "+"):
		return 0, fmt.Errorf("%q is no distance from true time such as +30d or -60d", value)
	}
	d, err := ParseDuration(value[1:])
	if err != nil {
		return 0, fmt.Errorf("%q is no distance from true time such as +30d or -60d", value)
	}
	return sign * d, nil
}

// ParseSize reads a number of bytes: 4096, 4KiB, 1MiB. At most MaxBytes.
func ParseSize(value string) (int, error) {
	number, unit := value, 1
	switch {
	case strings.HasSuffix(value, "KiB"):
		number, unit = strings.TrimSuffix(value, "KiB"), 1<<10
	case strings.HasSuffix(value, "MiB"):
		number, unit = strings.TrimSuffix(value, "MiB"), 1<<20
	}
	n, ok := decimal(number, MaxBytes/unit)
	if !ok {
		return 0, fmt.Errorf("%q is no size such as 4096, 4KiB or 1MiB, at most 16MiB", value)
	}
	return n * unit, nil
}

// ParsePlace reads a place in bytes: a region (manifest), a region and an offset
// into it (payload+100), or an offset alone (100, 4KiB; region "").
func ParsePlace(value string) (region string, offset int, err error) {
	region, number, plus := strings.Cut(value, "+")
	switch {
	case isDotted(region, 1) && !plus:
		return region, 0, nil
	case isDotted(region, 1):
	case !plus:
		region, number = "", value
	default:
		return "", 0, fmt.Errorf("%q is no place such as payload+100, manifest or 4096", value)
	}
	if offset, err = ParseSize(number); err != nil {
		return "", 0, fmt.Errorf("%q is no place such as payload+100, manifest or 4096", value)
	}
	return region, offset, nil
}

// IsBytes tells whether a value is written as bytes, not as a name.
func IsBytes(value string) bool {
	form, _, ok := strings.Cut(value, ":")
	if ok && (form == "hex" || form == "text" || form == "zeros" || form == "noise") {
		return true
	}
	return strings.HasPrefix(value, "@")
}

// ParseBytes reads hex:00ff, text:..., zeros:4KiB, noise:4096 and @file. It asks
// part for files (see [Scenario.Part]) and noise for seeded bytes.
func ParseBytes(value string, part func(name string) ([]byte, bool), noise func(n int) []byte) ([]byte, error) {
	if name, ok := strings.CutPrefix(value, "@"); ok {
		b, ok := part(name)
		if !ok {
			return nil, fmt.Errorf("no file part %q", name)
		}
		return bytes.Clone(b), nil
	}
	form, rest, _ := strings.Cut(value, ":")
	switch form {
	case "hex":
		return decodeHex(rest)
	case "text":
		return []byte(rest), nil
	case "zeros", "noise":
		n, err := ParseSize(rest)
		if err != nil {
			return nil, err
		}
		if form == "zeros" {
			return make([]byte, n), nil
		}
		return noise(n), nil
	}
	return nil, fmt.Errorf("%q is not written as bytes: hex:00ff, text:..., zeros:4KiB, noise:4096 or @file", value)
}

// decodeHex reads hex digits; white space between them does not count.
func decodeHex(text string) ([]byte, error) {
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fmt.Errorf("bad hex: %w", err)
	}
	return b, nil
}

// Link is a way between two ends: d1->cloud, or both ways d1<->cloud.
type Link struct {
	From, To string
	Both     bool
}

// ParseLink reads a LINK argument. Either end may be a range.
func ParseLink(value string) (Link, error) {
	l := Link{}
	from, to, ok := strings.Cut(value, "<->")
	if ok {
		l.Both = true
	} else {
		from, to, ok = strings.Cut(value, "->")
	}
	if !ok || from == "" || to == "" || strings.ContainsAny(to, "<>") || strings.ContainsAny(from, "<>") {
		return Link{}, fmt.Errorf("%q is no link such as d1->cloud or repo<->d1", value)
	}
	l.From, l.To = from, to
	return l, nil
}

// Points lists the portable points inside a step, in the order of an update.
var Points = []string{"prerequisite", "fetched", "verified", "first-write", "base-write", "last-write", "activate", "boot", "confirmed"}

// Point is a moment inside a step: the N-th time that a device passes Name. Raw
// points (flash-write#17) are numbered and bind to the reference.
type Point struct {
	Name string
	N    int // from 1
	Raw  bool
}

// ParsePoints reads the alternatives of at=: verified|first-write, boot#2.
func ParsePoints(value string) ([]Point, error) {
	var points []Point
	for word := range strings.SplitSeq(value, "|") {
		name, number, numbered := strings.Cut(word, "#")
		p := Point{Name: name, N: 1, Raw: true}
		for _, known := range Points {
			if name == known {
				p.Raw = false
			}
		}
		if numbered {
			n, ok := decimal(number, math.MaxInt32)
			if !ok || n == 0 {
				return nil, fmt.Errorf("%q: a point is numbered from 1, such as boot#2", word)
			}
			p.N = n
		}
		if !IsName(name) || p.Raw && !numbered {
			return nil, &pointError{word}
		}
		points = append(points, p)
	}
	return points, nil
}

// pointError is a word that is no point, kept apart for its spelling.
type pointError struct{ word string }

func (e *pointError) Error() string { return fmt.Sprintf("unknown point %q", e.word) }
