package suit

import "slices"

// Code is the number of a command (sections 8.4.9 and 8.4.10).
type Code int64

// The commands.
const (
	ConditionVendor         Code = 1
	ConditionClass          Code = 2
	ConditionImage          Code = 3
	ConditionUseBefore      Code = 4
	ConditionSlot           Code = 5
	ConditionContent        Code = 6
	ConditionDependency     Code = 7
	ConditionIsDependency   Code = 8
	ProcessDependency       Code = 11
	SetComponentIndex       Code = 12
	ConditionAbort          Code = 14
	TryEach                 Code = 15
	Write                   Code = 18
	SetParameters           Code = 19
	OverrideParameters      Code = 20
	Fetch                   Code = 21
	Copy                    Code = 22
	Invoke                  Code = 23
	ConditionDevice         Code = 24
	ConditionImageNot       Code = 25
	ConditionBattery        Code = 26
	ConditionAuthorised     Code = 27
	ConditionVersion        Code = 28
	Wait                    Code = 29
	Swap                    Code = 31
	RunSequence             Code = 32
	Unlink                  Code = 33
	OverrideMultiple        Code = 34
	CopyParameters          Code = 35
	lastCustom              Code = -257 // custom commands are lesser than -256 (section 8.4.9)
	maxReportPolicy              = 15
	maxAlternatives              = 64
	maxComponentsPerCommand      = 64
)

// Policy is a reporting policy (section 8.4.7).
type Policy uint8

// The bits of a policy.
const (
	RecordOnSuccess Policy = 1 << iota
	RecordOnFailure
	SysinfoOnSuccess
	SysinfoOnFailure

	// ReportAll asks for everything.
	ReportAll = RecordOnSuccess | RecordOnFailure | SysinfoOnSuccess | SysinfoOnFailure
)

// Index is the argument of set-component-index: one, several or all components
// (section 6.5).
type Index struct {
	All  bool
	List []uint64 // one item and not Array: a plain number
	// Array tells [5] from 5: with an array a command runs once per component.
	Array bool
}

// Command is one command with its argument; which field holds it depends on Code.
type Command struct {
	Code   Code
	Policy Policy      // conditions, and directives without another argument
	Index  Index       // SetComponentIndex
	Params []Parameter // SetParameters, OverrideParameters
	Try    []Sequence  // TryEach
	OrNone bool        // TryEach: closed by nil, so all may fail
	Run    Sequence    // RunSequence
	Raw    []byte      // custom commands, OverrideMultiple, CopyParameters: the encoded argument

	offset int // in its sequence, in bytes: for records
}

// Sequence is a SUIT_Command_Sequence.
type Sequence []Command

// isCondition tells conditions, whose failure may be forgiven, from directives.
func (c Code) isCondition() bool {
	switch c {
	case ConditionVendor, ConditionClass, ConditionImage, ConditionUseBefore, ConditionSlot, ConditionContent,
		ConditionDependency, ConditionIsDependency, ConditionAbort, ConditionDevice, ConditionImageNot,
		ConditionBattery, ConditionAuthorised, ConditionVersion:
		return true
	}
	return false
}

// takesPolicy tells directives whose argument is a reporting policy.
func (c Code) takesPolicy() bool {
	switch c {
	case ProcessDependency, Write, Fetch, Copy, Invoke, Wait, Swap, Unlink:
		return true
	}
	return c.isCondition()
}

// shareable tells what may stand in the shared sequence: nothing with an effect
// (section 6.2 and 8.4.5).
func (c Code) shareable() bool {
	return c.isCondition() || slices.Contains([]Code{SetComponentIndex, TryEach, SetParameters, OverrideParameters, RunSequence, OverrideMultiple, CopyParameters}, c)
}

// custom tells commands that an implementation defines for itself.
func (c Code) custom() bool { return c <= lastCustom }

// wrappedSequence reads a byte string that holds a sequence.
func (p *parser) wrappedSequence(v value, section Section, depth int) (Sequence, error) {
	if depth > p.limits.Depth {
		return nil, parseError("sequences nested deeper than %d", p.limits.Depth)
	}
	inner, err := v.wrapped()
	if err != nil {
		return nil, err
	}
	items, err := inner.elements()
	if err != nil {
		return nil, err
	}
	if len(items)%2 != 0 {
		return nil, parseError("a sequence of %d items: commands come with one argument each", len(items))
	}
	s := make(Sequence, 0, len(items)/2)
	at := len(inner.raw) - len(inner.body)
	for i := 0; i < len(items); i += 2 {
		if p.commands++; p.commands > p.limits.Commands {
			return nil, parseError("more than %d commands", p.limits.Commands)
		}
		code, err := items[i].int()
		if err != nil {
			return nil, err
		}
		c := Command{Code: Code(code), offset: at}
		at += len(items[i].raw) + len(items[i+1].raw)
		if section == sectionShared && !c.Code.shareable() {
			return nil, refuse(CommandUnsupported, "command %d in the shared sequence, which has no effects", code)
		}
		if err := p.argument(&c, items[i+1], section, depth); err != nil {
			return nil, err
		}
		s = append(s, c)
	}
	return s, nil
}

// argument reads the argument of a command.
func (p *parser) argument(c *Command, v value, section Section, depth int) (err error) {
	switch {
	case c.Code.takesPolicy():
		n, err := v.uint()
		if err == nil && n > maxReportPolicy {
			err = parseError("reporting policy %d", n)
		}
		c.Policy = Policy(n)
		return err
	case c.Code == SetComponentIndex:
		c.Index, err = parseIndex(v)
	case c.Code == SetParameters || c.Code == OverrideParameters:
		c.Params, err = parseParameters(v, section)
	case c.Code == RunSequence:
		c.Run, err = p.wrappedSequence(v, section, depth+1)
	case c.Code == TryEach:
		err = p.alternatives(c, v, section, depth)
	case c.Code == OverrideMultiple || c.Code == CopyParameters || c.Code.custom():
		c.Raw = v.raw
	default:
		return refuse(CommandUnsupported, "command %d", c.Code)
	}
	return err
}

// alternatives reads the argument of try-each: at least one sequence, and nil at
// the end if at all.
func (p *parser) alternatives(c *Command, v value, section Section, depth int) error {
	items, err := v.elements()
	if err != nil {
		return err
	}
	if n := len(items); n > 0 && items[n-1].is(simpleNil) {
		c.OrNone, items = true, items[:n-1]
	}
	if len(items) == 0 || len(items) > maxAlternatives {
		return parseError("try-each of %d sequences", len(items))
	}
	for _, i := range items {
		s, err := p.wrappedSequence(i, section, depth+1)
		if err != nil {
			return err
		}
		c.Try = append(c.Try, s)
	}
	return nil
}

func parseIndex(v value) (Index, error) {
	if v.is(simpleTrue) {
		return Index{All: true}, nil
	}
	if v.major == majorUint {
		return Index{List: []uint64{v.arg}}, nil
	}
	items, err := v.elements()
	if err != nil {
		return Index{}, err
	}
	if len(items) == 0 || len(items) > maxComponentsPerCommand {
		return Index{}, parseError("a list of %d components", len(items))
	}
	in := Index{Array: true}
	for _, i := range items {
		n, err := i.uint()
		if err != nil {
			return Index{}, err
		}
		in.List = append(in.List, n)
	}
	return in, nil
}

func (in Index) encode() []byte {
	switch {
	case in.All:
		return appendSimple(nil, simpleTrue)
	case !in.Array && len(in.List) == 1:
		return appendHead(nil, majorUint, in.List[0])
	}
	b := appendHead(nil, majorArray, uint64(len(in.List)))
	for _, n := range in.List {
		b = appendHead(b, majorUint, n)
	}
	return b
}

// Encode writes a sequence.
func (s Sequence) Encode() []byte {
	b := appendHead(nil, majorArray, uint64(2*len(s)))
	for i := range s {
		b = append(appendInt(b, int64(s[i].Code)), s[i].argument()...)
	}
	return b
}

func (c *Command) argument() []byte {
	switch {
	case c.Code.takesPolicy():
		return appendHead(nil, majorUint, uint64(c.Policy))
	case c.Code == SetComponentIndex:
		return c.Index.encode()
	case c.Code == SetParameters || c.Code == OverrideParameters:
		return encodeParameters(c.Params)
	case c.Code == RunSequence:
		return appendBytes(nil, c.Run.Encode())
	case c.Code == TryEach:
		n := len(c.Try)
		if c.OrNone {
			n++
		}
		b := appendHead(nil, majorArray, uint64(n))
		for _, s := range c.Try {
			b = appendBytes(b, s.Encode())
		}
		if c.OrNone {
			b = appendSimple(b, simpleNil)
		}
		return b
	}
	return c.Raw
}
