package inproc

import (
	"bytes"
	"crypto/sha256"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// setup presses the button on a device, or poses as it with a code of one's own.
func (s *system) setup(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if r.Args["over"] == "" || t == nil {
		return s.ask(r, func(d *device.Device) { d.OpenSetup(r.Op) })
	}
	s.proof(r, r.Pos[0], "key", false)
	sum := sha256.Sum256(r.Value(r.Args["code"]))
	t.Call(r.Op, vendor.Name, message.CallSetup, message.Encode(message.Setup{Device: r.Pos[0], Digest: sum[:]}), true)
	return sut.Answer{}, false
}

// pair asks the vendor for a device in somebody's name. Who has the code that the
// device shows now holds it in hand.
func (s *system) pair(r sut.Request) (sut.Answer, bool) {
	d, t := s.deviceOf(r), s.terminal(r)
	if d == nil || t == nil {
		return failed("pair needs a device and by=")
	}
	code, shown := r.Value(r.Args["code"]), d.Shown()
	s.handed = shown != nil && bytes.Equal(code, shown)
	s.proof(r, r.Pos[0], "possession", s.handed)
	t.Call(r.Op, vendor.Name, message.CallPair, message.Encode(message.Pair{Session: s.sessions[r.By], Device: r.Pos[0], Code: code}), false)
	return sut.Answer{}, false
}

func (s *system) unpair(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("unpair needs by=")
	}
	t.Call(r.Op, vendor.Name, message.CallUnpair, message.Encode(message.Pair{Session: s.sessions[r.By], Device: r.Pos[0]}), false)
	return sut.Answer{}, false
}

// possession is the truth about a pairing that was made.
func (s *system) possession() string {
	return map[bool]string{true: "with-possession", false: "without-possession"}[s.handed]
}
