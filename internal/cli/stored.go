package cli

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/armillary/armillary/harness/trace"
)

// lineOfError is how package trace names the line of a mistake.
var lineOfError = regexp.MustCompile(`^line (\d+): (.*)$`)

// readTrace reads a stored trace; whatever is wrong with the file is one line.
func readTrace(name string) (*trace.Trace, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	if info.IsDir() {
		return nil, badInput{name + ": a folder, not a trace", "give the " + traceFile + " in it"}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer f.Close()
	t, err := trace.Read(f)
	if err == nil {
		return t, nil
	}
	if errors.Is(err, trace.ErrForeign) {
		return nil, atLine{badInput{fmt.Sprintf("%s:1:1: %s", name, err), "give a " + traceFile + " that armillary run wrote"}}
	}
	return nil, lineError(name, err, "run the scenario again to get a whole trace")
}
