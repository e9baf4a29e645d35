package cli

import (
	"fmt"
	"strings"

	"github.com/armillary/armillary/fuzz/campaign"
)

// notSearched is what the track record says of a defect that is newer than it.
const notSearched = "newer than the last `fuzz --prove`: not searched yet"

// trackIntro begins the page; what follows is a row for each defect.
const trackIntro = `# Track record of the search

How soon the search for stories that nobody wrote notices each defect of the reference: in which world of a campaign
from a fixed seed, by which guarantee, and in how many steps once shrunk. *Without* names defenses that had to be
missing too, because they refuse in its place. Every defect gets the same worlds; a guarantee that falls in the world
without the defect as well does not count, and neither does the mere reason of a refusal. Made by
`

// trackRow is one row of the page.
type trackRow struct{ id, worlds, without, guarantee, steps, why string }

func (r trackRow) String() string {
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", r.id, r.worlds, r.without, r.guarantee, r.steps, r.why)
}

// trackPage is the track record as a page: what fuzz --prove --markdown prints.
func trackPage(p *proofs) string {
	rows := map[string]trackRow{}
	for _, d := range p.Defects {
		rows[d.ID] = rowOf(d)
	}
	head := fmt.Sprintf("`armillary fuzz --prove --markdown --runs %d --seed %d`: %s.\n%d steps in the median of the %d shrunk scenarios, each of which two more runs showed to end in the same verdict.\n",
		p.Budget, p.Seed, noticed(p), p.Median, p.Replay)
	return trackIntro + head + trackTable(rows)
}

func rowOf(d campaign.Proof) trackRow {
	r := trackRow{id: d.ID, worlds: "-", guarantee: d.Guarantee, why: cell(d.Why)}
	var names []string
	for _, w := range d.Without {
		names = append(names, w)
	}
	if r.without = strings.Join(names, ", "); d.Worlds != nil {
		r.worlds, r.why = fmt.Sprint(*d.Worlds), ""
	}
	if d.Steps > 0 {
		r.steps = fmt.Sprint(d.Steps)
	} else if d.Worlds != nil {
		r.why = cell(d.Why)
	} else if why := beyond[d.ID]; why != "" {
		r.why += ": " + cell(why)
	}
	return r
}

// trackTable has a row for each defect of today's catalogue, in its order.
func trackTable(rows map[string]trackRow) string {
	var b strings.Builder
	b.WriteString("\n| defect | world | without | guarantee that fell | steps | why not |\n|---|---|---|---|---|---|\n")
	for _, f := range flaws() {
		r, ok := rows[f.ID]
		if !ok {
			r = trackRow{id: f.ID, worlds: "-", why: notSearched}
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// inStep brings a stored page into step with today's catalogue: rows of defects that
// are gone go, those of new ones come, and what was measured stays.
func inStep(page string) string {
	head, table, _ := strings.Cut(page, "\n| defect |")
	rows := map[string]trackRow{}
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | ")
		if len(cells) == 6 {
			rows[cells[0]] = trackRow{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]}
		}
	}
	return head + trackTable(rows)
}

// beyond says of a defect that the search did not notice why its worlds do not come by
// it. A defect that is noticed after all needs none.
var beyond = map[string]string{
	"attestation.nonce-is-young":            "the grammar has no move that holds a message back and lets it through behind a restart",
	"camera.keeps-the-map-in-the-clear":     "worlds that make a map read flash only behind a change of owner, when it is wiped",
	"camera.wipes-one-copy":                 "one of two copies has to be broken after a change of owner and the other be opened by a kernel that falls while the device hears of nothing: five moves in a row",
	"fleet.forgets-the-old-authority":       "only an honest device that is turned away shows it, and no guarantee promises that a service takes everybody whom it trusts",
	"fleet.takes-a-nonce-twice":             "a proof that is shown again pins the same authority once more, which changes nothing, for a revoked one stays revoked",
	"kernel.lets-addresses-through-for-all": "one application has to go where a name leads before another goes to its address, and in that move only one goes anywhere",
	"monitor.image-names-its-signer":        "an image that names no signer is refused as of an unknown one, by what that one may sign and by the signature: more stands behind than two missing defenses",
	"monitor.keeps-the-way-back":            "a fallen kernel has to give up the other slot in the hours in which a bad release is on trial: worlds have both, and not the one within the other",
	"monitor.stays-committed-when-written":  "an image has to be staged call by call and committed, and a block of another one written into it: one of thousands of tellings of that move",
	"service.guests-are-few":                "a guest too many has a right that the owner may give; what falls by it, what the service keeps of others, needs more guests than worlds have people",
}
