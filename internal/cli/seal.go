package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/seal"
	"github.com/spf13/cobra"
)

// maxStatement is the longest statement that is read, in bytes.
const maxStatement = 64 << 20

// writeOSCAL writes the three documents: the results to -o, plan and component
// definition beside it.
func writeOSCAL(run *stored, o reportOptions) error {
	stem := strings.TrimSuffix(filepath.Base(o.out), filepath.Ext(o.out))
	plan, component := stem+".plan.json", stem+".component.json"
	doc := reports.Build(run.input)
	for _, part := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{component, func(w io.Writer) error { return reports.OSCALComponent(w, doc) }},
		{plan, func(w io.Writer) error { return reports.OSCALPlan(w, doc, component) }},
		{filepath.Base(o.out), func(w io.Writer) error { return reports.OSCALResults(w, doc, plan) }},
	} {
		var b bytes.Buffer
		if err := part.write(&b); err != nil {
			return fmt.Errorf("render: %w", err)
		}
		if err := writeWhole(filepath.Join(filepath.Dir(o.out), part.file), b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// writeStatement writes the in-toto statement about a run, in an envelope when there
// is a key.
func (a *app) writeStatement(run *stored, o reportOptions) error {
	files, err := hashFolder(run.dir, o.out)
	if err != nil {
		return err
	}
	text, err := seal.NewStatement(reports.Build(run.input), run.record, files)
	if problems, ok := errors.AsType[seal.Problems](err); ok {
		return badInput{fmt.Sprintf("%s is not as the run left it: %s", run.dir, printable(strings.Join(problems, "; "))), "nothing was signed"}
	}
	if err != nil {
		return badInput{err.Error(), ""}
	}
	if o.key != "" {
		pem, err := readBounded(o.key)
		if err != nil {
			return err
		}
		key, err := seal.ReadPrivateKey(pem)
		if err != nil {
			return badInput{o.key + ": " + err.Error(), ""}
		}
		if text, err = seal.Sign(text, key); err != nil {
			return err
		}
	} else {
		a.note("the statement is not signed; --key signs it")
	}
	if o.out == "" {
		_, err = a.Stdout.Write(text)
		return err
	}
	return writeWhole(o.out, text)
}

// hashFolder gives the digest of every file of a folder but one, in the order of
// their names. What is no plain file is an error: a link shows what its maker wants
// at that moment.
func hashFolder(dir, but string) ([]reports.Digest, error) {
	var all []reports.Digest
	var left fs.FileInfo
	if but != "" {
		left, _ = os.Lstat(but)
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		shown, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return badInput{name + ": no plain file", "a statement holds for plain files only"}
		}
		if info, err := d.Info(); err == nil && left != nil && os.SameFile(info, left) {
			return nil
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		all = append(all, reports.Digest{Name: filepath.ToSlash(shown), SHA256: hex.EncodeToString(h.Sum(nil))})
		return nil
	})
	if _, ok := errors.AsType[badInput](err); err != nil && !ok {
		return nil, fileError(dir, err)
	}
	return all, err
}

func (a *app) verifyCommand() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "verify --key PUB STATEMENT DIR",
		Short: "Check a signed statement about a run, and every file of it",
		Long: `Verify checks that STATEMENT is signed by the key, and that DIR holds exactly the
files that it names, byte for byte, in the hash chain of the run. One changed byte
in any trace is noticed.

It says that the files are those that were signed, not that they are true: replay
runs a trace's story again.`,
		Example: "  armillary report verify --key lab.pub.pem run.intoto.json out",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return badInput{fmt.Sprintf("%s takes a statement and the folder of a run, got %d arguments", cmd.CommandPath(), len(args)), "such as run.intoto.json out"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.verify(key, args[0], args[1]) },
	}
	cmd.Flags().StringVar(&key, "key", "", "the public key, P-256 or Ed25519 in PEM `FILE`")
	return cmd
}

func (a *app) verify(keyFile, statementFile, dir string) error {
	if keyFile == "" {
		return badInput{"verify needs the public key of who signed", "--key PUB.pem"}
	}
	pem, err := readBounded(keyFile)
	if err != nil {
		return err
	}
	key, err := seal.ReadPublicKey(pem)
	if err != nil {
		return badInput{keyFile + ": " + err.Error(), ""}
	}
	envelope, err := readUpTo(statementFile, maxStatement)
	if err != nil {
		return err
	}
	if info, err := os.Stat(dir); err != nil {
		return fileError(dir, err)
	} else if !info.IsDir() {
		return badInput{dir + ": not a folder", "give the folder of the run"}
	}
	statement, err := seal.Open(envelope, key)
	if err != nil {
		return a.refuse(statementFile, seal.Problems{err.Error()})
	}
	return a.checkFolder(statement, statementFile, dir)
}

// checkFolder holds a statement that was opened against the folder.
func (a *app) checkFolder(statement []byte, statementFile, dir string) error {
	files, err := hashFolder(dir, statementFile)
	if bad, ok := errors.AsType[badInput](err); ok {
		return a.refuse(dir, seal.Problems{bad.message})
	}
	if err != nil {
		return err
	}
	rec := &reports.Record{}
	if f, err := os.Open(filepath.Join(dir, runFile)); err == nil {
		defer f.Close()
		if rec, err = reports.ReadRecord(f); err != nil {
			return a.refuse(dir, seal.Problems{runFile + ": " + err.Error()})
		}
	}
	s, err := seal.Check(statement, rec, files)
	if problems, ok := errors.AsType[seal.Problems](err); ok {
		return a.refuse(dir, problems)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "signed, and all %d files are as they were: %s, %d guarantees passed, %d failed, %d not shown\n",
		len(files), printable(s.Predicate.Result), len(s.Predicate.Passed), len(s.Predicate.Failed), len(s.Predicate.Warned))
	return err
}

// maxProblems is how many differences are told.
const maxProblems = 20

// refuse tells what does not verify, and ends with exit 3.
func (a *app) refuse(name string, problems seal.Problems) error {
	for _, p := range problems[:min(len(problems), maxProblems)] {
		a.note("%s does not verify: %s", name, printable(p))
	}
	if more := len(problems) - maxProblems; more > 0 {
		a.note("and %d more", more)
	}
	return errViolated
}
