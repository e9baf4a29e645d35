package attack

import (
	"bytes"
	"slices"
)

// node is one CBOR item that can be changed and written again: lengths follow by
// themselves, strings that wrap another item are wrapped anew.
type node struct {
	major int
	n     uint64  // a number, a tag; what a head tells of a string or a list follows from what is in it
	body  []byte  // of a string that wraps nothing; of anything simple, all of it
	kids  []*node // of a list, a tag, a byte string that wraps an item; of a map key, value, key, value

	more int  // what the head says too much, or too little when it is below zero
	long bool // the head is longer than it need be
}

// simple is the major type of null, true, floats.
const simple = 7

// grow makes a tree of bytes that are one CBOR item and nothing else.
func grow(b []byte) (*node, bool) {
	i, rest, ok := cborRead(b, deepest)
	if !ok || len(rest) > 0 {
		return nil, false
	}
	return plant(i, deepest), true
}

func plant(i item, depth int) *node {
	n := &node{major: i.major, n: i.n, body: bytes.Clone(i.body)}
	if i.major == simple {
		n.body = bytes.Clone(i.raw)
	}
	for _, kid := range i.items {
		n.kids = append(n.kids, plant(kid, depth))
	}
	// A byte string that holds a list or a map is taken for the wrapper that it nearly always is.
	if i.major == cborBytes && depth > 0 && len(i.body) > 1 && (i.body[0]>>5 == cborArray || i.body[0]>>5 == cborMap || i.body[0]>>5 == cborTag) {
		if inside, rest, ok := cborRead(i.body, deepest); ok && len(rest) == 0 {
			n.kids = []*node{plant(inside, depth-1)}
		}
	}
	return n
}

// bytes writes the item.
func (n *node) bytes() []byte {
	var inside []byte
	for _, kid := range n.kids {
		inside = append(inside, kid.bytes()...)
	}
	told := n.n
	switch n.major {
	case simple:
		return n.body
	case cborBytes, cborText:
		if len(n.kids) == 0 {
			inside = n.body
		}
		told = uint64(len(inside))
	case cborArray:
		told = uint64(len(n.kids))
	case cborMap:
		told = uint64(len(n.kids) / 2)
	}
	head := cborHead(n.major, told+uint64(n.more))
	if n.long && len(head) < 9 {
		head = append([]byte{byte(n.major<<5 | 27)}, be.AppendUint64(nil, told+uint64(n.more))...)
	}
	return append(head, inside...)
}

// clone copies a tree.
func (n *node) clone() *node {
	c := *n
	c.body, c.kids = bytes.Clone(n.body), make([]*node, len(n.kids))
	for i, kid := range n.kids {
		c.kids[i] = kid.clone()
	}
	return &c
}

// walk visits every item with the places that lead to it.
func (n *node) walk(visit func(n *node, path []int)) { n.walkFrom(nil, visit) }

func (n *node) walkFrom(path []int, visit func(*node, []int)) {
	visit(n, path)
	for i, kid := range n.kids {
		kid.walkFrom(append(slices.Clip(path), i), visit)
	}
}

// at follows places; nil when there is nothing.
func (n *node) at(path []int) *node {
	for _, i := range path {
		if i >= len(n.kids) {
			return nil
		}
		n = n.kids[i]
	}
	return n
}

// step is how many of an item's kids belong together: two in a map, and in a sequence of
// commands, where a code stands before its argument.
func (n *node) step() int {
	if n.major == cborMap || n.isSequence() {
		return 2
	}
	return 1
}

// isSequence tells whether an item looks like a sequence of SUIT commands.
func (n *node) isSequence() bool {
	if n.major != cborArray || len(n.kids) < 2 || len(n.kids)%2 != 0 {
		return false
	}
	for i := 0; i < len(n.kids); i += 2 {
		if n.kids[i].major != cborUint || n.kids[i].n == 0 || n.kids[i].n > 64 {
			return false
		}
	}
	return true
}
