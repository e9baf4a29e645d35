package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/fuzz/campaign"
	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/spf13/cobra"
)

// fuzzOptions are the flags of fuzz.
type fuzzOptions struct {
	runs     int
	duration time.Duration
	seed     uint64
	sut      string
	workers  int
	out      string
	defects  []string
	prove    bool
	json     bool
	markdown bool
}

// defaultFuzzOut is where a campaign keeps its journal and findings. It is not the
// folder of run, which is replaced as a whole.
const defaultFuzzOut = "out-fuzz"

// keysSeed is the seed of every world of a campaign: its keys stay, and so what was
// signed and verified is remembered; what differs is the story.
const keysSeed = 1

func (a *app) fuzzCommand() *cobra.Command {
	var o fuzzOptions
	cmd := &cobra.Command{
		Use:   "fuzz",
		Short: "Search for a story that nobody wrote in which a guarantee falls",
		Long: `Fuzz makes stories at random (steps, moves of an attacker, faults), runs and judges
them, and goes on from those that show something new. What falls is shrunk to a
scenario of a few steps, which is run twice again and written with its trace under
DIR/findings/.

DIR holds a journal. The same command goes on where an earlier one ended, was
interrupted or was killed: --runs counts the worlds of all of them. Equal seeds give
equal campaigns, whatever --workers says.

--prove searches with every defect of the reference in turn, and says after how many
worlds it is noticed; with --defect, with those alone. --runs bounds the worlds for
one defect. It writes how far it is into DIR/prove.json, goes on from there when it was
interrupted, and removes the file at the end.`,
		Example: `  armillary fuzz --for 10m
  armillary fuzz --runs 20000 --seed 7 --out findings-of-monday
  armillary fuzz --defect monitor.version-never-falls
  armillary fuzz --prove --runs 20000`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.fuzz(o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVar(&o.runs, "runs", 0, "end after `N` worlds (5000 without --for; 20000 with --prove)")
	f.DurationVar(&o.duration, "for", 0, "end after a `DURATION` such as 10m")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the stories")
	f.StringVar(&o.sut, "sut", "reference", "the system under test, by `NAME`")
	f.IntVar(&o.workers, "workers", 0, "worlds at once; 0 is one for each processor")
	f.StringVarP(&o.out, "out", "o", defaultFuzzOut, "folder for the journal and the findings")
	f.StringArrayVar(&o.defects, "defect", nil, "leave out a defense or take a wrong design, by `ID`; may be repeated")
	f.BoolVar(&o.prove, "prove", false, "measure the search: how soon does it notice each defect?")
	f.BoolVar(&o.json, "json", false, "print one JSON document on standard output")
	f.BoolVar(&o.markdown, "markdown", false, "with --prove: print docs/track-record.md")
	return cmd
}

// check refuses flags that make no campaign.
func (o *fuzzOptions) check() error {
	switch {
	case o.runs < 0:
		return badInput{fmt.Sprintf("--runs: %d is no number of worlds", o.runs), "leave it out, or give a number from 1"}
	case o.duration < 0:
		return badInput{fmt.Sprintf("--for: %s lies in the past", o.duration), "such as --for 10m"}
	case o.workers < 0:
		return badInput{fmt.Sprintf("--workers: %d is no number of workers", o.workers), "0 is one for each processor"}
	case !slices.Contains(systems, o.sut):
		return badInput{fmt.Sprintf("--sut: there is no system %q to fuzz", o.sut), "there is " + strings.Join(systems, ", ") + "; one of your own is searched from a Go test, as fuzz/campaign does in its tests"}
	case o.prove && o.duration != 0:
		return badInput{"--prove does not go with --for", "it tries each defect for a number of worlds that --runs bounds"}
	}
	if o.markdown && (!o.prove || o.json || len(o.defects) > 0) {
		return badInput{"--markdown goes with --prove, and with neither --json nor --defect", "it prints the track record"}
	}
	known := flawIDs()
	for _, id := range o.defects {
		if !slices.Contains(known, id) {
			hint := didYouMean(id, known)
			if hint == "" {
				hint = "armillary list defects shows all"
			}
			return badInput{fmt.Sprintf("unknown defect %q", id), hint}
		}
	}
	slices.Sort(o.defects)
	o.defects = slices.Compact(o.defects)
	if o.workers == 0 {
		o.workers = runtime.GOMAXPROCS(0)
	}
	return nil
}

// stories says for what system a campaign's worlds are made: the reference, on each
// of its chips.
func stories() generate.Options {
	var components []string
	for _, f := range flaws() {
		c, _, _ := strings.Cut(f.ID, ".")
		if !slices.Contains(components, c) {
			components = append(components, c)
		}
	}
	return generate.Options{Needs: generate.EveryNeed(components...), Profiles: append([]string{""}, profiles...)}
}

func (a *app) fuzz(o fuzzOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	g, err := generate.Default()
	if err != nil {
		return err
	}
	if o.prove {
		return a.prove(g, o)
	}
	if o.runs == 0 && o.duration == 0 {
		o.runs = 5000
	}
	j, records, err := openJournal(o)
	if err != nil {
		return err
	}
	defer j.close()
	c := campaign.New(g, campaign.Options{Seed: o.seed, Workers: o.workers, Stories: stories(), Case: o.aCase()})
	if err := a.search(c, j, records, o); err != nil {
		return err
	}
	if o.json {
		err = writeJSON(a.Stdout, summary(c, o))
	} else {
		err = a.tellCampaign(c, o)
	}
	return violatedUnless(len(c.Findings) == 0, err)
}

// aCase is the system that a campaign attacks. With defects the flawless reference is
// its control.
func (o *fuzzOptions) aCase() campaign.Case {
	c := campaign.Case{Factory: inproc.New, Seed: keysSeed, Defects: o.defects,
		Found: fmt.Sprintf("armillary fuzz, seed %d, build %s", o.seed, buildVersion())}
	if len(o.defects) > 0 {
		c.Control = inproc.New
		c.Found += ", with " + strings.Join(o.defects, " ")
	}
	return c
}

// search makes rounds until there are enough worlds, the time is up or somebody
// interrupts: the journal then has every round that was finished.
func (a *app) search(c *campaign.Campaign, j *journal, records []campaign.Record, o fuzzOptions) error {
	bar := a.progress("worlds")
	defer bar.end()
	ctx := a.ctx
	if o.duration > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, o.duration)
		defer stop()
	}
	result := make(chan error, 1)
	for _, r := range records {
		if err := c.Resume(r); err != nil {
			return badInput{fmt.Sprintf("%s: %s", j.shown, err), "choose another folder with --out"}
		}
	}
	for (o.runs == 0 || c.Worlds < o.runs) && ctx.Err() == nil {
		go func() {
			r := c.Next()
			result <- j.add(r)
		}()
		select {
		case err := <-result:
			if err != nil {
				return err
			}
			bar.set(c.Worlds, max(o.runs, c.Worlds+1))
		case <-a.ctx.Done():
			return fmt.Errorf("interrupted: %s holds every round that was finished, and the same command goes on from there", j.shown)
		}
	}
	if err := a.ctx.Err(); err != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("interrupted: %s holds every round that was finished, and the same command goes on from there", j.shown)
	}
	return nil
}

// campaignSummary is what fuzz --json prints.
type campaignSummary struct {
	Schema   int                `json:"schema"`
	Seed     uint64             `json:"seed"`
	SUT      string             `json:"sut"`
	Defects  []string           `json:"defects"`
	Rounds   int                `json:"rounds"`
	Worlds   int                `json:"worlds"`
	Broken   int                `json:"broken"` // stories that were no scenario: no world
	Features int                `json:"features"`
	Corpus   int                `json:"corpus"`
	Findings []campaign.Finding `json:"findings"`
	Out      string             `json:"out"`
}

func summary(c *campaign.Campaign, o fuzzOptions) campaignSummary {
	return campaignSummary{trace.Schema, o.seed, o.sut, append([]string{}, o.defects...), c.Round, c.Worlds, c.Broken, c.Features(), c.Corpus(),
		append([]campaign.Finding{}, c.Findings...), o.out}
}

func (a *app) tellCampaign(c *campaign.Campaign, o fuzzOptions) error {
	w := bufio.NewWriter(a.Stdout)
	for _, f := range c.Findings {
		fmt.Fprintf(w, "%s fell: %s\n  %d steps, world %d: %s\n", f.Guarantee, printable(f.Reason), f.Steps, f.World, filepath.Join(o.out, "findings", findingName(f)))
	}
	fmt.Fprintf(w, "%d worlds, %d kept, %d features; %s\n", c.Worlds, c.Corpus(), c.Features(), findingsWord(len(c.Findings)))
	return w.Flush()
}

func findingsWord(n int) string {
	switch n {
	case 0:
		return "no guarantee fell"
	case 1:
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}
