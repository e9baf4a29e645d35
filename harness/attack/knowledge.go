package attack

import (
	"maps"
	"slices"
	"strings"
)

// Knowledge is what every hostile principal knows and holds. A hostile step may
// use nothing else, so that no story can cheat and a shrunk one stays a real
// attack (language.md section 1, rule 6).
type Knowledge struct {
	names map[string]map[string]bool // principal -> names whose bytes he knows
	holds map[string]map[string]bool // principal -> components he holds, devices he has in hand
}

// NewKnowledge returns the knowledge of nothing.
func NewKnowledge() *Knowledge {
	return &Knowledge{names: map[string]map[string]bool{}, holds: map[string]map[string]bool{}}
}

// Clone copies the knowledge.
func (k *Knowledge) Clone() *Knowledge {
	n := NewKnowledge()
	for who, set := range k.names {
		n.names[who] = maps.Clone(set)
	}
	for who, set := range k.holds {
		n.holds[who] = maps.Clone(set)
	}
	return n
}

func put(m map[string]map[string]bool, who, what string) {
	if m[who] == nil {
		m[who] = map[string]bool{}
	}
	m[who][what] = true
}

// Learn lets a principal know what a name stands for.
func (k *Knowledge) Learn(who, name string) { put(k.names, who, name) }

// Hold gives a principal a component, or a device in his hands.
func (k *Knowledge) Hold(who, what string) { put(k.holds, who, what) }

// Knows tells whether a principal knows what a name stands for: a field is
// known with what it belongs to.
func (k *Knowledge) Knows(who, name string) bool {
	root, _, _ := strings.Cut(name, ".")
	return k.names[who][name] || k.names[who][root]
}

// Holds tells whether a principal holds a component: itself, or the chip below
// everything else of the device.
func (k *Knowledge) Holds(who, component string) bool {
	root, _, _ := strings.Cut(component, ".")
	return k.holds[who][component] || k.holds[who][root+".chip"]
}

// Near tells whether a principal has anything of a device: a component of it,
// or the device itself in his hands.
func (k *Knowledge) Near(who, device string) bool {
	for held := range k.holds[who] {
		if root, _, _ := strings.Cut(held, "."); root == device {
			return true
		}
	}
	return false
}

// Names lists what a principal knows, sorted.
func (k *Knowledge) Names(who string) []string { return slices.Sorted(maps.Keys(k.names[who])) }
