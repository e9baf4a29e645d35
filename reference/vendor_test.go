package reference_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// login opens a session with a password.
func (b *bed) login(t *vendor.Terminal, user, password string) ([]byte, error) {
	b.t.Helper()
	return b.token(b.ask(t, vendor.Name, message.CallLogin, message.Login{User: user, Secret: []byte(password)}, false))
}

func (b *bed) token(e ended) ([]byte, error) {
	b.t.Helper()
	if e.err != nil {
		return nil, e.err
	}
	var token message.Token
	if err := message.Decode(e.data, &token); err != nil {
		b.t.Fatal(err)
	}
	return token.Token, nil
}

// home is a bed with a vacuum cleaner of alice's, and bob and mallory beside her.
func home(t rapid.TB, missing ...defense.ID) (b *bed, d *device.Device, alice, bob, mallory *vendor.Terminal) {
	b = newBed(t, missing...)
	alice, bob, mallory = b.person("alice"), b.person("bob"), b.person("mallory")
	return b, b.device("vac1", "vac", "alice", b.release("fw1", "vac", 1)), alice, bob, mallory
}

// command tells a device what to do with a session.
func (b *bed) command(t *vendor.Terminal, session []byte, do string) error {
	b.t.Helper()
	return b.ask(t, vendor.Name, message.CallCommand, message.Command{Session: session, Device: "vac1", Do: do, Protocol: t.Protocol}, false).err
}

func TestLogin(t *testing.T) {
	b, _, alice, _, mallory := home(t)
	if _, err := b.login(alice, "alice", "alice password"); err != nil {
		t.Error(err)
	}
	_, wrong := b.login(mallory, "alice", "guess")
	_, nobody := b.login(mallory, "nosuchuser", "guess")
	b.want("a wrong password", wrong, defense.BadCredential)
	if nobody == nil || wrong.Error() != nobody.Error() {
		t.Errorf("the answer tells which users there are: %q and %q", wrong, nobody)
	}
	for range 9 {
		b.login(mallory, "alice", "guess")
	}
	_, err := b.login(mallory, "alice", "guess")
	b.want("the eleventh guess", err, defense.Rate)
	_, err = b.login(alice, "alice", "alice password")
	b.want("the right password among them", err, defense.Rate)
	b.run(time.Hour)
	_, err = b.login(alice, "alice", "alice password")
	b.want("an hour later", err, "")
	for name, secret := range map[string]string{"empty": "", "preset": vendor.PresetPassword, "with a tail": "alice password.", "cut": "alice passwor"} {
		if _, err := b.login(mallory, "alice", secret); err == nil {
			t.Errorf("a password %s is taken", name)
		}
	}
}

func TestLoginInSteps(t *testing.T) {
	b, _, alice, _, mallory := home(t)
	begin := func(t *vendor.Terminal, user string) []byte {
		token, err := b.token(b.ask(t, vendor.Name, message.CallBeginLogin, message.Login{User: user, Secret: []byte(user + " password")}, false))
		if err != nil {
			b.t.Fatal(err)
		}
		return token
	}
	finish := func(t *vendor.Terminal, transaction []byte, subject string) error {
		_, err := b.token(b.ask(t, vendor.Name, message.CallFinishLogin, message.FinishLogin{Transaction: transaction, Subject: subject}, false))
		return err
	}
	tx := begin(alice, "alice")
	b.want("her own", finish(alice, tx, "alice"), "")
	b.want("twice", finish(alice, tx, "alice"), defense.Stale)
	tx = begin(mallory, "mallory")
	b.want("in her name", finish(mallory, tx, "alice"), defense.SubjectMismatch)
	b.want("burnt by it", finish(mallory, tx, "mallory"), defense.Stale)
	b.want("never begun", finish(mallory, []byte("0123456789abcdef"), "alice"), defense.Stale)
	b.settle()
	if got := b.last("ReportReceived"); got.Is != "auth.denied" {
		t.Errorf("her device reported last %q", got.Is)
	}
}

func TestCommands(t *testing.T) {
	b, d, alice, bob, mallory := home(t)
	sa, err := b.login(alice, "alice", "alice password")
	if err != nil {
		t.Fatal(err)
	}
	sb, _ := b.login(bob, "bob", "bob password")
	sm, _ := b.login(mallory, "mallory", "mallory password")
	right := func(t *vendor.Terminal, call string, session []byte, to string, victim []byte) error {
		return b.ask(t, vendor.Name, call, message.Right{Session: session, Device: "vac1", To: to, Right: "use", Victim: victim}, false).err
	}
	b.want("the owner", b.command(alice, sa, "clean"), "")
	b.want("the camera", b.command(alice, sa, "open-camera"), "")
	if b.count("FrameReached") != 1 || b.last("FrameReached").Who != "alice" || d.Indicator() {
		t.Errorf("%d frames arrived, the last at %s, light on %t", b.count("FrameReached"), b.last("FrameReached").Who, d.Indicator())
	}
	b.want("an unknown command", b.command(alice, sa, "fly"), defense.UnknownCall)
	b.want("no session", b.command(alice, nil, "clean"), defense.Unauthenticated)
	b.want("a stranger", b.command(mallory, sm, "open-camera"), defense.NotPermitted)
	b.want("a guest before the grant", b.command(bob, sb, "clean"), defense.NotPermitted)
	b.want("a stranger's grant", right(mallory, message.CallGrant, sm, "mallory", nil), defense.NotPermitted)
	b.want("a grant", right(alice, message.CallGrant, sa, "bob", nil), "")
	b.want("a guest", b.command(bob, sb, "open-camera"), "")
	if b.last("FrameReached").Who != "bob" || b.sys.Vendor.Right("bob", "vac1", "open-camera") != "granted" || len(b.sys.Vendor.Guests("vac1")) != 1 {
		t.Error("the guest did not get his picture, or is no guest")
	}
	b.want("a guest's grant", right(bob, message.CallGrant, sb, "mallory", nil), defense.NotPermitted)
	b.want("the end of the grant", right(alice, message.CallRevoke, sa, "bob", nil), "")
	b.want("a guest after it", b.command(bob, sb, "clean"), defense.NotPermitted)
	b.want("somebody else's session ended", right(mallory, message.CallRevoke, sm, "", sa), defense.NotPermitted)
	b.want("a session ended", right(alice, message.CallRevoke, sa, "", sa), "")
	b.want("a session after its end", b.command(alice, sa, "clean"), defense.Revoked)
	sa, _ = b.login(alice, "alice", "alice password")
	b.run(61 * time.Minute)
	b.want("a session of yesterday", b.command(alice, sa, "clean"), defense.Expired)
}

// TestRefusalsAreReported: however much an attacker writes into what is refused,
// the owner's device reports it.
func TestRefusalsAreReported(t *testing.T) {
	b, _, _, _, mallory := home(t)
	sm, _ := b.login(mallory, "mallory", "mallory password")
	for i, do := range []string{"open-camera", strings.Repeat("x", 300), strings.Repeat("ä", 5000)} {
		b.want("a stranger", b.command(mallory, sm, do), defense.NotPermitted)
		b.settle()
		if n := b.count("ReportReceived"); n != i+1 {
			t.Errorf("%d reports of %d refusals", n, i+1)
		}
	}
}

// TestNobodyAnswersForADevice: a frame or an answer on another conversation than
// the one that got the command goes nowhere.
func TestNobodyAnswersForADevice(t *testing.T) {
	b, _, alice, _, _ := home(t)
	sa, _ := b.login(alice, "alice", "alice password")
	b.open(vendor.Name)
	// The device hears the command and stays silent: its answers are lost.
	b.w.lost[[2]string{"vac1", "vendor"}] = true
	b.op++
	op := b.op
	alice.Call(op, vendor.Name, message.CallCommand, message.Encode(message.Command{Session: sa, Device: "vac1", Do: "open-camera", Protocol: 1}), false)
	b.run(time.Second)
	forged := bytes.Repeat([]byte{7}, 64)
	for tag := range uint32(50) {
		b.eve.Send("frame", message.Encode(message.Request{Call: message.CallStream, Body: message.Encode(message.Stream{For: tag, Frame: forged})}))
		b.eve.Send("obeyed", message.Encode(message.Reply{Tag: tag}))
	}
	b.settle()
	if _, ok := b.finished[op]; ok || b.count("FrameReached") != 0 {
		t.Errorf("somebody answered for the device: %v, %d frames", ok, b.count("FrameReached"))
	}
}

func TestRegister(t *testing.T) {
	b, d, alice, _, mallory := home(t)
	b.want("the device", b.do(d.Register).err, "")
	register := func(t *vendor.Terminal, name string, proven bool) error {
		return b.ask(t, vendor.Name, message.CallRegister, message.Register{Device: name}, proven).err
	}
	b.want("somebody without a certificate", register(mallory, "vac1", false), defense.Unauthenticated)
	b.want("somebody with his own", register(mallory, "vac1", true), defense.Unauthenticated)
	b.want("the owner herself", register(alice, "vac1", true), defense.Unauthenticated)
	b.want("a device nobody paired, answered like any other", register(mallory, "vac9", true), defense.Unauthenticated)
	b.device("vac2", "vac", "mallory", b.release("fw2", "vac", 2))
	sa, _ := b.login(alice, "alice", "alice password")
	b.want("her device still obeys", b.command(alice, sa, "clean"), "")
	d.PowerOff()
	b.w.power("vac1", false)
	b.want("a device without power", b.command(alice, sa, "clean"), defense.Unavailable)
}

// TestRenewal: a new release of the service ends every session and refuses the
// old app.
func TestRenewal(t *testing.T) {
	b, _, alice, _, _ := home(t)
	sa, _ := b.login(alice, "alice", "alice password")
	b.sys.Vendor.Renew(2, nil)
	b.want("the old app", b.command(alice, sa, "clean"), defense.Outdated)
	alice.Protocol = 2
	b.want("the old session", b.command(alice, sa, "clean"), defense.Revoked)
	sa, _ = b.login(alice, "alice", "alice password")
	b.want("a new session", b.command(alice, sa, "clean"), "")
	if b.sys.Vendor.Version() != 2 {
		t.Error("the version did not move")
	}
}

// TestVendorsWrongDesigns shows that each wrong design of the service does its harm.
func TestVendorsWrongDesigns(t *testing.T) {
	b, _, _, _, mallory := home(t, vendor.AcceptsAPresetPassword)
	if _, err := b.login(mallory, "alice", vendor.PresetPassword); err != nil {
		t.Errorf("the preset password: %v", err)
	}
	b, _, alice, _, mallory := home(t, vendor.RelaysToEverySession)
	sa, _ := b.login(alice, "alice", "alice password")
	b.login(mallory, "mallory", "mallory password")
	b.want("the owner", b.command(alice, sa, "open-camera"), "")
	b.settle()
	if n := b.count("FrameReached"); n != 2 {
		t.Errorf("%d people got the picture, want both", n)
	}
}

// TestTerminalKeepsConversationsApart: an answer or an alert belongs to the conversation it comes on.
func TestTerminalKeepsConversationsApart(t *testing.T) {
	b, _, alice, _, _ := home(t)
	b.login(alice, "alice", "alice password") // an old conversation with the vendor
	conversation := lastConversation(b, "alice", vendor.Name)
	b.op++
	op := b.op
	id := b.sys.Devices["vac1"].Chip.ID()
	alice.Call(op, "cloud", message.CallChallenge, message.Encode(message.Challenge{Device: id[:]}), false)
	alert := message.Encode(message.Frame{Conversation: conversation, Kind: message.Alert, Body: []byte(defense.Revoked)})
	for _, from := range []string{"cloud", "vendor"} {
		b.inject(from, "alice", alert)
	}
	b.run(time.Second)
	if e, ok := b.finished[op]; !ok || e.err != nil {
		t.Errorf("an alert on an old conversation ended another's request: %v", e.err)
	}
	b.inject("vendor", "alice", []byte("no frame"))
	b.run(time.Second)
	b.sys.Silence("cloud", true)
	b.want("a service that is down", b.ask(alice, "cloud", message.CallChallenge, message.Challenge{Device: id[:]}, false).err, defense.Unavailable)
}
