package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reference"
	"github.com/spf13/cobra"
)

// versionDocument is what version --json prints.
type versionDocument struct {
	Schema    int       `json:"schema"`
	Version   string    `json:"version"` // of Armillary; "devel" for a build outside version control
	Go        string    `json:"go"`
	OS        string    `json:"os"`
	Arch      string    `json:"arch"`
	Reference string    `json:"reference"` // version of the model that is built in
	Build     buildInfo `json:"build"`
}

// buildInfo is what the Go tool recorded about the source.
type buildInfo struct {
	Module   string `json:"module"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified"`
	Digest   string `json:"digest,omitempty"` // SHA-256 of this program in hex, as in SHA256SUMS and run.json
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Tell which Armillary this is",
		Long:  "Version tells which Armillary this is, which model is built in, and from what it was built.",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			v := version()
			if asJSON {
				v.Build.Digest = buildDigest()
				return writeJSON(a.Stdout, v)
			}
			_, err := fmt.Fprintf(a.Stdout, "armillary %s, reference %s, %s %s/%s\n", v.Version, v.Reference, v.Go, v.OS, v.Arch)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return cmd
}

func version() versionDocument {
	v := versionDocument{
		Schema: trace.Schema, Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Reference: reference.Version,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Build.Module = info.Main.Path
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Build.Revision = s.Value
		case "vcs.time":
			v.Build.Time = s.Value
		case "vcs.modified":
			v.Build.Modified = s.Value == "true"
		}
	}
	return v
}

// buildVersion is the version in one word.
func buildVersion() string { return version().Version }
