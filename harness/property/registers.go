package property

import "github.com/armillary/armillary/harness/trace"

// registersRestartOnlyWithTheDevice reads
//
//	RegisterReset  Who = device
//	BootStarted    Who = device
//
// A reset of the registers that belongs to a start of the device is told at the
// same moment, just before it.
var registersRestartOnlyWithTheDevice = Guarantee{
	ID: "attest.registers-restart-only-with-the-device", Property: rootProperty,
	Title:   "Measurement registers start anew only when the whole device does.",
	Cites:   "TPM reset through power states, CVE-2018-6622 and CVE-2017-16837 (ATT-08); CWE-1283; TCG PC Client Platform TPM Profile section 2.3",
	Premise: []trace.Kind{trace.RegisterReset},
	Facts:   []trace.Kind{trace.BootStarted},
	Roles:   attestRoles,
	oracle:  oracle{judge: judgeRegisters},
}

func judgeRegisters(v *view) {
	var alone []*trace.Event // resets without a start of their device so far
	for e := range v.events() {
		switch e.Kind {
		case trace.RegisterReset:
			alone = append(alone, e)
		case trace.BootStarted:
			if n := len(alone) - 1; n >= 0 && alone[n].Who == e.Who && alone[n].At == e.At && alone[n].Step == e.Step {
				alone = alone[:n]
			}
		}
	}
	for _, r := range alone {
		v.fail(shown(r), "the measurement registers of %s started anew while it ran on", r.Who)
	}
}
