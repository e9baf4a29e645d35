package inproc

import (
	"encoding/base64"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
)

// local sends one request over the service cable; armed, it waits for a point.
func (s *system) local(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		body := r.Value(r.Args["body"])
		if parts := r.Parts[r.Args["body"]]; parts != nil {
			if body = applicationIn(parts, ""); r.Args["path"] != "/update/stage" || body == nil {
				body = message.EncodeParts(parts)
			}
		}
		c := cable(r, r.Pos[1], r.Args["path"], body)
		if len(r.At) > 0 {
			s.w.Arm(world.Armed{Device: d.Name, Points: r.At, Nth: r.Nth, Verb: "request", By: r.By, Kind: c.Method + " " + c.Path,
				Data: [][]byte{c.Body, []byte(strings.Join(c.Headers, "\n"))}})
			return done(nil)
		}
		reply, err := d.Local(c)
		return result(reply.Body, err), true
	})
}

// armedCall is a request that waited for a point.
func armedCall(a world.Armed) device.Call {
	method, path, _ := strings.Cut(a.Kind, " ")
	return device.Call{Method: method, Path: path, Body: a.Data[0], Headers: strings.Split(string(a.Data[1]), "\n"), By: a.By}
}

// cable is a request as the step's principal sends it, the maker's bench where
// it names none.
func cable(r sut.Request, method, path string, body []byte) device.Call {
	c := device.Call{Method: strings.ToUpper(method), Path: path, Body: body, By: r.By}
	if c.By == "" {
		c.By = "bench"
	}
	c.Headers = append(c.Headers, "Host: 192.168.35.2")
	if kind := r.Arg("type", device.MediaType(c.Method, path)); kind != "" && len(body) > 0 {
		c.Headers = append(c.Headers, "Content-Type: "+kind)
	}
	if file := r.Value(r.Args["capability"]); file != nil {
		c.Headers = append(c.Headers, device.CapabilityHeader+": "+base64.StdEncoding.EncodeToString(file))
	}
	if more := r.Value(r.Args["header"]); more != nil {
		c.Headers = append(c.Headers, string(more))
	}
	return c
}

// sideload stages an application's image and installs it.
func (s *system) sideload(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		image := applicationIn(r.Parts[r.Args["image"]], r.Args["app"])
		if image == nil {
			return failed(r.Args["image"] + " holds no such application")
		}
		for _, c := range []device.Call{
			cable(r, "PUT", "/update/stage", image),
			cable(r, "POST", "/update/install", []byte(`{"appControlMode":"Auto"}`)),
		} {
			if reply, err := d.Local(c); err != nil {
				return result(reply.Body, err), true
			}
		}
		return done(nil)
	})
}

// applicationIn is the image of an application in a release: the first, or the
// one with a name, also where it is forged out of shape. What is one part alone is
// taken as it is.
func applicationIn(parts [][]byte, name string) []byte {
	if len(parts) == 1 {
		return parts[0]
	}
	for _, part := range parts[min(message.CustomerAt(parts)+1, len(parts)):] {
		pkg, err := message.ParsePackage(part)
		if err != nil || (pkg.Identity.Type == message.Applications && (name == "" || (pkg.Debug != nil && pkg.Debug.Name == name))) {
			return part
		}
	}
	return nil
}

// putOff lets an application put an update off.
func (s *system) putOff(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		time, err := span(r.Args["for"])
		if err != nil {
			return failed(err.Error())
		}
		_, app, _ := strings.Cut(r.Pos[0], ".")
		return result(nil, d.Defer(app, time)), true
	})
}
