package attack

import "testing"

func TestKnowledge(t *testing.T) {
	k := NewKnowledge()
	k.Learn("mallory", "rec")
	k.Hold("mallory", "d1.kernel")
	k.Hold("eve", "d2.chip")
	tests := []struct {
		name string
		got  bool
		want bool
	}{
		{"a learnt name", k.Knows("mallory", "rec"), true},
		{"a field of a learnt name", k.Knows("mallory", "rec.last"), true},
		{"a name nobody told", k.Knows("mallory", "sa"), false},
		{"what somebody else knows", k.Knows("eve", "rec"), false},
		{"a held component", k.Holds("mallory", "d1.kernel"), true},
		{"another component of the device", k.Holds("mallory", "d1.chip"), false},
		{"everything above a held chip", k.Holds("eve", "d2.kernel"), true},
		{"the device of a held component", k.Near("mallory", "d1"), true},
		{"another device", k.Near("mallory", "d2"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %v, want %v", tt.got, tt.want)
			}
		})
	}
}

func TestKnowledgeCloneIsIndependent(t *testing.T) {
	k := NewKnowledge()
	k.Learn("mallory", "rec")
	n := k.Clone()
	n.Learn("mallory", "sa")
	n.Hold("mallory", "d1")
	if k.Knows("mallory", "sa") || k.Near("mallory", "d1") {
		t.Error("the clone's knowledge reached the original")
	}
	if !n.Knows("mallory", "rec") {
		t.Error("the clone forgot what was known")
	}
}

func TestSignerRepeats(t *testing.T) {
	a, b := OwnSigner([]byte("seed")), OwnSigner([]byte("seed"))
	digest := [32]byte{1, 2, 3}
	if a.Sign(digest) != b.Sign(digest) || a.Thumbprint != b.Thumbprint {
		t.Error("equal seeds gave different signers")
	}
	if a.Thumbprint == OwnSigner([]byte("other")).Thumbprint {
		t.Error("different seeds gave the same key")
	}
	if _, err := NewSigner(make([]byte, 32)); err == nil {
		t.Error("the zero scalar was taken for a key")
	}
}
