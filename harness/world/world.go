// Package world is the universe of one run: virtual time, seeded randomness,
// links, storage, power and fault points.
//
// It is physics: it has no intent (that is package attack) and knows no system
// under test. Everything that happens is an event of one queue, ordered by time
// and number, handled on one goroutine; all of it is one value with [World.Clone],
// valid between two events. Start with [New] and [World.Next].
package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// Epoch is the moment at which every world begins.
var Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Latency is how long a message travels.
const Latency = 5 * time.Millisecond

// Message is one message on a link.
type Message struct {
	Number   int64
	From, To string
	Kind     string
	Body     []byte // what is on the link
	Plain    []byte // what a sealed body says; nil when Body is in the clear
	Attacker string // who truly put it on the link, when that was an attacker
	At       string // endpoint that gets it, when that is not To
	Held     bool   // the attacker held back what From sent, and lets it through unchanged: From's own, once
	altered  bool   // the attacker changed it
}

// Event is something that is due: a message that arrives or a wake-up.
type Event struct {
	At      time.Duration
	Seq     uint64
	Message *Message // never changed after it was queued
	Who     string   // of a wake-up
	Word    string
	boot    uint64 // of Who when it asked; a restart forgets its wake-ups
}

// World is the state of one universe.
type World struct {
	now    time.Duration
	seq    uint64
	number int64
	queue  queue
	onWay  int // messages in the queue
	seed   [32]byte
	draws  map[string]uint64
	boots  map[string]uint64
	skew   map[string]time.Duration
	dark   map[string]bool // devices without power

	flash    map[string]*flash
	contents []content
	rules    map[link][]Rule
	records  map[string][]Message
	held     []Message              // recorded on their way, and did not arrive
	pieces   map[link]map[int32]int // how much of a pattern crossed a link in pieces, in bytes
	streams  map[link][]byte        // last bytes of what crossed each link, for secrets split over messages
	secrets  *secrets
	known    map[[32]byte]string // what bytes are, by digest
	frames   map[string]int64

	armed  []Armed
	faults []Fault
	sags   string        // device whose next decision lets something through
	passed map[touch]int // how often each fault point was passed

	events   []trace.Event
	expected int // how many there may be in all
	taken    int // events that were taken out of the trace
	step     int
}

// New makes a world. Equal seeds make equal worlds.
func New(seed uint64) *World {
	return &World{
		seed:    sha256.Sum256(binary.BigEndian.AppendUint64([]byte("armillary world "), seed)),
		draws:   map[string]uint64{},
		boots:   map[string]uint64{},
		skew:    map[string]time.Duration{},
		dark:    map[string]bool{},
		flash:   map[string]*flash{},
		records: map[string][]Message{},
		rules:   map[link][]Rule{},
		streams: map[link][]byte{},
		pieces:  map[link]map[int32]int{},
		secrets: &secrets{},
		known:   map[[32]byte]string{},
		frames:  map[string]int64{},
		passed:  map[touch]int{},
		events:  make([]trace.Event, 0, 512),
	}
}

// Clone copies the whole universe. It is valid between two events; the copies
// share only what never changes.
func (w *World) Clone() *World {
	n := *w
	n.queue = slices.Clone(w.queue)
	n.draws, n.boots, n.skew, n.dark = maps.Clone(w.draws), maps.Clone(w.boots), maps.Clone(w.skew), maps.Clone(w.dark)
	n.flash = make(map[string]*flash, len(w.flash))
	for name, f := range w.flash {
		n.flash[name] = f.clone()
	}
	n.contents = slices.Clip(w.contents)
	n.rules = make(map[link][]Rule, len(w.rules))
	for l, list := range w.rules {
		n.rules[l] = slices.Clone(list)
	}
	n.records = make(map[string][]Message, len(w.records))
	for name, list := range w.records {
		n.records[name] = slices.Clone(list)
	}
	n.held = slices.Clone(w.held)
	n.streams = maps.Clone(w.streams)
	n.pieces = make(map[link]map[int32]int, len(w.pieces))
	for l, known := range w.pieces {
		n.pieces[l] = maps.Clone(known)
	}
	n.secrets = w.secrets.clone()
	n.known, n.frames, n.passed = maps.Clone(w.known), maps.Clone(w.frames), maps.Clone(w.passed)
	n.armed, n.faults = slices.Clone(w.armed), slices.Clone(w.faults)
	n.events = slices.Clip(w.events) // only ever appended to: the first event of the copy moves it elsewhere
	return &n
}

// Now is the true virtual time since the world began.
func (w *World) Now() time.Duration { return w.now }

// Time is Now as a date.
func (w *World) Time() time.Time { return Epoch.Add(w.now) }

// Clock is the date that a device's own clock shows: a fault point.
func (w *World) Clock(device string) time.Time {
	if how := w.pass("clock", device, ""); how != "" {
		w.inject(device, "clock "+how, "clock")
		w.skew[device] += 365 * 24 * time.Hour
	}
	return Epoch.Add(w.now + w.skew[device])
}

// SetClock sets how far a device's clock is ahead of true time.
func (w *World) SetClock(device string, ahead time.Duration) {
	w.skew[device] = ahead
	w.Emit(trace.Event{Source: trace.World, Kind: trace.ClockChanged, Who: device, Number: int64(ahead / time.Second)})
}

// Emit writes an event into the trace.
func (w *World) Emit(e trace.Event) {
	if len(w.events) == cap(w.events) && w.expected > len(w.events) {
		w.events = slices.Grow(w.events, w.expected-len(w.events))
	}
	e.Seq, e.At, e.Step = uint64(w.taken+len(w.events)+1), w.now, w.step
	w.events = append(w.events, e)
}

// Expect makes room for a trace of so many events at the first one that finds none.
func (w *World) Expect(events int) { w.expected = events }

// Trim gives back the room behind the trace: for a world that is kept.
func (w *World) Trim() { w.events = slices.Clone(w.events) }

// Events is the trace so far.
func (w *World) Events() []trace.Event { return w.events }

// Drain forgets the trace so far and keeps its buffer: for worlds whose trace
// would not fit into memory, after what it says was used. Later events go on
// counting.
func (w *World) Drain() {
	w.taken += len(w.events)
	clear(w.events)
	w.events = w.events[:0]
}

// SetStep says in which step of the story the world is from now on; 0 is none.
func (w *World) SetStep(n int) { w.step = n }

// Digest shortens the SHA-256 of bytes as traces hold it; "" for no bytes.
func Digest(b []byte) string {
	if b == nil {
		return ""
	}
	return short(sha256.Sum256(b))
}

// short is a digest as traces hold it.
func short(sum [sha256.Size]byte) string {
	var text [16]byte
	hex.Encode(text[:], sum[:8])
	return string(text[:])
}

// Random draws n bytes from the seed: a stream of its own for each drawer and
// purpose, so that one more draw elsewhere changes nothing here. A fault point.
func (w *World) Random(who, purpose string, n int) []byte {
	name := who + "/" + purpose
	how := w.pass("random", who, "")
	if how != "" {
		w.inject(who, "random "+how, purpose) // the source repeats its last block, or gives nothing
	} else {
		w.draws[name]++
	}
	b := w.stream(name, w.draws[name], n)
	if how == "starve" {
		b = make([]byte, n)
	}
	if n < 16 {
		return b // too short to tell a repeated draw from chance
	}
	w.Emit(trace.Event{Source: trace.World, Kind: trace.RandomDrawn, Who: who, What: purpose, Digest: Digest(b)})
	return b
}

func (w *World) stream(name string, count uint64, n int) []byte {
	b := make([]byte, 0, n+sha256.Size)
	in := append(append(make([]byte, 0, 128), w.seed[:]...), name...)
	for block := uint64(0); len(b) < n; block++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(in, count), block))
		b = append(b, sum[:]...)
	}
	return b[:n:n]
}

// Noise gives n bytes for the harness itself: payloads and mutations. It is no
// fault point and no event.
func (w *World) Noise(purpose string, n int) []byte {
	name := "noise/" + purpose
	w.draws[name]++
	return w.stream(name, w.draws[name], n)
}

// After queues a wake-up.
func (w *World) After(who string, d time.Duration, word string) {
	w.push(Event{At: w.now + max(d, 0), Who: who, Word: word, boot: w.boots[who]})
}

func (w *World) push(e Event) {
	w.seq++
	e.Seq = w.seq
	if e.Message != nil {
		w.onWay++
	}
	w.queue.push(e)
}

// Next takes the next event that is due no later than limit and moves time to
// it; ok is false when there is none.
func (w *World) Next(limit time.Duration) (e Event, ok bool) {
	for len(w.queue) > 0 && w.queue[0].At <= limit {
		e = w.queue.pop()
		if e.Message != nil {
			w.onWay--
		}
		if e.Message == nil && (e.boot != w.boots[e.Who] || w.dark[e.Who]) {
			continue
		}
		w.now = max(w.now, e.At)
		if e.Message != nil && w.dark[e.Message.To] && e.Message.At == "" {
			w.drop(*e.Message, "no power")
			continue
		}
		if m := e.Message; m != nil && (m.Attacker != "" || m.At != "") {
			w.Emit(w.event(*m, trace.MessageDelivered, nil))
		}
		return e, true
	}
	return Event{}, false
}

// Busy tells whether a message is on its way.
func (w *World) Busy() bool { return w.onWay > 0 }

// Advance moves time to a moment at which nothing is due before.
func (w *World) Advance(to time.Duration) { w.now = max(w.now, to) }

// Restarted tells that a device restarted: its wake-ups are forgotten.
func (w *World) Restarted(who string) { w.boots[who]++ }

// Know says what some bytes are, so that events can name them.
func (w *World) Know(b []byte, name string) { w.known[sha256.Sum256(b)] = name }

// What names bytes; "unknown" when nobody said what they are.
func (w *World) What(b []byte) string {
	_, name := w.Identify(b)
	return name
}

// Identify is the digest of bytes as traces hold it, and their name.
func (w *World) Identify(b []byte) (digest, name string) {
	sum := sha256.Sum256(b)
	name, ok := w.known[sum]
	if !ok {
		name = "unknown"
	}
	if b == nil {
		return "", name
	}
	return short(sum), name
}

// queue is a heap ordered by (time, number). container/heap would put each event on
// the heap of the program, twice.
type queue []Event

func (q queue) less(i, j int) bool {
	return q[i].At < q[j].At || (q[i].At == q[j].At && q[i].Seq < q[j].Seq)
}

func (q *queue) push(e Event) {
	h := append(*q, e)
	for i := len(h) - 1; i > 0 && h.less(i, (i-1)/2); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
	*q = h
}

func (q *queue) pop() Event {
	h := *q
	e, last := h[0], len(h)-1
	h[0], h[last] = h[last], Event{}
	h = h[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h.less(child, least) {
				least = child
			}
		}
		if least == i {
			*q = h
			return e
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
