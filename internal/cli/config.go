package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/strict"
	"github.com/spf13/cobra"
)

// configFile is what a repository says about its own use of Armillary.
const configFile = "armillary.yaml"

// configForm is the file that init writes: every key, commented.
//
//go:embed armillary.yaml
var configForm string

// systems lists what there is to attack by name.
var systems = []string{"reference"}

// config is armillary.yaml. A flag goes before what it says.
type config struct {
	file         string // as seen from here, "" when there is none
	sut          string
	scenarios    []string // own folders, as seen from here
	library      bool     // a run of everything has the stories that are built in too
	profiles     []string // chip profiles of a run without --profile
	frameworks   []string // ids, and files as seen from here
	declarations string   // files as seen from here, "" for none
	baseline     string
	waivers      string
	budgets      map[verdict.Code]int
}

// findConfig looks for armillary.yaml here and above, up to the root of the repository
// (the folder with .git); outside a repository only here: a folder above may be
// anybody's. It gives the file as seen from here, "" when there is none.
func findConfig() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	root := here
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			root = dir
			break
		}
		if filepath.Dir(dir) == dir {
			break
		}
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		name := filepath.Join(dir, configFile)
		if _, err := os.Stat(name); err == nil {
			return filepath.Rel(here, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fileError(name, err)
		}
		if dir == root || filepath.Dir(dir) == dir {
			return "", nil
		}
	}
}

// loadConfig reads the configuration that is in force here.
func loadConfig() (*config, error) {
	file, err := findConfig()
	if err != nil {
		return nil, err
	}
	if file == "" {
		return &config{library: true}, nil
	}
	text, err := readUpTo(file, strict.MaxFile)
	if err != nil {
		return nil, err
	}
	return parseConfig(file, text)
}

// parseConfig is strict: unknown keys, names that there are not, and paths that lead out
// of the folder are errors (a [strict.Mistakes]), each with its place.
func parseConfig(file string, text []byte) (*config, error) {
	c := &config{file: file, library: true, budgets: map[verdict.Code]int{}}
	r := &configReader{strict.New(file), filepath.Dir(file)}
	r.Keys(r.Root(text), configFile, map[string]func(*strict.Node){
		"schema*":   r.Schema,
		"sut":       r.oneOf("system", systems, &c.sut),
		"scenarios": r.paths(&c.scenarios),
		"library":   r.yes(&c.library),
		"profiles": r.List(func(n *strict.Node) {
			c.profiles = append(c.profiles, "")
			r.oneOf("chip profile", profiles, &c.profiles[len(c.profiles)-1])(n)
		}),
		"frameworks":   r.List(func(n *strict.Node) { c.frameworks = append(c.frameworks, r.framework(n)) }),
		"declarations": r.path(&c.declarations),
		"baseline":     r.path(&c.baseline),
		"waivers":      r.path(&c.waivers),
		"budgets":      r.Each(func(k, v *strict.Node) { r.budget(c, k, v) }),
	})
	if err := r.Err(); err != nil {
		return nil, err
	}
	slices.Sort(c.profiles)
	c.profiles = slices.Compact(c.profiles)
	return c, nil
}

// configReader reads armillary.yaml; dir is the folder that paths in it start from.
type configReader struct {
	*strict.Reader
	dir string
}

// oneOf reads a name that must be known.
func (r *configReader) oneOf(what string, known []string, s *string) func(*strict.Node) {
	return func(n *strict.Node) {
		var name string
		r.Text(&name)(n)
		if name == "" {
			return
		}
		if !slices.Contains(known, name) {
			hint := "there are " + strings.Join(known, ", ")
			if near, ok := strict.Near(name, known); ok {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			r.Wrong(n, "unknown %s %q (%s)", what, strict.Short(name), hint)
			return
		}
		*s = name
	}
}

// path reads a path below the file's own folder: a repository that somebody else wrote
// must not make a command read or write anywhere else.
func (r *configReader) path(s *string) func(*strict.Node) {
	return func(n *strict.Node) {
		var name string
		r.Text(&name)(n)
		if name == "" {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			r.Wrong(n, "%q leads out of the folder of %s", strict.Short(name), configFile)
			return
		}
		*s = filepath.Join(r.dir, filepath.FromSlash(name))
	}
}

func (r *configReader) paths(list *[]string) func(*strict.Node) {
	return r.List(func(n *strict.Node) {
		var one string
		r.path(&one)(n)
		*list = append(*list, one)
	})
}

func (r *configReader) yes(b *bool) func(*strict.Node) {
	return func(n *strict.Node) {
		if n.Kind != strict.Scalar || n.Value != "true" && n.Value != "false" {
			r.Wrong(n, "true or false is wanted here")
		}
		*b = n.Value == "true"
	}
}

// framework reads an id, or a file of one's own.
func (r *configReader) framework(n *strict.Node) (name string) {
	if ext := path.Ext(n.Value); ext == ".yaml" || ext == ".yml" {
		r.path(&name)(n)
		return name
	}
	var ids []string
	if all, err := chooseFrameworks(nil); err == nil { // of those that are built in; a test holds them
		for _, f := range all {
			ids = append(ids, f.ID)
		}
	}
	r.oneOf("framework", ids, &name)(n)
	return name
}

func (r *configReader) budget(c *config, k, v *strict.Node) {
	var code string
	var all []string
	for _, c := range verdict.AllCodes() {
		all = append(all, string(c))
	}
	r.oneOf("reason code", all, &code)(k)
	var n int
	r.Number(&n, verdict.MaxVerdicts)(v)
	if code != "" {
		c.budgets[verdict.Code(code)] = n
	}
}

// ownStory is a scenario of the repository's own.
type ownStory struct{ id, file string }

// stories lists the scenarios in the repository's own folders, sorted by id. One with a
// mistake goes by its path: the mistake is told when it is chosen.
func (c *config) stories() ([]ownStory, error) {
	var all []ownStory
	for _, folder := range c.scenarios {
		files, err := inFolder(folder+string(filepath.Separator), nil)
		if err != nil {
			return nil, badInput{fmt.Sprintf("%s names the folder %s of scenarios: %s", c.file, folder, err), ""}
		}
		for _, file := range files {
			below, _ := filepath.Rel(folder, file)
			id := strings.TrimSuffix(filepath.ToSlash(below), extension)
			if s, err := readStory(file); err == nil {
				id = s.Header.ID
			}
			all = append(all, ownStory{id, file})
		}
	}
	slices.SortFunc(all, func(a, b ownStory) int { return strings.Compare(a.id+a.file, b.id+b.file) })
	return slices.Compact(all), nil
}

// configless are the commands that do not depend on the configuration, and so work where
// it has a mistake.
var configless = []string{"init", "version", "fmt", "new", "lsp", "help", "completion", "bash", "zsh", "fish", "powershell", "verify", "judge", "replay"}

// configure loads the configuration before a command runs.
func (a *app) configure(cmd *cobra.Command, _ []string) (err error) {
	if slices.Contains(configless, cmd.Name()) {
		return nil
	}
	a.config, err = loadConfig()
	return err
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a commented " + configFile + " for a repository of your own",
		Long: `Init writes ` + configFile + ` into this folder: which system is attacked, where scenarios
of your own are, which baseline and waivers the gate takes. Everything in it is a
comment until you change it. Every command finds the file in this folder and above, up
to the root of the repository; a flag goes before what it says. A file that is there is
left alone.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.initialise() },
	}
}

func (a *app) initialise() error {
	f, err := os.OpenFile(configFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return badInput{configFile + ": is there already", "it was left alone"}
	}
	if err != nil {
		return fileError(configFile, err)
	}
	_, err = f.WriteString(configForm)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", configFile, err)
	}
	_, err = fmt.Fprintf(a.Stdout, "%s\n\n  %s run\n  %s gate --baseline armillary.baseline --update out\n", configFile, a.command(), a.command())
	return err
}
