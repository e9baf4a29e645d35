package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/gate"
	"github.com/spf13/cobra"
)

// maxBaseline is the longest baseline in bytes that is read.
const maxBaseline = 256 << 20

// gateOptions are the flags of gate.
type gateOptions struct {
	baseline, waivers string
	format, out       string
	update            bool
}

// gateForms lists the formats in the order of help.
var gateForms = []struct {
	name  string
	write func(io.Writer, *gate.Result) error // nil for text, which must know the terminal
}{
	{"text", nil}, {"markdown", gate.Markdown}, {"json", gate.JSON}, {"html", gate.HTML},
}

func gateFormNames() []string {
	var names []string
	for _, f := range gateForms {
		names = append(names, f.name)
	}
	return names
}

func (a *app) gateCommand() *cobra.Command {
	var o gateOptions
	cmd := &cobra.Command{
		Use:   "gate VERDICTS",
		Short: "Compare a run with a committed baseline: nothing that held may fail, fall silent or vanish",
		Long: `Gate compares a stored run, the folder of a run or the verdicts.jsonl in it, with
a baseline: a text file, one fact a line, that is kept beside the code. It runs
nothing. Each fact is new, fixed, unchanged, absent, or broken.

It ends with 3 when

  a guarantee, a scenario or what a scenario expects held, and does not any more;
    not exercised and idle are not held
  something fails that the baseline does not know
  a scenario is gone
  a defect is no longer caught, or no longer noticed by a guarantee that noticed it;
    a baseline with a kill matrix demands one (armillary sweep defects)
  a reason code of inconclusive or not exercised is over its budget
  a waiver is expired, has no reason, or waives nothing

--update writes FILE anew, as the run is: a pull request then shows, line for line,
what changed. A waiver file lists what is let through for a while:

  schema: 1
  waivers:
    - id: update/rollback       # a scenario, guarantee, defect, code, or a whole finding
      reason: fixed in 2.4, which ships on Friday
      owner: alice@example.com
      expires: 2027-01-31       # the last day on which it holds`,
		Example: `  armillary run && armillary gate --baseline armillary.baseline out
  armillary gate --baseline armillary.baseline --update out
  armillary gate --baseline armillary.baseline --waivers waivers.yaml --format markdown out`,
		Args: oneRun,
		RunE: func(_ *cobra.Command, args []string) error { return a.gate(args[0], o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.baseline, "baseline", "", "the baseline, a `FILE`")
	f.BoolVar(&o.update, "update", false, "write the baseline anew, as the run is")
	f.StringVar(&o.waivers, "waivers", "", "a `FILE` with what is let through, why, by whom and until when")
	f.StringVar(&o.format, "format", "text", strings.Join(gateFormNames(), ", "))
	f.StringVarP(&o.out, "output", "o", "", "write to `FILE` instead of standard output")
	return cmd
}

// oneRun demands exactly one argument: a stored run.
func oneRun(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return badInput{fmt.Sprintf("%s takes one run, got %d arguments", cmd.CommandPath(), len(args)), "such as out, or out/" + verdictsFile}
	}
	return nil
}

func (a *app) gate(name string, o gateOptions) error {
	if o.baseline == "" {
		o.baseline = a.config.baseline
	}
	if o.waivers == "" {
		o.waivers = a.config.waivers
	}
	if err := o.check(); err != nil {
		return err
	}
	options := gate.Options{Today: a.Now(), Budgets: a.config.budgets}
	var err error
	if options.Waivers, err = readWaivers(o.waivers); err != nil {
		return err
	}
	run, err := a.loadRun(name)
	if err != nil {
		return err
	}
	now := gate.Run{System: run.input.Run.SUT, Scenarios: run.input.Scenarios, Verdicts: run.input.Verdicts, Kills: run.input.Kills}
	baseline, err := readBaseline(o.baseline, o.update)
	if err != nil {
		return err
	}
	result, err := gate.Compare(baseline, now, options)
	if o.update && errors.Is(err, gate.ErrOtherSystem) {
		result, err = gate.Compare(&gate.Baseline{}, now, options)
	}
	if err != nil {
		return badInput{fmt.Sprintf("%s: %s", o.baseline, err), "--update makes it the baseline of this one"}
	}
	if o.update {
		return a.updateBaseline(now, result, o, len(baseline.Facts) == 0)
	}
	if err := a.tellGate(result, o); err != nil {
		return err
	}
	return violatedUnless(result.Open, nil)
}

// check refuses flags that do not go together.
func (o *gateOptions) check() error {
	known := gateFormNames()
	for _, name := range known {
		if name == o.format {
			if o.baseline == "" {
				return badInput{"gate needs a baseline", "--baseline FILE, or baseline: FILE in " + configFile + "; --update makes the first one"}
			}
			return nil
		}
	}
	hint := didYouMean(o.format, known)
	if hint == "" {
		hint = "there are " + strings.Join(known, ", ")
	}
	return badInput{fmt.Sprintf("unknown format %q", o.format), hint}
}

func readWaivers(name string) ([]gate.Waiver, error) {
	if name == "" {
		return nil, nil
	}
	text, err := readBounded(name)
	if err != nil {
		return nil, err
	}
	return gate.ParseWaivers(name, text)
}

// shownWaivers reads waivers for the report of a run, which shows them and does no more.
func (a *app) shownWaivers(name string) ([]reports.Waiver, error) {
	list, err := readWaivers(name)
	var shown []reports.Waiver
	for _, w := range list {
		shown = append(shown, w.Shown(a.Now()))
	}
	return shown, err
}

// readBaseline reads a baseline; one that is to be written need not be there.
func readBaseline(name string, update bool) (*gate.Baseline, error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		if update {
			return &gate.Baseline{}, nil
		}
		return nil, badInput{name + ": no such file", "--update makes the first baseline"}
	}
	text, err := readUpTo(name, maxBaseline)
	if err != nil {
		return nil, err
	}
	b, err := gate.ReadBaseline(bytes.NewReader(text))
	if errors.Is(err, gate.ErrForeign) {
		return nil, atLine{badInput{fmt.Sprintf("%s:1:1: %s", name, err), "its first line is \"# armillary baseline 1\"; nothing was touched"}}
	}
	if err != nil {
		return nil, lineError(name, err, "")
	}
	return b, nil
}

// updateBaseline writes the baseline and tells what changes in it; in the
// first one everything does.
func (a *app) updateBaseline(now gate.Run, r *gate.Result, o gateOptions, first bool) error {
	var b bytes.Buffer
	fresh := gate.NewBaseline(now)
	if err := fresh.Write(&b); err != nil {
		return err
	}
	if err := writeWhole(o.baseline, b.Bytes()); err != nil {
		return err
	}
	if !first || o.format != "text" {
		if err := a.tellGate(r, o); err != nil || o.format != "text" {
			return err
		}
	}
	_, err := fmt.Fprintf(a.Stdout, "baseline  %s, %d facts: the run as it is\n", o.baseline, len(fresh.Facts))
	return err
}

// tellGate writes the comparison to where it is wanted.
func (a *app) tellGate(r *gate.Result, o gateOptions) error {
	var b bytes.Buffer
	var err error
	for _, f := range gateForms {
		switch {
		case f.name != o.format:
		case f.write == nil:
			err = gate.Text(&b, r, o.out == "" && a.color(a.Stdout))
		default:
			err = f.write(&b, r)
		}
	}
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if o.out != "" {
		return writeWhole(o.out, b.Bytes())
	}
	_, err = a.Stdout.Write(b.Bytes())
	return err
}
