package inproc

import (
	"slices"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/broker"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/vendor"
)

// Authorities of tenants, and who relies on them.

// certifier is the digest of the key that certified a device, "" of what is none.
func (s *system) certifier(e host.Event) string {
	if s.sys.Devices[s.name(e.What)] == nil || e.Is == "" {
		return ""
	}
	return world.Digest([]byte(e.Is))
}

// pinned writes which authorities the vendor trusts besides, now that somebody's
// device is in service there.
func (s *system) pinned(tenant string) {
	var labels []string
	for _, label := range s.sys.Cloud.AuthorityLabels(tenant) {
		if !slices.Contains(s.fleet, label) {
			labels = append(labels, label)
		}
	}
	if labels == nil {
		return
	}
	s.fleet = append(slices.Clip(s.fleet), labels...)
	for _, who := range []string{vendor.Name, broker.Name} {
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.TrustDeclared, Who: who, What: "fleet", Labels: labels})
	}
}
