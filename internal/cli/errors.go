package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/reports/control"
)

// badInput is the caller's mistake: exit 2, one line, with what to do about it.
type badInput struct{ message, hint string }

func (e badInput) Error() string {
	if e.hint == "" {
		return e.message
	}
	return e.message + " (" + e.hint + ")"
}

// atLine is bad input at a place in a file, shown as file:line:column.
type atLine struct{ badInput }

// errViolated ends with exit 3: what was violated has been told already.
var errViolated = errors.New("violated")

// errInterrupted is the error of a run that was ended from outside.
var errInterrupted = errors.New("interrupted: nothing was written, earlier results are as they were")

// maxMistakes is how many mistakes of scenario files are told at once.
const maxMistakes = 20

// exit tells the error, if there is one to tell, and gives its exit code.
func (a *app) exit(err error) int {
	if err == nil {
		return exitHeld
	}
	if errors.Is(err, errViolated) {
		return exitViolated
	}
	if list, ok := errors.AsType[scenario.ErrorList](err); ok {
		for _, e := range list[:min(len(list), maxMistakes)] {
			fmt.Fprintf(a.Stderr, "%s\n%s", e.Error(), pointed(e))
		}
		if more := len(list) - maxMistakes; more > 0 {
			fmt.Fprintf(a.Stderr, "and %d more\n", more)
		}
		return exitUsage
	}
	if list, ok := errors.AsType[control.Mistakes](err); ok {
		for _, m := range list[:min(len(list), maxMistakes)] {
			fmt.Fprintln(a.Stderr, printable(m.Error()))
		}
		if more := len(list) - maxMistakes; more > 0 {
			fmt.Fprintf(a.Stderr, "and %d more\n", more)
		}
		return exitUsage
	}
	// A place comes first on its line, where editors look for it.
	if place, ok := errors.AsType[atLine](err); ok {
		fmt.Fprintln(a.Stderr, place.Error())
		return exitUsage
	}
	if story, ok := errors.AsType[*harness.StoryError](err); ok {
		fmt.Fprintf(a.Stderr, "%s:%d:1: %s\n", story.Path, max(story.Line, 1), story.Message)
		return exitUsage
	}
	a.note("%s", err)
	if _, ok := errors.AsType[badInput](err); ok {
		return exitUsage
	}
	return exitBroken
}

// shownLine is how many bytes of a line are shown on each side of a mistake.
const shownLine = 80

// pointed shows the line of a mistake with a mark under its place.
func pointed(e scenario.Error) string {
	if e.Source == "" || e.Col < 1 || e.Col > len(e.Source)+1 {
		return ""
	}
	from, to := max(0, e.Col-1-shownLine), min(len(e.Source), e.Col-1+shownLine)
	before, after := strings.ToValidUTF8(e.Source[from:e.Col-1], ""), strings.ToValidUTF8(e.Source[e.Col-1:to], "")
	return "    " + printable(before+after) + "\n    " + strings.Repeat(" ", utf8.RuneCountInString(before)) + "^\n"
}

// interrupted turns the end of the context into its own error.
func interrupted(ctx context.Context) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return nil
}

// fileError puts the error of a file that the caller named into one line.
func fileError(name string, err error) error {
	why := err
	if p, ok := errors.AsType[*os.PathError](err); ok {
		why = p.Err
	}
	hint := ""
	if errors.Is(err, os.ErrNotExist) {
		return badInput{name + ": no such file", "give a path as seen from here"}
	}
	return badInput{fmt.Sprintf("%s: %s", name, why), hint}
}

// didYouMean names the nearest known word when it is near enough for a slip.
func didYouMean(word string, known []string) string {
	if near, ok := nearby(word, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// nearby returns the nearest known word when at most a third of the letters, and
// one more, are to be changed.
func nearby(word string, known []string) (string, bool) {
	near := nearest(word, known)
	return near, near != "" && distance(word, near) <= len(word)/3+1
}

// nearest returns the known word with the fewest letters to change, or "" when
// none is known.
func nearest(word string, known []string) string {
	best, least := "", -1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := distance(word, k); least < 0 || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is that of spelling; a word that the other begins with is near.
func distance(a, b string) int {
	if a != "" && strings.HasPrefix(b, a) {
		return cmp.Compare(len(b), len(a))
	}
	return scenario.Distance(a, b)
}
