package cloud

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// claim takes devices into a tenant, all of a list or none: each once, and with
// proof that it is at hand.
func (c *Cloud) claim(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Claim
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "claim: %v", err)
	}
	if w.Tenant == "" {
		w.Tenant = talk.Peer().Subject
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	var claimed []*record
	for i, one := range w.Devices {
		r, err := c.claimable(talk, w.Tenant, one, i)
		if err != nil {
			return nil, err
		}
		if r.owner != w.Tenant {
			claimed = append(claimed, r)
		}
	}
	for _, r := range claimed {
		r.owner = w.Tenant
		c.active(w.Tenant)
		if err := c.used(talk, w.Tenant, "claim", r.name); err != nil {
			return nil, err
		}
		c.host.Observe(host.Event{Kind: "OwnerChanged", Who: r.name, What: w.Tenant, Peer: talk.With})
	}
	return nil, nil
}

// claimable judges one device of a list. One that the tenant has already is as it
// should be: to claim it again changes nothing.
func (c *Cloud) claimable(talk *channel.Talk, tenant string, one message.Possession, place int) (*record, error) {
	r, id, err := c.deviceOf(one.Device)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, defense.Refuse(defense.WrongState, "no such device")
	}
	nonce, proven := chip.PossessionBy(talk.Peer().Subject, id, one.Proof, c.host.Memory())
	newer := bytes.Compare(nonce[:], r.proof[:]) > 0
	if proven && newer && !c.guard.Wrong(NotesOnlyProofsThatServed) {
		r.proof = nonce // whatever comes of it: who kept it to show again shall find it used
	}
	if r.owner == tenant || (place > 0 && c.guard.Wrong(JudgesOnlyTheFirst)) {
		return r, nil
	}
	if err := c.check(NoClaimsAtTheEnd, !c.closing, defense.WrongState); err != nil {
		return nil, err
	}
	if err := c.check(ClaimsOnce, r.owner == "", defense.Conflict); err != nil {
		return nil, err
	}
	if err := c.check(ClaimProvesPossession, proven, defense.Unauthenticated); err != nil {
		return nil, err
	}
	if err := c.check(PossessionIsProvenOnce, newer || !proven, defense.Stale); err != nil {
		return nil, err
	}
	if proven && newer {
		r.proof = nonce
	}
	return r, nil
}

// disown ends an ownership.
func (c *Cloud) disown(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Disown
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "disown: %v", err)
	}
	asker := talk.Peer().Subject
	r, _, err := c.deviceOf(w.Device)
	if err != nil {
		return nil, err
	}
	if err := c.check(OnlyTheOwnerDisowns, r != nil && r.owner == asker, defense.NotPermitted); err != nil {
		return nil, err
	}
	if r == nil {
		return nil, defense.Refuse(defense.WrongState, "no such device")
	}
	former := r.owner
	r.owner = ""
	c.host.Observe(host.Event{Kind: "GrantEnded", Who: former, What: r.name, Peer: former, Is: "owner"})
	c.host.Observe(host.Event{Kind: "OwnerChanged", Who: r.name, Peer: talk.With, State: "disowned"})
	return nil, nil
}

// customerKinds are the capabilities that customers may have.
var customerKinds = []uint16{message.CapabilityAppDevelopment, message.CapabilityFieldServicing}

// capability issues a capability file for one device to the people of its tenant
// who may change it.
func (c *Cloud) capability(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.CapabilityRequest
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "capability: %v", err)
	}
	r, id, err := c.deviceOf(w.Device)
	if err != nil {
		return nil, err
	}
	tenant := ""
	if r != nil {
		tenant = r.owner
	}
	has, _ := c.standing(talk, tenant)
	if c.guard.Wrong(AsksOnlyForTheRole) {
		for _, t := range c.customers {
			has = max(has, t.people[talk.Peer().Subject])
		}
	}
	if err := c.check(CapabilitiesAreForOwners, has >= Contributor, defense.NotPermitted); err != nil {
		return nil, err
	}
	if err := c.check(CapabilityKindsAreLimited, slices.Contains(customerKinds, w.Kind), defense.NotPermitted); err != nil {
		return nil, err
	}
	if err := c.witness(talk, tenant, "capability", c.nameOf(r)); err != nil {
		return nil, err
	}
	key := c.Images.capability
	file := message.PackCapability(message.Capability{Device: id, Kinds: []uint16{w.Kind}}, message.Thumbprint(key.Raw()), c.host.Now(), key.SignDigest)
	c.host.Observe(host.Event{Kind: "CapabilityIssued", Who: Name, What: c.nameOf(r), Is: capabilityName(w.Kind), Peer: talk.With, Bytes: file})
	return file, nil
}

func capabilityName(kind uint16) string {
	switch kind {
	case message.CapabilityAppDevelopment:
		return "app-development"
	case message.CapabilityFieldServicing:
		return "field-servicing"
	}
	return "reserved"
}

func (c *Cloud) nameOf(r *record) string {
	if r == nil {
		return "unknown"
	}
	return r.name
}

// report collects error reports: each speaks for its sender alone, and once
// held, stays as it is.
func (c *Cloud) report(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Reports
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "reports: %v", err)
	}
	var highest uint64
	for _, one := range w.Reports {
		if err := c.collect(talk, one); err != nil {
			return nil, err
		}
		highest = max(highest, one.Seq)
	}
	return message.Encode(message.Confirmed{Seq: highest, Dumps: c.takesDumps(talk.Peer().Subject)}), nil
}

// maxReports is how many of a device's newest reports are told from others by their
// content; twice as many are kept at most.
const maxReports = 4096

func (c *Cloud) collect(talk *channel.Talk, one message.Report) error {
	r, id, err := c.deviceOf(one.Device)
	if err != nil {
		return err
	}
	if r == nil || len(one.Kind) > 64 || len(one.Text) > 1024 || len(one.Cause) > 32 {
		return defense.Refuse(defense.Malformed, "report of nobody, or too long")
	}
	if err := c.check(SenderIsItsSubject, subject(id) == talk.Peer().Subject, defense.SubjectMismatch); err != nil {
		return err
	}
	sum := sha256.Sum256(message.Encode(one))
	held, known := r.reports[one.Seq]
	forgotten := !known && one.Seq+maxReports <= r.last // it may have been here, and been another
	if err := c.check(HistoryIsNotRewritten, (!known && !forgotten) || held == sum, defense.Stale); err != nil {
		return err
	}
	if known && c.guard.Wrong(RefusesWhatItHas) {
		return defense.Refuse(defense.Stale, "report %d is held already", one.Seq)
	}
	if known && held == sum {
		return nil // sent again because the confirmation was lost
	}
	if one.Seq > r.last+1 && !c.guard.Wrong(IgnoresGaps) {
		c.host.Observe(host.Event{Kind: "GapFlagged", Who: Name, What: r.name, Number: int64(r.last + 1)})
	}
	r.reports[one.Seq] = sum
	r.last = max(r.last, one.Seq)
	if len(r.reports) > 2*maxReports {
		maps.DeleteFunc(r.reports, func(seq uint64, _ [32]byte) bool { return seq+maxReports <= r.last })
	}
	r.note(one, c.host.Now())
	c.stored(id, r, "report", StoresAtHome)
	if one.Kind == "update.reverted" {
		c.Images.reverted(r.place(id))
	}
	c.host.Observe(host.Event{Kind: "ReportReceived", Who: Name, What: r.name, Is: one.Kind, Number: int64(one.Seq), Peer: talk.With, Bytes: one.Cause})
	return nil
}
