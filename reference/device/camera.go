package device

import (
	"errors"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// startRegister opens a conversation with the vendor's service by certificate
// and says who we are on it.
func (d *Device) startRegister(j *job) {
	delete(d.talks, talkVendor)
	if len(d.store.Client) == 0 {
		d.finish(nil, defense.Refuse(defense.UntrustedState, "no client certificate"))
		return
	}
	d.request(j, talkVendor, message.CallRegister, "register", message.Encode(message.Register{Device: d.Name}))
}

// startConnect proves this device to a peer and asks for nothing.
func (d *Device) startConnect(j *job) {
	peer := j.talk
	delete(d.talks, peer)
	d.request(j, peer, message.CallRegister, "register", message.Encode(message.Register{Device: d.Name}))
}

// told handles what the vendor's service pushes: a command in a user's name, or
// a notice for the error reports.
func (d *Device) told(t *talk, r message.Request) {
	switch r.Call {
	case message.CallObey:
		var o message.Obey
		if message.Decode(r.Body, &o) != nil {
			return
		}
		err := d.obey(t, o)
		reply := message.Reply{Tag: r.Tag, Class: string(defense.ClassOf(err))}
		if err != nil {
			d.report("authz.denied", []byte(o.User+o.Do), o.Do+" refused to "+o.User)
			reply.Reason = err.Error()
		}
		t.channel.Send("obeyed", message.Encode(reply))
	case message.CallOwned:
		var o message.Owned
		if message.Decode(r.Body, &o) != nil {
			return
		}
		err := d.owned(o)
		reply := message.Reply{Tag: r.Tag, Class: string(defense.ClassOf(err))}
		if err != nil {
			d.report("authz.denied", []byte(o.User), "pairing refused to "+clean(o.User))
			reply.Reason = err.Error()
		}
		t.channel.Send("paired", message.Encode(reply))
	case message.CallNotice:
		var n message.Notice
		if message.Decode(r.Body, &n) == nil && len(n.Kind) <= 64 && len(n.Text) <= 255 {
			d.reportFrom("vendor", n.Kind, []byte(n.Text), n.Text)
		}
	}
}

// obey does what a user asks, when he is the owner or somebody the owner let in.
func (d *Device) obey(t *talk, o message.Obey) error {
	entitled := o.User == d.store.Owner || o.Granted
	if err := d.kernel.Check(ObeysOnlyItsOwner, entitled, defense.NotPermitted); err != nil {
		return err
	}
	switch o.Do {
	case "open-camera":
		camera, err := d.startCamera()
		if err != nil {
			return err
		}
		d.host.Observe(host.Event{Kind: "CommandObeyed", Who: d.Name, What: o.Do, Is: o.User})
		d.host.Observe(host.Event{Kind: "StreamOpened", Who: d.Name, What: o.User})
		frame, err := d.takeFrame(camera)
		if err != nil {
			d.switchSensor(false)
			return err
		}
		t.channel.Send("frame", message.Encode(message.Request{Call: message.CallStream, Body: message.Encode(message.Stream{For: o.For, Frame: frame})}))
		d.switchSensor(false)
	case "make-map":
		d.switchSensor(true)
		err := d.keepRooms(d.host.Picture(d.Name))
		d.switchSensor(false)
		if err != nil {
			return err
		}
		d.host.Observe(host.Event{Kind: "CommandObeyed", Who: d.Name, What: o.Do, Is: o.User})
	case "show-map":
		rooms := d.Rooms()
		if rooms == nil {
			return defense.Refuse(defense.Unavailable, "no map was made")
		}
		d.host.Observe(host.Event{Kind: "CommandObeyed", Who: d.Name, What: o.Do, Is: o.User})
		t.channel.Send("frame", message.Encode(message.Request{Call: message.CallStream, Body: message.Encode(message.Stream{For: o.For, Frame: rooms})}))
	case "dock", "clean":
		d.host.Observe(host.Event{Kind: "CommandObeyed", Who: d.Name, What: o.Do, Is: o.User})
	default:
		return defense.Refuse(defense.UnknownCall, "no command %q", o.Do)
	}
	return nil
}

// switchSensor switches the camera; the indicator follows in hardware.
func (d *Device) switchSensor(on bool) {
	state := map[bool]string{true: "on", false: "off"}[on]
	d.sensor = on
	d.host.Observe(host.Event{Kind: "SensorSwitched", Who: d.Name, What: "camera", State: state})
	d.indicator = on
	d.host.Observe(host.Event{Kind: "IndicatorSwitched", Who: d.Name, What: "camera", State: state})
}

// startCamera powers the sensor from the core that has it: the media pipeline, or
// where there is none the application core.
func (d *Device) startCamera() (chip.Core, error) {
	core, has := d.Chip.Core(string(chip.MediaCore))
	if !has {
		core, _ = d.Chip.Core(string(chip.ApplicationCore))
	}
	if err := d.Chip.StartSensor(core.Name); err != nil {
		return core, err
	}
	d.switchSensor(true)
	return core, nil
}

// takeFrame takes a picture; a pipeline works on it and leaves it where the kernel
// may read it.
func (d *Device) takeFrame(camera chip.Core) ([]byte, error) {
	frame := d.host.Picture(d.Name)
	if camera.Role != chip.MediaCore {
		return frame, nil
	}
	d.raw = frame
	kernel, _ := d.Chip.Core(string(chip.ApplicationCore))
	by := d.Name + "." + string(chip.MediaCore)
	return frame, errors.Join(
		d.Chip.Transfer(camera.Name, by, chip.RawFrames, false, len(frame)),
		d.Chip.Transfer(camera.Name, by, chip.Frames, true, len(frame)),
		d.Chip.Transfer(kernel.Name, d.Name+".kernel", chip.Frames, false, len(frame)))
}

// powerSensor is an attempt to run the sensor without what stands before it.
func (d *Device) powerSensor() error {
	core, _ := d.Chip.Core(string(chip.ApplicationCore))
	if err := d.Chip.StartSensor(core.Name); err != nil {
		return err
	}
	d.host.Observe(host.Event{Kind: "SensorSwitched", Who: d.Name, What: "camera", State: "on"})
	d.host.Picture(d.Name)
	d.host.Observe(host.Event{Kind: "SensorSwitched", Who: d.Name, What: "camera", State: "off"})
	return nil
}

// hideIndicator is an attempt to switch the light off while the camera runs.
func (d *Device) hideIndicator() error {
	d.switchSensor(true)
	defer d.switchSensor(false)
	if err := d.kernel.Check(IndicatorFollowsSensor, false, defense.NotPermitted); err != nil {
		return err
	}
	d.indicator = false
	d.host.Observe(host.Event{Kind: "IndicatorSwitched", Who: d.Name, What: "camera", State: "off"})
	d.host.Picture(d.Name)
	return nil
}
