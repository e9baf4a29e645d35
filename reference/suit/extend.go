package suit

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// resolve finds the dependency that the current index means, authenticates it and
// compares its manifest with the digest that the dependent set: dependency
// integrity (trust-domains). Both are checked before any of it is processed.
func (at *spot) resolve() (*Authenticated, error) {
	r := at.run
	if at.dependency == nil || at.dependency.Prefix == nil {
		return nil, refuse(ComponentUnsupported, "component %d is no dependency with a place", at.index)
	}
	digest, ok := at.digest()
	if !ok {
		return nil, refuse(ConditionFailed, "parameter %d is not set", ParamImageDigest)
	}
	data, _ := r.read(at.id)
	if err := r.spend(0, len(data)); err != nil {
		return nil, err
	}
	envelope, err := Decode(data, r.p.Options)
	if err != nil {
		return nil, err
	}
	same, err := digest.Matches(envelope.Manifest)
	if err != nil {
		return nil, err
	}
	if err := r.p.Options.check(RuleDependency, same, "another manifest than the dependent named"); err != nil {
		return nil, err
	}
	key := string(at.id.Encode())
	if known := r.dependencies[key]; known != nil && bytes.Equal(known.Envelope.Manifest, envelope.Manifest) {
		return known, nil
	}
	a, err := Authenticate(envelope, r.p.Keys, r.p.Threshold, r.p.Options)
	if err != nil {
		return nil, err
	}
	r.dependencies[key] = a
	return a, nil
}

// process runs the current section of a dependency, in lockstep with the
// dependent's.
func (at *spot) process() error {
	a, err := at.resolve()
	if err != nil {
		return err
	}
	r, f := at.run, at.state.frame
	if len(f.path) >= r.limits.Depth || len(r.dependencies) > r.limits.Dependencies {
		return r.p.Options.check(RuleBounded, false, "too many dependencies")
	}
	p := *r.p
	p.AnyDevice = p.AnyDevice || f.a.Manifest.Shared.has(ConditionClass) // the dependent was checked
	if err := p.admit(a, a.Manifest.Component); err != nil {
		return err
	}
	return r.section(&frame{a: a, path: append(slices.Clone(f.path), at.index), section: f.section})
}

// update tests the conditions of update-management.
func (at *spot) update(code Code) error {
	u, ok := at.run.p.Platform.(Updates)
	if !ok {
		return fail(refuse(CommandUnsupported, "condition %d", code))
	}
	need := map[Code]ParameterKey{
		ConditionUseBefore: ParamUseBefore, ConditionBattery: ParamBattery, ConditionAuthorised: ParamPriority, ConditionVersion: ParamVersion,
	}[code]
	v, ok := at.param(need)
	if !ok {
		return unset(need)
	}
	rule, held := RulePolicy, false
	switch code {
	case ConditionUseBefore:
		rule, held = RuleUseBefore, u.Now() < v.arg
	case ConditionBattery:
		held = u.Battery() >= v.arg
	case ConditionAuthorised:
		priority, err := v.int()
		held = err == nil && u.Authorised(at.id, priority)
	case ConditionVersion:
		var err error
		if held, err = versionHolds(u.Version(at.id), v); err != nil {
			return fail(err)
		}
	}
	return fail(at.options().check(rule, held, fmt.Sprintf("condition %d", code)))
}

// versionHolds judges a version match: bstr of [comparison, [numbers]] with 1
// greater, 2 greater or equal, 3 equal, 4 lesser or equal, 5 lesser.
func versionHolds(have []int64, wrapped value) (bool, error) {
	v, err := wrapped.wrapped()
	if err != nil {
		return false, err
	}
	items, err := v.elements()
	if err != nil {
		return false, err
	}
	if len(items) != 2 {
		return false, parseError("a version match of %d items", len(items))
	}
	numbers, err := items[1].elements()
	if err != nil {
		return false, err
	}
	var want []int64
	for _, n := range numbers {
		i, err := n.int()
		if err != nil {
			return false, err
		}
		want = append(want, i)
	}
	order := slices.CompareFunc(have, want, cmp.Compare[int64])
	switch items[0].arg {
	case 1:
		return order > 0, nil
	case 2:
		return order >= 0, nil
	case 3:
		return order == 0, nil
	case 4:
		return order <= 0, nil
	case 5:
		return order < 0, nil
	}
	return false, parseError("comparison %d", items[0].arg)
}

// wait lets the platform wait for what the parameter describes.
func (at *spot) wait() error {
	u, ok := at.run.p.Platform.(Updates)
	info, set := at.param(ParamWaitInfo)
	if !ok || !set {
		return refuse(CommandUnsupported, "wait")
	}
	if err := u.Wait(at.id, info.body); err != nil {
		return &Error{Reason: OperationFailed, Detail: "wait", Err: err}
	}
	return nil
}

// extension runs override-multiple ({index => parameters}) and copy-params
// ({source index => [parameters]}) of update-management.
func (at *spot) extension(c *Command) error {
	v, err := decode(c.Raw)
	if err != nil {
		return err
	}
	entries, err := v.pairs()
	if err != nil {
		return err
	}
	for _, e := range entries {
		index, err := e.key.uint()
		if err != nil {
			return err
		}
		id, dependency, err := at.state.frame.component(index)
		if err != nil {
			return err
		}
		other := &spot{run: at.run, state: at.state, index: index, id: id, dependency: dependency}
		if c.Code == OverrideMultiple {
			params, err := parseParameters(e.value, at.state.frame.section)
			if err != nil {
				return err
			}
			if err := other.setParameters(params, true); err != nil {
				return err
			}
			continue
		}
		if err := at.copyFrom(other, e.value); err != nil {
			return err
		}
	}
	return nil
}

func (at *spot) copyFrom(other *spot, keys value) error {
	items, err := keys.elements()
	if err != nil {
		return err
	}
	for _, i := range items {
		key, err := i.int()
		if err != nil {
			return err
		}
		v, ok := other.param(ParameterKey(key))
		if !ok {
			return refuse(ParameterUnsupported, "parameter %d is not set where it is copied from", key)
		}
		if err := at.setParameters([]Parameter{{ParameterKey(key), v.raw}}, true); err != nil {
			return err
		}
	}
	return nil
}
