package suit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/armillary/armillary/reference/suit"
)

// story is one manifest that is run, and what it must come to: nothing refused, or
// one reason and rule. Each rule of the processor is a row.
type story struct {
	name       string
	components []suit.ComponentID // first, second when nil
	shared     suit.Sequence      // compatible() when nil
	section    suit.Section       // install when 0
	sequence   suit.Sequence
	prepare    func(s *shelf, p *suit.Processor)
	invoke     bool

	want   map[string]string // component words: content
	reason suit.Reason
	rule   suit.Rule
}

func (st story) run(t *testing.T) {
	t.Helper()
	components := st.components
	if components == nil {
		components = []suit.ComponentID{first, second}
	}
	section := st.section
	if section == 0 {
		section = suit.SectionInstall
	}
	m := manifest(components, map[suit.Section]suit.Sequence{section: st.sequence})
	if st.shared != nil {
		m.Shared = st.shared
	}
	s := newShelf(first, second, third)
	s.put(second, "two")
	s.slots[string(first.Encode())] = 1
	p := processor(t, s)
	p.Unmatched = true
	if st.prepare != nil {
		st.prepare(s, p)
	}
	before := s.snapshot()
	procedure := p.Update
	if st.invoke {
		procedure = p.Invoke
	}
	report, err := procedure(authenticated(t, m))
	if st.reason != suit.Success {
		wantRefusal(t, err, st.reason, st.rule)
		if len(before) != len(s.holds) || s.get(second) != string(before[string(second.Encode())]) || len(s.ran) > 0 {
			t.Error("what was refused changed the platform")
		}
		if report.Result != st.reason {
			t.Errorf("report says %v", report.Result)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range st.want {
		if got := s.get(suit.Component(words)); got != want {
			t.Errorf("%s holds %q, want %q", words, got, want)
		}
	}
}

func content(s string) suit.Parameter { return suit.Bytes(suit.ParamContent, []byte(s)) }

func write(s string) suit.Sequence { return suit.Sequence{set(content(s)), do(suit.Write)} }

func join(parts ...suit.Sequence) (all suit.Sequence) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func seq(commands ...suit.Command) suit.Sequence { return commands }

// soft sets soft failure.
func soft(on bool) suit.Command { return set(suit.Flag(suit.ParamSoftFailure, on)) }

// lax sets strict order to false.
func laxOrder() suit.Command { return set(suit.Flag(suit.ParamStrictOrder, false)) }

var abort = do(suit.ConditionAbort)

// TestRequiredChecks: sections 6.1 and 6.2.
func TestRequiredChecks(t *testing.T) {
	for _, st := range []story{
		{name: "lower_sequence_number", sequence: seq(at(0)), prepare: func(_ *shelf, p *suit.Processor) {
			p.Sequence = func(suit.ComponentID) uint64 { return 8 }
		}, reason: suit.Unauthorised, rule: suit.RuleSequence},
		{name: "equal_sequence_number_is_taken", sequence: seq(at(0)), prepare: func(_ *shelf, p *suit.Processor) {
			p.Sequence = func(suit.ComponentID) uint64 { return 7 }
		}},
		{name: "more_components_than_the_device", components: []suit.ComponentID{first, second, third, first}, sequence: seq(at(0)),
			reason: suit.ComponentUnsupported, rule: suit.RuleComponents},
		{name: "unknown_component", components: []suit.ComponentID{first, suit.Component("unknown")}, sequence: seq(at(0)),
			reason: suit.ComponentUnsupported, rule: suit.RuleComponents},
		{name: "sequence_without_component_index", sequence: write("x"), reason: suit.ParseFailure},
		{name: "one_component_needs_no_index", components: []suit.ComponentID{first}, sequence: write("x"), want: map[string]string{"first": "x"}},
		{name: "no_class_check", shared: seq(at(0), set(suit.VendorID(vendor)), do(suit.ConditionVendor)), sequence: seq(at(0)),
			reason: suit.CommandUnsupported, rule: suit.RuleCompatibility},
		{name: "no_vendor_check", shared: seq(at(0), set(suit.ClassID(class)), do(suit.ConditionClass)), sequence: seq(at(0)),
			reason: suit.CommandUnsupported, rule: suit.RuleCompatibility},
		{name: "checks_that_may_be_skipped_are_none", shared: seq(at(0), runs(join(seq(soft(true)), compatible()[1:])...)), sequence: seq(at(0)),
			reason: suit.CommandUnsupported, rule: suit.RuleCompatibility},
		{name: "other_vendor", shared: seq(at(0), set(suit.VendorID(elsewhere), suit.ClassID(class)), do(suit.ConditionVendor), do(suit.ConditionClass)), sequence: seq(at(0)),
			reason: suit.ConditionFailed, rule: suit.RuleVendor},
		{name: "other_class", shared: seq(at(0), set(suit.VendorID(vendor), suit.ClassID(elsewhere)), do(suit.ConditionVendor), do(suit.ConditionClass)), sequence: seq(at(0)),
			reason: suit.ConditionFailed, rule: suit.RuleClass},
	} {
		t.Run(st.name, st.run)
	}
}

// TestConditions: section 8.4.9. A condition whose parameter is unset fails.
func TestConditions(t *testing.T) {
	digest := func(s string) suit.Parameter { return suit.ImageDigest(digestOf(t, s)) }
	for _, st := range []story{
		{name: "image_match", sequence: seq(at(1), set(digest("two")), do(suit.ConditionImage))},
		{name: "image_differs", sequence: seq(at(1), set(digest("three")), do(suit.ConditionImage)), reason: suit.ConditionFailed, rule: suit.RuleImage},
		{name: "image_of_another_size", sequence: seq(at(1), set(digest("two"), suit.Number(suit.ParamImageSize, 4)), do(suit.ConditionImage)), reason: suit.ConditionFailed, rule: suit.RuleImage},
		{name: "image_without_digest", sequence: seq(at(1), do(suit.ConditionImage)), reason: suit.ConditionFailed},
		{name: "digest_of_the_other_component", sequence: seq(at(0), set(digest("two")), at(1), do(suit.ConditionImage)), reason: suit.ConditionFailed},
		{name: "image_not_match", sequence: seq(at(1), set(digest("three")), do(suit.ConditionImageNot))},
		{name: "image_not_match_but_it_does", sequence: seq(at(1), set(digest("two")), do(suit.ConditionImageNot)), reason: suit.ConditionFailed, rule: suit.RuleImage},
		{name: "content_is_equal", sequence: seq(at(1), set(content("two")), do(suit.ConditionContent))},
		{name: "content_differs", sequence: seq(at(1), set(content("tw0")), do(suit.ConditionContent)), reason: suit.ConditionFailed, rule: suit.RuleContent},
		{name: "content_without_content", sequence: seq(at(1), do(suit.ConditionContent)), reason: suit.ConditionFailed},
		{name: "slot", sequence: seq(at(0), set(suit.Number(suit.ParamSlot, 1)), do(suit.ConditionSlot))},
		{name: "other_slot", sequence: seq(at(0), set(suit.Number(suit.ParamSlot, 0)), do(suit.ConditionSlot)), reason: suit.ConditionFailed, rule: suit.RuleSlot},
		{name: "slot_without_slot", sequence: seq(at(0), do(suit.ConditionSlot)), reason: suit.ConditionFailed},
		{name: "this_device", sequence: seq(at(0), set(suit.DeviceID(thisDevice)), do(suit.ConditionDevice))},
		{name: "other_device", sequence: seq(at(0), set(suit.DeviceID(elsewhere)), do(suit.ConditionDevice)), reason: suit.ConditionFailed, rule: suit.RuleDevice},
		{name: "abort", sequence: seq(at(0), abort), reason: suit.ConditionFailed},
		{name: "used_before_its_end", sequence: seq(at(0), set(suit.Number(suit.ParamUseBefore, 5)), do(suit.ConditionUseBefore))},
		{name: "used_too_late", sequence: seq(at(0), set(suit.Number(suit.ParamUseBefore, 5)), do(suit.ConditionUseBefore)),
			prepare: func(s *shelf, _ *suit.Processor) { s.now = 5 }, reason: suit.ConditionFailed, rule: suit.RuleUseBefore},
		{name: "battery_is_low", sequence: seq(at(0), set(suit.Number(suit.ParamBattery, 50)), do(suit.ConditionBattery)),
			prepare: func(s *shelf, _ *suit.Processor) { s.battery = 49 }, reason: suit.ConditionFailed, rule: suit.RulePolicy},
		{name: "nobody_agreed", sequence: seq(at(0), set(suit.Number(suit.ParamPriority, 1)), do(suit.ConditionAuthorised)),
			prepare: func(s *shelf, _ *suit.Processor) { s.agreed = false }, reason: suit.ConditionFailed, rule: suit.RulePolicy},
		{name: "is_no_dependency", sequence: seq(at(0), do(suit.ConditionIsDependency)), reason: suit.ConditionFailed, rule: suit.RuleDependency},
	} {
		t.Run(st.name, st.run)
	}
}

// TestComponentIndex: section 6.5.
func TestComponentIndex(t *testing.T) {
	for _, st := range []story{
		{name: "all", sequence: join(seq(all()), write("x")), want: map[string]string{"first": "x", "second": "x"}},
		{name: "a_list", sequence: join(seq(at(1, 0)), write("x")), want: map[string]string{"first": "x", "second": "x"}},
		{name: "a_list_of_one_in_three", components: []suit.ComponentID{first, second, third}, sequence: join(seq(at(0, 2)), write("x")), want: map[string]string{"first": "x", "second": "two", "third": "x"}},
		{name: "try_each_runs_once_per_component", sequence: seq(all(), try(seq(set(content("two")), do(suit.ConditionContent)), write("x"))),
			want: map[string]string{"first": "x", "second": "two"}},
		{name: "run_sequence_runs_once_per_component", sequence: seq(all(), runs(write("x")...)), want: map[string]string{"first": "x", "second": "x"}},
		{name: "inside_a_loop_the_index_stays", sequence: seq(all(), runs(join(seq(at(0)), write("x"))...)), reason: suit.CommandUnsupported},
		{name: "unknown_index", sequence: seq(at(5)), reason: suit.ComponentUnsupported},
		{name: "copy_parameters", sequence: seq(at(0), set(content("x")), at(1), suit.Command{Code: suit.CopyParameters, Raw: []byte{0xa1, 0x00, 0x81, 0x12}}, do(suit.Write)),
			want: map[string]string{"second": "x"}},
		{name: "override_multiple", sequence: seq(at(0), suit.Command{Code: suit.OverrideMultiple, Raw: []byte{0xa1, 0x01, 0xa1, 0x12, 0x41, 'y'}}, at(1), do(suit.Write)),
			want: map[string]string{"second": "y"}},
	} {
		t.Run(st.name, st.run)
	}
}

// TestSoftFailure: section 8.4.8, soft failure, and try-each.
func TestSoftFailure(t *testing.T) {
	fetchNothing := seq(set(suit.URI("http://nowhere")), do(suit.Fetch))
	for _, st := range []story{
		{name: "in_try_each_the_next_is_tried", sequence: seq(at(0), try(seq(abort), write("x"))), want: map[string]string{"first": "x"}},
		{name: "hard_in_try_each_ends_all", sequence: seq(at(0), try(seq(soft(false), abort), write("x"))), reason: suit.ConditionFailed},
		{name: "no_success_fails", sequence: seq(at(0), try(seq(abort), seq(abort))), reason: suit.ConditionFailed},
		{name: "nil_closes_the_list", sequence: seq(at(0), suit.Command{Code: suit.TryEach, Try: []suit.Sequence{{abort}}, OrNone: true})},
		{name: "in_run_sequence_hard_by_default", sequence: seq(at(0), runs(abort)), reason: suit.ConditionFailed},
		{name: "in_run_sequence_soft_when_said", sequence: join(seq(at(0), runs(soft(true), abort)), write("x")), want: map[string]string{"first": "x"}},
		{name: "a_directive_is_never_forgiven", sequence: seq(at(0), try(fetchNothing, write("x"))), reason: suit.OperationFailed},
		{name: "a_directive_in_a_soft_run", sequence: seq(at(0), runs(join(seq(soft(true)), fetchNothing)...)), reason: suit.OperationFailed},
		{name: "not_inherited", sequence: seq(at(0), runs(soft(true), runs(abort))), want: map[string]string{"second": "two"}},
		{name: "not_inherited_by_a_hard_one", sequence: seq(at(0), try(seq(soft(false), try(seq(abort), write("x"))))), want: map[string]string{"first": "x"}},
		{name: "reverts_at_the_end", sequence: seq(at(0), runs(soft(true)), abort), reason: suit.ConditionFailed},
		{name: "set_outside", sequence: seq(at(0), soft(true)), reason: suit.ParameterUnsupported},
	} {
		t.Run(st.name, st.run)
	}
}

// TestStrictOrder: section 6.7. Run serially, barriers hold by themselves.
func TestStrictOrder(t *testing.T) {
	from := func(n uint64) suit.Command { return set(suit.Number(suit.ParamSource, n)) }
	for _, st := range []story{
		{name: "copy_from_what_was_written", sequence: join(seq(at(1)), write("x"), seq(at(0), from(1), do(suit.Copy))), want: map[string]string{"first": "x"}},
		{name: "without_order_that_is_a_race", sequence: join(seq(at(1), laxOrder()), write("x"), seq(at(0), from(1), do(suit.Copy))), reason: suit.CommandUnsupported},
		{name: "without_order_apart", sequence: join(seq(at(0), laxOrder(), from(1), do(suit.Copy))), want: map[string]string{"first": "two"}},
		{name: "swap_needs_order", sequence: seq(at(0), laxOrder(), from(1), do(suit.Swap)), reason: suit.CommandUnsupported},
		{name: "swap", sequence: join(seq(at(0)), write("x"), seq(from(1), do(suit.Swap))), want: map[string]string{"first": "two", "second": "x"}},
		{name: "a_sequence_names_its_component", sequence: seq(at(0), laxOrder(), runs(write("x")...)), reason: suit.CommandUnsupported},
		{name: "a_sequence_that_does", sequence: seq(at(0), laxOrder(), runs(join(seq(at(1)), write("x"))...)), want: map[string]string{"second": "x"}},
		{name: "and_stays_with_it", sequence: seq(at(0), laxOrder(), runs(join(seq(at(1)), write("x"), seq(at(0)))...)), reason: suit.CommandUnsupported},
		{name: "source_that_is_no_component", sequence: seq(at(0), from(9), do(suit.Copy)), reason: suit.ParameterUnsupported},
		{name: "source_that_is_empty", sequence: seq(at(1), from(0), do(suit.Copy)), reason: suit.OperationFailed},
	} {
		t.Run(st.name, st.run)
	}
}

// TestDirectives: section 8.4.10, what a directive lacks and what it is not.
func TestDirectives(t *testing.T) {
	for _, st := range []story{
		{name: "fetch", sequence: seq(at(0), set(suit.URI("http://a")), do(suit.Fetch)), prepare: func(s *shelf, _ *suit.Processor) { s.remote["http://a"] = []byte("x") }, want: map[string]string{"first": "x"}},
		{name: "fetch_without_uri", sequence: seq(at(0), do(suit.Fetch)), reason: suit.ParameterUnsupported},
		{name: "fetch_of_more_than_said", sequence: seq(at(0), set(suit.URI("http://a"), suit.Number(suit.ParamImageSize, 2)), do(suit.Fetch)),
			prepare: func(s *shelf, _ *suit.Processor) { s.remote["http://a"], s.oversize = []byte("xxx"), true }, reason: suit.OperationFailed, rule: suit.RuleBounded},
		{name: "write_without_content", sequence: seq(at(0), do(suit.Write)), reason: suit.ParameterUnsupported},
		{name: "unlink", sequence: seq(at(1), do(suit.Unlink)), want: map[string]string{"second": ""}},
		{name: "wait", sequence: seq(at(0), set(suit.Bytes(suit.ParamWaitInfo, []byte{1})), do(suit.Wait))},
		{name: "custom_without_handler", sequence: seq(at(0), suit.Command{Code: -300, Raw: []byte{0}}), reason: suit.CommandUnsupported},
		{name: "custom", sequence: seq(at(0), suit.Command{Code: -300, Raw: []byte{0}}), prepare: func(_ *shelf, p *suit.Processor) {
			p.Custom = func(suit.ComponentID, suit.Code, []byte) error { return nil }
		}},
		{name: "set_parameters_only_if_unset", sequence: seq(at(0), set(content("x")), suit.Command{Code: suit.SetParameters, Params: []suit.Parameter{content("y")}}, do(suit.Write)), want: map[string]string{"first": "x"}},
		{name: "what_is_written_must_match", sequence: join(seq(at(0)), write("x")), prepare: func(_ *shelf, p *suit.Processor) { p.Unmatched = false }, reason: suit.OperationFailed, rule: suit.RuleInstalled},
		{name: "a_match_before_the_write_is_none", sequence: join(seq(at(1), set(suit.ImageDigest(digestOf(t, "two"))), do(suit.ConditionImage)), write("x")),
			prepare: func(_ *shelf, p *suit.Processor) { p.Unmatched = false }, reason: suit.OperationFailed, rule: suit.RuleInstalled},
		{name: "invoke_needs_a_match", invoke: true, section: suit.SectionInvoke, sequence: seq(at(1), do(suit.Invoke)),
			prepare: func(_ *shelf, p *suit.Processor) { p.Unmatched = false }, reason: suit.OperationFailed, rule: suit.RuleInvoked},
		{name: "invoke", invoke: true, section: suit.SectionInvoke, sequence: seq(at(1), set(suit.ImageDigest(digestOf(t, "two"))), do(suit.ConditionImage), do(suit.Invoke)),
			prepare: func(_ *shelf, p *suit.Processor) { p.Unmatched = false }},
		{name: "a_platform_that_fails", sequence: join(seq(at(0)), write("x")), prepare: func(s *shelf, _ *suit.Processor) { s.refuses = true }, reason: suit.OperationFailed},
		{name: "endless_work", sequence: seq(all(), runs(runs(runs(join(write("x"), write("x"), write("x"))...)))), prepare: func(_ *shelf, p *suit.Processor) { p.Options.Limits.Steps = 12 }, reason: suit.OperationFailed, rule: suit.RuleBounded},
		{name: "too_large_an_image", sequence: join(seq(at(0)), write(strings.Repeat("x", 99))), prepare: func(_ *shelf, p *suit.Processor) { p.Options.Limits.Image = 98 }, reason: suit.OperationFailed, rule: suit.RuleBounded},
	} {
		t.Run(st.name, st.run)
	}
}

// only lets a signer write one component.
type only struct{ component suit.ComponentID }

func (o only) May(_ string, c suit.ComponentID, code suit.Code, _ []suit.Parameter) bool {
	return c.Equal(o.component) || code == suit.ConditionVendor || code == suit.ConditionClass
}

// TestRights: section 9, rights by component, for target and source.
func TestRights(t *testing.T) {
	mine := func(_ *shelf, p *suit.Processor) { p.Rights = only{first} }
	for _, st := range []story{
		{name: "own_component", sequence: join(seq(at(0)), write("x")), prepare: mine, want: map[string]string{"first": "x"}},
		{name: "somebody_elses", sequence: join(seq(at(1)), write("x")), prepare: mine, reason: suit.ComponentUnauthorised, rule: suit.RuleRights},
		{name: "somebody_elses_as_source", sequence: seq(at(0), set(suit.Number(suit.ParamSource, 1)), do(suit.Copy)), prepare: mine, reason: suit.ComponentUnauthorised, rule: suit.RuleRights},
	} {
		t.Run(st.name, st.run)
	}
}

// byCommand lets a signer do one command with some parameters only: the finest model
// of section 9.
type byCommand struct {
	code    suit.Code
	without suit.ParameterKey
}

func (b byCommand) May(signer string, _ suit.ComponentID, code suit.Code, params []suit.Parameter) bool {
	for _, p := range params {
		if p.Key == b.without {
			return false
		}
	}
	return signer == "vendor" && code != b.code
}

// TestRightsByCommandAndParameter: section 9, the third model.
func TestRightsByCommandAndParameter(t *testing.T) {
	may := func(b byCommand) func(*shelf, *suit.Processor) {
		return func(_ *shelf, p *suit.Processor) { p.Rights = b }
	}
	for _, st := range []story{
		{name: "another_command_is_barred", sequence: join(seq(at(0)), write("x")), prepare: may(byCommand{code: suit.Swap}), want: map[string]string{"first": "x"}},
		{name: "barred_command", sequence: join(seq(at(0)), write("x")), prepare: may(byCommand{code: suit.Write}), reason: suit.ComponentUnauthorised, rule: suit.RuleRights},
		{name: "barred_parameter", sequence: join(seq(at(0)), write("x")), prepare: may(byCommand{without: suit.ParamContent}), reason: suit.ComponentUnauthorised, rule: suit.RuleRights},
	} {
		t.Run(st.name, st.run)
	}
}

// TestSharedSequenceHasNoEffects: what may not stand in it is refused when the
// manifest is decoded (section 8.4.5).
func TestSharedSequenceHasNoEffects(t *testing.T) {
	for name, c := range map[string]suit.Command{
		"fetch": do(suit.Fetch), "copy": do(suit.Copy), "write": do(suit.Write), "invoke": do(suit.Invoke), "swap": do(suit.Swap),
		"custom": {Code: -300, Raw: []byte{0}}, "custom_inside": runs(suit.Command{Code: -300, Raw: []byte{0}}), "process": do(suit.ProcessDependency),
	} {
		m := manifest([]suit.ComponentID{first}, nil)
		m.Shared = append(compatible(), c)
		_, err := suit.ParseManifest(m.Encode(), suit.Limits{})
		if suit.ReasonOf(err) != suit.CommandUnsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := manifest([]suit.ComponentID{first}, nil)
	m.Shared = append(compatible(), set(suit.Parameter{Key: -1, Value: []byte{0}}))
	if _, err := suit.ParseManifest(m.Encode(), suit.Limits{}); suit.ReasonOf(err) != suit.ParameterUnsupported {
		t.Errorf("custom parameter: %v", err)
	}
}

// TestUnknownThingsFail: commands, parameters, algorithms and members.
func TestUnknownThingsFail(t *testing.T) {
	with := func(c suit.Command) []byte {
		return manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: {c}}).Encode()
	}
	for name, test := range map[string]struct {
		data []byte
		want suit.Reason
	}{
		"command":       {with(suit.Command{Code: 99, Raw: []byte{0}}), suit.CommandUnsupported},
		"old_directive": {with(suit.Command{Code: 13, Raw: []byte{0}}), suit.CommandUnsupported},
		"parameter":     {with(set(suit.Number(6, 1))), suit.ParameterUnsupported},
		"short_uuid":    {with(set(suit.Bytes(suit.ParamVendor, []byte{1}))), suit.ParseFailure},
		"policy":        {with(suit.Command{Code: suit.Fetch, Policy: 16}), suit.ParseFailure},
		"empty_try":     {with(try()), suit.ParseFailure},
		"section":       {manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{17: {at(0)}}).Encode(), suit.ParseFailure},
		"no_components": {manifest(nil, nil).Encode(), suit.ParseFailure},
	} {
		if _, err := suit.ParseManifest(test.data, suit.Limits{}); suit.ReasonOf(err) != test.want {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if _, err := suit.DigestOf(2, nil); suit.ReasonOf(err) != suit.AlgorithmUnsupported {
		t.Errorf("digest algorithm 2 of drafts until -12: %v", err)
	}
}

// TestAnUpdateCanBeAppliedAgain: what was cut short by a power loss is done again
// from the start and comes to the same end (section 6.3.1).
func TestAnUpdateCanBeAppliedAgain(t *testing.T) {
	m := manifest([]suit.ComponentID{first, second}, map[suit.Section]suit.Sequence{
		suit.SectionInstall: join(seq(at(0)), write("x"), seq(set(suit.ImageDigest(digestOf(t, "x"))), do(suit.ConditionImage)),
			seq(at(1), set(suit.Number(suit.ParamSource, 0), suit.ImageDigest(digestOf(t, "x"))), do(suit.Copy), do(suit.ConditionImage))),
	})
	a := authenticated(t, m)
	s := newShelf(first, second)
	p := processor(t, s)
	for range 2 {
		if _, err := p.Update(a); err != nil || s.get(first) != "x" || s.get(second) != "x" {
			t.Fatalf("err = %v, holds %q and %q", err, s.get(first), s.get(second))
		}
	}
	torn := newShelf(first, second)
	torn.put(first, "x") // the first of both writes came through
	if _, err := processor(t, torn).Update(a); err != nil || torn.get(second) != "x" {
		t.Errorf("after a torn commit: %v, holds %q", err, torn.get(second))
	}
}

// TestParametersDoNotLeak: each procedure begins with none (section 6.1).
func TestParametersDoNotLeak(t *testing.T) {
	p := processor(t, newShelf(first))
	p.Unmatched = true
	set := authenticated(t, manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: write("x")}))
	use := authenticated(t, manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionInstall: {do(suit.Write)}}))
	if _, err := p.Update(set); err != nil {
		t.Fatal(err)
	}
	_, err := p.Update(use)
	wantRefusal(t, err, suit.ParameterUnsupported, "")
	if !errors.As(err, new(*suit.Error)) {
		t.Error("no typed error")
	}
}
