// Package wares is what three tiny systems under test share: how a request gets its
// answer at once. The systems (kiln, sundial, switchboard) share no code and no format
// with the reference or with one another, and each can be made with one mistake that
// a search has to find.
package wares

import (
	"maps"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// Verb is what a system does when asked.
type Verb func(sut.Request) sut.Answer

// Desk takes requests and keeps their answers. Nothing in these systems waits.
type Desk struct {
	W       *world.World
	answers map[uint64]sut.Answer
}

// NewDesk makes one in a world.
func NewDesk(w *world.World) Desk { return Desk{w, map[uint64]sut.Answer{}} }

// In copies the desk into a copy of its world.
func (d *Desk) In(w *world.World) Desk { return Desk{w, maps.Clone(d.answers)} }

// Serve answers a request with the verb of its name.
func (d *Desk) Serve(r sut.Request, verbs map[string]Verb) {
	do := verbs[r.Verb]
	if do == nil {
		do = func(sut.Request) sut.Answer { return Unable(r.Verb) }
	}
	d.answers[r.Op] = do(r)
}

// Answer gives the answer to a request.
func (d *Desk) Answer(op uint64) (sut.Answer, bool) {
	a, ok := d.answers[op]
	delete(d.answers, op)
	return a, ok
}

// Handle has nothing to do: nothing waits for the world.
func (d *Desk) Handle(world.Event) {}

// PowerLost has nothing to do: nothing here is cut off in the middle.
func (d *Desk) PowerLost(string) {}

// Emit writes an event.
func (d *Desk) Emit(source trace.Source, kind trace.Kind, e trace.Event) {
	e.Source, e.Kind = source, kind
	d.W.Emit(e)
}

// Done is the answer of a step that was done, with what it gives.
func Done(data []byte) sut.Answer { return sut.Answer{Outcome: sut.Done, Data: data} }

// Refuse refuses with a class of the closed list.
func Refuse(class string) sut.Answer { return sut.Answer{Outcome: sut.Refused, Class: class} }

// Unable says that the system has nothing like it.
func Unable(what string) sut.Answer {
	return sut.Answer{Outcome: sut.NotImplemented, Reason: "there is no " + what}
}

// Nothing does nothing, and is done.
func Nothing(sut.Request) sut.Answer { return Done(nil) }

// Kinds are the kinds of events that a system shows, from a list with blanks.
func Kinds(list, where string) map[string]string {
	kinds := map[string]string{}
	for k := range strings.FieldsSeq(list) {
		kinds[k] = where
	}
	return kinds
}
