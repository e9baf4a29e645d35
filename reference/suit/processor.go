package suit

import (
	"fmt"
	"slices"
)

// Processor runs the procedures of authenticated manifests (section 6). The zero
// value but for its Platform is strict.
type Processor struct {
	Platform  Platform
	Keys      []Key // that may authenticate dependencies
	Threshold int   // of distinct keys for dependencies; see Authenticate
	Decrypt   []DecryptionKey
	Rights    Rights

	// Sequence gives the number of the manifest in force, by the manifest's own
	// component identifier (nil for one without); a manifest with a lower number is
	// refused (section 8.4.2). One with the same number is taken: applying an update
	// again must do no harm. Nil means no manifest was accepted yet.
	Sequence func(manifest ComponentID) uint64
	// Custom runs commands lesser than -256; nil refuses them.
	Custom func(component ComponentID, command Code, argument []byte) error

	// AnyDevice takes a manifest whose shared sequence checks neither vendor nor class;
	// the draft only recommends the check.
	AnyDevice bool
	// Unmatched installs components that no image match condition judged after the
	// last write, and invokes such.
	Unmatched bool

	Options Options
}

// updateSections is the update procedure (section 6.4) with the sections of
// trust-domains where that draft puts them.
var updateSections = []Section{SectionResolution, SectionFetch, SectionCandidate, SectionInstall, SectionValidate}

// Update runs the update procedure and commits what it wrote.
func (p *Processor) Update(a *Authenticated) (*Report, error) { return p.run(a, updateSections) }

// Invoke runs the invocation procedure: validate, load, invoke. Images are handed
// to the platform at its end, each as it was judged.
func (p *Processor) Invoke(a *Authenticated) (*Report, error) {
	return p.run(a, []Section{SectionValidate, SectionLoad, SectionInvoke})
}

// Uninstall runs the uninstall sequence (trust-domains).
func (p *Processor) Uninstall(a *Authenticated) (*Report, error) {
	return p.run(a, []Section{SectionUninstall})
}

// run is one procedure. Parameters are cleared before it (section 6.1).
func (p *Processor) run(a *Authenticated, sections []Section) (*Report, error) {
	r := &run{
		p: p, limits: p.Options.Limits.defaults(), root: a,
		params: map[string]map[ParameterKey]value{}, content: map[string][]byte{}, matched: map[string]bool{},
		dependencies: map[string]*Authenticated{},
		report:       &Report{URI: a.Manifest.ReferenceURI, Digest: a.Envelope.Digest},
	}
	err := p.admit(a, a.Manifest.Component)
	for _, s := range sections {
		if err == nil {
			err = r.section(&frame{a: a, section: s})
		}
	}
	if err == nil {
		err = r.finish()
	}
	r.report.Result = ReasonOf(err)
	return r.report, err
}

// admit makes the checks before any command runs (sections 6.1 and 6.2).
func (p *Processor) admit(a *Authenticated, id ComponentID) error {
	m, floor := a.Manifest, uint64(0)
	if p.Sequence != nil {
		floor = p.Sequence(id)
	}
	if err := p.Options.check(RuleSequence, m.SequenceNumber >= floor, fmt.Sprintf("%d after %d", m.SequenceNumber, floor)); err != nil {
		return err
	}
	known := p.Platform.Components()
	fits := len(m.Components) <= len(known)
	for _, c := range m.Components {
		fits = fits && slices.ContainsFunc(known, c.Equal)
	}
	if err := p.Options.check(RuleComponents, fits, "the device does not have these components"); err != nil {
		return err
	}
	checked := p.AnyDevice || m.Shared.has(ConditionVendor) && m.Shared.has(ConditionClass)
	if err := p.Options.check(RuleCompatibility, checked, "the shared sequence checks no vendor and class"); err != nil {
		return err
	}
	if len(m.Components)+len(m.Dependencies) < 2 {
		return nil
	}
	sequences := []Sequence{m.Shared}
	for _, s := range a.sequences {
		sequences = append(sequences, s)
	}
	for _, s := range sequences {
		if len(s) > 0 && s[0].Code != SetComponentIndex {
			return parseError("with several components each sequence begins by saying which")
		}
	}
	return nil
}

// has tells whether a command stands in the sequence itself, where nothing skips it.
func (s Sequence) has(code Code) bool {
	return slices.ContainsFunc(s, func(c Command) bool { return c.Code == code })
}

// run is the state of one procedure: the abstract machine of section 6.4.
type run struct {
	p            *Processor
	limits       Limits
	root         *Authenticated
	steps, work  int
	params       map[string]map[ParameterKey]value // by encoded component identifier
	content      map[string][]byte                 // what components hold once all is committed; nil for unlinked
	written      []ComponentID                     // in the order of their first write
	matched      map[string]bool                   // judged by image match since the last write
	invoked      []invocation
	dependencies map[string]*Authenticated
	depth        int
	report       *Report
}

// invocation is an image that the platform is to run at the end.
type invocation struct {
	component   ComponentID
	image, args []byte
}

// frame is one manifest in one section.
type frame struct {
	a       *Authenticated
	path    []uint64 // dependency indices from the root
	section Section
	shared  bool // its shared sequence runs
}

// component finds what an index means.
func (f *frame) component(index uint64) (ComponentID, *Dependency, error) {
	m := f.a.Manifest
	if index < uint64(len(m.Components)) {
		return m.Components[index], nil, nil
	}
	for i := range m.Dependencies {
		if d := &m.Dependencies[i]; d.Index == index {
			return d.Prefix, d, nil
		}
	}
	return nil, nil, refuse(ComponentUnsupported, "component index %d", index)
}

// section runs a section of a manifest behind its shared sequence.
func (r *run) section(f *frame) error {
	m := f.a.Manifest
	s, ok := f.a.sequences[f.section]
	if _, severed := m.Severed[f.section]; severed && !ok {
		return &Error{Reason: SeveringUnsupported, Detail: fmt.Sprintf("section %d is severed and not here", f.section)}
	}
	if !ok {
		return nil
	}
	shared := *f
	shared.shared = true
	if err := r.exec(m.Shared, newState(&shared)); err != nil {
		return err
	}
	return r.exec(s, newState(f))
}

// finish judges what was written, commits it and invokes.
func (r *run) finish() error {
	changes := make([]Change, 0, len(r.written))
	matched := true
	for _, c := range r.written {
		key := string(c.Encode())
		data := r.content[key]
		matched = matched && (data == nil || r.matched[key] || r.dependency(c))
		changes = append(changes, Change{Component: c, Data: data, Removed: data == nil})
	}
	if err := r.p.Options.check(RuleInstalled, matched || r.p.Unmatched, "a written component was not compared with a digest"); err != nil {
		return err
	}
	if len(changes) > 0 {
		if err := r.p.Platform.Commit(changes); err != nil {
			return &Error{Reason: OperationFailed, Detail: "commit", Err: err}
		}
	}
	for _, i := range r.invoked {
		if err := r.p.Platform.Invoke(i.component, i.image, i.args); err != nil {
			return &Error{Reason: OperationFailed, Detail: "invoke", Err: err}
		}
		r.report.Invoked = append(r.report.Invoked, i.component)
	}
	return nil
}

// dependency tells whether a component is the place of a manifest that was
// authenticated: its digest is over the manifest, not over the component.
func (r *run) dependency(c ComponentID) bool { return r.dependencies[string(c.Encode())] != nil }

// spend counts work; a procedure that never ends must end.
func (r *run) spend(steps, bytes int) error {
	r.steps, r.work = r.steps+steps, r.work+bytes
	within := r.steps <= r.limits.Steps && r.work <= r.limits.Work
	return r.p.Options.check(RuleBounded, within, "too many steps or bytes")
}

// read gives what a component holds by now.
func (r *run) read(c ComponentID) ([]byte, bool) {
	if data, ok := r.content[string(c.Encode())]; ok {
		return data, data != nil
	}
	return r.p.Platform.Read(c)
}

// write keeps new content of a component until the end.
func (r *run) write(c ComponentID, data []byte) error {
	if err := r.p.Options.check(RuleBounded, len(data) <= r.limits.Image, "the image is too large"); err != nil {
		return err
	}
	if err := r.spend(0, len(data)); err != nil {
		return err
	}
	r.store(c, append([]byte{}, data...))
	return nil
}

// store replaces content; nil is an unlinked component.
func (r *run) store(c ComponentID, data []byte) {
	key := string(c.Encode())
	if _, before := r.content[key]; !before {
		r.written = append(r.written, c)
	}
	r.content[key] = data
	delete(r.matched, key)
	delete(r.dependencies, key)
}
