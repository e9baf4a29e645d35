package cloud

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// challenge gives out a nonce for one use in one conversation.
func (c *Cloud) challenge(talk *channel.Talk, body []byte) ([]byte, error) {
	var ch message.Challenge
	if err := message.Decode(body, &ch); err != nil {
		return nil, defense.Refuse(defense.Malformed, "challenge: %v", err)
	}
	r, _, err := c.deviceOf(ch.Device)
	if err != nil {
		return nil, err
	}
	n := c.host.Random(Name, "nonce", 32)
	if c.guard.Wrong(ReusesNonces) {
		if c.constant == nil {
			c.constant = n
		}
		n = c.constant
	}
	c.keepNonce(n, talk.Number)
	name := ""
	if r != nil {
		name = r.name
	}
	c.host.Observe(host.Event{Kind: "NonceIssued", Who: Name, What: name, Peer: talk.With, Bytes: n})
	return message.Encode(n), nil
}

// maxNonces bounds the nonces that the cloud remembers: anybody may ask for one.
const maxNonces = 4096

// nonceLife is how long evidence may be on its way: a device that has no answer by then
// has given up. Who holds its evidence back longer would tell of a device that has
// restarted since, into whatever he brought it to (RFC 9334 section 10.2).
const nonceLife = 30 * time.Second

// keepNonce remembers a nonce; the oldest is forgotten when there are too many,
// and is then as if it had never been issued.
func (c *Cloud) keepNonce(value []byte, talk uint32) {
	if len(c.nonces) >= maxNonces {
		delete(c.nonces, c.given[0])
		c.given = c.given[1:]
	}
	if c.nonces[string(value)] == nil { // the wrong design ReusesNonces gives one out again
		c.given = append(c.given, string(value))
	}
	c.nonces[string(value)] = &nonce{talk: talk, since: c.host.Now()}
}

// isPoint tells whether 64 bytes are a public key at all.
func isPoint(raw []byte) bool {
	if len(raw) != sign.Size {
		return false
	}
	_, err := sign.Public(raw).ECDSA()
	return err == nil
}

// attest appraises evidence and issues what it earns (azure-sphere 5.2, steps 4
// to 6).
func (c *Cloud) attest(talk *channel.Talk, body []byte) ([]byte, error) {
	var a message.Attest
	if err := message.Decode(body, &a); err != nil {
		return nil, defense.Refuse(defense.Malformed, "attest: %v", err)
	}
	if !isPoint(a.Key) {
		return nil, defense.Refuse(defense.Malformed, "attest: the key is no point of the curve")
	}
	r, id, idErr := c.deviceOf(a.Device)
	appraise := c.appraiseNative
	if isToken(r, a.Evidence) {
		appraise = c.appraiseToken
	}
	nonce, level, err := appraise(talk, a)
	if level == "" {
		return nil, err
	}
	name := "unknown"
	if r != nil {
		name = r.name
		// Evidence that got as far as its software tells the truth about it; anything
		// else may be somebody else's and changes nothing.
		lost := slices.Contains(aboutItsState, defense.ClassOf(err)) && !c.guard.Wrong(KeepsALostStanding)
		if level != refused || lost {
			r.healthy, r.recalls = level == accepted, c.Images.recalls
		}
	}
	c.host.Observe(host.Event{Kind: "EvidenceAppraised", Who: Name, What: name, Is: string(nonce), State: level, Peer: talk.With, Bytes: a.Evidence})
	if level == refused || idErr != nil {
		return nil, err
	}
	return c.reward(talk, id, r, sign.Public(a.Key), level), err
}

// appraiseNative appraises evidence in the form of the real system's successor here,
// and returns the nonce that it answers. A level of "" is evidence that cannot be read.
func (c *Cloud) appraiseNative(talk *channel.Talk, a message.Attest) (nonce []byte, level string, err error) {
	var e message.Evidence
	var claims message.Claims
	if message.Decode(a.Evidence, &e) != nil || message.Decode(e.Claims, &claims) != nil || len(e.Signature) != sign.Size {
		return nil, "", defense.Refuse(defense.Malformed, "evidence cannot be read")
	}
	if err := c.appraise(talk, a, e, claims); err != nil {
		return claims.Nonce, refused, err
	}
	level, err = c.judge(claims.Measurements)
	return claims.Nonce, level, err
}

// aboutItsState are the reasons to refuse evidence that is the device's own.
var aboutItsState = []defense.Class{defense.UntrustedState, defense.Incomplete, defense.WrongDevice}

// The levels of an attestation result.
const (
	accepted   = "accepted"
	updateOnly = "update-only"
	refused    = "refused"
)

// appraise decides whether evidence speaks for the device, in the order: whose, genuine,
// fresh, bound.
func (c *Cloud) appraise(talk *channel.Talk, a message.Attest, e message.Evidence, claims message.Claims) error {
	genuine, id, err := c.deviceOf(claims.Device)
	if err != nil {
		return err
	}
	if err := c.check(DeviceIsGenuine, genuine != nil, defense.UntrustedSigner); err != nil {
		return err
	}
	if err := c.check(EvidenceIsSigned, c.host.Memory().VerifyMessage(id, e.Claims, e.Signature), defense.BadSignature); err != nil {
		return err
	}
	if err := c.check(EvidenceIsForThisDevice, bytes.Equal(claims.Device, a.Device), defense.SubjectMismatch); err != nil {
		return err
	}
	if err := c.fresh(talk, claims.Nonce); err != nil {
		return err
	}
	if err := c.check(DeviceIsNotRevoked, genuine == nil || !genuine.revoked, defense.Revoked); err != nil {
		return err
	}
	return c.bound(a, claims.Binding)
}

// judge decides what the device that the measurements are of may have. One whose factory
// has not locked it may run anything by now, and gets updates only, as with a token
// (RFC 9783 section 4.3.1).
func (c *Cloud) judge(list []message.Measurement) (string, error) {
	code := slices.DeleteFunc(slices.Clone(list), func(m message.Measurement) bool { return m.Stage == message.StageLifecycle })
	known, recalled := c.Images.judge(code)
	if err := c.check(SoftwareIsKnown, known, defense.UntrustedState); err != nil {
		return refused, err
	}
	if err := c.check(LifecycleIsSecured, len(code) == len(list), defense.UntrustedState); err != nil {
		return updateOnly, err
	}
	if err := c.check(SoftwareIsCurrent, !recalled, defense.Outdated); err != nil {
		return updateOnly, err
	}
	return accepted, nil
}

// bound decides whether the key that is to be certified is the one that evidence
// names, and the requester's own.
func (c *Cloud) bound(a message.Attest, binding []byte) error {
	want := sha256.Sum256(a.Key)
	if err := c.check(KeyIsBoundToEvidence, bytes.Equal(want[:], binding), defense.SubjectMismatch); err != nil {
		return err
	}
	return c.check(RequesterOwnsTheKey, c.host.Memory().VerifyMessage(sign.Public(a.Key), a.Evidence, a.Proof), defense.BadSignature)
}

func (c *Cloud) fresh(talk *channel.Talk, value []byte) error {
	n := c.nonces[string(value)]
	if err := c.check(NonceWasIssued, n != nil, defense.Stale); err != nil {
		return err
	}
	if err := c.check(NonceIsUsedOnce, n == nil || !n.used, defense.Stale); err != nil {
		return err
	}
	if err := c.check(NonceIsOfThisConversation, n == nil || n.talk == talk.Number, defense.Stale); err != nil {
		return err
	}
	if err := c.check(NonceIsYoung, n == nil || c.host.Now().Sub(n.since) <= nonceLife, defense.Stale); err != nil {
		return err
	}
	if n != nil {
		n.used = true
	}
	return nil
}

// reward issues certificates: always one for updates, and one for everything
// else when the software is accepted and the device has an owner.
func (c *Cloud) reward(talk *channel.Talk, id sign.Public, r *record, key sign.Public, level string) []byte {
	name, owned := "unknown", false
	if r != nil {
		name, owned = r.name, r.owner != ""
	}
	result := message.AttestationResult{Level: level, Keys: c.Images.stores, Now: c.host.Now().Unix(), Update: c.deviceCertificate(channel.KindUpdate, id, key)}
	if r != nil {
		if newest := c.Images.newest(r.place(id)); newest != nil {
			result.Newest = newest.Version
		}
	}
	c.host.Observe(host.Event{Kind: "CredentialIssued", Who: Name, What: name, Is: "update", Peer: talk.With, Bytes: key[:]})
	if level == accepted && owned {
		result.Client = c.deviceCertificate(channel.KindClient, id, key)
		c.host.Observe(host.Event{Kind: "CredentialIssued", Who: Name, What: name, Is: "client", Peer: talk.With, Bytes: key[:]})
	}
	return message.Encode(result)
}

// certify issues a client certificate outside attestation.
func (c *Cloud) certify(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Certify
	if err := message.Decode(body, &w); err != nil || !isPoint(w.Key) {
		return nil, defense.Refuse(defense.Malformed, "certify: %v", err)
	}
	peer := talk.Peer()
	named, err := hex.DecodeString(w.Subject)
	if err != nil {
		return nil, defense.Refuse(defense.Malformed, "subject: %v", err)
	}
	r, id, err := c.deviceOf(named)
	if err != nil {
		return nil, err
	}
	if err := c.check(NamesOnlyTheRequester, subject(id) == peer.Subject, defense.SubjectMismatch); err != nil {
		return nil, err
	}
	if err := c.check(CertificatesNeedHealth, r != nil && r.healthy && r.recalls == c.Images.recalls && peer.Kind == channel.KindClient, defense.UntrustedState); err != nil {
		return nil, err
	}
	if err := c.check(RequesterOwnsTheKey, c.host.Memory().VerifyMessage(sign.Public(w.Key), []byte(w.Subject), w.Proof), defense.BadSignature); err != nil {
		return nil, err
	}
	key := sign.Public(w.Key)
	name := "unknown"
	if r != nil {
		name = r.name
	}
	c.host.Observe(host.Event{Kind: "CertificateIssued", Who: Name, What: name, Is: "client", Peer: talk.With, Bytes: key[:]})
	c.host.Observe(host.Event{Kind: "CredentialIssued", Who: Name, What: name, Is: "client", Peer: talk.With, Bytes: key[:]})
	return message.Encode(message.Chain{Certs: c.deviceCertificate(channel.KindClient, id, key)}), nil
}
