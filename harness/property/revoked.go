package property

import (
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// revokedDeviceGetsNothing reads
//
//	KeyRevoked         What = DEVICE.attestation-key
//	CredentialIssued   What = subject
//	CertificateIssued  What = subject
//	ReportReceived     What = device
var revokedDeviceGetsNothing = Guarantee{
	ID: "attest.revoked-device-gets-nothing", Property: certificateProperty,
	Title:   "A revoked device gets no certificate any more, and nothing that it says is kept.",
	Cites:   "RFC 5280 section 3.3; Azure Sphere 5.4; FIDO Metadata Service, compromised attestation keys; PKI-13",
	Premise: []trace.Kind{trace.KeyRevoked},
	Facts:   []trace.Kind{trace.CredentialIssued},
	Context: []trace.Kind{trace.CertificateIssued, trace.ReportReceived},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return strings.HasSuffix(e.What, ".attestation-key") },
		judge: judgeRevokedDevice,
	},
}

func judgeRevokedDevice(v *view) {
	revoked := make(map[string]*trace.Event)
	for e := range v.events() {
		switch r := revoked[e.What]; {
		case e.Kind == trace.KeyRevoked:
			if name, ok := strings.CutSuffix(e.What, ".attestation-key"); ok {
				revoked[name] = e
			}
		case r != nil && e.Kind == trace.ReportReceived:
			v.fail(shown(r, e), "%s was revoked, and a report of it was still taken", e.What)
		case r != nil:
			v.fail(shown(r, e), "%s was revoked and still got a certificate", e.What)
		}
	}
}
