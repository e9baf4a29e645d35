package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// updateCertificateStaysHidden reads
//
//	SecretMade      Who = component that keeps it, What = dN.update-certificate
//	StepStarted     What = verb, Peer = what the step addresses
//	AttackerLearnt  Who, What = how, Labels
//
// Only what code on the device (try) and the cable (request) are answered counts.
// Who holds the service that keeps the certificate, or the kernel below it, reads it
// there, and who opens the case reads it in flash: it is no secret like a key, and
// those ways are other guarantees'.
var updateCertificateStaysHidden = Guarantee{
	ID: "device.update-certificate-stays-hidden", Property: certificateProperty,
	Title:   "No application and nobody at the service cable gets to see the certificate that a device updates with.",
	Cites:   "Azure Sphere PWL-5; CWE-200",
	Premise: []trace.Kind{trace.SecretMade},
	Facts:   []trace.Kind{trace.AttackerLearnt},
	Context: []trace.Kind{trace.StepStarted},
	Roles:   []string{"runtime", "registry"},
	oracle:  oracle{when: updateCertificate, judge: judgeUpdateCertificate},
}

func updateCertificate(e *trace.Event) bool {
	return e.Kind == trace.SecretMade && strings.HasSuffix(e.What, ".update-certificate")
}

func judgeUpdateCertificate(v *view) {
	made := make(map[string]*trace.Event)
	begun := make(map[int]*trace.Event)
	for e := range v.events() {
		switch {
		case e.Kind == trace.StepStarted:
			begun[e.Step] = e
		case updateCertificate(e):
			made[e.What] = e
		case e.Kind == trace.AttackerLearnt && e.What == "answer":
			start := begun[e.Step]
			for _, label := range e.Labels {
				maker := made[label]
				if maker == nil || start == nil || !slices.Contains([]string{"try", "request"}, start.What) ||
					slices.Contains([]string{maker.Who, rootOf(maker.Who) + ".kernel"}, start.Peer) {
					continue
				}
				v.fail(shown(maker, start, e), "%s came to know %s from %s", e.Who, label, start.Peer)
			}
		}
	}
}
