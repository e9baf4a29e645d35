package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one mistake in a scenario file.
type Error struct {
	Path      string
	Line, Col int // from 1
	Message   string
	Hint      string // what to do about it, such as: did you mean "appraise"?
	Source    string // the line it stands on, as written
}

// Error gives path:line:col: message (hint).
func (e Error) Error() string {
	t := fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Col, e.Message)
	if e.Hint != "" {
		t += " (" + e.Hint + ")"
	}
	return t
}

// ErrorList is every mistake of a file at once, in the order of the file. It is
// the type of every error of [Parse] and [Scenario.CheckNames].
type ErrorList []Error

// Error gives one line for each mistake.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single mistakes to errors.As.
func (l ErrorList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// err returns the list as [ErrorList.sorted] does, as an error that is nil when
// there is none.
func (l ErrorList) err(lines []string) error {
	if len(l) == 0 {
		return nil
	}
	return l.sorted(lines)
}

// sorted returns the list in the order of the file, each mistake with its line.
func (l ErrorList) sorted(lines []string) ErrorList {
	for i, e := range l {
		if e.Line >= 1 && e.Line <= len(lines) {
			l[i].Source = lines[e.Line-1]
		}
	}
	slices.SortStableFunc(l, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.Compact(l)
}

// maxSpelling bounds the words that are compared: longer ones are no slips.
const maxSpelling = 64

// didYouMean gives the hint that names the nearest spelling, or "". Of equally
// near ones the one with the same first letter wins: slips come later.
func didYouMean(word string, known []string) string {
	if len(word) == 0 || len(word) > maxSpelling {
		return ""
	}
	best, least := "", 2*((len(word)+2)/3)+2
	for _, k := range known {
		if k == "" {
			continue
		}
		d := 2 * Distance(word, k)
		if k[0] != word[0] {
			d++
		}
		if d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// Distance is Levenshtein's: how many bytes to change, add or leave out.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
