package suit

import (
	"crypto/subtle"
	"slices"
)

// spot is where a command acts: one component of one sequence.
type spot struct {
	run        *run
	state      *state
	index      uint64
	id         ComponentID
	dependency *Dependency // not nil where the index means one
}

// param finds a parameter of the current component.
func (at *spot) param(key ParameterKey) (value, bool) {
	v, ok := at.run.params[string(at.id.Encode())][key]
	return v, ok
}

func (at *spot) options() *Options { return &at.run.p.Options }

// fail makes a failed condition: soft failure may forgive it.
func fail(err error) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // made here, never wrapped
		e.condition = true
	}
	return err
}

// unset is the failure of a condition whose parameter was not set (section 8.4.9).
func unset(key ParameterKey) error {
	return fail(refuse(ConditionFailed, "parameter %d is not set", key))
}

// condition tests; it changes nothing.
func (at *spot) condition(code Code) error {
	switch code {
	case ConditionVendor:
		return at.identified(RuleVendor, ParamVendor)
	case ConditionClass:
		return at.identified(RuleClass, ParamClass)
	case ConditionDevice:
		return at.identified(RuleDevice, ParamDevice)
	case ConditionImage, ConditionImageNot:
		return at.image(code == ConditionImage)
	case ConditionSlot:
		slot, ok := at.param(ParamSlot)
		if !ok {
			return unset(ParamSlot)
		}
		return fail(at.options().check(RuleSlot, at.run.p.Platform.InSlot(at.id, slot.arg), ""))
	case ConditionContent:
		return at.content()
	case ConditionIsDependency:
		return fail(at.options().check(RuleDependency, at.dependency != nil, "the component is no dependency"))
	case ConditionDependency:
		_, err := at.resolve()
		return fail(err)
	case ConditionAbort:
		return fail(refuse(ConditionFailed, "abort"))
	}
	return at.update(code)
}

// identified compares an identifier parameter with what the device answers to.
func (at *spot) identified(rule Rule, key ParameterKey) error {
	v, ok := at.param(key)
	if !ok {
		return unset(key)
	}
	id := v.body
	if v.major == majorTag {
		id = v.raw
	}
	return fail(at.options().check(rule, at.run.p.Platform.Identified(key, at.id, id), ""))
}

// image compares a component with its digest and, where one is set, its size. On a
// dependency the digest is over the wrapped manifest alone.
func (at *spot) image(want bool) error {
	if at.dependency != nil && want {
		_, err := at.resolve()
		return fail(err)
	}
	digest, ok := at.digest()
	if !ok {
		return unset(ParamImageDigest)
	}
	data, _ := at.run.read(at.id)
	if err := at.run.spend(0, len(data)); err != nil {
		return err
	}
	match, err := digest.Matches(data)
	if err != nil {
		return fail(err)
	}
	if size, ok := at.param(ParamImageSize); ok {
		match = match && uint64(len(data)) == size.arg
	}
	if err := at.options().check(RuleImage, match == want, ""); err != nil {
		return fail(err)
	}
	if want {
		at.run.matched[string(at.id.Encode())] = true
	}
	return nil
}

func (at *spot) digest() (Digest, bool) {
	v, ok := at.param(ParamImageDigest)
	if !ok {
		return Digest{}, false
	}
	inner, err := v.wrapped()
	if err != nil {
		return Digest{}, false
	}
	d, err := parseDigest(inner)
	return d, err == nil
}

// content compares a component with a parameter in constant time (section
// 8.4.9.3): the content may be a secret.
func (at *spot) content() error {
	v, ok := at.param(ParamContent)
	if !ok {
		return unset(ParamContent)
	}
	data, _ := at.run.read(at.id)
	return fail(at.options().check(RuleContent, subtle.ConstantTimeCompare(data, v.body) == 1, ""))
}

// setParameters sets the parameters of the current component; without override
// only those that are unset (trust-domains).
func (at *spot) setParameters(params []Parameter, override bool) error {
	for _, p := range params {
		v, err := decode(p.Value)
		if err != nil {
			return err
		}
		switch p.Key {
		case ParamSoftFailure:
			if !at.state.nested {
				return refuse(ParameterUnsupported, "soft failure outside of try-each and run-sequence")
			}
			at.state.soft = v.is(simpleTrue)
			continue
		case ParamStrictOrder:
			at.state.strict = v.is(simpleTrue)
			continue
		}
		key := string(at.id.Encode())
		if at.run.params[key] == nil {
			at.run.params[key] = map[ParameterKey]value{}
		}
		if _, set := at.run.params[key][p.Key]; override || !set {
			at.run.params[key][p.Key] = v
		}
	}
	return nil
}

// source is the component that copy and swap read.
func (at *spot) source() (ComponentID, bool) {
	v, ok := at.param(ParamSource)
	if !ok {
		return nil, false
	}
	id, dependency, err := at.state.frame.component(v.arg)
	return id, err == nil && dependency == nil
}

// directive acts. Its failure is never forgiven.
func (at *spot) directive(code Code) error {
	r := at.run
	if code != ProcessDependency && code != Wait && !slices.ContainsFunc(r.p.Platform.Components(), at.id.Equal) {
		return refuse(ComponentUnsupported, "the device does not have this component")
	}
	switch code {
	case Fetch:
		return at.fetch()
	case Write:
		v, ok := at.param(ParamContent)
		if !ok {
			return refuse(ParameterUnsupported, "write without content")
		}
		if err := at.ordered(nil); err != nil {
			return err
		}
		return at.put(v.body)
	case Copy, Swap:
		return at.move(code == Swap)
	case Invoke:
		return at.invoke()
	case Unlink:
		r.store(at.id, nil)
		return nil
	case ProcessDependency:
		return at.process()
	case Wait:
		return at.wait()
	}
	return refuse(CommandUnsupported, "command %d", code)
}

// ordered holds the rule on operations without strict order: a component is
// source or target, never both (section 6.7).
func (at *spot) ordered(source ComponentID) error {
	if at.state.strict {
		return nil
	}
	target := string(at.id.Encode())
	at.state.targets[target] = true
	if source != nil {
		at.state.sources[string(source.Encode())] = true
	}
	for t := range at.state.targets {
		if at.state.sources[t] {
			return refuse(CommandUnsupported, "without strict order a component is both source and target")
		}
	}
	return nil
}

// fetch stores an integrated payload or what the platform gets.
func (at *spot) fetch() error {
	uri, ok := at.param(ParamURI)
	if !ok {
		return refuse(ParameterUnsupported, "fetch without a URI")
	}
	if err := at.ordered(nil); err != nil {
		return err
	}
	r := at.run
	data, ok := at.state.frame.a.Envelope.Payload(string(uri.body))
	if !ok {
		limit := r.limits.Image
		if size, ok := at.param(ParamImageSize); ok && size.arg < uint64(limit) {
			limit = int(size.arg)
		}
		args, _ := at.param(ParamFetchArgs)
		var err error
		if data, err = r.p.Platform.Fetch(string(uri.body), args.body, limit); err != nil {
			return &Error{Reason: OperationFailed, Detail: "fetch", Err: err}
		}
		if err := r.p.Options.check(RuleBounded, len(data) <= limit, "more was fetched than asked for"); err != nil {
			return err
		}
	}
	return r.write(at.id, data)
}

// put writes content, decrypted where encryption info is set.
func (at *spot) put(data []byte) error {
	if info, ok := at.param(ParamEncryptionInfo); ok {
		if err := at.run.spend(0, len(data)); err != nil {
			return err
		}
		plain, err := Decrypt(info.body, data, at.run.p.Decrypt)
		if err != nil {
			return err
		}
		data = plain
	}
	return at.run.write(at.id, data)
}

// move copies from the source component, or swaps with it.
func (at *spot) move(both bool) error {
	source, ok := at.source()
	if !ok {
		return refuse(ParameterUnsupported, "no source component")
	}
	if err := at.ordered(source); err != nil {
		return err
	}
	if both && !at.state.strict {
		return refuse(CommandUnsupported, "swap reads and writes both components: it needs strict order")
	}
	data, ok := at.run.read(source)
	if !ok {
		return refuse(OperationFailed, "the source component is empty")
	}
	if !both {
		return at.put(data)
	}
	if !slices.ContainsFunc(at.run.p.Platform.Components(), source.Equal) {
		return refuse(ComponentUnsupported, "the device does not have this component")
	}
	mine, ok := at.run.read(at.id)
	if !ok {
		return refuse(OperationFailed, "the component is empty")
	}
	if err := at.run.write(at.id, data); err != nil {
		return err
	}
	return at.run.write(source, mine)
}

// invoke hands over what the component holds, if it was compared with its digest.
func (at *spot) invoke() error {
	r := at.run
	image, ok := r.read(at.id)
	if !ok {
		return refuse(OperationFailed, "nothing to invoke")
	}
	matched := r.p.Unmatched || r.matched[string(at.id.Encode())]
	if err := r.p.Options.check(RuleInvoked, matched, "no image match in this procedure"); err != nil {
		return err
	}
	args, _ := at.param(ParamInvokeArgs)
	r.invoked = append(r.invoked, invocation{at.id, image, args.body})
	return nil
}
