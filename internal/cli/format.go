package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/spf13/cobra"
)

func (a *app) formatCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt FILE.txtar|DIR|- ...",
		Short: "Write scenarios in their one spelling",
		Long: `Fmt writes scenario files in the one spelling there is: header keys and arguments
in the order of the tables, nothing aligned, comments in their place. It names the
files that it changed. A file with a mistake stays as it is.

With - it reads standard input and writes to standard output. With --check it
changes nothing and ends with 3 when it would.`,
		Example: "  armillary fmt my-attack.txtar\n  armillary fmt --check scenarios",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput{"fmt takes files, folders or -", "such as armillary fmt ."}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "-" {
				return a.formatInput()
			}
			return a.format(args, check)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; end with 3 when a file is not formatted")
	return cmd
}

// formatInput formats standard input, as editors want it.
func (a *app) formatInput() error {
	data, err := io.ReadAll(io.LimitReader(a.Stdin, scenario.MaxFile+1))
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	s, err := scenario.Parse("standard input", data)
	if err != nil {
		return err
	}
	_, err = a.Stdout.Write(scenario.Format(s))
	return err
}

// format formats files in place; mistakes of all of them are told at once.
func (a *app) format(args []string, check bool) error {
	names, err := storyFiles(args)
	if err != nil {
		return err
	}
	var mistakes scenario.ErrorList
	differ := false
	for _, name := range names {
		data, err := readStoryFile(name)
		if err != nil {
			return err
		}
		s, err := scenario.Parse(name, data)
		if list, ok := errors.AsType[scenario.ErrorList](err); ok {
			mistakes = append(mistakes, list...)
			continue
		}
		if err != nil {
			return err
		}
		formatted := scenario.Format(s)
		if bytes.Equal(formatted, data) {
			continue
		}
		differ = true
		if !check {
			if err := replaceFile(name, formatted); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(a.Stdout, printable(name)); err != nil {
			return err
		}
	}
	switch {
	case len(mistakes) > 0:
		return mistakes
	case check && differ:
		return errViolated
	}
	return nil
}

// storyFiles lists the scenario files that files and folders stand for.
func storyFiles(args []string) ([]string, error) {
	var names []string
	for _, arg := range args {
		if filepath.Ext(arg) == extension {
			names = append(names, filepath.Clean(arg))
			continue
		}
		found, err := inFolder("./"+filepath.ToSlash(arg), nil)
		if filepath.IsAbs(arg) {
			found, err = inFolder(arg, nil)
		}
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return names, nil
}

// replaceFile writes a file whole or not at all, with the rights that it had.
func replaceFile(name string, data []byte) (err error) {
	info, err := os.Stat(name)
	if err != nil {
		return fileError(name, err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return fileError(name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fileError(name, err), os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Chmod(info.Mode().Perm()), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
