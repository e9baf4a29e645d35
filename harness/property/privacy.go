package property

import (
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// sensorNeverRunsUnseen reads
//
//	SensorSwitched, IndicatorSwitched  Who = device, What = sensor, State = on|off
//	FrameTaken                         Who = device
//	BootStarted, PowerCut              Who = device: everything is off
//
// The indicator may follow its sensor within a second of the same step, or in the
// same instant.
var sensorNeverRunsUnseen = Guarantee{
	ID: "privacy.sensor-never-runs-unseen", Property: compartmentProperty,
	Title:   "While a camera or microphone runs, its indicator is on.",
	Cites:   "Ecovacs indicator silenced (CAM-04); Ecovacs PIN only in the app (CAM-03)",
	Premise: []trace.Kind{trace.SensorSwitched},
	Facts:   []trace.Kind{trace.IndicatorSwitched},
	Context: []trace.Kind{trace.FrameTaken, trace.BootStarted, trace.PowerCut},
	Roles:   []string{"camera", "runtime", "accounts", "bench", "relay"},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return e.State == "on" },
		judge: judgeSensors,
	},
}

// sensing is a device's sensors and indicators.
type sensing struct {
	sensor, indicator map[string]bool
	dark              *trace.Event // first moment since when something runs unseen
}

// unseen returns whether a sensor runs without its indicator.
func (s *sensing) unseen() bool {
	for what, on := range s.sensor {
		if on && !s.indicator[what] {
			return true
		}
	}
	return false
}

func judgeSensors(v *view) {
	devices := make(map[string]*sensing)
	var order []string
	for e := range v.events() {
		s := devices[e.Who]
		if s == nil {
			s = &sensing{sensor: map[string]bool{}, indicator: map[string]bool{}}
			devices[e.Who] = s
			order = append(order, e.Who)
		}
		if d := s.dark; d != nil && (e.At-d.At > lightsWithin || (e.At != d.At && e.Step != d.Step)) {
			s.fail(v, e)
		}
		if e.Kind == trace.FrameTaken {
			if (s.unseen() || !s.lit()) && (s.dark == nil || s.dark.Kind != trace.FrameTaken) {
				s.dark = e
			}
			continue
		}
		s.turn(v, e)
	}
	for _, device := range order {
		if s := devices[device]; s.dark != nil {
			s.fail(v, nil)
		}
	}
}

// lightsWithin is how long after its sensor an indicator may be on.
const lightsWithin = time.Second

// fail records that the device was dark until an event.
func (s *sensing) fail(v *view, until *trace.Event) {
	v.fail(shown(s.dark, until), "a sensor of %s ran while its indicator was off", s.dark.Who)
	s.dark = nil
}

// turn takes in an event that switches something.
func (s *sensing) turn(v *view, e *trace.Event) {
	switch e.Kind {
	case trace.SensorSwitched:
		s.sensor[e.What] = e.State == "on"
	case trace.IndicatorSwitched:
		s.indicator[e.What] = e.State == "on"
	case trace.BootStarted, trace.PowerCut:
		clear(s.sensor)
		clear(s.indicator)
	}
	switch unseen := s.unseen(); {
	case unseen && s.dark == nil:
		s.dark = e
	case unseen || s.dark == nil:
	case e.Kind == trace.SensorSwitched && s.dark.Kind != trace.IndicatorSwitched:
		// The sensor is off again, and no light ever came on. (Where the light went
		// off first, both were just being switched off.)
		s.fail(v, e)
	default:
		s.dark = nil
	}
}

// lit tells whether any indicator is on.
func (s *sensing) lit() bool {
	for _, on := range s.indicator {
		if on {
			return true
		}
	}
	return false
}

// endsWithin is how long an ended right may still work: tokens and certificates
// that were given out before live so long.
const endsWithin = 15 * time.Minute

// entitlements follows who may see and command a device. It reads OwnerChanged,
// GrantMade and GrantEnded, as far as the guarantee declares them.
type entitlements struct {
	owner  map[string]*trace.Event            // device -> OwnerChanged or GrantMade by which it has one
	grants map[string]map[string]bool         // device -> principals with a right
	ended  map[string]map[string]*trace.Event // device -> principal -> end of his latest right
	window map[string]map[string]*trace.Event // device -> principal -> grant of his that holds for a time
	now    time.Duration
}

func newEntitlements() *entitlements {
	return &entitlements{
		owner: map[string]*trace.Event{}, grants: map[string]map[string]bool{}, ended: map[string]map[string]*trace.Event{},
		window: map[string]map[string]*trace.Event{},
	}
}

// ownerOf returns the owner of a device, "" for none.
func (t *entitlements) ownerOf(device string) string {
	o := t.owner[device]
	switch {
	case o == nil:
		return ""
	case o.Kind == trace.GrantMade:
		return o.Peer
	}
	return o.What
}

// see takes one event in.
func (t *entitlements) see(e *trace.Event) {
	t.now = e.At
	switch e.Kind {
	case trace.OwnerChanged:
		if before := t.ownerOf(e.Who); before != e.What {
			// A new owner begins with a clean table.
			for p := range t.grants[e.Who] {
				t.end(e.Who, p, e)
			}
			if before != "" {
				t.end(e.Who, before, e)
			}
		}
		t.owner[e.Who] = e
		delete(t.ended[e.Who], e.What)
	case trace.GrantMade:
		if e.Is == "owner" {
			t.owner[e.What] = e
		}
		if t.grants[e.What] == nil {
			t.grants[e.What] = make(map[string]bool)
		}
		t.grants[e.What][e.Peer] = true
		if t.window[e.What] == nil {
			t.window[e.What] = make(map[string]*trace.Event)
		}
		t.window[e.What][e.Peer] = e
		delete(t.ended[e.What], e.Peer)
	case trace.GrantEnded:
		if e.Is == "owner" && t.ownerOf(e.What) == e.Peer {
			delete(t.owner, e.What)
		}
		t.end(e.What, e.Peer, e)
	}
}

func (t *entitlements) end(device, principal string, e *trace.Event) {
	delete(t.grants[device], principal)
	if t.ended[device] == nil {
		t.ended[device] = make(map[string]*trace.Event)
	}
	t.ended[device][principal] = e
}

// has tells whether a principal has a right on a device.
func (t *entitlements) has(principal, device string) bool {
	return principal != "" && (t.ownerOf(device) == principal || (t.grants[device][principal] && !t.over(principal, device)))
}

// over tells whether the window of a principal's grant has closed.
func (t *entitlements) over(principal, device string) bool {
	g := t.window[device][principal]
	return g != nil && g.Number > 0 && t.now-g.At > time.Duration(g.Number)*time.Second
}

// may tells whether a principal has a right on a device, or had one a moment ago.
func (t *entitlements) may(principal, device string, at time.Duration) bool {
	if t.has(principal, device) {
		return true
	}
	ended := t.ended[device][principal]
	return ended != nil && at-ended.At <= endsWithin
}

// framesReachOnlyTheOwner reads
//
//	FrameTaken                           Who = device, Digest = picture
//	FrameReached                         Who = principal, What = device, Digest
//	AttackerLearnt                       Who, What = how, Labels (dN.frames)
//	OwnerChanged, GrantMade, GrantEnded  who may see the device, in the window of the grant
//
// A right on the device is one on what it took for its present owner: the rooms of
// the owner before are none of the next one's business.
var framesReachOnlyTheOwner = Guarantee{
	ID: "privacy.frames-reach-only-the-owner", Property: certificateProperty,
	Title:   "Pictures of a device reach only its owner and those to whom the owner gave a right.",
	Cites:   "LG HomeHack (CAM-01); DJI Romo (CAM-02); Swann/OzVision (CAM-05); Kalay (CAM-10)",
	Premise: []trace.Kind{trace.FrameTaken},
	Facts:   []trace.Kind{trace.FrameReached, trace.AttackerLearnt},
	Context: []trace.Kind{trace.OwnerChanged, trace.GrantMade, trace.GrantEnded},
	oracle:  oracle{judge: judgeFrames},
}

func judgeFrames(v *view) {
	rights := newEntitlements()
	taken := make(map[string]*trace.Event)
	takenFor := make(map[string]string)      // digest of a picture -> whose the device was
	eras := make(map[string]map[string]bool) // device -> owners for whom it took any
	for e := range v.events() {
		rights.see(e)
		switch e.Kind {
		case trace.FrameTaken:
			owner := rights.ownerOf(e.Who)
			taken[e.Who], takenFor[e.Digest] = e, owner
			if eras[e.Who] == nil {
				eras[e.Who] = make(map[string]bool)
			}
			eras[e.Who][owner] = true
		case trace.FrameReached:
			switch owner, known := takenFor[e.Digest]; {
			case known && rights.has(e.Who, e.What) && owner != rights.ownerOf(e.What):
				v.fail(shown(taken[e.What], e), "a picture of %s taken while it was %s's reached %s", e.What, orUnknown(owner), e.Who)
			case !rights.may(e.Who, e.What, e.At):
				v.fail(shown(taken[e.What], e), "pictures of %s reached %s, who has no right on it", e.What, e.Who)
			}
		case trace.AttackerLearnt:
			device := seen(e)
			switch {
			case device == "":
			case rights.has(e.Who, device) && !eras[device][rights.ownerOf(device)]:
				v.fail(shown(taken[device], e), "%s came to know pictures of %s from the time of a former owner (%s)", e.Who, device, e.What)
			case !rights.may(e.Who, device, e.At):
				v.fail(shown(taken[device], e), "%s came to know pictures of %s (%s)", e.Who, device, e.What)
			}
		}
	}
}

// endedRightsEndInTime reads
//
//	GrantEnded               Peer's right on What; for a session What = its name
//	GrantMade, OwnerChanged  who has a right
//	SessionOpened            Peer, What, State = "" or as CommandObeyed
//	StreamOpened             Who = device, What = user, State, Labels = session or grant shown
//	CommandObeyed            Who = device, What, Is = user, State = owner|granted|ended|none, Labels
//	FrameReached             Who = principal, What = device
//	PostDelivered            Who = receiver, Peer = author, Is = device
var endedRightsEndInTime = Guarantee{
	ID: "auth.ended-rights-end-in-time", Property: certificateProperty,
	Title:   "A right that was ended, a former owner's too, opens nothing a quarter of an hour later.",
	Cites:   "Nest Cam/Wink previous owner (PKI-04); MQTT sessions that survive revocation (PKI-06)",
	Premise: []trace.Kind{trace.GrantEnded, trace.OwnerChanged},
	Facts:   []trace.Kind{trace.CommandObeyed},
	Context: []trace.Kind{trace.SessionOpened, trace.StreamOpened, trace.FrameReached, trace.PostDelivered, trace.GrantMade},
	Roles:   []string{"accounts", "camera", "registry", "relay", "broker", "guardian", "ca"},
	oracle:  oracle{marks: true, judge: judgeEnded},
}

func judgeEnded(v *view) {
	rights := newEntitlements()
	sessions := make(map[string]*trace.Event) // session or grant name -> its end
	for e := range v.events() {
		if e.Kind == trace.GrantEnded {
			sessions[e.What] = e
			v.met(e)
		}
		if before := rights.ownerOf(e.Who); e.Kind == trace.OwnerChanged && before != "" && before != e.What {
			v.met(e)
		}
		rights.see(e)
		switch e.Kind {
		case trace.SessionOpened:
			useOf(v, e, e.Who, e.What, rights, sessions)
		case trace.StreamOpened:
			useOf(v, e, e.Who, e.What, rights, sessions)
		case trace.CommandObeyed:
			useOf(v, e, e.Who, e.Is, rights, sessions)
		case trace.FrameReached:
			useOf(v, e, e.What, e.Who, rights, sessions)
		case trace.PostDelivered:
			useOf(v, e, e.Is, e.Who, rights, sessions)
			useOf(v, e, e.Is, e.Peer, rights, sessions)
		}
	}
}

// useOf judges one use of a right by a user on a device.
func useOf(v *view, e *trace.Event, device, user string, rights *entitlements, sessions map[string]*trace.Event) {
	late := func(end *trace.Event) bool { return end != nil && e.At-end.At > endsWithin }
	end := rights.ended[device][user]
	i := slices.IndexFunc(e.Labels, func(l string) bool { return late(sessions[l]) })
	switch {
	case i >= 0:
		v.fail(shown(sessions[e.Labels[i]], e), "%s still worked on %s %s after it was ended",
			e.Labels[i], device, span(e.At-sessions[e.Labels[i]].At))
	case e.State == "none":
		v.fail(shown(e), "%s did on %s what he never had a right to", user, device)
	case late(end) && !rights.has(user, device):
		v.fail(shown(end, e), "%s acted on %s %s after that right was ended", user, device, span(e.At-end.At))
	case e.State == "ended" && end == nil:
		v.fail(shown(e), "%s acted on %s by a right that had ended", user, device)
	}
}

// span spells a duration without its zeros: 20m, not 20m0s.
func span(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
