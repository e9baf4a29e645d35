package scenario

import (
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// TestEveryVerbReadsAsASentence takes each verb's example through the story read
// back: a sentence of its own, with every place filled.
func TestEveryVerbReadsAsASentence(t *testing.T) {
	for i := range verbs.All {
		v := &verbs.All[i]
		words, _ := lex(v.Example, func(_ int, _, format string, _ ...any) { t.Errorf("%s: "+format, v.Name) })
		st := &Step{Verb: v, Text: v.Example}
		for _, w := range words[1:] {
			st.Args = append(st.Args, Arg{Key: w.key, Value: w.value})
		}
		text := st.sentence()
		if strings.ContainsAny(text, "{}[]") || !strings.HasSuffix(text, ".") || text == v.Example+"." {
			t.Errorf("%s reads as %q", v.Name, text)
		}
	}
}
