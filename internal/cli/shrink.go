package cli

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/armillary/armillary/fuzz/campaign"
	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/spf13/cobra"
)

// shrinkOptions are the flags of shrink.
type shrinkOptions struct {
	out       string
	guarantee string
	json      bool
}

func (a *app) shrinkCommand() *cobra.Command {
	var o shrinkOptions
	cmd := &cobra.Command{
		Use:   "shrink TRACE",
		Short: "Make the smallest story in which the guarantee that fell still falls",
		Long: `Shrink takes the story of a failing trace apart: steps go first, then arguments
become simpler, then faults. At every step the same guarantee must fall for the same
reason. What is left is run twice again and written with its trace under
DIR/findings/.

With defects in the trace, the guarantee must hold in the same story without them.
Of several guarantees that fell the first is taken, or the one that --guarantee names.`,
		Example: `  armillary shrink out/camera/homehack/mt3620/1/trace.jsonl`,
		Args:    oneTrace,
		RunE:    func(_ *cobra.Command, args []string) error { return a.shrink(args[0], o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.guarantee, "guarantee", "", "the guarantee that fell, by `ID`")
	f.StringVarP(&o.out, "out", "o", defaultFuzzOut, "folder for the scenario and its trace")
	f.BoolVar(&o.json, "json", false, "print one JSON document on standard output")
	return cmd
}

func (a *app) shrink(name string, o shrinkOptions) error {
	tr, err := readTrace(name)
	if err != nil {
		return err
	}
	if err := replayable(name, tr.Header); err != nil {
		return err
	}
	if tr.Header.Control {
		return badInput{name + ": a control run, which nobody attacks", "give the trace of the story itself"}
	}
	guarantee, reason, err := fallenIn(name, harness.Judge(tr), o.guarantee)
	if err != nil {
		return err
	}
	sc, err := scenario.Parse(tr.Header.Scenario+".txtar", []byte(tr.Header.Text))
	if err != nil {
		return fmt.Errorf("story in %s: %w", name, err)
	}
	h := tr.Header
	c := campaign.Case{Factory: inproc.New, Seed: h.Seed, Profile: h.Profile, Defects: h.Defects, Found: "armillary shrink, from " + h.Scenario + ", build " + buildVersion()}
	if len(h.Defects) > 0 {
		c.Control = inproc.New
	}
	f, err := c.Shrink(generate.Of(sc), guarantee, reason)
	if err != nil {
		return fmt.Errorf("%s: %s cannot be shown again: %w", name, guarantee, err)
	}
	if err := writeFinding(o.out, f); err != nil {
		return err
	}
	if o.json {
		return writeJSON(a.Stdout, f)
	}
	_, err = fmt.Fprintf(a.Stdout, "%s\n%s fell: %s\n%d steps of %d: %s\n", f.Text, f.Guarantee, printable(f.Reason), f.Steps, len(sc.Steps),
		filepath.Join(o.out, findingsFolder, findingName(*f), storyFile))
	return err
}

// fallenIn is the guarantee to shrink for: the one that is wanted, else the first that
// fell by its effect.
func fallenIn(name string, r *harness.Result, wanted string) (guarantee, reason string, err error) {
	if wanted != "" && !slices.Contains(guaranteeIDs(), wanted) {
		hint := didYouMean(wanted, guaranteeIDs())
		return "", "", badInput{fmt.Sprintf("unknown guarantee %q", wanted), hint}
	}
	for _, v := range r.Verdicts {
		if v.Status != verdict.Fail || !v.Counts() || wanted != "" && v.Guarantee != wanted {
			continue
		}
		if guarantee == "" || guarantee == reasonOnly {
			guarantee, reason = v.Guarantee, v.Reason
		}
	}
	switch {
	case guarantee != "":
		return guarantee, reason, nil
	case wanted != "":
		return "", "", badInput{fmt.Sprintf("%s: %s did not fall", name, wanted), "armillary judge tells what did"}
	}
	return "", "", badInput{name + ": no guarantee fell", "armillary judge tells how it was judged"}
}

// reasonOnly is the guarantee that reads how steps ended, not effects.
const reasonOnly = "depth.stopped-by-the-expected-defense"
