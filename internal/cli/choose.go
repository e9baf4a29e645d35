package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/scenarios"
)

// planned is one run: a scenario on a chip profile.
type planned struct {
	story   *scenario.Scenario
	profile string
}

// plan says on which chip profile each chosen scenario runs: on its own or the
// default one; on the one asked for, where it may; on all that it may run on.
func (a *app) plan(c *choice, profile string) ([]planned, error) {
	var runs []planned
	for _, s := range c.stories {
		own := s.Header.Profile
		switch {
		case own == "" && profile == everyProfile:
			for _, p := range profiles {
				runs = append(runs, planned{s, p})
			}
		case own == "" && profile == "":
			runs = append(runs, planned{s, profiles[0]})
		case own == "":
			runs = append(runs, planned{s, profile})
		case profile == "" || profile == everyProfile || profile == own:
			runs = append(runs, planned{s, own})
		default:
			a.note("%s is left out: it needs the chip profile %s", s.Header.ID, own)
		}
	}
	if len(runs) == 0 {
		return nil, badInput{"none of the chosen scenarios fits the chip profile " + profile, ""}
	}
	return runs, nil
}

// planned plans for the profile asked for, else for those of the configuration: all of
// them are every one.
func (a *app) planned(c *choice, profile string) ([]planned, error) {
	chosen := a.config.profiles
	switch {
	case profile != "" || len(chosen) == 0:
		return a.plan(c, profile)
	case len(chosen) == len(profiles):
		return a.plan(c, everyProfile)
	}
	runs, err := a.plan(c, chosen[0])
	for _, p := range chosen[1:] {
		for _, s := range c.stories {
			if s.Header.Profile == "" || s.Header.Profile == p {
				runs = append(runs, planned{s, p})
			}
		}
	}
	return runs, err
}

// extension ends the name of every scenario file.
const extension = ".txtar"

// choice is what a command line chose to run.
type choice struct {
	stories []*scenario.Scenario // sorted by id, each once
	all     bool                 // every embedded scenario is among them
	own     map[string]bool      // ids of those that were read from files
}

// choose finds the scenarios that the arguments stand for: patterns of ids, files and
// folders. No argument stands for everything that is built in, unless the configuration
// leaves that out, and everything in the repository's own folders.
func (a *app) choose(args []string) (*choice, error) {
	own, err := a.config.stories()
	if err != nil {
		return nil, err
	}
	if len(args) == 0 && !a.config.library {
		for _, s := range own {
			args = append(args, s.file)
		}
		if len(args) == 0 {
			return nil, badInput{a.config.file + " leaves the library out and names no folder with scenarios", "scenarios: [FOLDER]"}
		}
	}
	return choose(args, own)
}

// choose is [app.choose] with the scenarios of one's own given.
func choose(args []string, own []ownStory) (*choice, error) {
	library, err := embeddedIDs()
	if err != nil {
		return nil, err
	}
	ids, place := slices.Clone(library), map[string]string{}
	for _, s := range own {
		ids, place[s.id] = append(ids, s.id), s.file
	}
	slices.Sort(ids)
	matched, files, err := sortOut(args, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	var chosen []string
	for _, id := range matched {
		if slices.Contains(library, id) {
			chosen = append(chosen, id)
		}
		if file := place[id]; file != "" {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	files = slices.Compact(files)
	c := &choice{all: len(chosen) == len(library), own: map[string]bool{}}
	var mistakes scenario.ErrorList
	from := map[string]string{}
	for _, id := range chosen {
		s, err := embedded(id)
		if err != nil {
			return nil, err
		}
		c.stories, from[id] = append(c.stories, s), "the scenario that is built in"
	}
	for _, name := range files {
		s, err := readStory(name)
		if list, ok := errors.AsType[scenario.ErrorList](err); ok {
			mistakes = append(mistakes, list...)
			continue
		}
		if err != nil {
			return nil, err
		}
		id := s.Header.ID
		if other := from[id]; other != "" {
			return nil, atLine{badInput{fmt.Sprintf("%s:1:1: id %q is also that of %s", name, id, other), "give it an id of its own"}}
		}
		c.stories, c.own[id], from[id] = append(c.stories, s), true, name
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	slices.SortFunc(c.stories, func(a, b *scenario.Scenario) int { return strings.Compare(a.Header.ID, b.Header.ID) })
	return c, nil
}

// sortOut tells which embedded ids and which files the arguments stand for.
func sortOut(args, ids []string) (chosen, files []string, err error) {
	if len(args) == 0 {
		return ids, nil, nil
	}
	for _, arg := range args {
		if strings.HasSuffix(arg, extension) {
			files = append(files, filepath.Clean(arg))
			continue
		}
		matched, err := match(arg, ids)
		if err != nil {
			return nil, nil, err
		}
		if len(matched) > 0 {
			chosen = append(chosen, matched...)
			continue
		}
		found, err := inFolder(arg, ids)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, found...)
	}
	slices.Sort(chosen)
	slices.Sort(files)
	return slices.Compact(chosen), slices.Compact(files), nil
}

// match returns the ids that a pattern stands for: a path.Match glob, or a
// leading part. Whole words come first, so that update/rollback does not also
// mean update/rollback-after-reset; then a part of a word is taken, and at last the
// name without its topic: rollback.
func match(pattern string, ids []string) ([]string, error) {
	if strings.ContainsAny(pattern, `*?[\`) {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, badInput{fmt.Sprintf("bad pattern %q", pattern), "as in path.Match: * ? [a-z], each within one part of an id"}
		}
		return filter(ids, func(id string) bool { ok, _ := path.Match(pattern, id); return ok }), nil
	}
	if pattern == "" || strings.HasPrefix(pattern, ".") || strings.HasPrefix(pattern, "/") {
		return nil, nil
	}
	whole := strings.TrimSuffix(pattern, "/")
	if m := filter(ids, func(id string) bool { return id == whole || strings.HasPrefix(id, whole+"/") }); len(m) > 0 {
		return m, nil
	}
	if m := filter(ids, func(id string) bool { return strings.HasPrefix(id, pattern) }); len(m) > 0 {
		return m, nil
	}
	return filter(ids, func(id string) bool { return path.Base(id) == whole }), nil
}

func filter(ids []string, keep func(string) bool) []string {
	var kept []string
	for _, id := range ids {
		if keep(id) {
			kept = append(kept, id)
		}
	}
	return kept
}

// inFolder lists the scenario files of a folder that an argument names.
func inFolder(arg string, ids []string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && !info.IsDir():
		return nil, badInput{arg + ": not a scenario file", "its name must end in " + extension}
	case err != nil && (strings.HasPrefix(arg, ".") || strings.HasPrefix(arg, "/")):
		return nil, fileError(arg, err)
	case err != nil:
		hint := "armillary list scenarios shows all"
		if with := filter(ids, func(id string) bool { return strings.Contains(id, arg) }); len(with) > 0 {
			hint = fmt.Sprintf("in the names of %s; %s", strings.Join(with[:min(len(with), 5)], ", "), hint)
		} else if near := nearest(arg, withLeadingParts(ids)); near != "" {
			hint = fmt.Sprintf("the nearest is %q; %s", near, hint)
		}
		return nil, badInput{fmt.Sprintf("no scenario matches %q", arg), hint}
	}
	var found []string
	err = filepath.WalkDir(arg, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, extension) {
			found = append(found, filepath.Clean(name))
		}
		return err
	})
	if err != nil {
		return nil, fileError(arg, err)
	}
	if len(found) == 0 {
		return nil, badInput{fmt.Sprintf("%s holds no scenario", arg), "files that end in " + extension}
	}
	return found, nil
}

// withLeadingParts adds the topics (camera of camera/homehack) to ids.
func withLeadingParts(ids []string) []string {
	all := slices.Clone(ids)
	for _, id := range ids {
		if topic, _, ok := strings.Cut(id, "/"); ok && !slices.Contains(all, topic) {
			all = append(all, topic)
		}
	}
	return all
}

// readStory reads a scenario from a file of one's own.
func readStory(name string) (*scenario.Scenario, error) {
	data, err := readStoryFile(name)
	if err != nil {
		return nil, err
	}
	return parse(name, data)
}

// readStoryFile reads the bytes of a scenario file.
func readStoryFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	if info.Size() > scenario.MaxFile {
		return nil, badInput{name + ": longer than 1 MiB", "a scenario is a page of text"}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	return data, nil
}

// embeddedIDs lists the ids of the built-in scenarios, sorted.
func embeddedIDs() ([]string, error) {
	var ids []string
	err := fs.WalkDir(scenarios.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if id, ok := strings.CutSuffix(name, extension); ok && err == nil && !d.IsDir() {
			ids = append(ids, id)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the scenarios that are built in: %w", err)
	}
	slices.Sort(ids)
	return ids, nil
}

// embedded reads a built-in scenario. A mistake in it is the harness's own.
func embedded(id string) (*scenario.Scenario, error) {
	data, err := fs.ReadFile(scenarios.FS, id+extension)
	if err != nil {
		return nil, fmt.Errorf("read the scenario %s that is built in: %w", id, err)
	}
	s, err := parse("scenarios/"+id+extension, data)
	if err != nil {
		return nil, fmt.Errorf("a scenario that is built in cannot be read: %s", err)
	}
	return s, nil
}
