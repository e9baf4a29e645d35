package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/spf13/cobra"
)

// skeleton is a small scenario that runs as it is, with comments that say what
// to change.
//
//go:embed skeleton.txtar
var skeleton string

func (a *app) newCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Write a commented scenario to start from",
		Long: `New writes NAME.txtar: a whole scenario that runs as it is, with comments that say
what each part is for. NAME is its id: lower-case words, such as update/my-attack; a
part before a slash is a folder. A file that is there is left alone.`,
		Example: "  armillary new my-attack\n  armillary run my-attack.txtar",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput{"new takes one name", "such as armillary new my-attack"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.newStory(args[0]) },
	}
}

func (a *app) newStory(id string) error {
	id = strings.TrimSuffix(id, extension)
	ids, err := embeddedIDs()
	if err != nil {
		return err
	}
	if slices.Contains(ids, id) {
		return badInput{fmt.Sprintf("the id %q is that of a scenario that is built in", id), "armillary show " + id}
	}
	text := strings.ReplaceAll(skeleton, "NAME", id)
	name := filepath.FromSlash(id) + extension
	if _, err := scenario.Parse(name, []byte(text)); err != nil {
		return badInput{fmt.Sprintf("%q is no id", id), "lower-case words with hyphens, parted by slashes, such as update/my-attack"}
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return fileError(name, err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return badInput{name + ": is there already", "choose another name"}
	}
	if err != nil {
		return fileError(name, err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = fmt.Fprintf(a.Stdout, "%s\n\n  %s run %s\n", name, a.command(), quoted(name))
	return err
}
