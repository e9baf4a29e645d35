package device

import (
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// jobKind is what a device is busy with. It does one job at a time.
type jobKind string

const (
	jobConfirm   jobKind = "confirm"
	jobAttest    jobKind = "attest"
	jobChallenge jobKind = "challenge"
	jobAppraise  jobKind = "appraise"
	jobCertify   jobKind = "certify"
	jobUpdate    jobKind = "update"
	jobReport    jobKind = "report"
	jobSubmit    jobKind = "submit"
	jobRegister  jobKind = "register"
	jobConnect   jobKind = "connect"
	jobBroker    jobKind = "broker"
	jobSetup     jobKind = "setup"
	jobDump      jobKind = "dump"
)

// job is one piece of work: its kind, who asked, how far it is.
type job struct {
	kind    jobKind
	op      uint64
	number  uint32
	stage   string
	tag     uint32
	talk    string
	subject string
	key     []byte
	data    []byte
	reports []message.Report
	parts   [][]byte
	total   uint32
	bytes   int
	version uint32
}

// The conversations of a device.
const (
	talkAttest = "attest" // with the cloud, the device unproven but for its evidence
	talkCloud  = "cloud"  // with the cloud, by certificate
	talkVendor = "vendor"
	talkRepo   = "repo"
)

// talk is one conversation of the device.
type talk struct {
	channel channel.Channel
	id      uint32
	peer    string
}

// ask queues a request of whoever runs the device; its answer comes by
// host.Finish.
func (d *Device) ask(j job) {
	if d.mode != Running {
		d.host.Finish(j.op, nil, defense.Refuse(defense.Unavailable, "the device is %s", d.mode))
		return
	}
	d.push(j)
	d.work()
}

// Attest runs a whole attestation: challenge, evidence, appraisal.
func (d *Device) Attest(op uint64) { d.ask(job{kind: jobAttest, op: op}) }

// Update runs one update cycle.
func (d *Device) Update(op uint64) { d.ask(job{kind: jobUpdate, op: op}) }

// Challenge asks the cloud for a nonce.
func (d *Device) Challenge(op uint64) { d.ask(job{kind: jobChallenge, op: op}) }

// Appraise presents evidence to the cloud on this device's conversation.
func (d *Device) Appraise(op uint64, evidence []byte) {
	d.ask(job{kind: jobAppraise, op: op, data: evidence})
}

// Certify asks for a certificate for a subject over a key; empty ones mean this
// device and its own key.
func (d *Device) Certify(op uint64, subject string, key []byte) {
	d.ask(job{kind: jobCertify, op: op, subject: subject, key: key})
}

// Submit uploads one report as it stands.
func (d *Device) Submit(op uint64, r message.Report) {
	d.ask(job{kind: jobSubmit, op: op, reports: []message.Report{r}})
}

// Connect opens a conversation by certificate and closes it again.
func (d *Device) Connect(op uint64, peer string) {
	d.ask(job{kind: jobConnect, op: op, talk: peer})
}

// Register tells the vendor's service where this device is.
func (d *Device) Register(op uint64) { d.ask(job{kind: jobRegister, op: op}) }

func (d *Device) push(j job) {
	d.nextJob++
	j.number = d.nextJob
	d.jobs = append(d.jobs, j)
}

// jobTimeout is how long one job may take.
const jobTimeout = 30 * time.Second

// work starts the next job when none is running.
func (d *Device) work() {
	for d.mode == Running && len(d.jobs) > 0 && d.jobs[0].stage == "" {
		j := &d.jobs[0]
		j.stage = "started"
		number := j.number
		d.host.After(d.Name, jobTimeout, "timeout "+strconv.Itoa(int(number)))
		d.start(j)
		if len(d.jobs) > 0 && d.jobs[0].number == number {
			return // it waits for an answer
		}
	}
	if d.mode == Running && len(d.jobs) == 0 {
		d.settled()
	}
}

func (d *Device) start(j *job) {
	if j.kind != jobConfirm && (d.down[networkd] || d.down[azured]) {
		d.finish(nil, defense.Refuse(defense.Unavailable, "the service that does this does not run"))
		return
	}
	switch j.kind {
	case jobConfirm:
		d.confirm()
	case jobAttest, jobChallenge:
		d.startChallenge(j)
	case jobAppraise:
		d.present(j, j.data)
	case jobCertify:
		d.startCertify(j)
	case jobUpdate:
		d.startUpdate(j)
	case jobDump:
		d.request(j, talkCloud, message.CallDump, "dump", j.data)
	case jobReport, jobSubmit:
		d.startReport(j)
	case jobRegister:
		d.startRegister(j)
	case jobConnect:
		d.startConnect(j)
	case jobBroker:
		d.startBroker(j)
	case jobSetup:
		d.startSetup(j)
	}
}

// finish ends the running job and answers whoever asked for it.
func (d *Device) finish(data []byte, err error) {
	j := d.jobs[0]
	if err != nil {
		d.noteRefusal(j, err) // while it is listed: a failed upload must not bring on the next
	}
	d.jobs = d.jobs[1:]
	switch {
	case j.kind != jobUpdate:
	case err == nil:
		d.failedPolls = 0
	default:
		d.failedPolls++
		d.updaterStopped = d.updaterStopped || d.monitor.Wrong(GivesUpUpdating)
	}
	d.host.Finish(j.op, data, err)
}

// noteRefusal reports what was refused by us for a reason that an attack gives.
func (d *Device) noteRefusal(j job, err error) {
	class := defense.ClassOf(err)
	switch {
	case j.kind == jobUpdate && class == defense.Unavailable:
		_ = d.frozen() // nothing at all comes: what matters here is that it is reported
	case j.kind == jobUpdate:
		d.report("update.refused", []byte(class), "update refused: "+err.Error())
	case class == defense.UntrustedSigner || class == defense.SubjectMismatch || class == defense.BadSignature:
		d.report("auth.denied", []byte(string(j.kind)+string(class)), string(j.kind)+": "+err.Error())
	}
}

// timeout gives up a job that got no answer.
func (d *Device) timeout(number string) {
	if n, err := strconv.Atoi(number); err == nil && len(d.jobs) > 0 && d.jobs[0].number == uint32(n) {
		if j := &d.jobs[0]; j.kind == jobUpdate && (j.stage == fetchFirst || j.stage == fetchRest) && d.monitor.Wrong(WaitsForPartsForEver) {
			return
		}
		delete(d.talks, d.jobs[0].talk)
		if j := &d.jobs[0]; j.stage == fetchKeystore && d.monitor.Wrong(GoesOnWithoutKeys) {
			j.stage = fetchFirst
			d.host.After(d.Name, jobTimeout, "timeout "+number)
			d.fetch(j, d.parts(), 0)
			return
		}
		d.finish(nil, defense.Refuse(defense.Unavailable, "no answer"))
	}
}

// request sends a call on a conversation and lets the job wait for its answer.
func (d *Device) request(j *job, name, call, kind string, body []byte) {
	t := d.talks[name]
	if t == nil {
		t = d.open(name)
	}
	d.nextJob++
	j.tag, j.talk = d.nextJob, name
	t.channel.Send(kind, message.Encode(message.Request{Tag: j.tag, Call: call, Body: body}))
}

// open starts a conversation.
func (d *Device) open(name string) *talk {
	peer := name
	if name == talkAttest {
		peer = "cloud"
	}
	d.nextJob++
	t := &talk{id: d.nextJob, peer: peer}
	end := channel.End{Host: d.host, Guard: &d.network, Self: d.Name, Other: peer, ID: t.id, Clock: deviceClock(d.Name, d.now())}
	trust := d.trust(peer)
	switch name {
	case talkRepo:
		t.channel = channel.NewClear(end)
	case talkAttest:
		t.channel = channel.NewClient(end, channel.Identity{}, trust)
	default:
		t.channel = channel.NewClient(end, d.identity(false), trust)
	}
	d.talks[name] = t
	t.channel.Open()
	return t
}

// deviceClock is a device's time in a conversation: never before it began.
func deviceClock(name string, began time.Time) func(host.Host) time.Time {
	return func(h host.Host) time.Time {
		if now := h.Clock(name); now.After(began) {
			return now
		}
		return began
	}
}

// now is the time that the device believes: its clock's, unless that is behind
// what was signed already or what the cloud told since the last start.
func (d *Device) now() time.Time {
	now, least := d.host.Clock(d.Name), d.release.built
	if told := time.Unix(d.heard, 0); told.After(least) && !(now.Before(told) && d.monitor.Wrong(BelievesItsClockAlone)) {
		least = told
	}
	if err := d.check(ClockIsNotBehind, !now.Before(least), defense.Stale); err != nil {
		now = least
	}
	d.host.Observe(host.Event{Kind: "ClockBelieved", Who: d.Name, Number: now.Unix()})
	return now
}

// Receive handles a message from a link.
func (d *Device) Receive(m host.Message) {
	if d.mode != Running {
		return
	}
	var f message.Frame
	if message.Decode(m.Body, &f) != nil {
		return
	}
	for name, t := range d.talks {
		if t.peer == m.From && t.id == f.Conversation {
			d.take(name, t, f)
			break
		}
	}
	d.work()
}

func (d *Device) take(name string, t *talk, f message.Frame) {
	body, err := t.channel.Take(f)
	if err != nil {
		if f.Kind != message.Alert {
			d.refused(t, err)
		}
		delete(d.talks, name)
		if defense.ClassOf(err) == defense.Malformed && d.kernel.Wrong(FallsOverCertificates) {
			err = d.stopped(azured, Probe{Component: name})
		}
		if len(d.jobs) > 0 && d.jobs[0].talk == name {
			d.finish(nil, err)
		}
		return
	}
	if body == nil {
		return
	}
	var reply message.Reply
	if message.Decode(body, &reply) == nil {
		if len(d.jobs) > 0 && d.jobs[0].talk == name && d.jobs[0].tag == reply.Tag {
			d.answered(&d.jobs[0], reply)
		}
		return
	}
	var request message.Request
	if message.Decode(body, &request) != nil {
		return
	}
	switch name {
	case talkVendor:
		d.told(t, request)
	case talkBroker:
		d.delivered(request)
		t.channel.Send(message.CallAck, message.Encode(message.Request{Call: message.CallAck}))
	}
}

// refused tells the other end why we ended the conversation.
func (d *Device) refused(t *talk, err error) {
	e := channel.End{Host: d.host, Self: d.Name, Other: t.peer, ID: t.id}
	e.Refused(defense.ClassOf(err))
}

// refusalOf is the refusal that a reply says: what is no class says only that
// the other end cannot be understood.
func refusalOf(r message.Reply) error {
	class := defense.Class(r.Class)
	if !class.Known() {
		class = defense.Malformed
	}
	return &defense.Refusal{Class: class, Reason: clean(r.Reason)}
}

// answered carries a job on with the reply it waited for.
func (d *Device) answered(j *job, r message.Reply) {
	if r.Class != "" {
		if j.kind == jobAttest || j.kind == jobAppraise {
			d.keepCertificates(r.Body) // a refusal may still allow updates
		}
		d.finish(r.Body, refusalOf(r))
		return
	}
	switch j.kind {
	case jobAttest, jobChallenge:
		d.challenged(j, r.Body)
	case jobAppraise:
		d.appraised(r.Body)
	case jobUpdate:
		d.fetched(j, r.Body)
	case jobReport, jobSubmit:
		d.reported(j, r.Body)
	case jobRegister:
		d.finish(nil, nil)
	case jobSetup:
		d.finish(j.data, nil)
	default:
		d.finish(r.Body, nil)
	}
}

// Woken handles every wake-up word, those of jobs included.
func (d *Device) Woken(word string) {
	if number, ok := strings.CutPrefix(word, "timeout "); ok {
		if d.mode == Running {
			d.timeout(number)
			d.work()
		}
		return
	}
	d.Wake(word)
}
