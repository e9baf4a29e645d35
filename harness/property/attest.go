package property

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// believed tells whether an appraisal took the evidence for genuine: an
// update-only result believes it too.
func believed(e *trace.Event) bool { return e.Kind == trace.EvidenceAppraised && e.State != "refused" }

// attestRoles are the roles whose hostile steps attack attestation.
var attestRoles = []string{"attester", "verifier", "links", "runtime", "bench", "vault"}

// evidenceIsFresh reads
//
//	NonceIssued        Who = verifier, What = device, Digest = nonce
//	EvidenceMade       Who = device, Digest = evidence, Is = nonce
//	BootStarted        Who = device
//	EvidenceAppraised  Who = verifier, What = device, Digest = evidence, Is = nonce the verifier holds it against, State
//	MessageSent        Who = device, Peer = verifier
//
// Nobody can tell a verifier of a restart behind evidence that is on its way: what
// had left the device before it restarted may arrive until the device would have
// given up waiting.
var evidenceIsFresh = Guarantee{
	ID: "attest.evidence-is-fresh", Property: rootProperty,
	Title:   "Evidence is believed only for a nonce issued to that device, once, and only from its present boot.",
	Cites:   "RFC 9334 section 10; stale results and reboots (ATT-15); TPM reset and replay (ATT-08)",
	Premise: []trace.Kind{trace.EvidenceAppraised},
	Facts:   []trace.Kind{trace.NonceIssued, trace.EvidenceMade, trace.BootStarted},
	Context: []trace.Kind{trace.MessageSent},
	Roles:   attestRoles,
	oracle:  oracle{judge: judgeFresh},
}

// onItsWay is how long evidence may be on its way: a device that has no answer by
// then has given up.
const onItsWay = 30 * time.Second

// attested is one piece of evidence and how it came to the verifier.
type attested struct {
	made *trace.Event
	left map[string]uint64 // verifier -> the first message to it behind the evidence
}

// sent tells whether the evidence may have been on its way to a verifier when the
// device restarted.
func (a *attested) sent(e, restarted *trace.Event) bool {
	left := a.left[rootOf(e.Who)]
	return left != 0 && left < restarted.Seq && e.At-a.made.At <= onItsWay
}

func judgeFresh(v *view) {
	type nonce struct{ device, digest string }
	issued := make(map[nonce]bool)
	used := make(map[nonce]*trace.Event)
	made := make(map[string]*attested)      // by digest
	latest := make(map[string]*attested)    // device -> what it made last
	booted := make(map[string]*trace.Event) // device -> latest BootStarted
	for e := range v.events() {
		switch {
		case e.Kind == trace.NonceIssued:
			issued[nonce{e.What, e.Digest}] = true
		case e.Kind == trace.EvidenceMade:
			latest[e.Who] = &attested{e, map[string]uint64{}}
			made[e.Digest] = latest[e.Who]
		case e.Kind == trace.MessageSent:
			if a := latest[e.Who]; a != nil && a.left[e.Peer] == 0 {
				a.left[e.Peer] = e.Seq
			}
		case e.Kind == trace.BootStarted:
			booted[e.Who] = e
		case believed(e):
			id := nonce{e.What, e.Is}
			a := cmp.Or(made[e.Digest], &attested{})
			m := a.made
			switch {
			case !issued[id]:
				v.fail(shown(e), "evidence for %s was believed under a nonce that was never issued for it", e.What)
			case used[id] != nil:
				v.fail(shown(used[id], e), "evidence for %s was believed under a nonce that had been used", e.What)
			case m != nil && m.Is != e.Is:
				v.fail(shown(m, e), "evidence for %s was believed although it answers another nonce", e.What)
			case m != nil && booted[m.Who] != nil && m.Seq < booted[m.Who].Seq && !a.sent(e, booted[m.Who]):
				v.fail(shown(m, booted[m.Who], e), "evidence for %s was believed although %s has restarted since", e.What, m.Who)
			}
			used[id] = e
		}
	}
}

// evidenceIsOfTheNamedDevice reads
//
//	EvidenceMade       Who = device, Digest = evidence
//	EvidenceAppraised  What = device, Digest = evidence, State
var evidenceIsOfTheNamedDevice = Guarantee{
	ID: "attest.evidence-is-of-the-named-device", Property: rootProperty,
	Title:   "Evidence is believed only of the device whose chip made it.",
	Cites:   "Keylime split attestation key (ATT-01); Cuckoo attack (ATT-09); Keylime registrar takeover (ATT-03)",
	Premise: []trace.Kind{trace.EvidenceAppraised},
	Facts:   []trace.Kind{trace.EvidenceMade},
	Roles:   attestRoles,
	oracle:  oracle{judge: judgeNamedDevice},
}

func judgeNamedDevice(v *view) {
	made := make(map[string]*trace.Event)
	for e := range v.events() {
		switch {
		case e.Kind == trace.EvidenceMade:
			made[e.Digest] = e
		case believed(e):
			if m := made[e.Digest]; m == nil {
				v.fail(shown(e), "evidence that no device made was believed of %s", e.What)
			} else if m.Who != e.What {
				v.fail(shown(m, e), "evidence of %s was believed of %s", m.Who, e.What)
			}
		}
	}
}

// evidenceTellsWhatRan reads
//
//	BootStarted   Who
//	CodeStarted   Who, What = stage, Digest
//	EvidenceMade  Who, State = "stage=digest,..." that the evidence claims
//
// BootStarted comes before the CodeStarted of its boot. The boot chain
// (bootloader, monitor, os) must be told whole; apps are compared when evidence
// tells of them.
var evidenceTellsWhatRan = Guarantee{
	ID: "attest.evidence-tells-what-ran", Property: rootProperty,
	Title:   "What evidence claims to run is what has run since the device started, nothing left out.",
	Cites:   "Azure Sphere HRT-6; TPM Carte Blanche (ATT-07); partial registers (ATT-12); go-attestation (ATT-04)",
	Premise: []trace.Kind{trace.EvidenceMade},
	Facts:   []trace.Kind{trace.CodeStarted, trace.BootStarted},
	oracle:  oracle{judge: judgeTellsWhatRan},
}

func judgeTellsWhatRan(v *view) {
	ran := make(map[string][]*trace.Event) // device -> CodeStarted since its last start
	for e := range v.events() {
		switch e.Kind {
		case trace.BootStarted:
			ran[e.Who] = nil
		case trace.CodeStarted:
			ran[e.Who] = append(ran[e.Who], e)
		case trace.EvidenceMade:
			compareClaims(v, e, ran[e.Who])
		}
	}
}

// compareClaims holds the claims of one piece of evidence against what ran.
func compareClaims(v *view, e *trace.Event, ran []*trace.Event) {
	claimed := make(map[string][]string) // stage -> digests
	for pair := range strings.SplitSeq(e.State, ",") {
		if stage, digest, ok := strings.Cut(pair, "="); ok {
			claimed[stage] = append(claimed[stage], digest)
			if !slices.ContainsFunc(ran, func(c *trace.Event) bool { return c.What == stage && c.Digest == digest }) {
				v.fail(shown(e), "evidence of %s claims a %s that has not run since it started", e.Who, stage)
			}
		}
	}
	for _, c := range ran {
		untold := len(claimed[c.What]) == 0
		if strings.HasPrefix(c.What, "app.") && untold {
			continue
		}
		if !slices.Contains(claimed[c.What], c.Digest) {
			v.fail(shown(c, e), "evidence of %s leaves out the %s that ran", e.Who, c.What)
		}
	}
}

// resultFitsWhatRuns reads
//
//	CodeStarted, BootStarted      what runs
//	ReleaseMade, ReleaseRecalled  What = release
//	EvidenceAppraised             What = device, State = accepted
var resultFitsWhatRuns = Guarantee{
	ID: "attest.result-fits-what-runs", Property: rootProperty,
	Title:   "A device that runs unknown or recalled code is never accepted as healthy.",
	Cites:   "BootHole and BlackLotus (UPD-35); SGX TCB recovery; RFC 9334 section 8",
	Premise: []trace.Kind{trace.EvidenceAppraised},
	Facts:   []trace.Kind{trace.CodeStarted, trace.ReleaseMade},
	Context: []trace.Kind{trace.ReleaseRecalled, trace.BootStarted},
	oracle:  oracle{judge: judgeResultFits},
}

func judgeResultFits(v *view) {
	f := newFirmware()
	for e := range v.events() {
		f.see(e)
		if e.Kind != trace.EvidenceAppraised || e.State != "accepted" {
			continue
		}
		if bad, why := f.unfit(e.What); bad != nil {
			v.fail(shown(bad, f.recalled[bad.Is], e), "%s was accepted while it ran %s", e.What, why)
		}
	}
}

// unhealthyReachesOnlyUpdate reads
//
//	EvidenceAppraised             What = device, State
//	CredentialIssued              What = subject device, Is = client|update
//	CodeStarted, BootStarted      what runs
//	ReleaseMade, ReleaseRecalled  What = release
var unhealthyReachesOnlyUpdate = Guarantee{
	ID: "attest.unhealthy-reaches-only-update", Property: certificateProperty,
	Title:   "A device that no appraisal accepted, or the latest one only for updates, gets no client certificate.",
	Cites:   "Azure Sphere PWL-4; BootHole (UPD-35); Starlink, where the network stayed closed (HW-10)",
	Premise: []trace.Kind{trace.EvidenceAppraised},
	Facts:   []trace.Kind{trace.CredentialIssued},
	Context: []trace.Kind{trace.CodeStarted, trace.BootStarted, trace.ReleaseMade, trace.ReleaseRecalled},
	Roles:   append([]string{"ca", "registry", "publisher", "updater"}, attestRoles...),
	oracle:  oracle{judge: judgeUnhealthy},
}

func judgeUnhealthy(v *view) {
	f := newFirmware()
	latest := make(map[string]*trace.Event) // device -> its latest appraisal
	for e := range v.events() {
		f.see(e)
		switch e.Kind {
		case trace.EvidenceAppraised:
			// Evidence that was refused may be anybody's: it takes nothing from a device
			// that was accepted before. What a device runs is judged beside it.
			if a := latest[e.What]; a == nil || a.State == "refused" || e.State != "refused" {
				latest[e.What] = e
			}
		case trace.CredentialIssued:
			if e.Is != "client" {
				continue
			}
			device := rootOf(e.What)
			a := latest[device]
			bad, why := f.unfit(device)
			switch {
			case a == nil:
				v.fail(shown(e), "%s got a client certificate without any appraisal", device)
			case a.State != "accepted":
				v.fail(shown(a, e), "%s got a client certificate although it was appraised as %s", device, a.State)
			case bad != nil:
				v.fail(shown(bad, e), "%s got a client certificate while it ran %s", device, why)
			}
		}
	}
}

// resultIsBoundToTheChannel reads
//
//	KeyMade           Who = dN.chip, Digest = public half
//	CredentialIssued  What = subject device, Digest = public key, Peer = who truly received it
var resultIsBoundToTheChannel = Guarantee{
	ID: "attest.result-is-bound-to-the-channel", Property: certificateProperty,
	Title:   "What an appraisal earns goes only to the appraised device, over a key of its own chip.",
	Cites:   "Cuckoo attack (ATT-09); Keylime split attestation key (ATT-01); RFC 9334 section 12.4",
	Premise: []trace.Kind{trace.CredentialIssued},
	Facts:   []trace.Kind{trace.KeyMade},
	Roles:   append([]string{"ca", "registry"}, attestRoles...),
	oracle:  oracle{judge: judgeBoundResult},
}

func judgeBoundResult(v *view) {
	type key struct{ device, digest string }
	made := make(map[key]bool)
	for e := range v.events() {
		switch e.Kind {
		case trace.KeyMade:
			if strings.HasSuffix(e.Who, ".chip") {
				made[key{rootOf(e.Who), e.Digest}] = true
			}
		case trace.CredentialIssued:
			device := rootOf(e.What)
			switch {
			case !within(e.Peer, device):
				v.fail(shown(e), "a certificate for %s was issued to %s", device, orUnknown(e.Peer))
			case !made[key{device, e.Digest}]:
				v.fail(shown(e), "a certificate for %s was issued over a key that its chip did not make", device)
			}
		}
	}
}
