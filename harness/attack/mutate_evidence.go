package attack

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
)

// MutateEvidence returns one mutant of evidence, of a device's own format or a PSA token
// with or without layers, and a line that says what it is, as [Mutate] does for releases.
// sources are what the attacker has heard; hands are those who may sign, none means that
// old signatures stay.
func MutateEvidence(draw func(n int) int, sources [][]byte, hands []Hand) ([]byte, string) {
	if len(sources) == 0 {
		return nil, "nothing: there is no evidence"
	}
	if len(hands) == 0 {
		hands = []Hand{{}}
	}
	e := evidenceMutation{mutation: mutation{draw: draw}, heard: sources}
	for range 16 {
		e.source, e.text = draw(len(sources)), ""
		e.made = bytes.Clone(sources[e.source])
		k := evidenceDrawn[draw(len(evidenceDrawn))]
		e.hand = hands[draw(len(hands))]
		if !k.apply(&e) {
			continue
		}
		if draw(4) == 0 {
			return e.made, k.name + ": " + e.text + "; signatures as they are"
		}
		e.made = e.hand.SealEvidence(e.made)
		return e.made, k.name + ": " + e.text + "; " + e.hand.String()
	}
	return bytes.Clone(sources[e.source]), fmt.Sprintf("unchanged: source %d allows none of 16 kinds drawn", e.source)
}

// EvidenceMutationKinds returns the kinds of mutant that MutateEvidence makes.
func EvidenceMutationKinds() (names []string) {
	for _, k := range evidenceKinds {
		names = append(names, k.name)
	}
	return names
}

type evidenceMutation struct {
	mutation
	heard [][]byte
	made  []byte
}

type evidenceKind struct {
	name  string
	often int // what keeps the form gets further, and has more to hit
	apply func(*evidenceMutation) bool
}

var evidenceKinds = []evidenceKind{
	{"item", 1, (*evidenceMutation).item},
	{"claim", 2, (*evidenceMutation).claim},
	{"claim-of-another", 3, (*evidenceMutation).claimOfAnother},
	{"claim-noise", 3, (*evidenceMutation).claimNoise},
	{"claims-of-another", 2, (*evidenceMutation).claimsOfAnother},
	{"token-lie", 2, (*evidenceMutation).tokenLie},
	{"header", 2, (*evidenceMutation).header},
	{"layer", 2, (*evidenceMutation).layer},
	{"heard-before", 2, (*evidenceMutation).replay},
	{"other-signature", 1, (*evidenceMutation).otherSignature},
	{"end", 1, (*evidenceMutation).end},
}

// evidenceDrawn are the kinds as often as they are drawn.
var evidenceDrawn = func() (list []evidenceKind) {
	for _, k := range evidenceKinds {
		list = append(list, slices.Repeat([]evidenceKind{k}, k.often)...)
	}
	return list
}()

// SealEvidence signs what the claims are now, or takes the signature away; what cannot be
// read stays as it is.
func (h Hand) SealEvidence(b []byte) []byte {
	root, ok := grow(b)
	if !ok || h == (Hand{}) {
		return b
	}
	claims, signature := claimsOf(root)
	if claims == nil {
		return b
	}
	switch {
	case h.Unsigned:
		*signature = node{major: cborBytes, body: make([]byte, signatureSize)}
		return root.bytes()
	case IsToken(b):
		if made, err := ForgeToken(b, Lies{Resign: h.Signer}, nil); err == nil {
			return made
		}
		return b
	}
	made := h.Signer.Sign(sha256.Sum256(claims.wrapped()))
	*signature = node{major: cborBytes, body: made[:]}
	return root.bytes()
}

// wrapped is what is inside of a string.
func (n *node) wrapped() []byte {
	if len(n.kids) == 0 {
		return n.body
	}
	var b []byte
	for _, kid := range n.kids {
		b = append(b, kid.bytes()...)
	}
	return b
}

// claimsOf finds the string of claims and the signature over it: in evidence of a device's own
// format the two of a list, in a token the third and fourth of four, and in layers the token
// comes first.
func claimsOf(root *node) (claims, signature *node) {
	n := root
	for range 4 {
		switch {
		case n.major == cborTag && len(n.kids) == 1, n.major == cborBytes && len(n.kids) == 1 && n != root:
			n = n.kids[0]
		case n.major == cborArray && len(n.kids) == 4:
			return n.kids[2], n.kids[3]
		case n.major == cborArray && len(n.kids) == 2 && n.kids[1].major == cborArray:
			n = n.kids[0]
		case n.major == cborArray && len(n.kids) == 2:
			return n.kids[0], n.kids[1]
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// other draws evidence of another number.
func (e *evidenceMutation) other() (*node, bool) {
	if len(e.heard) < 2 {
		return nil, false
	}
	n := (e.source + 1 + e.draw(len(e.heard)-1)) % len(e.heard)
	root, ok := grow(e.heard[n])
	return root, ok && e.say("of source %d: ", n)
}

// tree changes the evidence as a tree.
func (e *evidenceMutation) tree(change func(root *node) bool) bool {
	root, ok := grow(e.made)
	if !ok || !change(root) {
		return false
	}
	e.made = root.bytes()
	return true
}

func (e *evidenceMutation) item() bool {
	return e.tree(func(root *node) bool {
		donor, _ := e.other()
		return e.treeMutation(root, donor)
	})
}

func (e *evidenceMutation) claim() bool {
	return e.tree(func(root *node) bool {
		claims, _ := claimsOf(root)
		if claims == nil {
			return false
		}
		var its *node
		if donor, ok := e.other(); ok {
			its, _ = claimsOf(donor)
		}
		return e.treeMutation(claims, its)
	})
}

// claimOfAnother puts one whole claim of other evidence in the place of this one's: its nonce,
// its device, its measurements.
func (e *evidenceMutation) claimOfAnother() bool {
	return e.tree(func(root *node) bool {
		donor, ok := e.other()
		if !ok {
			return false
		}
		claims, _ := claimsOf(root)
		its, _ := claimsOf(donor)
		if claims == nil || its == nil || len(claims.kids) != 1 || len(its.kids) != 1 {
			return false
		}
		i, ok := e.value(claims.kids[0])
		if !ok || i >= len(its.kids[0].kids) {
			return false
		}
		claims.kids[0].kids[i] = its.kids[0].kids[i]
		return e.say("claim %d", i)
	})
}

// value draws one of the claims: an item of a list, a value of a map.
func (e *evidenceMutation) value(claims *node) (int, bool) {
	step := 1
	if claims.major == cborMap {
		step = 2
	}
	n := len(claims.kids) / step
	return e.draw(max(n, 1))*step + step - 1, n > 0
}

// claimNoise writes noise of the same length over one claim.
func (e *evidenceMutation) claimNoise() bool {
	return e.tree(func(root *node) bool {
		claims, _ := claimsOf(root)
		if claims == nil || len(claims.kids) != 1 {
			return false
		}
		i, ok := e.value(claims.kids[0])
		if !ok {
			return false
		}
		c := claims.kids[0].kids[i]
		if c.n = uint64(e.draw(256)); isString(c) {
			c.body = e.noise(len(c.body))
		}
		return (isString(c) || isNumber(c)) && e.say("in claim %d", i)
	})
}

// claimsOfAnother puts all claims of other evidence under this one's signature.
func (e *evidenceMutation) claimsOfAnother() bool {
	return e.tree(func(root *node) bool {
		donor, ok := e.other()
		if !ok {
			return false
		}
		claims, _ := claimsOf(root)
		its, _ := claimsOf(donor)
		if claims == nil || its == nil {
			return false
		}
		*claims = *its
		return e.say("all claims")
	})
}

// What a lie about a token may be about.
var (
	tokenClaims = []string{"nonce", "instance", "client", "lifecycle", "implementation", "boot-seed", "profile"}
	tokenParts  = []string{"client", "boot-seed", "profile", "components", "os", "services"}
)

func (e *evidenceMutation) tokenLie() bool {
	var l Lies
	var secret []byte
	switch e.draw(5) {
	case 0:
		l.Set = []Edit{{tokenClaims[e.draw(len(tokenClaims))], e.noise(e.draw(40))}}
		e.say("%s is %x", l.Set[0].At, l.Set[0].Bytes)
	case 1:
		l.Omit = tokenParts[e.draw(len(tokenParts))]
		e.say("without %s", l.Omit)
	case 2:
		l.Part, l.Payload = tokenParts[4+e.draw(2)], e.noise(8)
		e.say("%s measured otherwise", l.Part)
	case 3:
		l.Type = oldestWord
		e.say("of the oldest profile")
	case 4:
		secret = e.noise(1 + e.draw(32))
		e.say("under a secret")
	}
	made, err := ForgeToken(e.made, l, secret)
	e.made = made
	return err == nil
}

// header writes into the header of a token that no signature covers.
func (e *evidenceMutation) header() bool {
	made, err := ForgeToken(e.made, Lies{Set: []Edit{{"header", e.noise(e.draw(24))}}}, nil)
	e.made = made
	return err == nil && e.say("says something where nothing is signed")
}

// layer is about the certificates of layers: one left out, or one of the attacker's own.
func (e *evidenceMutation) layer() bool {
	l, ok := openLayered(e.made)
	if !ok || len(l.chain) == 0 {
		return false
	}
	name := fmt.Sprintf("layer.%d", e.draw(len(l.chain)))
	lies := Lies{Omit: name}
	if e.hand.Signer != nil && e.coin() {
		lies = Lies{Part: name, Resign: e.hand.Signer}
	}
	made, err := ForgeToken(e.made, lies, nil)
	e.made = made
	return err == nil && e.say("%s: %+q", name, lies.Omit)
}

func (e *evidenceMutation) replay() bool { return e.say("source %d", e.source) }

func (e *evidenceMutation) otherSignature() bool {
	return e.tree(func(root *node) bool {
		var all []*node
		root.walk(func(n *node, _ []int) {
			if n.major == cborBytes && len(n.kids) == 0 && len(n.body) == signatureSize {
				all = append(all, n)
			}
		})
		if len(all) == 0 {
			return false
		}
		i := e.draw(len(all))
		otherS(all[i].body)
		return e.say("n-s for s in string %d of 64 bytes", i)
	})
}

func (e *evidenceMutation) end() bool {
	if len(e.made) == 0 || e.coin() {
		e.made = append(e.made, e.noise(1+e.draw(16))...)
		return e.say("bytes behind it")
	}
	n := 1 + e.draw(len(e.made))
	e.made = slices.Clip(e.made[:len(e.made)-n])
	return e.say("%d bytes short", n)
}
