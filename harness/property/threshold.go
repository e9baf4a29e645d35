package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// needsItsThreshold reads
//
//	TrustDeclared   What = release, Labels = keys, Number = how many must sign
//	KeyRevoked      What = key
//	ReleaseMade     What = release, Labels = keys that sign it
//	ArtefactForged  Digest = bytes of a part, State = keys that sign it
//	CodeStarted     Who = device, What = os, Digest, Is
//
// What a device ran before the threshold was declared it may go on running.
var needsItsThreshold = Guarantee{
	ID: "update.needs-its-threshold", Property: renewProperty,
	Title:   "Where several keys must sign a release, none that fewer of them signed ever starts.",
	Cites:   "The Update Framework, threshold signing; python-tuf CVE-2020-6174; SolarWinds and ShadowHammer (UPD-34)",
	Premise: []trace.Kind{trace.TrustDeclared},
	Facts:   []trace.Kind{trace.CodeStarted, trace.ReleaseMade},
	Context: []trace.Kind{trace.ArtefactForged, trace.KeyRevoked},
	Roles:   updateRoles,
	oracle: oracle{
		when:       func(e *trace.Event) bool { return e.What == "release" && e.Number > 1 },
		everywhere: true,
		judge:      judgeThreshold,
	},
}

func judgeThreshold(v *view) {
	type install struct{ device, digest string }
	var trust *trace.Event
	signers := make(map[string][]string) // release, or digest of bytes -> keys
	before := make(map[install]bool)
	revoked := make(map[string]bool)
	for e := range v.events() {
		switch {
		case e.Kind == trace.TrustDeclared && e.What == "release":
			trust = e
		case e.Kind == trace.KeyRevoked:
			revoked[e.What] = true
		case e.Kind == trace.ReleaseMade:
			signers[e.What] = e.Labels
		case e.Kind == trace.ArtefactForged:
			if signers[e.Digest] == nil {
				signers[e.Digest] = strings.Split(e.State, ",")
			}
		case osStarted(e):
			id := install{e.Who, e.Digest}
			if trust == nil || trust.Number < 2 {
				before[id] = true
				continue
			}
			keys, known := signers[e.Is]
			if !known {
				keys = signers[e.Digest]
			}
			n := 0
			for i, key := range keys {
				if slices.Contains(trust.Labels, key) && !revoked[key] && !slices.Contains(keys[:i], key) {
					n++
				}
			}
			if int64(n) >= trust.Number {
				before[id] = true // it may go on running when one of its keys is revoked
			} else if !before[id] {
				v.fail(shown(trust, e), "%s runs an OS (%s) that %d trusted keys signed, and %d must", e.Who, orUnknown(e.Is), n, trust.Number)
			}
		}
	}
}
