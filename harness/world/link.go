package world

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/armillary/armillary/harness/trace"
)

// Action is what a rule does with a message on a link.
type Action string

// The actions of the attacker on a link, who may read and change anything.
const (
	Tap      Action = "tap"      // record it
	Drop     Action = "drop"     // lose it
	Alter    Action = "alter"    // change its bytes
	Redirect Action = "redirect" // deliver it to the attacker instead
)

// Rule is an action on the messages of one direction of a link.
type Rule struct {
	Name     string // of the recording, for Tap
	By       string // the attacker
	From, To string
	Kind     string // only messages of this kind; "" is all
	Count    int    // how many messages; 0 is all
	Action   Action
	Change   Change
}

// Change says how to alter bytes in flight.
type Change struct {
	Flip     int // offset of a byte to flip, from the end when negative; used when HasFlip
	HasFlip  bool
	Truncate int    // bytes to cut from the end, all of them when there are fewer
	Append   []byte // bytes to add
}

// Apply returns the changed bytes; the original stays as it is.
func (c Change) Apply(b []byte) []byte {
	n := slices.Clone(b)
	if i := c.Flip; c.HasFlip {
		if i < 0 {
			i += len(n)
		}
		if i >= 0 && i < len(n) {
			n[i] ^= 0x01
		}
	}
	n = n[:max(0, len(n)-max(0, c.Truncate))]
	return append(n, c.Append...)
}

// AddRule puts a rule on a link. Rules act in the order in which they were added.
func (w *World) AddRule(r Rule) {
	l := link{r.From, r.To}
	w.rules[l] = append(w.rules[l], r)
	if r.Action == Tap {
		w.records[r.Name] = nil
	}
}

// Heal ends all rules of a direction of a link.
func (w *World) Heal(from, to string) {
	delete(w.rules, link{from, to})
}

// Recording returns the messages that a tap recorded.
func (w *World) Recording(name string) []Message { return w.records[name] }

// Send puts a message on a link: rules act on it, secrets in it are looked for,
// and what is left arrives after the latency. A fault point.
func (w *World) Send(m Message) {
	w.number++
	m.Number = w.number
	w.Emit(w.event(m, trace.MessageSent, w.crossed(m)))
	deliver := true
	rules := w.rules[link{m.From, m.To}]
	for i := range rules {
		r := &rules[i]
		if !deliver || (r.Kind != "" && r.Kind != m.Kind) || r.Count < 0 {
			continue
		}
		m, deliver = w.act(r, m)
		if r.Count > 0 {
			if r.Count--; r.Count == 0 {
				r.Count = -1 // used up
			}
		}
	}
	if !deliver {
		w.drop(m, "attacker")
		return
	}
	w.arrive(m)
}

func (w *World) act(r *Rule, m Message) (Message, bool) {
	switch r.Action {
	case Tap:
		w.records[r.Name] = append(w.records[r.Name], m)
		w.Learn(r.By, "tap", m.Body)
	case Drop:
		return m, false
	case Alter:
		m.Body, m.altered = r.Change.Apply(m.Body), true
		w.Emit(trace.Event{Source: trace.Attack, Kind: trace.MessageForged, Who: r.By, What: m.Kind, Peer: m.To, Digest: Digest(m.Body)})
	case Redirect:
		w.hold(m)
		m.At = r.By
		w.Learn(r.By, "message", m.Body)
	}
	return m, true
}

func (w *World) arrive(m Message) {
	delay := Latency
	switch how := w.pass("message", m.From, m.To); how {
	case "":
	case "drop":
		w.inject(m.To, "message lost", m.Kind)
		w.drop(m, "fault")
		return
	case "duplicate":
		w.inject(m.To, "message duplicated", m.Kind)
		w.push(Event{At: w.now + Latency, Message: &m})
	default:
		w.inject(m.To, "message "+how, m.Kind)
		delay *= 1000
	}
	w.push(Event{At: w.now + delay, Message: &m})
}

// Inject delivers a message that an attacker made or replays, or had held back.
func (w *World) Inject(m Message) {
	w.number++
	m.Number = w.number
	i := slices.IndexFunc(w.held, func(h Message) bool {
		return h.From == m.From && h.To == m.To && bytes.Equal(h.Body, m.Body)
	})
	if i >= 0 {
		w.held, m.Held = slices.Delete(w.held, i, i+1), true
	}
	w.arrive(m)
}

func (w *World) drop(m Message, why string) {
	e := w.event(m, trace.MessageDropped, nil)
	e.State = why
	w.Emit(e)
	w.hold(m)
}

// hold notes what an attacker recorded on its way and kept from where it was sent.
func (w *World) hold(m Message) {
	if own := !m.altered && (m.Attacker == "" || m.Held); own && slices.ContainsFunc(w.rules[link{m.From, m.To}], func(r Rule) bool { return r.Action == Tap }) {
		w.held = append(w.held, m)
	}
}

func (w *World) event(m Message, kind trace.Kind, labels []string) trace.Event {
	state := "plain"
	if m.Plain != nil {
		state = "sealed"
	}
	return trace.Event{Source: trace.World, Kind: kind, Who: m.From, Peer: m.To, What: m.Kind, Number: m.Number, State: state, Is: cmp.Or(m.Attacker, m.At), Digest: Digest(m.Body), Labels: labels}
}

// link is one direction between two ends.
type link struct{ from, to string }

// crossed returns the labels of the secrets in what a message says, alone or
// together with what crossed the same link before: cut at any byte where the
// messages hold nothing else, or in pieces of eight bytes and more amid anything.
func (w *World) crossed(m Message) []string {
	said := m.Body
	if m.Plain != nil {
		said = m.Plain
	}
	l := link{m.From, m.To}
	tail := w.streams[l]
	var labels []string
	for pattern, n := range w.pieces[l] {
		known, ended := w.secrets.follow(pattern, n, said)
		if w.pieces[l][pattern] = known; ended {
			_, label := w.secrets.pattern(pattern)
			labels = append(labels, label)
			delete(w.pieces[l], pattern)
		}
	}
	labels = append(labels, w.secrets.find(tail, said, func(pattern int32, n int) {
		if w.pieces[l] == nil {
			w.pieces[l] = map[int32]int{}
		}
		w.pieces[l][pattern] = max(w.pieces[l][pattern], n)
	})...)
	if keep := w.secrets.longest; len(said) >= keep {
		tail = nil
	} else {
		tail = tail[max(0, len(tail)+len(said)-keep):]
	}
	w.streams[l] = slices.Concat(tail, said[max(0, len(said)-w.secrets.longest):])
	return tidy(labels)
}

// Learn writes that a principal came to know the secrets in some bytes, if
// there are any; it returns their labels.
func (w *World) Learn(who, how string, b []byte) []string {
	labels := w.secrets.find(nil, b, nil)
	if len(labels) > 0 {
		w.Emit(trace.Event{Source: trace.Attack, Kind: trace.AttackerLearnt, Who: who, What: how, Labels: labels})
	}
	return labels
}

// Labels returns the labels of the secrets in some bytes.
func (w *World) Labels(b []byte) []string { return w.secrets.find(nil, b, nil) }

// Secret makes bytes a secret with a label: from now on they are looked for in
// everything that crosses a boundary.
func (w *World) Secret(label string, value []byte) { w.secrets.add(label, value) }
