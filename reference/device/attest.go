package device

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// startChallenge asks the cloud for a nonce (azure-sphere 5.2, step 2).
func (d *Device) startChallenge(j *job) {
	id := d.Chip.ID()
	d.request(j, talkAttest, message.CallChallenge, "challenge", message.Encode(message.Challenge{Device: id[:]}))
}

// challenged goes on with the nonce: signs evidence, unless only the nonce was
// asked for, and presents it.
func (d *Device) challenged(j *job, body []byte) {
	if j.stage == "presented" {
		d.appraised(body)
		return
	}
	var nonce []byte
	if err := message.Decode(body, &nonce); err != nil {
		d.finish(nil, defense.Refuse(defense.Malformed, "nonce: %v", err))
		return
	}
	if j.kind == jobChallenge {
		d.finish(nonce, nil)
		return
	}
	evidence, err := d.Evidence(nonce)
	if err != nil {
		d.finish(nil, err)
		return
	}
	d.present(j, evidence)
}

// Evidence makes evidence over a nonce and binds it to a fresh client key.
func (d *Device) Evidence(nonce []byte) ([]byte, error) {
	handle, err := d.Chip.NewClientKey()
	if err != nil {
		return nil, err
	}
	key := handle.Raw()
	binding := sha256.Sum256(key[:])
	return d.Chip.Quote(nonce, binding[:], nil)
}

// present sends evidence and asks for certificates over the pending key.
func (d *Device) present(j *job, evidence []byte) {
	j.stage = "presented"
	key := d.Chip.PendingKey()
	public := key.Raw()
	proof := key.SignDigest(sha256.Sum256(evidence))
	id := d.Chip.ID()
	d.request(j, talkAttest, message.CallAttest, "evidence", message.Encode(message.Attest{Device: id[:], Evidence: evidence, Key: public[:], Proof: proof[:]}))
}

// appraised keeps what the attestation earned.
func (d *Device) appraised(body []byte) {
	d.keepCertificates(body)
	d.finish(nil, nil)
}

func (d *Device) keepCertificates(body []byte) {
	var r message.AttestationResult
	if len(body) == 0 || message.Decode(body, &r) != nil {
		return
	}
	d.Chip.CommitClientKey()
	d.store.Update, d.store.Client, d.store.Keys = r.Update, r.Client, r.Keys
	d.store.Key = d.Chip.PersistClientKey()
	d.heard = max(d.heard, r.Now)
	if r.Newest != d.store.Newest {
		d.store.Newest, d.store.Told = r.Newest, d.now().Unix()
	}
	if len(r.Update) > 0 {
		end := r.Update[0][max(0, len(r.Update[0])-32):] // of its signature: tells it from all others, and is short to look for
		d.host.Made(d.Name+"."+azured, d.Name+".update-certificate", end, nil)
	}
	d.saveStored()
	// New certificates: conversations under the old ones end.
	delete(d.talks, talkCloud)
	delete(d.talks, talkAttest)
	if d.Camera && d.talks[talkVendor] != nil {
		delete(d.talks, talkVendor)
		d.push(job{kind: jobRegister})
	}
}

// restoreKey gives the chip the key back that the certificates of before the restart
// are over (azure-sphere 5.2 step 6): they are good for the rest of their day. Without it
// they are worth nothing, and the device is as one that did not attest yet.
func (d *Device) restoreKey() {
	if len(d.store.Key) == 0 {
		return
	}
	if err := d.Chip.RestoreClientKey(d.store.Key); err != nil {
		d.store.Update, d.store.Client, d.store.Key = nil, nil, nil
	}
}

// startCertify asks for a certificate outside attestation.
func (d *Device) startCertify(j *job) {
	subject, key := j.subject, d.Chip.ClientKey()
	public := key.Raw()
	if subject == "" {
		id := d.Chip.ID()
		subject = hex.EncodeToString(id[:])
	}
	if j.key != nil {
		copy(public[:], j.key)
	}
	proof := key.SignDigest(sha256.Sum256([]byte(subject)))
	d.request(j, talkCloud, message.CallCertify, "certify", message.Encode(message.Certify{Subject: subject, Key: public[:], Proof: proof[:]}))
}
