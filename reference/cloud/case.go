package cloud

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// Before staff help in a tenant they open a case there that says why; each record of
// what they then do holds it, so that the tenant can ask whether it was so.

const (
	// caseLife is how long staff may help on one case.
	caseLife = 8 * time.Hour
	// maxCases bounds the cases of a tenant: the oldest goes.
	maxCases = 64
	// maxReason bounds a reason in bytes.
	maxReason = 200
)

// supportCase is one case.
type supportCase struct {
	who, reason string
	opened      time.Time
}

// openCase opens a case of a member of staff in a tenant.
func (c *Cloud) openCase(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Case
	if err := message.Decode(body, &w); err != nil || w.Reason == "" || len(w.Reason) > maxReason || !utf8.ValidString(w.Reason) {
		return nil, defense.Refuse(defense.Malformed, "case: %v, reason of %d bytes", err, len(w.Reason))
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	t := c.tenant(w.Tenant)
	kept := t.cases[max(0, len(t.cases)+1-maxCases):]
	t.cases = append(slices.Clone(kept), supportCase{talk.Peer().Subject, w.Reason, c.host.Now()})
	return nil, nil
}

// caseOf is the newest case of somebody in a tenant.
func (c *Cloud) caseOf(tenant, who string) (newest supportCase, open bool) {
	for name, t := range c.customers {
		if name != tenant && !c.guard.Wrong(TakesACaseForAll) {
			continue
		}
		for _, one := range t.cases {
			if one.who == who && (!open || one.opened.After(newest.opened)) {
				newest, open = one, true
			}
		}
	}
	return newest, open
}
