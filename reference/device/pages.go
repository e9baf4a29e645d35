package device

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// page is one mapping of a process: its rights now, and whether it could ever be
// written or run. The rules for it are those of the security module (azure-sphere
// 4.4); each finding of section 7 about them is a way past one of them.
type page struct {
	rights        string // of r, w, x
	wrote, ran    bool
	shared        bool // others see what is written: MAP_SHARED
	ring          bool // the kernel writes it: what packets bring
	readsMeansRun bool // READ_IMPLIES_EXEC of the process: added after all checks
}

func (g *page) give(rights string) {
	g.rights = rights
	g.wrote = g.wrote || strings.Contains(rights, "w")
	g.ran = g.ran || strings.Contains(rights, "x")
}

// ways are the ways to a page that map knows; "" is memory of one's own.
var ways = []string{"", "shared", "packet-ring", "read-implies-exec", "namespace"}

// probeMap asks for a page with rights, and then for others.
func (d *Device) probeMap(p Probe) ([]byte, error) {
	if err := d.mapLength(p); err != nil {
		return nil, err
	}
	via := p.Keys["via"]
	if !slices.Contains(ways, via) {
		return nil, defense.Refuse(defense.Malformed, "no way %q to a page", via)
	}
	if via == "namespace" {
		return d.runFromOwnMount(p)
	}
	g := page{shared: via == "shared", ring: via == "packet-ring", readsMeansRun: via == "read-implies-exec"}
	if err := d.kernel.Check(ReadingIsNotRunning, !g.readsMeansRun, defense.NotPermitted); err != nil {
		return nil, err
	}
	for _, rights := range []string{p.key("rights", "rwx"), p.Keys["then"]} {
		if rights == "" {
			continue
		}
		if err := d.protect(&g, rights); err != nil {
			return nil, err
		}
		if g.readsMeansRun && strings.Contains(rights, "r") && !strings.Contains(rights, "x") {
			rights += "x"
		}
		d.host.Observe(host.Event{Kind: "MappingChanged", Who: d.who(p), State: rights})
		if strings.Contains(rights, "x") && (g.shared || g.ring) {
			d.codeChanged(p, via) // by whoever writes it on its other side
		}
	}
	return nil, nil
}

// protect gives a page rights, at its making or later.
func (d *Device) protect(g *page, rights string) error {
	g.give(rights)
	runs := strings.Contains(rights, "x")
	if err := d.kernel.Check(SharedPagesNeverRun, !(g.shared && runs), defense.NotPermitted); err != nil {
		return err
	}
	if err := d.kernel.Check(RingsNeverRun, !(g.ring && runs), defense.NotPermitted); err != nil {
		return err
	}
	return d.kernel.Check(PagesAreNeverWX, !(g.wrote && g.ran), defense.NotPermitted)
}

// runFromOwnMount starts a file from a file system that the process mounted in a
// namespace of its own.
func (d *Device) runFromOwnMount(p Probe) ([]byte, error) {
	if err := d.kernel.Check(OwnMountsNeverRun, false, defense.NotPermitted); err != nil {
		return nil, err
	}
	d.host.Execute(d.Name, "app."+p.Component, []byte("a file of "+p.Component+"'s own"))
	return nil, nil
}

// memoryFiles are the names of the file that is a process's own memory. A decision
// about one of them is a decision about all (TALOS-2020-1093, then 1138).
var memoryFiles = []string{"self-mem", "thread-self-mem", "task-mem"}

// probeWriteCode writes to executable memory past the page's own rights.
func (d *Device) probeWriteCode(p Probe) ([]byte, error) {
	via := p.key("via", "self-mem")
	switch {
	case via == "child-debug":
		if err := d.kernel.Check(DebuggersWriteNoCode, false, defense.NotPermitted); err != nil {
			return nil, err
		}
	case slices.Contains(memoryFiles, via):
		known := memoryFiles
		if d.kernel.Wrong(KnowsOneMemoryFile) {
			known = known[:1]
		}
		if err := d.kernel.Check(MemoryFilesAreReadOnly, !slices.Contains(known, via), defense.NotPermitted); err != nil {
			return nil, err
		}
	default:
		return nil, defense.Refuse(defense.Malformed, "no way %q to memory", via)
	}
	d.codeChanged(p, via)
	return nil, nil
}

func (d *Device) codeChanged(p Probe, via string) {
	d.host.Observe(host.Event{Kind: "CodeBytesChanged", Who: d.who(p), What: via})
}
