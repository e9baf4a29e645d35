package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/seal"
	"github.com/spf13/cobra"
)

// runOptions are the flags of run.
type runOptions struct {
	seed    uint64
	profile string
	defects []string
	once    bool
	out     string
	json    bool

	operator, note string
}

// maxRemark is the longest --operator and --note in bytes.
const maxRemark = 1000

// defaultOut is where results go.
const defaultOut = "out"

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [PATTERN|FILE.txtar|DIR]...",
		Short: "Attack the reference with scenarios and judge the seven properties",
		Long: `Run attacks the reference with the chosen scenarios, judges what happened and
writes the evidence. Without an argument it runs everything that is built in.

A PATTERN is a leading part of a scenario's id (camera, update/rollback) or a
path.Match glob over the whole id ("update/*"). A file or folder of your own runs
like a scenario that is built in; where a folder is named like a topic, write
./folder.

Every scenario runs as a control run (everything of the attack left out), as
written, and once more: equal seeds must give equal traces. --once leaves out the
first and the last.

It runs on the chip profile mt3620, or on the one that it names itself. --profile
NAME runs on another what may run there; --profile all runs everything on every
profile that it may run on.

DIR then holds SCENARIO/PROFILE/SEED/trace.jsonl, verdicts.jsonl, run.json and
report.html. It is built beside DIR and put in its place at the end; only a DIR
that Armillary made is replaced.`,
		Example: `  armillary run
  armillary run camera "update/*" --seed 7
  armillary run my-attack.txtar --json
  armillary run --defect chip.capability-is-signed`,
		RunE: func(_ *cobra.Command, args []string) error { return a.run(args, o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Uint64Var(&o.seed, "seed", 1, "seed of the world; equal seeds give equal traces")
	f.StringVar(&o.profile, "profile", "", "chip `NAME`, or "+everyProfile+" ("+strings.Join(profiles, ", ")+")")
	f.StringArrayVar(&o.defects, "defect", nil, "leave out a defense or take a wrong design, by `ID`; may be repeated")
	f.BoolVar(&o.once, "once", false, "run each scenario once: no control run, no second run to compare with")
	f.StringVarP(&o.out, "out", "o", defaultOut, "folder for the results")
	f.BoolVar(&o.json, "json", false, "print one JSON document on standard output")
	f.StringVar(&o.operator, "operator", "", "who runs this: `NAME` goes into run.json and every report")
	f.StringVar(&o.note, "note", "", "`TEXT` that goes into run.json and every report")
	return cmd
}

// finished is everything a run produced.
type finished struct {
	options    runOptions
	choice     *choice
	results    []*harness.Result
	start, end time.Time
	units      units
	waivers    []reports.Waiver // of the configuration
	record     *reports.Record
	doc        *reports.Document
	verdicts   []verdict.Verdict
	outcomes   []verdict.Scenario
}

// run is the command: choose, execute, write, tell.
func (a *app) run(args []string, o runOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	c, err := a.choose(args)
	if err != nil {
		return err
	}
	runs, err := a.planned(c, o.profile)
	if err != nil {
		return err
	}
	waivers, err := a.shownWaivers(a.config.waivers)
	if err != nil {
		return err
	}
	out, err := openOut(o.out)
	if err != nil {
		return err
	}
	defer out.abandon()
	r := &finished{options: o, choice: c, start: a.Now(), waivers: waivers}
	r.results, err = a.execute(c, runs, harness.Options{Seed: o.seed, Defects: o.defects, Once: o.once}, r.units.meet(inproc.New))
	if err != nil {
		return err
	}
	r.end = a.Now()
	r.record = a.newRecord(r, args)
	r.build()
	r.record.Attacks = &r.doc.Attacks
	if err := r.write(out); err != nil {
		return err
	}
	if err := interrupted(a.ctx); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	return a.tell(r, out)
}

// check refuses flags that name what there is not, and puts defects in order.
func (o *runOptions) check() error {
	for flag, text := range map[string]string{"operator": o.operator, "note": o.note} {
		if len(text) > maxRemark || !utf8.ValidString(text) {
			return badInput{fmt.Sprintf("--%s is no text of at most %d bytes", flag, maxRemark), "a longer story belongs into a file of your own"}
		}
	}
	if o.profile != "" && o.profile != everyProfile && !slices.Contains(profiles, o.profile) {
		return badInput{fmt.Sprintf("unknown chip profile %q", o.profile), "the reference has " + strings.Join(profiles, ", ") + "; " + everyProfile + " is every one"}
	}
	known := flawIDs()
	for _, id := range o.defects {
		if !slices.Contains(known, id) {
			hint := "armillary list defects shows all"
			if near := nearest(id, known); near != "" {
				hint = fmt.Sprintf("did you mean %q? %s", near, hint)
			}
			return badInput{fmt.Sprintf("unknown defect %q", id), hint}
		}
	}
	slices.Sort(o.defects)
	o.defects = slices.Compact(o.defects)
	return nil
}

// build works out what the reports show.
func (r *finished) build() {
	in := reports.Input{
		Run:       r.record.Info(),
		Catalogue: guarantees(),
		Traces:    map[verdict.Run]*trace.Trace{},
		Files:     map[verdict.Run]string{},
	}
	for _, x := range r.results {
		h := x.Trace.Header
		r.outcomes = append(r.outcomes, x.Outcome)
		r.verdicts = append(r.verdicts, x.Verdicts...)
		in.Traces[x.Outcome.Run()] = x.Trace
		in.Files[x.Outcome.Run()] = traceName(h.Scenario, h.Profile, h.Seed)
	}
	in.Scenarios, in.Verdicts, in.Waivers = r.outcomes, r.verdicts, r.waivers
	r.doc = reports.Build(in)
}

// write writes every file of the results. The record names those before it; the
// report is a view of them all.
func (r *finished) write(out *outDir) error {
	head := verdict.Header{SUT: r.doc.Run.SUT, Version: r.doc.Run.Version, Seed: r.doc.Run.Seed, Scenarios: r.outcomes}
	file, err := out.write(verdictsFile, func(w io.Writer) error { return verdict.WriteLines(w, head, r.verdicts) })
	if err != nil {
		return err
	}
	files := []reports.Digest{file}
	for _, x := range r.results {
		h := x.Trace.Header
		file, err := out.write(traceName(h.Scenario, h.Profile, h.Seed), x.Trace.Write)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	r.record.Files, r.record.Chain = files, seal.Chain(files)
	if _, err := out.write(runFile, func(w io.Writer) error { return writeJSON(w, r.record) }); err != nil {
		return err
	}
	_, err = out.write(reportFile, func(w io.Writer) error { return reports.HTML(w, r.doc) })
	return err
}

// tell prints the result and decides the exit code.
func (a *app) tell(r *finished, out *outDir) error {
	if err := a.print(r, out); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	missing := r.unexercised()
	if len(missing) > 0 {
		a.note("a run of everything left not exercised: %s", strings.Join(missing, ", "))
	}
	for _, s := range r.outcomes {
		if s.Status != verdict.Pass {
			return errViolated
		}
	}
	if len(missing) > 0 {
		return errViolated
	}
	return nil
}

// unexercised names the guarantees that a run of everything left without a
// verdict. Of a run of a part nothing follows.
func (r *finished) unexercised() []string {
	if !r.choice.all {
		return nil
	}
	var ids []string
	for _, g := range property.All {
		if r.options.profile != everyProfile {
			if !r.exercised(g.ID, "") {
				ids = append(ids, g.ID)
			}
			continue
		}
		for _, p := range profilesOf(&g) {
			if !r.exercised(g.ID, p) {
				ids = append(ids, g.ID+" on "+p)
			}
		}
	}
	return ids
}

// exercised tells whether a run, on the profile where one is named, gave a
// guarantee a verdict that counts.
func (r *finished) exercised(guarantee, profile string) bool {
	return slices.ContainsFunc(r.verdicts, func(v verdict.Verdict) bool {
		return v.Guarantee == guarantee && (profile == "" || v.Profile == profile) && v.Counts() && v.Status != verdict.NotExercised
	})
}

// print writes the result to standard output: one JSON document, or the table.
func (a *app) print(r *finished, out *outDir) error {
	if r.options.json {
		return reports.JSON(a.Stdout, r.doc)
	}
	shown := *r.doc // the report names files as seen from itself, the terminal as seen from here
	shown.Failures = slices.Clone(r.doc.Failures)
	for i := range shown.Failures {
		shown.Failures[i].File = out.path(shown.Failures[i].File)
	}
	width, _ := a.terminal(a.Stdout)
	err := reports.Text(a.Stdout, &shown, reports.TextOptions{
		Color: a.color(a.Stdout), Width: width,
		Replay: func(f reports.Failure) string { return a.command() + " replay " + quoted(f.File) },
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "report  %s\n", out.path(reportFile))
	return err
}

// writeJSON writes one indented JSON document.
func writeJSON(w interface{ Write([]byte) (int, error) }, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
