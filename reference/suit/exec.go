package suit

import (
	"errors"
	"slices"
)

// state is one sequence that runs.
type state struct {
	frame   *frame
	index   []uint64        // the components that a command applies to
	several bool            // index is true or an array
	nested  bool            // inside try-each or run-sequence, where soft failure may be set
	soft    bool            // a failed condition ends the sequence and not the procedure
	strict  bool            // strict order
	fixed   bool            // a further set-component-index aborts (section 6.7)
	sources map[string]bool // of operations while the order is not strict
	targets map[string]bool
}

func newState(f *frame) *state {
	return &state{frame: f, index: []uint64{0}, strict: true, sources: map[string]bool{}, targets: map[string]bool{}}
}

// exec runs a sequence until its end or its first failure.
func (r *run) exec(s Sequence, st *state) error {
	if r.depth++; r.depth > 4*r.limits.Depth {
		return r.p.Options.check(RuleBounded, false, "nested too deeply")
	}
	defer func() { r.depth-- }()
	for i := range s {
		c := &s[i]
		if c.Code == SetComponentIndex {
			if err := r.spend(1, 0); err != nil {
				return err
			}
			if err := st.setIndex(c.Index); err != nil {
				return err
			}
			continue
		}
		for _, index := range slices.Clone(st.index) {
			err := r.spend(1, 0)
			if err == nil {
				err = r.command(c, index, st)
			}
			r.record(c, index, st, err)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// setIndex takes the argument of set-component-index (section 6.5).
func (st *state) setIndex(in Index) error {
	if st.fixed {
		return refuse(CommandUnsupported, "set-component-index inside a sequence that runs for one component")
	}
	st.several = in.All || in.Array
	st.index = slices.Clone(in.List)
	if in.All {
		for i := range st.frame.a.Manifest.Components {
			st.index = append(st.index, uint64(i))
		}
	}
	for _, i := range st.index {
		if _, _, err := st.frame.component(i); err != nil {
			return err
		}
	}
	return nil
}

// record keeps what a command came to when its policy asks for it.
func (r *run) record(c *Command, index uint64, st *state, err error) {
	section := st.frame.section
	if st.frame.shared {
		section = sectionShared
	}
	rec := Record{Manifest: st.frame.path, Section: section, Offset: c.offset, Component: index, Command: c.Code, Held: err == nil}
	if err == nil && c.Policy&RecordOnSuccess != 0 || err != nil && c.Policy&RecordOnFailure != 0 {
		if len(r.report.Records) < r.limits.Steps {
			r.report.Records = append(r.report.Records, rec)
		}
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Record == nil {
		e.Record, r.report.Failed = &rec, &rec
	}
}

// command runs one command for one component.
func (r *run) command(c *Command, index uint64, st *state) error {
	id, dependency, err := st.frame.component(index)
	if err != nil {
		return err
	}
	at := &spot{run: r, state: st, index: index, id: id, dependency: dependency}
	if err := r.may(at, c); err != nil {
		return err
	}
	switch {
	case c.Code.isCondition():
		return at.condition(c.Code)
	case c.Code == TryEach:
		return r.tryEach(c, index, st)
	case c.Code == RunSequence:
		return r.runSequence(c, index, st)
	case c.Code == SetParameters, c.Code == OverrideParameters:
		return at.setParameters(c.Params, c.Code == OverrideParameters)
	case c.Code == OverrideMultiple || c.Code == CopyParameters:
		return at.extension(c)
	case c.Code.custom():
		if r.p.Custom == nil {
			return refuse(CommandUnsupported, "custom command %d", c.Code)
		}
		if err := r.p.Custom(id, c.Code, c.Raw); err != nil {
			return &Error{Reason: OperationFailed, Err: err}
		}
		return nil
	}
	return at.directive(c.Code)
}

// may asks the access control list about commands that touch a component.
func (r *run) may(at *spot, c *Command) error {
	if r.p.Rights == nil || c.Code == TryEach || c.Code == RunSequence {
		return nil
	}
	may := r.p.Rights.May(at.state.frame.a.Signer, at.id, c.Code, c.Params)
	if source, ok := at.source(); ok && (c.Code == Copy || c.Code == Swap) {
		may = may && r.p.Rights.May(at.state.frame.a.Signer, source, c.Code, nil)
	}
	return r.p.Options.check(RuleRights, may, "")
}

// inner prepares a nested sequence for one component.
func (st *state) inner(index uint64) *state {
	in := newState(st.frame)
	in.index, in.nested, in.strict, in.fixed = []uint64{index}, true, st.strict, st.fixed || st.several
	if !st.strict {
		in.sources, in.targets = st.sources, st.targets
	}
	return in
}

// tryEach runs alternatives until one succeeds. Only a softly failed condition
// leads to the next one.
func (r *run) tryEach(c *Command, index uint64, st *state) error {
	var last error
	for _, s := range c.Try {
		in := st.inner(index)
		in.soft = true
		err := r.exec(s, in)
		if err == nil {
			return nil
		}
		if !forgiven(err, in) {
			return err
		}
		last = err
	}
	if c.OrNone {
		return nil
	}
	return last
}

// runSequence runs a nested sequence, of which failed conditions are hard unless
// it says otherwise.
func (r *run) runSequence(c *Command, index uint64, st *state) error {
	in := st.inner(index)
	if !st.strict {
		in.strict = true
		if !st.several && (len(c.Run) == 0 || c.Run[0].Code != SetComponentIndex) {
			return refuse(CommandUnsupported, "without strict order a sequence begins with its component")
		}
		in.sources, in.targets = map[string]bool{}, map[string]bool{}
		if !st.several {
			if err := in.setIndex(c.Run[0].Index); err != nil {
				return err
			}
			if err := r.spend(1, 0); err != nil {
				return err
			}
			in.fixed = true
			if err := r.exec(c.Run[1:], in); !forgiven(err, in) {
				return err
			}
			return nil
		}
	}
	if err := r.exec(c.Run, in); err != nil && !forgiven(err, in) {
		return err
	}
	return nil
}

// forgiven tells whether a failure ends only the sequence it happened in: a
// condition failed and soft failure was set there. Directives are never forgiven.
func forgiven(err error, in *state) bool {
	e, ok := errors.AsType[*Error](err)
	return err == nil || ok && e.condition && in.soft
}
