package device

import (
	"strconv"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// appShare is how many mailbox calls an application may make between two rests
// of the chip: all together they never fill its queue.
const appShare = 16

// mailbox hands a call to the chip, where the caller has not used up its share;
// threads is how many of it are made at once.
func (d *Device) mailbox(p Probe, threads int, command chip.Command, argument []byte) (answer []byte, err error) {
	if command == chip.SignForTenant {
		if err := d.kernel.Check(SignsWhileItsTenantOwns, d.ofTheOwner(p), defense.WrongState); err != nil {
			return nil, err
		}
	}
	shared := p.Component == "kernel" || d.callers[p.Component] < appShare
	if err = d.kernel.Check(SharesTheMailbox, shared, defense.Rate); err == nil {
		if d.callers == nil {
			d.callers = map[string]int{}
		}
		d.callers[p.Component] += threads
		answer, err = d.Chip.MailboxInParallel(d.who(p), d.tenantOf(p), threads, command, argument)
	}
	state := "done"
	if err != nil {
		state = string(defense.ClassOf(err))
	}
	d.host.Observe(host.Event{Kind: "CallAnswered", Who: d.who(p), What: "mailbox", State: state, Number: int64(command)})
	return answer, err
}

// callMailbox is a raw call with chosen arguments.
func (d *Device) callMailbox(p Probe, number int) ([]byte, error) {
	if err := d.check(CallerMayUpdate, d.may(p, mailboxNeeds[chip.Command(number)]), defense.NotPermitted); err != nil {
		return nil, err
	}
	threads, err := strconv.Atoi(p.key("threads", "1"))
	if err != nil || threads < 1 || threads > 64 {
		return nil, defense.Refuse(defense.Malformed, "threads")
	}
	return d.mailbox(p, threads, chip.Command(number), p.Data)
}

// rest lets time pass for those who call the chip, and for services that fell.
func (d *Device) rest() {
	d.callers, d.crashes = nil, nil
	if d.down != nil {
		d.startServices()
	}
	d.Chip.Rest()
}
