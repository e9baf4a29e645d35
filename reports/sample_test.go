package reports_test

import (
	"fmt"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// telling writes a trace by hand, event by event.
type telling struct {
	trace.Trace
	at   time.Duration
	step int
	msg  int64
}

func tell(id, title string) *telling {
	return &telling{Trace: trace.Trace{Header: trace.Header{
		Schema: trace.Schema, Scenario: id, SUT: "reference", Version: "0.1", Profile: "mt3620", Seed: 1, Title: title,
	}}}
}

func (s *telling) add(e trace.Event) uint64 {
	e.Seq, e.At, e.Step = uint64(len(s.Events)+1), s.at, s.step
	s.Events = append(s.Events, e)
	return e.Seq
}

// begin starts a step; the side is honest, hostile, nemesis, check or time.
func (s *telling) begin(side, who, verb, peer, written string) {
	s.step++
	s.add(trace.Event{Source: trace.Answer, Kind: trace.StepStarted, Who: who, What: verb, Peer: peer, State: side, Note: written})
}

func (s *telling) end(who, verb, peer, state, class string) {
	s.add(trace.Event{Source: trace.Answer, Kind: trace.StepAnswered, Who: who, What: verb, Peer: peer, State: state, Digest: class})
	s.add(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, What: verb, State: "as-marked"})
}

// done is a step in which nothing else is seen.
func (s *telling) done(side, who, verb, peer, written string) {
	s.begin(side, who, verb, peer, written)
	s.end(who, verb, peer, "done", "")
}

func (s *telling) check(written string) {
	s.begin("check", "", "state", "", written)
	s.add(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, What: "state", State: "held", Is: "check"})
}

func (s *telling) pass(d time.Duration) {
	s.begin("time", "", "advance", "", "advance "+d.String())
	s.at += d
	s.add(trace.Event{Source: trace.World, Kind: trace.TimeAdvanced, Number: int64(d)})
	s.end("", "advance", "", "done", "")
}

func (s *telling) send(from, to, kind string, labels ...string) {
	s.msg++
	for _, k := range []trace.Kind{trace.MessageSent, trace.MessageDelivered} {
		s.add(trace.Event{Source: trace.World, Kind: k, Who: from, Peer: to, What: kind, Number: s.msg, State: "sealed", Labels: labels})
	}
}

func (s *telling) setUp(device string) {
	s.done("honest", "", "principal", "", "principal mallory attacker")
	s.done("honest", "", "release", "", "release fw1 version=1")
	s.done("honest", "", "release", "", "release fw2 version=2")
	s.begin("honest", "", "device", device, "device "+device+" running=fw1")
	s.add(trace.Event{Source: trace.Actor, Kind: trace.DeviceManufactured, Who: device, Is: "vac"})
	s.add(trace.Event{Source: trace.Actor, Kind: trace.KeyMade, Who: device + ".chip", What: device + ".attestation-key"})
	s.boot(device, "fw1")
	s.end("", "device", device, "done", "")
}

func (s *telling) boot(device, release string) uint64 {
	s.add(trace.Event{Source: trace.SUT, Kind: trace.BootStarted, Who: device, Number: 1})
	for _, stage := range []string{"bootloader", "monitor"} {
		s.add(trace.Event{Source: trace.SUT, Kind: trace.CodeStarted, Who: device, What: stage, Is: "factory"})
	}
	return s.add(trace.Event{Source: trace.SUT, Kind: trace.CodeStarted, Who: device, What: "os", Is: release})
}

func homehack() *telling {
	s := tell("camera/homehack", "a login begun as the attacker and finished in the owner's name opens the owner's camera")
	s.Header.Cites = []string{"Check Point HomeHack 2017", "CWE-287", "CAM-01"}
	s.done("honest", "", "principal", "", "principal alice owner")
	s.setUp("vac1")
	s.begin("honest", "alice", "login", "vendor", "login alice as=sa")
	s.send("vendor.app", "vendor.service", "login", "alice.password")
	s.add(trace.Event{Source: trace.Actor, Kind: trace.ProofGiven, Who: "alice", What: "alice", Peer: "vendor.service", Is: "password", State: "true"})
	s.add(trace.Event{Source: trace.SUT, Kind: trace.SessionOpened, Who: "vendor.service", What: "alice", Peer: "alice"})
	s.end("alice", "login", "vendor", "done", "")
	s.begin("honest", "alice", "command", "vac1", "command vac1 do=open-camera session=sa by=alice")
	s.send("alice", "vendor.service", "command")
	s.send("vendor.service", "vac1", "command")
	s.add(trace.Event{Source: trace.SUT, Kind: trace.CommandObeyed, Who: "vac1", What: "open-camera", Is: "alice", Peer: "alice", State: "owner"})
	s.add(trace.Event{Source: trace.World, Kind: trace.FrameTaken, Who: "vac1", Number: 1, Labels: []string{"vac1.frames"}})
	s.send("vac1", "vendor.service", "frame", "vac1.frames")
	s.add(trace.Event{Source: trace.World, Kind: trace.FrameReached, Who: "alice", What: "vac1", Labels: []string{"vac1.frames"}})
	s.end("alice", "command", "vac1", "done", "")
	s.begin("hostile", "mallory", "begin-login", "vendor", "begin-login mallory as=t1")
	s.send("mallory", "vendor.service", "login")
	s.end("mallory", "begin-login", "vendor", "done", "")
	s.begin("hostile", "mallory", "finish-login", "vendor", "! finish-login t1 subject=alice by=mallory class=subject-mismatch")
	s.add(trace.Event{Source: trace.Attack, Kind: trace.ProofGiven, Who: "mallory", What: "alice", Peer: "vendor.service", Is: "transaction", State: "false"})
	s.send("mallory", "vendor.service", "finish")
	s.add(trace.Event{Source: trace.SUT, Kind: trace.DefenseDecided, Who: "vendor.service", What: "service.finishes-for-the-beginner", State: "refused"})
	s.end("mallory", "finish-login", "vendor", "refused", "subject-mismatch")
	s.done("hostile", "mallory", "leak", "", "leak sa to=mallory")
	learnt := s.add(trace.Event{Source: trace.Attack, Kind: trace.AttackerLearnt, Who: "mallory", What: "leak", Labels: []string{"sa"}})
	_ = learnt
	s.done("honest", "", "publish", "repo", "publish fw2")
	s.begin("honest", "", "update", "vac1", "update vac1")
	s.send("vac1", "repo", "ask")
	s.send("repo", "vac1", "package")
	s.add(trace.Event{Source: trace.World, Kind: trace.FlashWritten, Who: "vac1", What: "slot-b", Peer: "vac1.kernel"})
	s.boot("vac1", "fw2")
	s.end("", "update", "vac1", "done", "")
	s.done("honest", "alice", "revoke", "vendor", "revoke sa by=alice")
	s.pass(15 * time.Minute)
	s.begin("hostile", "mallory", "command", "vac1", "! command vac1 do=open-camera session=sa by=mallory class=revoked|expired")
	s.end("mallory", "command", "vac1", "refused", "revoked")
	s.send("vac1", "cloud", "report")
	s.add(trace.Event{Source: trace.Bench, Kind: trace.ReportReceived, What: "vac1", Is: "authz.denied", Number: 4, Peer: "vac1"})
	s.check("state vac1 running=fw2")
	s.check("knows-not mallory vac1.frames")
	return s
}

func fuzzed(times int) *telling {
	s := tell("update/fuzzed-packages", "a seeded stream of broken packages changes nothing, and the next genuine update still installs")
	s.setUp("d1")
	for i := range times {
		s.begin("hostile", "mallory", "fuzz", "d1", "fuzz d1 from=fw2 count=500 by=mallory")
		s.step = 5
		s.Events[len(s.Events)-1].Step = 5
		s.add(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: "mallory", What: "package", Peer: "fw2"})
		s.send("d1", "repo", "ask")
		s.msg++
		s.add(trace.Event{Source: trace.World, Kind: trace.MessageDelivered, Who: "repo", Peer: "d1", What: "package", Is: "mallory", Number: s.msg})
		class := []string{"bad-signature", "malformed", "rollback"}[i%3]
		s.end("mallory", "fuzz", "d1", "refused", class)
		s.add(trace.Event{Source: trace.World, Kind: trace.PowerRestored, Who: "d1"})
		s.boot("d1", "fw1")
	}
	s.done("honest", "", "update", "d1", "update d1")
	s.check("state d1 running=fw2")
	return s
}

// rollback fails: an older release runs after a newer one. It returns the
// sequence numbers of its counterexample.
func rollback() (*telling, []uint64) {
	s := tell("update/rollback", "an older release with a genuine signature is served again")
	s.Header.Cites = []string{"RFC 9019 section 3.5", "UPD-03"}
	s.setUp("d1")
	s.done("honest", "", "publish", "repo", "publish fw2")
	s.begin("honest", "", "update", "d1", "update d1")
	s.send("repo", "d1", "package")
	newer := s.boot("d1", "fw2")
	s.end("", "update", "d1", "done", "")
	s.pass(26 * time.Hour)
	s.begin("nemesis", "", "cut-power", "d1", "cut-power d1 at=first-write")
	s.add(trace.Event{Source: trace.World, Kind: trace.PowerCut, Who: "d1", State: "first-write", What: "torn"})
	s.end("", "cut-power", "d1", "done", "")
	s.done("hostile", "mallory", "serve", "d1", "serve fw1 to=d1 by=mallory")
	s.begin("hostile", "", "update", "d1", "! update d1 class=rollback")
	s.msg++
	s.add(trace.Event{Source: trace.World, Kind: trace.MessageDelivered, Who: "repo", Peer: "d1", What: "package", Is: "mallory", Number: s.msg})
	s.add(trace.Event{Source: trace.SUT, Kind: trace.DefenseDecided, Who: "d1.kernel", What: "updater.refuses-older-version", State: "missing"})
	older := s.boot("d1", "fw1")
	s.add(trace.Event{Source: trace.Answer, Kind: trace.StepAnswered, What: "update", Peer: "d1", State: "done"})
	s.add(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, What: "update", State: "accepted", Is: "hostile", Note: "the device took release fw1"})
	s.msg++
	for _, k := range []trace.Kind{trace.MessageSent, trace.MessageDropped} {
		s.add(trace.Event{Source: trace.World, Kind: k, Who: "d1", Peer: "cloud", What: "report", Number: s.msg, State: map[trace.Kind]string{trace.MessageDropped: "blocked"}[k]})
	}
	return s, []uint64{newer, older}
}

var catalogue = []reports.GuaranteeInfo{
	{ID: "chip.secrets-never-leave", Property: "hardware-root-of-trust", Title: "No private key and no sealed secret ever crosses the border of its chip.", Cites: "Seven Properties, section 3.1"},
	{ID: "attest.evidence-is-fresh", Property: "hardware-root-of-trust", Title: "Evidence is accepted once, for the nonce it was asked for.", Cites: "RFC 9334 section 10"},
	{ID: "net.only-declared-hosts-are-reached", Property: "defense-in-depth", Title: "An app reaches only hosts that its manifest declares."},
	{ID: "memory.never-writable-and-executable", Property: "defense-in-depth", Title: "No page is writable and executable, now or one after the other."},
	{ID: "tcb.survives-any-input", Property: "small-trusted-computing-base", Title: "No call from outside stops or changes the trusted base."},
	{ID: "app.crash-stays-inside", Property: "dynamic-compartments", Title: "The crash of one app leaves the others running."},
	{ID: "auth.session-belongs-to-the-proven-user", Property: "certificate-based-authentication", Title: "A session is held only by who proved to be its user.", Cites: "Check Point HomeHack 2017; CWE-287"},
	{ID: "privacy.frames-reach-only-the-owner", Property: "certificate-based-authentication", Title: "Pictures reach only the owner and whom the owner lets in."},
	{ID: "report.refused-attacks-arrive", Property: "error-reporting", Title: "A refused attack is known in the cloud within a day."},
	{ID: "update.never-goes-back", Property: "renewable-security", Title: "No release runs after one with a higher security version.", Cites: "RFC 9019 section 3.5; UPD-03"},
	{ID: "update.a-bad-release-is-undone", Property: "renewable-security", Title: "A release that does not come up is left for the one before it."},
	{ID: "depth.stopped-by-the-expected-defense", Property: "defense-in-depth", Title: "Each hostile step is stopped where it was meant to be."},
}

// sample is a run of three stories; with broken, one of them fails.
func sample(broken bool) reports.Input {
	bad, proof := rollback()
	if !broken {
		bad, proof = fuzzed(3), nil
		bad.Header.Scenario, bad.Header.Title = "update/rollback", "an older release with a genuine signature is served again"
	}
	stories := []*telling{homehack(), fuzzed(500), bad}
	in := reports.Input{
		Run: reports.RunInfo{
			SUT: "reference", Version: "0.1", Seed: 1, Tool: "armillary 0.1",
			Started: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Duration: 1840 * time.Millisecond,
		},
		Catalogue: catalogue, Traces: map[verdict.Run]*trace.Trace{}, Files: map[verdict.Run]string{},
	}
	for _, s := range stories {
		id := s.Header.Scenario
		in.Traces[run(id)] = &s.Trace
		in.Files[run(id)] = id + "/mt3620/1/trace.jsonl"
		in.Scenarios = append(in.Scenarios, scenario(s, "pass"))
	}
	for i, g := range catalogue {
		if broken && g.ID == "update.a-bad-release-is-undone" {
			in.Verdicts = append(in.Verdicts, judged(in, i%3, g, verdict.NotExercised, verdict.Idle, "no release of the chosen scenarios fails to come up"))
			continue
		}
		for _, s := range []int{i % 3, (i + 1) % 3} {
			in.Verdicts = append(in.Verdicts, judged(in, s, g, verdict.Pass, verdict.Shown, "", 12, 18, 25))
		}
	}
	if broken {
		in.Run.Defects = []string{"updater.refuses-older-version"}
		in.Scenarios[2] = scenario(bad, "fail")
		in.Verdicts = append(in.Verdicts, judged(in, 2, catalogue[9], verdict.Fail, verdict.Violated, "d1 ran fw1 of security version 1 after fw2 of security version 2", proof...))
		in.Kills = &reports.Kills{Whole: true, Defects: []reports.Kill{
			{ID: "updater.refuses-older-version", Title: "The updater takes a release older than the one it runs.", CaughtBy: []reports.Catch{{Scenario: "update/rollback", Guarantee: "update.never-goes-back"}}},
			{ID: "chip.counter-in-flash", Title: "The security version is kept where an update can write it."},
		}}
	}
	return in
}

func judged(in reports.Input, s int, g reports.GuaranteeInfo, status verdict.Status, code verdict.Code, reason string, events ...uint64) verdict.Verdict {
	return verdict.Verdict{
		Scenario: in.Scenarios[s].ID, Profile: "mt3620", Seed: 1, Guarantee: g.ID, Property: g.Property,
		Status: status, Code: code, Reason: reason, Counterexample: events, Source: "world", Expected: true,
	}
}

func scenario(s *telling, status verdict.Status) verdict.Scenario {
	return verdict.Scenario{ID: s.Header.Scenario, Profile: "mt3620", Status: status, Digest: fmt.Sprintf("%016x", len(s.Events)), Steps: s.step}
}

// run is a scenario's run on the profile that all stories here have.
func run(id string) verdict.Run { return verdict.Run{Scenario: id, Profile: "mt3620"} }
