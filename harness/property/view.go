package property

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// kindNumber gives every kind a small number, so that a set of kinds is two words.
var kindNumber = func() map[trace.Kind]uint8 {
	m := make(map[trace.Kind]uint8)
	for i, k := range trace.AllKinds() {
		m[k] = uint8(i)
	}
	return m
}()

// kindSet is a set of kinds.
type kindSet [2]uint64

func setOf(lists ...[]trace.Kind) kindSet {
	var s kindSet
	for _, list := range lists {
		for _, k := range list {
			s.add(kindNumber[k])
		}
	}
	return s
}

func (s *kindSet) add(n uint8)      { s[n>>6] |= 1 << (n & 63) }
func (s *kindSet) has(n uint8) bool { return s[n>>6]&(1<<(n&63)) != 0 }
func (s kindSet) meets(o kindSet) bool {
	return s[0]&o[0] != 0 || s[1]&o[1] != 0
}

// view is what the oracle of one guarantee sees of a run, and where it says what
// it found.
type view struct {
	run   *run
	reads kindSet

	violations []violation
	premises   []int // indexes of premise events, where the oracle marks them
	keptAt     []int // indexes of events by which a promise was kept
}

// violation is one way in which a guarantee fell.
type violation struct {
	events []uint64 // fewest events that show it, ascending
	at     int      // index of the last of them
	reason string   // one sentence without full stop
}

// events yields, in order, the events of the kinds that the guarantee declares.
func (v *view) events() iter.Seq[*trace.Event] {
	return func(yield func(*trace.Event) bool) {
		for i, n := range v.run.numbers {
			if v.reads.has(n) && !yield(&v.run.events[i]) {
				return
			}
		}
	}
}

// fail records that the guarantee fell, shown by some events (nil ones are left
// out).
func (v *view) fail(shown []*trace.Event, format string, args ...any) {
	var seqs []uint64
	for _, e := range shown {
		if e != nil {
			seqs = append(seqs, e.Seq)
		}
	}
	slices.Sort(seqs)
	seqs = slices.Compact(seqs)
	last := 0
	if len(seqs) > 0 {
		last = int(seqs[len(seqs)-1]) - 1
	}
	v.violations = append(v.violations, violation{seqs, last, fmt.Sprintf(format, args...)})
}

// met records a premise event that the oracle found.
func (v *view) met(e *trace.Event) { v.premises = append(v.premises, int(e.Seq)-1) }

// kept records the event by which a promise was kept.
func (v *view) kept(e *trace.Event) { v.keptAt = append(v.keptAt, int(e.Seq)-1) }

// end returns the virtual time at which the trace ends.
func (v *view) end() time.Duration {
	if len(v.run.events) == 0 {
		return 0
	}
	return v.run.events[len(v.run.events)-1].At
}

// firstAfter returns the first event of the trace at or after a time: what shows
// that a deadline passed.
func (v *view) firstAfter(t time.Duration) *trace.Event {
	i, _ := slices.BinarySearchFunc(v.run.events, t, func(e trace.Event, t time.Duration) int {
		if e.At < t {
			return -1
		}
		return 1
	})
	if i == len(v.run.events) {
		return nil
	}
	return &v.run.events[i]
}

// shown is a list of events for view.fail.
func shown(events ...*trace.Event) []*trace.Event { return events }

// rootOf returns the device or root that a component belongs to: the name before
// the first dot.
func rootOf(name string) string {
	root, _, _ := strings.Cut(name, ".")
	return root
}

// partOf returns the part of a component's name after its root, "" for a root.
func partOf(name string) string {
	_, part, _ := strings.Cut(name, ".")
	return part
}

// within tells whether name is owner or one of its components.
func within(name, owner string) bool {
	return name == owner || (len(name) > len(owner) && name[:len(owner)] == owner && name[len(owner)] == '.')
}

// isCloudSide tells whether a root is one of the reserved ones, not a device.
func isCloudSide(root string) bool {
	switch root {
	case "cloud", "vendor", "repo", "broker", "relay", "world":
		return true
	}
	return false
}

// isService tells whether a component is a service of the device's system.
func isService(component string) bool {
	switch partOf(component) {
	case "application-manager", "azcore", "azured", "networkd", "gatewayd":
		return !isCloudSide(rootOf(component))
	}
	return false
}

// isApp tells whether a component is an application or service of a device and
// not one of the device's own layers.
func isApp(component string) bool {
	if isCloudSide(rootOf(component)) {
		return false
	}
	switch partOf(component) {
	case "", "chip", "bootloader", "monitor", "kernel", "radio", "modem", "media", "core":
		return false
	}
	return true
}
