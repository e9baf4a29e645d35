package reference_test

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/host"
)

// universe is the physics of these tests: time, randomness, links, flash and
// power. It is small on purpose, and not the harness's: the reference is tested
// without who attacks it.
type universe struct {
	now   time.Duration
	seq   int
	queue []due
	draws map[string]uint64
	boots map[string]int
	dark  map[string]bool
	flash map[string][][]byte // device -> regions, in the order of their names
	names map[string][]string // device -> names of its regions
	lost  map[[2]string]bool  // links on which everything is lost
	known map[[32]byte]string
	told  []told

	writes map[string]int // pages that a device wrote
	cutAt  int            // the page at which power is lost; 0 is never
	cutHow string         // before, torn or after
}

// due is a message that arrives or a wake-up.
type due struct {
	at      time.Duration
	seq     int
	message *host.Message
	who     string
	word    string
	boot    int
}

// told is one thing that happened.
type told struct {
	At                         time.Duration
	Kind, Who, What, Is, State string
	Digest                     [32]byte
	Number                     int64
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newUniverse() *universe {
	return &universe{draws: map[string]uint64{}, boots: map[string]int{}, dark: map[string]bool{}, flash: map[string][][]byte{},
		names: map[string][]string{}, lost: map[[2]string]bool{}, known: map[[32]byte]string{}, writes: map[string]int{}}
}

func (u *universe) clone() *universe {
	n := *u
	n.queue, n.told = slices.Clone(u.queue), slices.Clone(u.told)
	n.draws, n.boots, n.dark, n.writes = maps.Clone(u.draws), maps.Clone(u.boots), maps.Clone(u.dark), maps.Clone(u.writes)
	n.names, n.lost, n.known = maps.Clone(u.names), maps.Clone(u.lost), maps.Clone(u.known)
	n.flash = map[string][][]byte{}
	for device, regions := range u.flash {
		n.flash[device] = slices.Clone(regions) // their bytes are never changed, only replaced
	}
	return &n
}

func (u *universe) time() time.Time { return epoch.Add(u.now) }

func (u *universe) tell(t told) {
	t.At = u.now
	u.told = append(u.told, t)
}

// draw gives n bytes of a stream of its own for each name.
func (u *universe) draw(name string, n int) []byte {
	u.draws[name]++
	var b []byte
	for block := uint64(0); len(b) < n; block++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte(name), u.draws[name]), block))
		b = append(b, sum[:]...)
	}
	return b[:n]
}

func (u *universe) push(after time.Duration, d due) {
	u.seq++
	d.at, d.seq = u.now+after, u.seq
	u.queue = append(u.queue, d)
}

// send puts a message on its way, unless its link is dead.
func (u *universe) send(m host.Message) {
	if !u.lost[[2]string{m.From, m.To}] {
		u.push(5*time.Millisecond, due{message: &m})
	}
}

func (u *universe) after(who string, d time.Duration, word string) {
	u.push(d, due{who: who, word: word, boot: u.boots[who]})
}

// next takes what is due first, no later than limit.
func (u *universe) next(limit time.Duration) (due, bool) {
	for len(u.queue) > 0 {
		i := 0
		for j, d := range u.queue {
			if first := u.queue[i]; d.at < first.at || (d.at == first.at && d.seq < first.seq) {
				i = j
			}
		}
		d := u.queue[i]
		if d.at > limit {
			break
		}
		u.queue = slices.Delete(u.queue, i, i+1)
		if d.message == nil && (d.boot != u.boots[d.who] || u.dark[d.who]) {
			continue // forgotten at a restart
		}
		u.now = max(u.now, d.at)
		if d.message != nil && u.dark[d.message.To] {
			continue
		}
		return d, true
	}
	return due{}, false
}

func (u *universe) busy() bool {
	return slices.ContainsFunc(u.queue, func(d due) bool { return d.message != nil })
}

func (u *universe) power(device string, on bool) {
	if u.dark[device] == on {
		u.boots[device]++
	}
	u.dark[device] = !on
}

func (u *universe) know(b []byte, name string) { u.known[sha256.Sum256(b)] = name }

// what names bytes; "unknown" when nobody said what they are.
func (u *universe) what(b []byte) string {
	if name, ok := u.known[sha256.Sum256(b)]; ok {
		return name
	}
	return "unknown"
}

func (u *universe) addRegion(device, name string, pages int) {
	u.names[device] = append(u.names[device], name)
	u.flash[device] = append(u.flash[device], make([]byte, pages*host.PageSize))
}

func (u *universe) read(device, name string) []byte {
	if i := slices.Index(u.names[device], name); i >= 0 {
		return u.flash[device][i]
	}
	return nil
}

// load fills a region from its start; what does not fit is lost.
func (u *universe) load(device, name string, data []byte) {
	i := slices.Index(u.names[device], name)
	region := slices.Clone(u.flash[device][i])
	copy(region, data)
	u.flash[device][i] = region
}

// powerLoss unwinds what a device was doing.
type powerLoss struct{ device string }

// write writes page by page, on into the next region; power may be lost at any.
func (u *universe) write(device, name string, offset int, data []byte) {
	for i := slices.Index(u.names[device], name); i >= 0 && i < len(u.flash[device]) && len(data) > 0; i++ {
		region := slices.Clone(u.flash[device][i])
		for len(data) > 0 && offset < len(region) {
			n := min(len(data), host.PageSize-offset%host.PageSize)
			u.writes[device]++
			cut := u.writes[device] == u.cutAt
			part := n
			if cut {
				part = map[string]int{"torn": n / 2, "after": n}[u.cutHow]
			}
			copy(region[offset:], data[:part])
			u.flash[device][i] = region
			if cut {
				u.power(device, false)
				panic(powerLoss{device})
			}
			data, offset = data[n:], offset+n
		}
		offset = max(0, offset-len(region))
	}
}

// guarded runs something in which a device may lose its power, and tells which.
func guarded(do func()) (lost string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case powerLoss:
			lost = r.device
		default:
			panic(r)
		}
	}()
	do()
	return ""
}
