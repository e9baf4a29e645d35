package cloud

import (
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/evidence"
	"github.com/veraison/go-cose"
)

// chain is the certificates of a device's layers on their way through an appraisal.
type chain struct {
	needed       bool // the device was enrolled with layers
	certificates [][]byte
	result       *evidence.Result // nil when it was not appraised
	err          error
}

// climb appraises a chain from the key of the endorsed device and puts the key of its
// last layer in the place of that. A chain that leads nowhere leaves a key that
// verifies nothing.
func (c *Cloud) climb(l *chain, e *evidence.Endorsement) {
	device, ok := e.Key.(deviceKey)
	if !ok {
		return
	}
	e.Key = evidence.VerifierFunc(cose.AlgorithmES256, func(_, _ []byte) bool { return false })
	root, err := device.id.ECDSA()
	if err != nil {
		l.err = err
		return
	}
	certificates := make([]*evidence.Certificate, len(l.certificates))
	for i, raw := range l.certificates {
		if certificates[i], l.err = evidence.ReadCBOR(raw); l.err != nil {
			return
		}
	}
	authority := chip.Authority(c.Images.Boot())
	result, key, err := evidence.AppraiseChain(certificates, evidence.ChainPolicy{
		ID: "armillary layers", Root: root, Known: c.Images.stage, Authorities: [][]byte{authority[:]}, LowerOnly: true, Decide: c.decide,
	})
	l.result, l.err = result, err
	if verifier, err := evidence.KeyFor(key); err == nil {
		e.Key = evidence.Lower(verifier)
	}
}

// worse joins what a token and its chain are worth: the lower level, the chain's
// reason where it came first.
func (c *Cloud) worse(l *chain, level string, err error) (string, error) {
	below := c.levelOf(l.result.Vector, evidence.InstanceIdentity, evidence.Configuration, evidence.Executables)
	order := map[string]int{refused: 0, updateOnly: 1, accepted: 2}
	if order[below] < order[level] {
		level = below
	}
	if l.err != nil && (err == nil || below == refused) {
		err = l.err
	}
	return level, err
}

// stage tells how the code of a layer stands, by the reference values of the base
// systems.
func (m *Images) stage(_ int, code []byte) evidence.Standing {
	if len(code) != evidence.HashSize {
		return evidence.Unknown
	}
	name := m.stages[[evidence.HashSize]byte(code)]
	if name == "" {
		return evidence.Unknown
	}
	if r := m.releases[name]; r != nil && r.Recalled {
		return evidence.Outdated
	}
	return evidence.Good
}
