package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/armillary/armillary/harness/trace"
)

// Sentence says one event in plain words, without a full stop and on one line:
// "mallory learnt vac1.frames by tap". Control and invisible characters in names
// are shown as escapes, so a hostile name cannot steer a terminal. A kind that
// this package does not know is told by its fields.
func Sentence(e trace.Event) string {
	e = tidy(e)
	if say, ok := sentences[e.Kind]; ok {
		return say(e)
	}
	parts := []string{string(e.Kind)}
	for _, s := range []string{e.Who, e.What, e.Peer, e.Is, e.State} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// sentences has one entry a kind; what the fields mean is said in trace's kinds.go.
var sentences = map[trace.Kind]func(trace.Event) string{
	trace.TimeAdvanced: func(e trace.Event) string { return span(time.Duration(e.Number)) + " passed" },
	trace.ClockChanged: clockChanged,
	trace.PowerCut: func(e trace.Event) string {
		return who(e) + " lost power" + after(" at ", e.State) + when(e.What == "torn", ", in the middle of a write")
	},
	trace.PowerRestored: func(e trace.Event) string { return who(e) + " has power again" },
	trace.FaultInjected: func(e trace.Event) string {
		return "a fault" + after(" of kind ", e.What) + " struck " + who(e) + after(" at ", e.State)
	},
	trace.PointReached: func(e trace.Event) string { return who(e) + " passed the point " + what(e) },
	trace.MessageSent: func(e trace.Event) string {
		return who(e) + " sent " + peer(e) + " " + message(e) + carrying(e)
	},
	trace.MessageDelivered: func(e trace.Event) string {
		if e.Is != "" {
			return e.Is + " delivered " + message(e) + " to " + peer(e) + " in the name of " + who(e) + carrying(e)
		}
		return peer(e) + " received " + message(e) + " from " + who(e) + carrying(e)
	},
	trace.MessageDropped: func(e trace.Event) string {
		return message(e) + " from " + who(e) + " never reached " + peer(e) + after(": ", e.State)
	},
	trace.FlashWritten: func(e trace.Event) string {
		return fmt.Sprintf("%s wrote to region %s of %s at offset %d", peer(e), what(e), who(e), e.Number)
	},
	trace.RegionDeclared: func(e trace.Event) string {
		return fmt.Sprintf("%s has a flash region %s of %d bytes", who(e), what(e), e.Number)
	},
	trace.FlashTorn: func(e trace.Event) string {
		return fmt.Sprintf("%s wrote only a part to region %s of %s at offset %d", peer(e), what(e), who(e), e.Number)
	},
	trace.RandomDrawn: func(e trace.Event) string { return who(e) + " drew randomness" + after(" for ", e.What) },
	trace.FrameTaken: func(e trace.Event) string {
		return fmt.Sprintf("%s's camera took picture %d%s", who(e), e.Number, after(" of ", list(e.Labels)))
	},
	trace.FrameReached: func(e trace.Event) string { return "a picture of " + what(e) + " reached " + who(e) },
	trace.SensorSwitched: func(e trace.Event) string {
		return who(e) + "'s sensor " + what(e) + " was switched " + or(e.State, "over")
	},
	trace.BusTransferred: func(e trace.Event) string {
		return fmt.Sprintf("%s moved %s over the bus of %s: %s of %s", who(e), count(e.Number, "byte"), peer(e), or(e.What, "transfer"), or(e.Is, "memory"))
	},
	trace.BytesFetched: func(e trace.Event) string { return who(e) + " downloaded " + count(e.Number, "byte") },
	trace.ServiceSwitched: func(e trace.Event) string {
		return who(e) + when(e.State == "out", " no longer answers") + when(e.State != "out", " answers again")
	},
	trace.ServiceEnded: func(e trace.Event) string {
		return when(e.State == "announced", "the end of ") + who(e) + when(e.State == "announced", " was announced") + when(e.State != "announced", " ended for good")
	},
	trace.LinkChanged: func(e trace.Event) string {
		return "what " + who(e) + " sends " + peer(e) + " is " + or(e.State, "changed") + " from now on" + after(": ", e.What)
	},

	trace.DeviceManufactured: func(e trace.Event) string { return who(e) + " was made" + after(", of type ", e.Is) },
	trace.KeyMade:            func(e trace.Event) string { return who(e) + " made the private key " + what(e) },
	trace.SecretMade: func(e trace.Event) string {
		return who(e) + " made the secret " + what(e) + when(e.State == "preset", ", the same in every unit")
	},
	trace.ReleaseMade: releaseMade,
	trace.RightDeclared: func(e trace.Event) string {
		return "release " + who(e) + " gives its app " + what(e) + " the right " + or(e.Peer, "to act") + after(" ", e.Is)
	},
	trace.ReleasePublished: func(e trace.Event) string {
		return "release " + what(e) + " was published" + after(" by ", e.Who) + after(" for ", e.Peer) + when(e.Level > 0 && e.Level < 100, ", for "+strconv.FormatInt(e.Level, 10)+" percent of it")
	},
	trace.GroupSet: func(e trace.Event) string {
		return "tenant " + who(e) + " set its group " + what(e) + ": feed " + or(e.Peer, "retail") + ", updates " + or(e.State, "all") + after(", gives ", list(e.Labels))
	},
	trace.ReleaseRecalled: func(e trace.Event) string { return "release " + what(e) + " was recalled" },
	trace.TrustDeclared: func(e trace.Event) string {
		return who(e) + " trusts " + or(list(e.Labels), "no key") + " for " + what(e) + when(e.Number > 1, ", when "+strconv.FormatInt(e.Number, 10)+" of them sign")
	},
	trace.KeyRevoked: func(e trace.Event) string { return "the signing key " + what(e) + " was revoked" },
	trace.GrantMade: func(e trace.Event) string {
		if e.Is == "owner" {
			return who(e) + " made " + peer(e) + " owner of " + what(e)
		}
		return who(e) + " gave " + peer(e) + " the right " + or(e.Is, "to act") + " on " + what(e)
	},
	trace.GrantEnded: func(e trace.Event) string {
		if e.Is == "" {
			return who(e) + " ended " + what(e) + after(" of ", e.Peer)
		}
		return who(e) + " ended the right " + e.Is + " of " + peer(e) + " on " + what(e)
	},
	trace.PrincipalTurned: func(e trace.Event) string { return who(e) + " turned hostile" },

	trace.Compromised: func(e trace.Event) string { return who(e) + " fell to " + peer(e) },
	trace.AttackerLearnt: func(e trace.Event) string {
		return who(e) + " learnt " + or(list(e.Labels), "something") + after(" by ", e.What)
	},
	trace.AttackerWields: func(e trace.Event) string { return who(e) + " can use the key " + what(e) + ", but not copy it" },
	trace.ArtefactForged: func(e trace.Event) string {
		return who(e) + " forged " + what(e) + after(" out of ", e.Peer) + after(", part ", e.Is)
	},
	trace.MessageForged: func(e trace.Event) string { return who(e) + " forged or changed the message " + what(e) },
	trace.ProofGiven: func(e trace.Event) string {
		return who(e) + " claimed " + what(e) + after(" before ", e.Peer) + after(" by ", e.Is) +
			when(e.State == "true", ", rightly") + when(e.State == "false", ", without holding it")
	},
	trace.SubjectAsked: func(e trace.Event) string {
		return who(e) + " asked " + peer(e) + " by " + or(e.Is, "a request") + " about " + what(e) +
			map[string]string{"absent": ", who or which does not exist", "foreign": ", in which he has no part"}[e.State]
	},

	trace.StepStarted:  stepStarted,
	trace.StepAnswered: stepAnswered,
	trace.StepSkipped: func(e trace.Event) string {
		return "the step " + what(e) + " was skipped" + after(": ", plain(e.State))
	},
	trace.CheckJudged:  checkJudged,
	trace.PhaseStarted: func(e trace.Event) string { return "the story reached the phase " + what(e) },

	trace.RegisterReset: func(e trace.Event) string {
		return who(e) + "'s measurement registers started anew"
	},
	trace.SlotMeasured: func(e trace.Event) string {
		return "slot " + what(e) + " of " + who(e) + " holds " + release(e.Is) + when(e.State != "", " and is "+e.State)
	},
	trace.PartMeasured: func(e trace.Event) string {
		return "part " + peer(e) + " of slot " + what(e) + " of " + who(e) + " is of " + release(e.Is)
	},
	trace.StateMeasured: func(e trace.Event) string {
		return "all that an update may change on " + who(e) + " was measured" + when(e.What != "", " "+e.What+" the update") + after(": ", e.Digest)
	},
	trace.ConnectionMade: func(e trace.Event) string {
		return who(e) + " reached the host " + peer(e) + when(e.Number != 0, " on port "+strconv.FormatInt(e.Number, 10))
	},
	trace.ReportReceived: func(e trace.Event) string {
		return fmt.Sprintf("the collector holds report %d for %s: %s%s", e.Number, what(e), or(e.Is, "an event"), after(", truly sent by ", e.Peer))
	},
	trace.CodeBytesChanged: func(e trace.Event) string {
		return "code that " + who(e) + " runs was changed in memory" + after(" by way of ", e.What)
	},
	trace.DumpReceived: func(e trace.Event) string {
		return "the collector holds a crash dump of " + what(e) + after(", truly sent by ", e.Peer)
	},
	trace.ReportsExported: func(e trace.Event) string {
		return fmt.Sprintf("%s downloaded %s of tenant %s%s", who(e), count(e.Number, "report"), what(e),
			map[string]string{"formula": ", of which a spreadsheet takes a cell for a formula", "broken": ", which are not as many as it shows"}[e.State])
	},
	trace.ReportErased: func(e trace.Event) string {
		return fmt.Sprintf("the collector no longer holds report %d for %s%s", e.Number, what(e), after(", as asked by ", e.Peer))
	},
	trace.DeviceDialled: func(e trace.Event) string {
		return "the relay joined " + who(e) + " to " + peer(e) + ", registered as " + what(e)
	},
	trace.DataStored: func(e trace.Event) string {
		return who(e) + " keeps a " + or(e.State, "report") + " of " + what(e) + " in the region " + or(e.Is, "that nobody knows")
	},
	trace.CaseOpened: func(e trace.Event) string {
		return who(e) + " stated to tenant " + what(e) + " why he helps there"
	},
	trace.PostOwed: func(e trace.Event) string {
		return who(e) + " is owed what was posted to " + what(e)
	},
	trace.PostDelivered: func(e trace.Event) string {
		return "a " + or(e.State, "live") + " message of " + peer(e) + " to " + what(e) + " reached " + who(e)
	},
	trace.FrameForwarded: func(e trace.Event) string {
		return who(e) + " was made to " + what(e) + " by " + peer(e)
	},
	trace.IndicatorSwitched: func(e trace.Event) string {
		return who(e) + "'s indicator for " + what(e) + " was switched " + or(e.State, "over")
	},

	trace.BootStarted: func(e trace.Event) string { return fmt.Sprintf("%s started, boot %d", who(e), e.Number) },
	trace.CodeStarted: func(e trace.Event) string { return who(e) + " runs " + what(e) + " from " + release(e.Is) },
	trace.ImageVerified: func(e trace.Event) string {
		return who(e) + " verified and accepted " + what(e)
	},
	trace.CounterRaised: func(e trace.Event) string {
		return fmt.Sprintf("%s raised its security version to %d", who(e), e.Number)
	},
	trace.HealthConfirmed: func(e trace.Event) string { return who(e) + " found " + release(e.Is) + " healthy and kept it" },
	trace.LifecycleChanged: func(e trace.Event) string {
		return who(e) + " went from state " + or(e.Is, "unset") + " to " + or(e.State, "unset")
	},
	trace.DoorTried: func(e trace.Event) string { return peer(e) + " tried the door " + what(e) + " of " + who(e) },
	trace.DoorOpened: func(e trace.Event) string {
		return "the door " + what(e) + " of " + who(e) + " opened for " + peer(e) + capability(e.Is)
	},
	trace.EvidenceMade: func(e trace.Event) string {
		return who(e) + " signed evidence" + after(" ", e.Digest) + after(" over the nonce ", e.Is)
	},
	trace.EvidenceAppraised: evidenceAppraised,
	trace.NonceIssued: func(e trace.Event) string {
		return who(e) + " issued a nonce" + after(" for ", e.What) + after(" to ", e.Peer)
	},
	trace.CredentialIssued:  func(e trace.Event) string { return certificate(e, or(e.Is, "client")+" certificate") },
	trace.CertificateIssued: func(e trace.Event) string { return certificate(e, "certificate") },
	trace.CapabilityIssued: func(e trace.Event) string {
		return who(e) + " issued the capability " + or(e.Is, "unnamed") + " for " + what(e) + after(" to ", e.Peer)
	},
	trace.SessionOpened: func(e trace.Event) string {
		return who(e) + " opened a session for " + what(e) + after(", truly held by ", e.Peer)
	},
	trace.ProofJudged: func(e trace.Event) string {
		return who(e) + " " + or(e.State, "judged") + " a proof for " + what(e) + after(" from ", e.Peer)
	},
	trace.IdentityAccepted: func(e trace.Event) string {
		return who(e) + " took its peer for " + what(e) + after("; truly it is ", e.Peer)
	},
	trace.PeerProven: func(e trace.Event) string { return who(e) + " took its server for " + peer(e) },
	trace.OwnerChanged: func(e trace.Event) string {
		return who(e) + " now belongs to " + or(e.What, "nobody") + after(", as asked by ", e.Peer) + after(", ", plain(e.State))
	},
	trace.TenantUsed: func(e trace.Event) string {
		return who(e) + " let " + peer(e) + " " + what(e) + after(" ", e.State) + " in tenant " + or(e.Is, "unknown")
	},
	trace.StreamOpened:   func(e trace.Event) string { return who(e) + " streams its camera to " + what(e) },
	trace.CommandObeyed:  commandObeyed,
	trace.RightUsed:      func(e trace.Event) string { return who(e) + " used " + what(e) + after(" ", e.Is) },
	trace.PeerReached:    func(e trace.Event) string { return "a message of " + who(e) + " reached " + peer(e) },
	trace.FileTouched:    fileTouched,
	trace.MappingChanged: func(e trace.Event) string { return who(e) + " holds memory that is " + rights(e.State) },
	trace.CallMade: func(e trace.Event) string {
		return fmt.Sprintf("%s called %s, number %d", who(e), what(e), e.Number)
	},
	trace.CallAnswered: func(e trace.Event) string {
		return who(e) + "'s call of " + what(e) + " ended" + after(": ", e.State)
	},
	trace.ComponentStopped: func(e trace.Event) string { return who(e) + " stopped" + after(": ", e.State) },
	trace.AppStarted:       func(e trace.Event) string { return who(e) + " started" },
	trace.SignatureMade: func(e trace.Event) string {
		return "the chip of " + who(e) + " signed" + after(" for ", e.What) + after(" with the key of ", e.Is) + after(", asked by ", e.Peer)
	},
	trace.PeripheralLocked: func(e trace.Event) string {
		return who(e) + " locked its peripheral " + what(e) + " until it restarts" + after(", for ", e.Peer)
	},
	trace.PeripheralChanged: func(e trace.Event) string {
		return peer(e) + " switched the peripheral " + what(e) + " of " + who(e) + after(" ", e.State)
	},
	trace.Sealed:   func(e trace.Event) string { return "the chip " + who(e) + " sealed data for " + peer(e) },
	trace.Unsealed: func(e trace.Event) string { return "the chip " + who(e) + " opened sealed data for " + peer(e) },
	trace.UpdateAnnounced: func(e trace.Event) string {
		what := map[string]string{"started": "that an update has begun", "none": "that there is no update", "ready": "that an update of kind " + or(e.Is, "unknown") + " is " + or(e.State, "ready")}[e.What]
		return who(e) + " told " + peer(e) + " " + or(what, "of an update")
	},
	trace.RootsTrusted: func(e trace.Event) string {
		if e.Number == 0 {
			return who(e) + " has no certificate store that verifies, and trusts nobody"
		}
		return fmt.Sprintf("%s goes by certificate store %d, of %s", who(e), e.Level, count(e.Number, "root"))
	},
	trace.ClockBelieved: func(e trace.Event) string {
		return who(e) + " took the time for " + ahead(e.Number)
	},
	trace.MemoryCopied: func(e trace.Event) string {
		return who(e) + " copied " + count(e.Level, "byte") + " out of " + what(e)
	},
	trace.ReportStored: func(e trace.Event) string {
		return fmt.Sprintf("%s stored report %d: %s", who(e), e.Number, or(e.Is, "an event"))
	},
	trace.ReportDropped: func(e trace.Event) string { return who(e) + " dropped a report that it held" + after(": ", e.Is) },
	trace.GapFlagged: func(e trace.Event) string {
		return fmt.Sprintf("%s noticed that reports of %s are missing, from number %d", who(e), what(e), e.Number)
	},
	trace.DefenseDecided: func(e trace.Event) string {
		return who(e) + "'s defense " + what(e) + map[string]string{"missing": " would have refused, but is missing", "refused": " refused"}[e.State] + when(e.State == "held", " let it pass")
	},
}

func who(e trace.Event) string  { return or(e.Who, "somebody") }
func what(e trace.Event) string { return or(e.What, "something") }
func peer(e trace.Event) string { return or(e.Peer, "somebody") }

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// after puts glue before s, and nothing where s is empty.
func after(glue, s string) string {
	if s == "" {
		return ""
	}
	return glue + s
}

func when(ok bool, s string) string {
	if ok {
		return s
	}
	return ""
}

// plain turns a code such as point-not-reached into words.
func plain(code string) string { return strings.ReplaceAll(code, "-", " ") }

// list joins words as "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// count writes "1 attack", "2 attacks", "4,096 bytes".
func count(n int64, noun string) string {
	return thousands(n) + " " + noun + when(n != 1, "s")
}

func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// span writes a duration in days, hours, minutes and seconds.
func span(d time.Duration) string {
	if d <= 0 {
		return "no time"
	}
	if d < time.Second {
		return d.String()
	}
	var parts []string
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d %= unit.size
		}
	}
	return strings.Join(parts, " ")
}

// clean shows control and invisible characters as escapes and leaves the rest.
func clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
	return b.String()
}

// tidy cleans every string of an event.
func tidy(e trace.Event) trace.Event {
	for _, s := range []*string{&e.Who, &e.What, &e.Peer, &e.Is, &e.State, &e.Digest, &e.Note} {
		*s = clean(*s)
	}
	if slices.ContainsFunc(e.Labels, func(l string) bool { return clean(l) != l }) {
		labels := make([]string, len(e.Labels))
		for i, l := range e.Labels {
			labels[i] = clean(l)
		}
		e.Labels = labels
	}
	return e
}
