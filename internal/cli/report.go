package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/control"
	"github.com/spf13/cobra"
)

// reportOptions are the flags of report.
type reportOptions struct {
	format       string
	frameworks   []string
	declarations string
	waivers      string
	out          string
	key          string
	compare      string
}

// form is one format of report.
type form struct {
	name, doc string
	// write renders; nil for the forms that write differently (see app.report).
	write func(w io.Writer, d *reports.Document) error
	timed bool // the form must say when the run was
}

// forms lists the formats in the order of help.
var forms = []form{
	{formText, "the table of the seven, failures and controls, for a terminal", nil, false},
	{formHTML, "everything in one file that needs no network", reports.HTML, false},
	{"json", "one JSON document", reports.JSON, false},
	{"markdown", "a page for a wiki or a pull request", reports.Markdown, false},
	{"csv", "one row a guarantee and a control, for a table", reports.CSV, false},
	{"sarif", "SARIF 2.1.0: guarantees as rules, frameworks as taxonomies", reports.SARIF, false},
	{"junit", "JUnit XML: a suite a scenario and a framework", reports.JUnit, true},
	{formOSCAL, "OSCAL assessment results, and plan and component definition beside -o", nil, true},
	{formIntoto, "an in-toto test-result statement about every file of the run, signed with --key", nil, true},
}

// The formats that are spoken of by name.
const (
	formText   = "text"
	formHTML   = "html"
	formOSCAL  = "oscal"
	formIntoto = "intoto"
)

func formNames() []string {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

func (a *app) reportCommand() *cobra.Command {
	var o reportOptions
	var long strings.Builder
	long.WriteString(`Report renders a stored run. It runs nothing: VERDICTS, the folder of a run or the
verdicts.jsonl in it, may come from another machine. Traces, kills.jsonl and
run.json are found beside it; a trace that is not the one which was judged is
refused.

Formats:

`)
	for _, f := range forms {
		fmt.Fprintf(&long, "  %-9s %s\n", f.name, f.doc)
	}
	long.WriteString(`
Every control of the chosen frameworks is satisfied, partial, not demonstrated or
not satisfied, with the reason. Without --framework it shows all that are built in;
armillary list frameworks names them. One of your own is a YAML file:
--framework ./mine.yaml.`)
	cmd := &cobra.Command{
		Use:   "report VERDICTS",
		Short: "Render a stored run: for people, for tools, for a laboratory's file",
		Long:  long.String(),
		Example: `  armillary report out
  armillary report --format html --framework etsi-en-303-645 -o en303645.html out
  armillary report --format html --compare last-week -o report.html out
  armillary report --format csv out > controls.csv
  armillary report --format intoto --key lab.pem -o run.intoto.json out
  armillary report verify --key lab.pub.pem run.intoto.json out`,
		Args: oneRun,
		RunE: func(_ *cobra.Command, args []string) error { return a.report(args[0], o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.format, "format", formText, strings.Join(formNames(), ", "))
	f.StringArrayVar(&o.frameworks, "framework", nil, "show this framework, by `ID` or as a YAML file; may be repeated")
	f.StringVar(&o.declarations, "declarations", "", "`FILE` with what the maker declares himself: shown as declared, never as satisfied")
	f.StringVar(&o.waivers, "waivers", "", "`FILE` with what is let through for a while: shown, and no verdict changes for it")
	f.StringVar(&o.compare, "compare", "", "say in html and text what changed since the stored run `OTHER`")
	f.StringVarP(&o.out, "output", "o", "", "write to `FILE` instead of standard output")
	f.StringVar(&o.key, "key", "", "sign the in-toto statement with this private key, P-256 or Ed25519 in PEM `FILE`")
	cmd.AddCommand(a.verifyCommand())
	return cmd
}

func (a *app) report(name string, o reportOptions) error {
	if o.format != formIntoto { // which says what was tested, and nothing of standards
		if len(o.frameworks) == 0 {
			o.frameworks = a.config.frameworks
		}
		if o.declarations == "" {
			o.declarations = a.config.declarations
		}
		if o.waivers == "" {
			o.waivers = a.config.waivers
		}
	}
	if err := o.check(); err != nil {
		return err
	}
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == o.format })
	frameworks, err := chooseFrameworks(o.frameworks)
	if err != nil {
		return err
	}
	declared, err := readDeclarations(o.declarations, frameworks)
	if err != nil {
		return err
	}
	waivers, err := a.shownWaivers(o.waivers)
	if err != nil {
		return err
	}
	run, err := a.loadRun(name)
	if err != nil {
		return err
	}
	run.input.Frameworks, run.input.Declarations, run.input.Waivers = frameworks, declared, waivers
	if forms[i].timed && run.input.Run.Started.IsZero() {
		return badInput{fmt.Sprintf("%s must say when the run was, and there is no %s beside %s", o.format, runFile, verdictsFile), "give the whole folder of the run"}
	}
	switch o.format {
	case formOSCAL:
		return writeOSCAL(run, o)
	case formIntoto:
		return a.writeStatement(run, o)
	}
	var before *reports.Document
	if o.compare != "" {
		other, err := a.loadRun(o.compare)
		if err != nil {
			return err
		}
		other.input.Frameworks, other.input.Declarations = frameworks, declared
		before = reports.Build(other.input)
	}
	return a.render(forms[i], run, before, o)
}

// check refuses flags that do not go together.
func (o *reportOptions) check() error {
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == o.format })
	switch {
	case i < 0:
		hint := didYouMean(o.format, formNames())
		if hint == "" {
			hint = "there are " + strings.Join(formNames(), ", ")
		}
		return badInput{fmt.Sprintf("unknown format %q", o.format), hint}
	case o.key != "" && o.format != formIntoto:
		return badInput{fmt.Sprintf("--key signs --format %s, not %s", formIntoto, o.format), ""}
	case o.compare != "" && o.format != formText && o.format != formHTML:
		return badInput{fmt.Sprintf("--compare is told in %s and %s, not in %s", formHTML, formText, o.format), ""}
	case o.format == formIntoto && (o.declarations != "" || o.waivers != "" || len(o.frameworks) > 0):
		return badInput{"a statement says what was tested: it takes neither --framework nor --declarations nor --waivers", "report them in another format"}
	case o.format == formOSCAL && o.out == "":
		return badInput{"OSCAL is three documents that name each other: say with -o where", "-o results.json writes results.plan.json and results.component.json beside it"}
	}
	return nil
}

// render writes one form to where it is wanted, with what changed since another run
// where one is given. A file is written whole or not at
// all.
func (a *app) render(f form, run *stored, before *reports.Document, o reportOptions) error {
	var b bytes.Buffer
	doc := reports.Build(run.input)
	if before != nil {
		doc.Changes = reports.Compare(before, doc)
	}
	var err error
	switch f.name {
	case formText:
		err = reports.Text(&b, doc, a.textOptions(run, o.out))
	default:
		err = f.write(&b, doc)
	}
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if o.out == "" {
		_, err = a.Stdout.Write(b.Bytes())
		return err
	}
	return writeWhole(o.out, b.Bytes())
}

// textOptions fits the text to where it goes: a file is plain and 80 columns wide.
func (a *app) textOptions(run *stored, file string) reports.TextOptions {
	opts := reports.TextOptions{Replay: func(f reports.Failure) string {
		if f.File == "" {
			return ""
		}
		return a.command() + " replay " + quoted(filepath.Join(run.dir, filepath.FromSlash(f.File)))
	}}
	if file == "" {
		opts.Width, _ = a.terminal(a.Stdout)
		opts.Color = a.color(a.Stdout)
	}
	return opts
}

// writeWhole writes a file so that a reader sees the old one or the new one.
func writeWhole(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return fileError(name, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fileError(name, err)
	}
	return nil
}

// chooseFrameworks finds frameworks by id or file, in the order given and once
// each; none given means all that are built in.
func chooseFrameworks(chosen []string) ([]*control.Framework, error) {
	all, err := control.Builtin()
	if err != nil || len(chosen) == 0 {
		return all, err
	}
	var ids []string
	for _, f := range all {
		ids = append(ids, f.ID)
	}
	var out []*control.Framework
	for _, c := range chosen {
		f, err := chooseFramework(c, all, ids)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o *control.Framework) bool { return o.ID == f.ID }) {
			return nil, badInput{fmt.Sprintf("framework %s is given twice", f.ID), ""}
		}
		out = append(out, f)
	}
	return out, nil
}

func chooseFramework(c string, all []*control.Framework, ids []string) (*control.Framework, error) {
	if i := slices.Index(ids, c); i >= 0 {
		return all[i], nil
	}
	if ext := filepath.Ext(c); ext != ".yaml" && ext != ".yml" {
		hint := didYouMean(c, ids)
		if hint == "" {
			hint = "armillary list frameworks shows all; one of your own is a file that ends in .yaml"
		}
		return nil, badInput{fmt.Sprintf("unknown framework %q", c), hint}
	}
	text, err := readBounded(c)
	if err != nil {
		return nil, err
	}
	return control.Parse(c, text, guaranteeIDs())
}

func readDeclarations(name string, frameworks []*control.Framework) (*control.Declarations, error) {
	if name == "" {
		return nil, nil
	}
	text, err := readBounded(name)
	if err != nil {
		return nil, err
	}
	known, err := control.Builtin()
	if err != nil {
		return nil, err
	}
	return control.ParseDeclarations(name, text, append(slices.Clone(known), frameworks...))
}

// readBounded reads a file that the caller names, up to what a catalogue may have.
func readBounded(name string) ([]byte, error) { return readUpTo(name, control.MaxFile) }

// readUpTo reads a file that the caller names, and no more than limit bytes of it.
func readUpTo(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fileError(name, err)
	}
	if int64(len(text)) > limit {
		return nil, badInput{fmt.Sprintf("%s: longer than %d bytes", name, limit), ""}
	}
	return text, nil
}
