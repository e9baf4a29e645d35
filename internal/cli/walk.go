package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reports"
	"golang.org/x/term"
)

// walk tells a run step by step. In a terminal it waits for the reader.
func (a *app) walk(t *trace.Trace, until int) error {
	keys, waits := a.Stdin.(*os.File)
	_, shown := a.terminal(a.Stdout)
	waits = waits && shown && term.IsTerminal(int(keys.Fd()))
	in := bufio.NewReader(a.Stdin)
	if _, err := fmt.Fprintf(a.Stdout, "%s: %s\n\n", printable(t.Header.Scenario), printable(t.Header.Title)); err != nil {
		return err
	}
	goTo := 0
	for _, s := range reports.Scenes(t) {
		if until > 0 && s.Number >= until {
			break
		}
		if s.Number < goTo {
			continue
		}
		if err := tellScene(a.Stdout, s); err != nil {
			return err
		}
		if !waits {
			continue
		}
		var on bool
		if goTo, on = a.ask(in); !on {
			break
		}
	}
	return nil
}

// tellScene writes one step: what was asked, what happened, who knows what.
func tellScene(w io.Writer, s reports.Scene) error {
	var b strings.Builder
	head := "before the story"
	if s.Number > 0 {
		head = fmt.Sprintf("step %d, %s: %s", s.Number, s.Side, printable(s.Text))
	}
	fmt.Fprintf(&b, "%s\n", head)
	for _, e := range s.Events {
		fmt.Fprintf(&b, "    %s\n", e)
	}
	for _, side := range s.Sides {
		fmt.Fprintf(&b, "  %s %s\n", side.Who, strings.Join(side.What, ", "))
	}
	fmt.Fprintf(&b, "  (%s since the beginning)\n\n", s.At)
	_, err := io.WriteString(w, b.String())
	return err
}

// ask waits for what to do next: the step to go to, 0 the next one.
func (a *app) ask(in *bufio.Reader) (step int, on bool) {
	fmt.Fprint(a.Stderr, "[Enter: on, number: to that step, q: end] ")
	line, err := in.ReadString('\n')
	word := strings.TrimSpace(line)
	if err != nil || strings.HasPrefix(word, "q") || a.ctx.Err() != nil {
		return 0, false
	}
	if n, err := strconv.Atoi(word); err == nil && n > 0 {
		return n, true
	}
	return 0, true
}

// firstDifference says in words where two traces part.
func firstDifference(stored, now *trace.Trace, at int) string {
	tell := func(t *trace.Trace) string {
		if at < 0 || at >= len(t.Events) {
			return "it was over"
		}
		return reports.Sentence(t.Events[at])
	}
	was, is := tell(stored), tell(now)
	where := fmt.Sprintf("event %d", at+1)
	for _, t := range []*trace.Trace{stored, now} {
		if at >= 0 && at < len(t.Events) && t.Events[at].Step > 0 {
			where += fmt.Sprintf(", in step %d", t.Events[at].Step)
			for _, s := range reports.Scenes(t) {
				if s.Number == t.Events[at].Step {
					where += " (" + printable(s.Text) + ")"
					break
				}
			}
			break
		}
	}
	if was == is {
		return fmt.Sprintf("%s: %q both times, but with another %s\n", where, was, strings.Join(otherFields(stored.Events[at], now.Events[at]), " and "))
	}
	return fmt.Sprintf("%s: stored %q, now %q\n", where, was, is)
}

// otherFields names the fields in which two events that read alike differ.
func otherFields(a, b trace.Event) (names []string) {
	for _, f := range []struct {
		name  string
		other bool
	}{
		{"time", a.At != b.At}, {"step", a.Step != b.Step}, {"source", a.Source != b.Source}, {"peer", a.Peer != b.Peer}, {"thing", a.What != b.What || a.Is != b.Is},
		{"state", a.State != b.State}, {"digest", a.Digest != b.Digest}, {"number", a.Number != b.Number || a.Level != b.Level},
		{"taint", !slices.Equal(a.Labels, b.Labels)}, {"note", a.Note != b.Note},
	} {
		if f.other {
			names = append(names, f.name)
		}
	}
	return names
}
