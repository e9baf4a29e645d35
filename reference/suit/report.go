package suit

import (
	"errors"
	"fmt"

	"github.com/armillary/armillary/reference/defense"
)

// Reason is why a procedure ended as it did: the SUIT_Report_Reasons of
// draft-ietf-suit-report-22.
type Reason int

// The reasons. Success and InvokePending are answers, the others refusals.
const (
	Success               Reason = 0
	ParseFailure          Reason = 1
	COSEUnsupported       Reason = 2
	AlgorithmUnsupported  Reason = 3
	Unauthorised          Reason = 4
	CommandUnsupported    Reason = 5
	ComponentUnsupported  Reason = 6
	ComponentUnauthorised Reason = 7
	ParameterUnsupported  Reason = 8
	SeveringUnsupported   Reason = 9
	ConditionFailed       Reason = 10
	OperationFailed       Reason = 11
	InvokePending         Reason = 12
)

// reasons names each reason and gives the refusal class that it means when no
// rule says it closer; no class where it is an answer.
var reasons = []struct {
	name  string
	class defense.Class
}{
	Success:               {"success", ""},
	ParseFailure:          {"parse failure", defense.Malformed},
	COSEUnsupported:       {"unsupported COSE structure", defense.Malformed},
	AlgorithmUnsupported:  {"unsupported algorithm", defense.UntrustedSigner},
	Unauthorised:          {"unauthorised", defense.BadSignature},
	CommandUnsupported:    {"unsupported command", defense.UnknownCall},
	ComponentUnsupported:  {"unsupported component", defense.WrongDevice},
	ComponentUnauthorised: {"unauthorised component", defense.NotPermitted},
	ParameterUnsupported:  {"unsupported parameter", defense.Malformed},
	SeveringUnsupported:   {"severed member", defense.Incomplete},
	ConditionFailed:       {"condition failed", defense.Inconsistent},
	OperationFailed:       {"operation failed", defense.Unavailable},
	InvokePending:         {"invoke pending", ""},
}

// String names the reason.
func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasons) {
		return fmt.Sprintf("reason %d", int(r))
	}
	return reasons[r].name
}

// Class is the refusal class of a reason; false for the two that refuse nothing,
// and for numbers that are no reason.
func (r Reason) Class() (defense.Class, bool) {
	if r < 0 || int(r) >= len(reasons) || reasons[r].class == "" {
		return "", false
	}
	return reasons[r].class, true
}

// Error is a refusal: the report's reason, the rule that decided if one did, and
// where in the manifest it happened.
type Error struct {
	Reason Reason
	Rule   Rule   // empty when nothing was decided: the data could not be read, or the platform failed
	Detail string // for people
	Record *Record
	Err    error // what the platform said, if it did

	condition bool // a failed condition, which soft failure may forgive (section 8.4.8)
}

// Error says reason, rule and detail.
func (e *Error) Error() string {
	s := e.Reason.String()
	if e.Rule != "" {
		s += ": " + string(e.Rule)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives what the platform said.
func (e *Error) Unwrap() error { return e.Err }

// Class is the refusal class: the rule's where a rule decided, else the reason's.
func (e *Error) Class() defense.Class {
	if c := e.Rule.Class(); c != "" {
		return c
	}
	c, _ := e.Reason.Class()
	return c
}

// ReasonOf is the reason of an error of this package, Success for nil, and
// OperationFailed for any other error.
func ReasonOf(err error) Reason {
	if err == nil {
		return Success
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return OperationFailed
}

func parseError(format string, args ...any) error {
	return &Error{Reason: ParseFailure, Detail: fmt.Sprintf(format, args...)}
}

func refuse(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// Record says what one command came to: SUIT_Record.
type Record struct {
	Manifest  []uint64 // path of dependency indices from the root manifest, empty for it
	Section   Section
	Offset    int // of the command in its sequence, in bytes
	Component uint64
	Command   Code
	Held      bool
}

// Report is the account of one procedure: SUIT_Report.
type Report struct {
	URI     string // of the manifest, from its reference URI
	Digest  Digest // of the manifest
	Nonce   []byte // of who asked for the report, if anybody did
	Records []Record
	Result  Reason
	Failed  *Record // the command that ended the procedure
	Invoked []ComponentID
}

// Encode writes the report as CBOR: {?2: nonce, 3: records, 4: result, 99: reference}.
func (r *Report) Encode() []byte {
	entries := map[string][]byte{}
	put := func(key int64, v []byte) { entries[string(appendInt(nil, key))] = v }
	if r.Nonce != nil {
		put(2, appendBytes(nil, r.Nonce))
	}
	records := appendHead(nil, majorArray, uint64(len(r.Records)))
	for i := range r.Records {
		records = append(records, r.Records[i].encode()...)
	}
	put(3, records)
	result := appendSimple(nil, simpleTrue)
	if _, refused := r.Result.Class(); refused {
		failed := r.Failed
		if failed == nil {
			failed = &Record{}
		}
		result = appendMap(nil, map[string][]byte{
			string(appendInt(nil, 5)): appendInt(nil, int64(failed.Command)),
			string(appendInt(nil, 6)): failed.encode(),
			string(appendInt(nil, 7)): appendInt(nil, int64(r.Result)),
		})
	}
	put(4, result)
	reference := appendText(appendHead(nil, majorArray, 2), r.URI)
	put(99, append(reference, r.Digest.encode()...))
	return appendMap(nil, entries)
}

func (r *Record) encode() []byte {
	b := appendHead(nil, majorArray, 5)
	b = appendHead(b, majorArray, uint64(len(r.Manifest)))
	for _, i := range r.Manifest {
		b = appendHead(b, majorUint, i)
	}
	b = appendInt(b, int64(r.Section))
	b = appendInt(b, int64(r.Offset))
	b = appendHead(b, majorUint, r.Component)
	return appendHead(b, majorMap, 0)
}
