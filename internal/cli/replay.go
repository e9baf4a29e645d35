package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	out   string
	step  bool
	until int
}

func (a *app) replayCommand() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay TRACE|DIR|VERDICT|-",
		Short: "Run a stored trace again and compare, or walk through it",
		Long: `Replay runs the story in a stored trace again, with the seed, profile and defects
in its header, and compares the digests. Where the traces differ it says in words
where they first do, and shows the events around: - was stored, + came now.

A folder stands for every trace below it. VERDICT is a line of verdicts.jsonl, in
quotes; - reads such lines from standard input. The run it speaks of is made again,
from the trace in DIR of --out where there is one, and must give the same verdict.

--step walks through the replayed run: what was asked, what happened, and what each
side knows after it. In a terminal it waits: Enter goes on, a number goes to that
step, q ends. --until stops before a step.

Equal ends with 0, different with 3. Nothing is written.`,
		Example: `  armillary replay out/camera/homehack/mt3620/1/trace.jsonl
  armillary replay out/camera --step --until 12
  grep '"fail"' out/verdicts.jsonl | armillary replay -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput{fmt.Sprintf("replay takes one trace, folder or verdict, got %d arguments", len(args)), "such as out/SCENARIO/PROFILE/SEED/trace.jsonl"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.replay(args[0], o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&o.step, "step", false, "walk through the run step by step")
	f.IntVar(&o.until, "until", 0, "with --step: end before step `N`")
	f.StringVarP(&o.out, "out", "o", defaultOut, "folder with the traces that verdicts speak of")
	return cmd
}

func (a *app) replay(arg string, o replayOptions) error {
	if o.until < 0 {
		return badInput{fmt.Sprintf("--until: there is no step %d", o.until), "steps are numbered from 1"}
	}
	if o.until != 0 && !o.step {
		return badInput{"--until goes with --step", "it says where the walk ends"}
	}
	switch {
	case arg == "-":
		return a.replayVerdicts(o.out)
	case strings.HasPrefix(strings.TrimSpace(arg), "{"):
		v, err := verdict.ParseLine([]byte(arg))
		if err != nil {
			return badInput{"not a verdict line: " + err.Error(), "take a line below the first of verdicts.jsonl"}
		}
		same, err := a.replayVerdict(v, o.out)
		return violatedUnless(same, err)
	}
	names, err := tracesBelow(arg)
	if err != nil {
		return err
	}
	equal := true
	for _, name := range names {
		if err := interrupted(a.ctx); err != nil {
			return err
		}
		same, err := a.replayTrace(name, o)
		if err != nil {
			return err
		}
		equal = equal && same
	}
	return violatedUnless(equal, nil)
}

func violatedUnless(equal bool, err error) error {
	if err == nil && !equal {
		return errViolated
	}
	return err
}

// tracesBelow lists the traces that a file or folder stands for.
func tracesBelow(name string) ([]string, error) {
	info, err := os.Stat(name)
	if c, unknown := choose([]string{name}, nil); errors.Is(err, fs.ErrNotExist) && unknown == nil && len(c.stories) > 0 {
		id := c.stories[0].Header.ID
		return nil, badInput{name + " is a scenario, and what is replayed is the trace of a run", fmt.Sprintf("armillary run %s, then armillary replay %s/%s", id, defaultOut, id)}
	}
	if err != nil {
		return nil, fileError(name, err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	var names []string
	err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() == traceFile {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, fileError(name, err)
	}
	if len(names) == 0 {
		return nil, badInput{name + ": holds no " + traceFile, "give a folder that armillary run wrote"}
	}
	return names, nil
}

// replayTrace runs one trace again and tells whether it is equal.
func (a *app) replayTrace(name string, o replayOptions) (equal bool, err error) {
	stored, err := readTrace(name)
	if err != nil {
		return false, err
	}
	if err := replayable(name, stored.Header); err != nil {
		return false, err
	}
	now, err := harness.Replay(stored, inproc.New)
	if err != nil {
		return false, fmt.Errorf("replay %s: %w", name, err)
	}
	if o.step {
		if err := a.walk(now, o.until); err != nil {
			return false, err
		}
	}
	if was, is := stored.Digest(), now.Digest(); was != is {
		_, err := fmt.Fprintf(a.Stdout, "different: %s: stored %s, now %s\n%s", printable(stored.Header.Scenario), was, is, difference(stored, now))
		return false, err
	}
	_, err = fmt.Fprintf(a.Stdout, "equal: %s ran again with the same %d events, digest %s\n", stored.Header.Scenario, len(now.Events), now.Digest())
	return true, err
}

// replayVerdicts reads verdict lines from standard input.
func (a *app) replayVerdicts(out string) error {
	in := bufio.NewScanner(a.Stdin)
	in.Buffer(nil, verdict.MaxLine+1)
	equal, line := true, 0
	for in.Scan() {
		line++
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		v, err := verdict.ParseLine(in.Bytes())
		if err != nil {
			return atLine{badInput{fmt.Sprintf("standard input:%d:1: not a verdict line: %s", line, err), "take lines below the first of verdicts.jsonl"}}
		}
		same, err := a.replayVerdict(v, out)
		if err != nil {
			return err
		}
		equal = equal && same
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	if line == 0 {
		return badInput{"standard input holds no verdict line", ""}
	}
	return violatedUnless(equal, nil)
}

// replayVerdict makes the run that a verdict speaks of again.
func (a *app) replayVerdict(v verdict.Verdict, out string) (same bool, err error) {
	if err := interrupted(a.ctx); err != nil {
		return false, err
	}
	r, err := runOf(v, out)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(r.Verdicts, func(w verdict.Verdict) bool { return w.Guarantee == v.Guarantee })
	if i < 0 {
		return false, badInput{fmt.Sprintf("no guarantee %q", printable(v.Guarantee)), "armillary list guarantees shows all"}
	}
	w := r.Verdicts[i]
	if same = w.Status == v.Status && w.Code == v.Code; same {
		_, err = fmt.Fprintf(a.Stdout, "equal: %s in %s is %s again\n", v.Guarantee, v.Scenario, v.Status)
		return same, err
	}
	_, err = fmt.Fprintf(a.Stdout, "different: %s in %s: stored %s (%s), now %s (%s)\n", v.Guarantee, v.Scenario, v.Status, v.Code, w.Status, w.Code)
	return same, err
}

// runOf runs what a verdict speaks of: its trace again, or the scenario of that
// name that is built in.
func runOf(v verdict.Verdict, out string) (*harness.Result, error) {
	name := filepath.Join(out, filepath.FromSlash(traceName(v.Scenario, v.Profile, v.Seed)))
	if filepath.IsLocal(filepath.FromSlash(v.Scenario)) && filepath.IsLocal(v.Profile) {
		if _, err := os.Stat(name); err == nil {
			stored, err := readTrace(name)
			if err != nil {
				return nil, err
			}
			if err := replayable(name, stored.Header); err != nil {
				return nil, err
			}
			now, err := harness.Replay(stored, inproc.New)
			if err != nil {
				return nil, fmt.Errorf("replay %s: %w", name, err)
			}
			return harness.Judge(now), nil
		}
	}
	ids, err := embeddedIDs()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(ids, v.Scenario) {
		return nil, badInput{fmt.Sprintf("no trace of %q in %s, and no scenario of that name is built in", printable(v.Scenario), out), "name the folder of the run with --out"}
	}
	s, err := embedded(v.Scenario)
	if err != nil {
		return nil, err
	}
	return harness.Run(s, inproc.New, harness.Options{Seed: v.Seed, Profile: v.Profile, Once: true})
}

// replayable tells, as an error, why this Armillary cannot run a trace again.
func replayable(name string, h trace.Header) error {
	if h.SUT != "reference" {
		return atLine{badInput{fmt.Sprintf("%s:1:1: the trace is of %q, which is not built in", name, h.SUT), "armillary judge needs the trace alone"}}
	}
	if h.Text == "" {
		return atLine{badInput{name + ":1:1: the trace does not hold its story", "armillary judge needs the trace alone"}}
	}
	known := flawIDs()
	for _, id := range slices.Concat(h.Defects, h.Without) {
		if !slices.Contains(known, id) {
			return atLine{badInput{fmt.Sprintf("%s:1:1: the trace names the defect %q, which this Armillary does not know", name, id), "replay it with the version that wrote it"}}
		}
	}
	return nil
}

// How much of a difference is shown.
const (
	eventsBefore = 3
	eventsAfter  = 6
)

// difference shows header and events where two traces first differ.
func difference(stored, now *trace.Trace) string {
	var b strings.Builder
	if d := cmp.Diff(stored.Header, now.Header); d != "" {
		fmt.Fprintf(&b, "header:\n%s", d)
	}
	at, differ := trace.Diff(stored, now)
	if !differ {
		return b.String()
	}
	b.WriteString("first difference: " + firstDifference(stored, now, at))
	fmt.Fprintf(&b, "%d events stored, %d now; events %d to %d:\n",
		len(stored.Events), len(now.Events), max(at-eventsBefore, 0)+1, min(at+eventsAfter, max(len(stored.Events), len(now.Events))))
	b.WriteString(cmp.Diff(window(stored, at), window(now, at)))
	return b.String()
}

// window cuts the events around a place out of a trace, without their numbers:
// after one event more or less every number differs, and says nothing.
func window(t *trace.Trace, at int) []trace.Event {
	events := slices.Clone(t.Events[min(max(at-eventsBefore, 0), len(t.Events)):min(at+eventsAfter, len(t.Events))])
	for i := range events {
		events[i].Seq = 0
	}
	return events
}
