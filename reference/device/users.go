package device

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/reference/defense"
)

// The system's own files: no application has them.
const (
	systemFiles = "kernel"
	userMap     = "uid-map" // NAME=ID,NAME=ID: which user each application is, for ever
	kernelLog   = "log"
	firstUser   = 1000
)

// users gives each application that is to run its user id: the one in the map
// on flash, else the next free one.
func (d *Device) users(names []string) map[string]int {
	ids, distinct := parseUsers(d.store.Files[systemFiles][userMap])
	if err := d.kernel.Check(UsersAreDistinct, distinct, defense.Inconsistent); err != nil {
		d.report("app.refused", []byte(userMap), "the map of user ids cannot be used")
		ids = map[string]int{}
	}
	next, grown := firstUser, false
	for _, name := range names {
		if ids[name] == 0 {
			for slices.Contains(slices.Collect(maps.Values(ids)), next) {
				next++
			}
			ids[name], grown = next, true
		}
	}
	if grown {
		d.storeSystemFile(userMap, writeUsers(ids))
	}
	return ids
}

// parseUsers reads a map; distinct is false when it names an id twice or one
// below the applications'.
func parseUsers(raw []byte) (ids map[string]int, distinct bool) {
	ids, distinct = map[string]int{}, true
	seen := map[int]bool{}
	for entry := range strings.SplitSeq(string(raw), ",") {
		name, text, ok := strings.Cut(entry, "=")
		id, err := strconv.Atoi(text)
		if !ok || err != nil {
			continue
		}
		distinct = distinct && !seen[id] && id >= firstUser
		ids[name], seen[id] = id, true
	}
	return ids, distinct
}

func writeUsers(ids map[string]int) []byte {
	var entries []string
	for _, name := range slices.Sorted(maps.Keys(ids)) {
		entries = append(entries, name+"="+strconv.Itoa(ids[name]))
	}
	return []byte(strings.Join(entries, ","))
}

// storeSystemFile writes a file of the system; false when the medium is full.
func (d *Device) storeSystemFile(path string, data []byte) bool {
	files := d.store.Files[systemFiles]
	if files == nil {
		files = map[string][]byte{}
		d.store.Files[systemFiles] = files
	}
	files[path] = slices.Clone(data)
	return d.saveStored()
}
