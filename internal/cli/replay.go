package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func (a *app) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay TRACE",
		Short: "Run a stored trace again and compare",
		Long: `Replay runs the story in a stored trace again, with the seed, profile and defects
in its header, and compares the digests. Where the traces differ it shows the first
events that do, with those around them: - was stored, + came now.

Equal ends with 0, different with 3. Nothing is written.`,
		Example: "  armillary replay out/camera/homehack/mt3620/1/trace.jsonl",
		Args:    oneTrace,
		RunE:    func(_ *cobra.Command, args []string) error { return a.replay(args[0]) },
	}
}

func (a *app) replay(name string) error {
	stored, err := readTrace(name)
	if err != nil {
		return err
	}
	if err := replayable(name, stored.Header); err != nil {
		return err
	}
	now, err := harness.Replay(stored, inproc.New)
	if err != nil {
		return fmt.Errorf("replay %s: %w", name, err)
	}
	if was, is := stored.Digest(), now.Digest(); was != is {
		_, err := fmt.Fprintf(a.Stdout, "different: stored %s, now %s\n%s", was, is, difference(stored, now))
		if err != nil {
			return err
		}
		return errViolated
	}
	_, err = fmt.Fprintf(a.Stdout, "equal: %s ran again with the same %d events, digest %s\n", stored.Header.Scenario, len(now.Events), now.Digest())
	return err
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
	fmt.Fprintf(&b, "first difference: %s\n%d events stored, %d now; events %d to %d:\n", printable(harness.Compare(stored, now)),
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
