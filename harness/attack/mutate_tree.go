package attack

import (
	"bytes"
	"slices"
)

// treeKinds are the ways to change any CBOR: what is in an item, which there are, and what
// heads say. Lengths of all around are put right, but for the one that lies.
var treeKinds = []struct {
	name  string
	fits  func(n *node) bool
	apply func(m *mutation, root, n *node, path []int, donor *node) bool
}{
	{"number", isNumber, treeNumber},
	{"string", isString, treeString},
	{"member-gone", hasKids, treeGone},
	{"member-twice", hasKids, treeTwice},
	{"member-more", func(n *node) bool { return n.major == cborArray || n.major == cborMap }, treeMore},
	{"members-exchanged", func(n *node) bool { return len(n.kids) >= 2*n.step() }, treeExchanged},
	{"type", func(*node) bool { return true }, treeType},
	{"length", func(n *node) bool { return n.major != simple && !isNumber(n) && n.major != cborTag }, treeLength},
	{"long-form", func(n *node) bool { return n.major != simple }, treeLong},
	{"splice-item", func(*node) bool { return true }, treeSplice},
	{"wrapped-again", isString, treeWrapped},
}

func isNumber(n *node) bool { return n.major == cborUint || n.major == cborNint }
func isString(n *node) bool {
	return (n.major == cborBytes || n.major == cborText) && len(n.kids) == 0
}
func hasKids(n *node) bool { return len(n.kids) > 0 && (n.major == cborArray || n.major == cborMap) }

// treeMutation changes one item of a tree; donor is where a splice takes from, nil for
// nowhere. It says what it did, false when the kind that was drawn cannot be made.
func (m *mutation) treeMutation(root, donor *node) bool {
	k := treeKinds[m.draw(len(treeKinds))]
	var places [][]int
	root.walk(func(n *node, path []int) {
		if k.fits(n) {
			places = append(places, path)
		}
	})
	if len(places) == 0 {
		return false
	}
	path := places[m.draw(len(places))]
	return m.say("%s at %v: ", k.name, path) && k.apply(m, root, root.at(path), path, donor)
}

func treeNumber(m *mutation, _, n *node, _ []int, _ *node) bool {
	old := n.n
	switch m.draw(4) {
	case 0:
		n.n++
	case 1:
		n.n--
	case 2:
		n.n = uint64(m.extreme(uint32(old)))
	case 3:
		n.n = uint64(m.extreme(uint32(old>>32)))<<32 | old&0xffffffff
	}
	return m.say("%d instead of %d", n.n, old)
}

func treeString(m *mutation, _, n *node, _ []int, _ *node) bool {
	switch m.draw(4) {
	case 0:
		if len(n.body) > 0 {
			n.body[m.draw(len(n.body))] ^= 1 << m.draw(8)
			return m.say("another bit")
		}
		fallthrough
	case 1:
		n.body = append(n.body, m.noise(1+m.draw(8))...)
		return m.say("longer")
	case 2:
		n.body = n.body[:m.draw(max(len(n.body), 1))]
		return m.say("shorter")
	}
	n.body = m.noise(len(n.body))
	return m.say("noise")
}

func treeGone(m *mutation, _, n *node, _ []int, _ *node) bool {
	step := n.step()
	i := m.draw(len(n.kids)/step) * step
	n.kids = slices.Delete(n.kids, i, i+step)
	return m.say("number %d is gone", i/step)
}

func treeTwice(m *mutation, _, n *node, _ []int, _ *node) bool {
	step := n.step()
	i, j := m.draw(len(n.kids)/step)*step, m.draw(len(n.kids)/step+1)*step
	var again []*node
	for _, kid := range n.kids[i : i+step] {
		again = append(again, kid.clone())
	}
	n.kids = slices.Insert(n.kids, j, again...)
	return m.say("number %d once more as %d", i/step, j/step)
}

func treeMore(m *mutation, _, n *node, _ []int, _ *node) bool {
	var more []*node
	for range n.step() {
		more = append(more, &node{major: cborUint, n: uint64(m.draw(64))})
	}
	more[len(more)-1] = &node{major: cborBytes, body: m.noise(m.draw(24))}
	n.kids = slices.Insert(n.kids, len(n.kids), more...)
	return m.say("one more")
}

func treeExchanged(m *mutation, _, n *node, _ []int, _ *node) bool {
	step := n.step()
	i, j := m.draw(len(n.kids)/step)*step, m.draw(len(n.kids)/step)*step
	if i == j {
		return false
	}
	for k := range step {
		n.kids[i+k], n.kids[j+k] = n.kids[j+k], n.kids[i+k]
	}
	return m.say("%d and %d exchanged", i/step, j/step)
}

func treeType(m *mutation, _, n *node, _ []int, _ *node) bool {
	forms := []*node{{major: simple, body: []byte{0xf6}}, {major: simple, body: []byte{0xf5}}, {major: cborArray}, {major: cborMap}, {major: cborBytes}, {major: cborText}, {major: cborUint}}
	*n = *forms[m.draw(len(forms))]
	return m.say("an empty item of type %d", n.major)
}

func treeLength(m *mutation, _, n *node, _ []int, _ *node) bool {
	n.more = []int{1, -1, 8, 1 << 16, 1<<31 - 1, 1<<62 - 1}[m.draw(6)]
	return m.say("the head tells %d more", n.more)
}

func treeLong(m *mutation, _, n *node, _ []int, _ *node) bool {
	n.long = true
	return m.say("a head of nine bytes")
}

func treeSplice(m *mutation, _, n *node, path []int, donor *node) bool {
	if donor == nil {
		return false
	}
	other := donor.at(path)
	if other == nil || bytes.Equal(other.bytes(), n.bytes()) {
		return false
	}
	*n = *other.clone()
	return m.say("that of another")
}

func treeWrapped(m *mutation, _, n *node, _ []int, _ *node) bool {
	inside := *n
	*n = node{major: cborBytes, kids: []*node{&inside}}
	return m.say("in a string of its own")
}

// Hand is by whom a mutant is signed, a dimension of its own beside what was changed: the
// zero Hand leaves the signatures that were there.
type Hand struct {
	Unsigned bool    // signatures are taken away
	Signer   *Signer // signs anew what was changed, and what tells of it; nil for nobody
}

// String says who.
func (h Hand) String() string {
	switch {
	case h.Unsigned:
		return "unsigned"
	case h.Signer != nil:
		return "signed by " + short(h.Signer.Thumbprint)
	}
	return "old signature"
}
