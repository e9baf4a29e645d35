package evidence

import (
	"maps"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Value is one trustworthiness value of AR4SI (draft-ietf-rats-ar4si-09 section
// 2.3): 2 to 31 affirm, 32 to 95 warn, 96 to 127 contraindicate.
type Value int8

// The values that this verifier gives.
const (
	NoClaim             Value = 0
	Unexpected          Value = 1 // evidence that cannot be read
	Approved            Value = 2
	ApprovedAtBoot      Value = 3  // executables: what was loaded during boot
	Vulnerable          Value = 32 // configuration or executables with known weaknesses
	Unrecognized        Value = 33 // executables without reference values
	Contraindicated     Value = 96
	NotRecognized       Value = 97 // instance or hardware that should be known and is not
	CryptographicFailed Value = 99
	Malfunction         Value = -1
)

// Tier is the kind of a value, and the status of a whole appraisal (EAR section 3.2).
type Tier uint8

// The tiers, by the lowest value of each.
const (
	TierNone            Tier = 0
	TierAffirming       Tier = 2
	TierWarning         Tier = 32
	TierContraindicated Tier = 96
)

// String names the tier.
func (t Tier) String() string {
	switch t {
	case TierAffirming:
		return "affirming"
	case TierWarning:
		return "warning"
	case TierContraindicated:
		return "contraindicated"
	}
	return "none"
}

// Tier tells which kind a value is of. Values below 0 are the verifier's own and
// mirror the others: -1 says nothing, -2 to -32 affirm, and so on.
func (v Value) Tier() Tier {
	if v < -1 {
		v = max(-(v + 1), Approved)
	}
	switch {
	case v >= Value(TierContraindicated):
		return TierContraindicated
	case v >= Value(TierWarning):
		return TierWarning
	case v >= Value(TierAffirming):
		return TierAffirming
	}
	return TierNone
}

// Category is one of the eight aspects of trust of AR4SI.
type Category uint8

// The categories, by their number in a vector.
const (
	InstanceIdentity Category = iota
	Configuration
	Executables
	FileSystem
	Hardware
	RuntimeOpaque
	StorageOpaque
	SourcedData
	categories
)

var categoryNames = [categories]string{"instance-identity", "configuration", "executables", "file-system", "hardware", "runtime-opaque", "storage-opaque", "sourced-data"}

// String is the category's name in AR4SI.
func (c Category) String() string {
	if c < categories {
		return categoryNames[c]
	}
	return "none"
}

// Vector holds a value for each category.
type Vector [categories]Value

// Status is the worst tier of a vector: none when nothing is said about anything.
func (v Vector) Status() Tier {
	worst := TierNone
	for _, value := range v {
		worst = max(worst, value.Tier())
	}
	return worst
}

// Result is an attestation result (EAR, draft-ietf-rats-ear): what one verifier says
// of one attester under one policy.
type Result struct {
	IssuedAt  time.Time // to the second
	Developer string    // who made the verifier
	Build     string    // which one it is
	PolicyID  string
	Name      string // of the attester; "" is written as "psa"
	Vector    Vector
	Refusals  []Refusal // the decisions that went against it, in order; not part of the encoding
}

// Refusal is a check that did not hold, with what the Decide of the policy made of it.
type Refusal struct {
	Check Check
	Err   error
}

// Status is the worst tier of the result's vector; a result that says nothing is
// none, and no reason to trust.
func (r *Result) Status() Tier { return r.Vector.Status() }

// The claims of an EAR in CBOR.
const (
	earProfile   = "tag:github.com,2023:veraison/ear"
	earDeveloper = 0
	earBuild     = 1
	earStatus    = 1000
	earVector    = 1001
	earPolicy    = 1003
	earVerifier  = 1004
	defaultName  = "psa"
)

// Encode writes the result as the claims of an EAR, deterministically: sign it with
// [Sign]. Categories without a claim are left out.
func (r *Result) Encode() []byte {
	vector := map[int64]Value{}
	for category, value := range r.Vector {
		if value != NoClaim {
			vector[int64(category)] = value
		}
	}
	appraisal := map[int64]any{earStatus: r.Status(), earVector: vector}
	if r.PolicyID != "" {
		appraisal[earPolicy] = r.PolicyID
	}
	name := r.Name
	if name == "" {
		name = defaultName
	}
	return encode(map[int64]any{
		eatProfile: earProfile, cwtIssuedAt: r.IssuedAt.Unix(),
		earVerifier: map[int64]string{earDeveloper: r.Developer, earBuild: r.Build},
		eatSubmods:  map[string]any{name: appraisal},
	})
}

// ReadResult reads what Encode wrote: an EAR with one appraisal. A status that is
// not the worst of its vector is refused, for whoever reads only one of them.
func ReadResult(b []byte) (*Result, error) {
	l, ok := labelsOf(b)
	profile, text := textOf(l.numbered[eatProfile])
	issued, number := intOf(l.numbered[cwtIssuedAt])
	verifier, isMap := labelsOf(l.numbered[earVerifier])
	submods, named := labelsOf(l.numbered[eatSubmods])
	if len(b) > MaxToken || !ok || !text || profile != earProfile || !number || !isMap || !named || len(submods.named) != 1 || len(submods.numbered) != 0 {
		return nil, malformed("no EAR with one appraisal")
	}
	r := &Result{IssuedAt: time.Unix(issued, 0).UTC()}
	if r.Developer, ok = textOf(verifier.numbered[earDeveloper]); !ok {
		return nil, malformed("EAR without its verifier")
	}
	if r.Build, ok = textOf(verifier.numbered[earBuild]); !ok {
		return nil, malformed("EAR without its verifier's build")
	}
	r.Name = slices.Collect(maps.Keys(submods.named))[0]
	return r, r.readAppraisal(submods.named[r.Name])
}

func (r *Result) readAppraisal(raw cbor.RawMessage) error {
	appraisal, ok := labelsOf(raw)
	status, number := intOf(appraisal.numbered[earStatus])
	vector, isMap := labelsOf(appraisal.numbered[earVector])
	if !ok || !number || !isMap || len(vector.named) > 0 {
		return malformed("EAR without status and vector")
	}
	if policy, there := appraisal.numbered[earPolicy]; there {
		if r.PolicyID, ok = textOf(policy); !ok {
			return malformed("policy id")
		}
	}
	for category, raw := range vector.numbered {
		value, ok := intOf(raw)
		if !ok || category < 0 || category >= int64(categories) || int64(Value(value)) != value || value == int64(NoClaim) {
			return malformed("trustworthiness value")
		}
		r.Vector[category] = Value(value)
	}
	if int64(r.Status()) != status {
		return malformed("the status %d is not the worst of the vector", status)
	}
	return nil
}
