package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reports"
)

// newRecord says what belongs to the day; of the system, what it says itself.
func (a *app) newRecord(r *finished, args []string) *reports.Record {
	host, _ := os.Hostname() // nothing depends on it
	o := r.options
	rec := &reports.Record{
		Schema: trace.Schema, Kind: runKind, Tool: "armillary", Version: buildVersion(), Build: buildDigest(),
		Seed: o.seed, Once: o.once, Defects: plain(o.defects), Arguments: plain(args), Scenarios: []string{},
		Started: r.start.UTC(), Ended: r.end.UTC(), Operator: o.operator, Note: o.note,
		Machine: reports.Machine{Host: host, OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()},
	}
	var ran []string
	for _, x := range r.results {
		h := x.Trace.Header
		rec.SUT, rec.SUTVersion = h.SUT, h.Version
		if !slices.Contains(rec.Scenarios, h.Scenario) {
			rec.Scenarios = append(rec.Scenarios, h.Scenario)
		}
		ran = append(ran, h.Profile)
	}
	rec.Serial, rec.Firmware = r.units.told()
	slices.Sort(ran)
	rec.Profile = strings.Join(slices.Compact(ran), ",")
	return rec
}

// buildDigest is the SHA-256 of this program in hex, "" where it cannot be read:
// the reference is built in, so this is the firmware digest of what is attacked too.
func buildDigest() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// units remembers what the systems of a run say of themselves.
type units struct {
	mu       sync.Mutex
	serials  []string
	firmware []reports.Digest
}

// meet makes systems as factory does, and hears each introduce itself.
func (u *units) meet(factory sut.Factory) sut.Factory {
	return func(w *world.World, o sut.Options) (sut.Inside, error) {
		s, err := factory(w, o)
		if err == nil {
			u.hear(s.Hello())
		}
		return s, err
	}
}

func (u *units) hear(h sut.Hello) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if h.Serial != "" && !slices.Contains(u.serials, h.Serial) {
		u.serials = append(u.serials, h.Serial)
	}
	for name, digest := range h.Firmware {
		if d := (reports.Digest{Name: name, SHA256: digest}); !slices.Contains(u.firmware, d) {
			u.firmware = append(u.firmware, d)
		}
	}
}

// told gives serial numbers, with commas, and firmware by name: what was heard in
// another order is the same.
func (u *units) told() (serial string, firmware []reports.Digest) {
	u.mu.Lock()
	defer u.mu.Unlock()
	slices.Sort(u.serials)
	slices.SortFunc(u.firmware, func(a, b reports.Digest) int { return strings.Compare(a.Name+a.SHA256, b.Name+b.SHA256) })
	return strings.Join(u.serials, ", "), u.firmware
}
