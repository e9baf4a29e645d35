// Package host says what whoever runs a part of the reference must hand it:
// clock, randomness, storage, links and an observer.
//
// The reference owns none of these, so the same code runs inside a simulated
// world and in a process of its own. It is a contract only and decides nothing.
// Start with [Host].
package host

import (
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/sign"
)

// PageSize is the unit of flash in bytes: what one write may touch at once and
// what a power cut may tear.
const PageSize = 4096

// Host is the outside of the reference. Every method may be a fault point.
type Host interface {
	defense.Observer

	// Now is true time; Clock is what a device's own clock shows.
	Now() time.Time
	Clock(device string) time.Time

	// Random draws n bytes for a purpose.
	Random(who, purpose string, n int) []byte

	// Send puts a message on the link from m.From to m.To. It arrives later, or never.
	Send(m Message)

	// After asks for a wake-up of who with the given word, d from now. Wake-ups
	// of a device are forgotten when it loses power or restarts.
	After(who string, d time.Duration, word string)

	// Read returns n bytes of a flash region from an offset on, fewer at its end;
	// the caller must not change them.
	Read(device, region string, offset, n int) []byte

	// Write writes into a region, page by page; by names the component that
	// writes. A write past the end of the region continues into the next region,
	// as flash does: bounds are the writer's business. It may not return: power
	// can be lost at any page. The data must not be changed afterwards.
	Write(device, by, region string, offset int, data []byte)

	// Burn tells that a fuse or counter of a device's chip is about to change; what
	// is "fuse" or "counter". false means that the write is lost.
	Burn(device, what string) bool

	// Reach tells that a device passes a named point of its update. It may not
	// return.
	Reach(device, point string)

	// Execute tells that code starts to run. The host hashes the bytes itself.
	Execute(device, stage string, code []byte)

	// Picture takes a picture with a device's camera.
	Picture(device string) []byte

	// Made tells of a secret that owner made, so that a harness can look for it
	// in whatever crosses a boundary. public is nil for secrets that are not keys.
	Made(owner, label string, secret, public []byte)

	// Finish tells whoever made request number op how it ended. 0 is nobody.
	Finish(op uint64, data []byte, err error)

	// Observe tells what a component did, for whoever watches.
	Observe(e Event)

	// Memory remembers results of pure cryptography; it may be nil.
	Memory() *sign.Memory
}

// Message is one message on a link.
type Message struct {
	From, To string
	Kind     string // what it is, in one word, for people and for tests that lose messages of a kind
	Body     []byte // the bytes on the link
	Plain    []byte // what a sealed Body says; nil when Body is in the clear
}

// Event is the reference's own account of what it did. Kind is one of the event
// kinds of the harness's trace; the other fields are described there.
type Event struct {
	Kind, Who, What, Peer, Is, State string
	Bytes                            []byte // what the event is about; a watcher keeps a digest
	Number, Level                    int64
}
