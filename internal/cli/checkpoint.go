package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/armillary/armillary/fuzz/campaign"
)

// checkpointFile is where a search for defects writes how far it is.
const checkpointFile = "prove.json"

// checkpoint is an unfinished search for defects on disk. It is written anew after each
// round, whole or not at all, so that a kill loses one round.
type checkpoint struct {
	file string // as the caller would type it
	head checkpointHead
}

// checkpointHead says what search it is: only the same program goes on with it, for
// another one would find something else.
type checkpointHead struct {
	Program string   `json:"program"` // SHA-256 of the executable
	Seed    uint64   `json:"seed"`
	Runs    int      `json:"runs"`
	Defects []string `json:"defects"`
}

// checkpointed is the file.
type checkpointed struct {
	Head   checkpointHead  `json:"head"`
	Proved campaign.Proved `json:"proved"`
}

// openCheckpoint finds the unfinished search of a folder and lets the prover go on
// from it.
func openCheckpoint(o fuzzOptions, prover *campaign.Prover) (*checkpoint, error) {
	if o.out == "" {
		return nil, badInput{"--out is empty", "name a folder"}
	}
	program, err := executableDigest()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return nil, unwritable(o.out, err)
	}
	c := &checkpoint{filepath.Join(o.out, checkpointFile), checkpointHead{program, o.seed, o.runs, append([]string{}, o.defects...)}}
	old, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fileError(c.file, err)
	}
	var stored checkpointed
	if err := json.Unmarshal(old, &stored); err != nil {
		return nil, badInput{fmt.Sprintf("%s: this is no unfinished search", c.file), "remove it, or choose another folder with --out"}
	}
	if !reflect.DeepEqual(stored.Head, c.head) {
		return nil, badInput{fmt.Sprintf("%s: it is of another search: seed %d, %d worlds, or of another build", c.file, stored.Head.Seed, stored.Head.Runs), "remove it, or choose another folder with --out"}
	}
	if err := prover.Resume(stored.Proved); err != nil {
		return nil, badInput{fmt.Sprintf("%s: %s", c.file, err), "remove it, or choose another folder with --out"}
	}
	return c, nil
}

// keep writes how far the search is.
func (c *checkpoint) keep(prover *campaign.Prover) error {
	text, err := json.Marshal(checkpointed{c.head, prover.Proved()})
	if err != nil {
		return fmt.Errorf("%s: %w", c.file, err)
	}
	return writeWhole(c.file, text)
}

// remove takes the checkpoint of a finished search away, and its folder where nothing
// else is in it.
func (c *checkpoint) remove() error {
	if err := os.Remove(c.file); err != nil {
		return fileError(c.file, err)
	}
	_ = os.Remove(filepath.Dir(c.file)) // it may hold a campaign
	return nil
}

// executableDigest is that of this program.
func executableDigest() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fileError(name, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fileError(name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
