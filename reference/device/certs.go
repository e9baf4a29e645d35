package device

import (
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// The certificate store is the whole device's: an id means the same to every
// application, so one that may use the store may overwrite what another put there
// (azure-sphere 4.5, CertStore).
const (
	certificates    = "certificates" // under this name the store lies beside the files of apps
	maxCertificate  = 8 << 10        // bytes of one
	maxCertificates = 24 << 10       // bytes of all, ids included
	maxIDs          = 16
)

// probeStoreCertificate puts a certificate into the store through its socket.
func (d *Device) probeStoreCertificate(p Probe) ([]byte, error) {
	if err := d.callSocket(p, groupCertStore); err != nil {
		return nil, err
	}
	if err := d.opens(p, "write"); err != nil {
		return nil, err
	}
	return nil, d.storeCertificate(d.who(p), p.key("id", "certificate"), p.Data)
}

// storeCertificate puts a certificate in the place of what has its id, for by.
func (d *Device) storeCertificate(by, id string, cert []byte) error {
	if id == "" || len(id) > 16 {
		return defense.Refuse(defense.Malformed, "certificate id of %d bytes", len(id))
	}
	plain := strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	if err := d.kernel.Check(CertificateIDsAreNames, plain, defense.Malformed); err != nil {
		return err
	}
	if above, upwards := strings.CutPrefix(id, "../"); upwards { // the id becomes the name of a file, wherever that is
		owner, path, _ := strings.Cut(above, "/")
		d.host.Observe(host.Event{Kind: "FileTouched", Who: by, What: "write", Peer: d.Name + "." + owner})
		return d.keepFile(owner, path, cert)
	}
	store := d.store.Files[certificates]
	total, count := len(id)+len(cert), 1
	for other, data := range store {
		if other != id {
			total, count = total+len(other)+len(data), count+1
		}
	}
	bounded := len(cert) <= maxCertificate && total <= maxCertificates && count <= maxIDs
	if err := d.kernel.Check(CertificatesAreBounded, bounded, defense.TooLarge); err != nil {
		return err
	}
	return d.keepFile(certificates, id, cert)
}

// unset is memory of the kernel that was used before and not cleared since.
func (d *Device) unset(p Probe, of string) []byte {
	d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: "read", Peer: of})
	return d.freed.data
}

// callDriver is a call of a driver: its answer is a structure of which the driver
// fills in what it has.
func (d *Device) callDriver(p Probe) ([]byte, error) {
	declared := len(d.appOf(p).Gpio) > 0
	if err := d.kernel.Check(PeripheralsAreDeclared, declared, defense.NotDeclared); err != nil {
		return nil, err
	}
	if d.kernel.Wrong(DriversAnswerWithOldMemory) {
		return d.unset(p, d.kernel.Who), nil
	}
	return make([]byte, 72), nil // the lines of the chip, none of them in use
}

// openQueue makes a message queue; it belongs to who makes it, and is empty.
func (d *Device) openQueue(p Probe) ([]byte, error) {
	if d.kernel.Wrong(QueuesBeginWithOldMemory) && d.freed.owner != "" {
		return d.unset(p, d.Name+"."+d.freed.owner), nil
	}
	return nil, nil
}

// acquirePeripheral answers with what the secure world says of a peripheral.
func (d *Device) acquirePeripheral(Probe) ([]byte, error) {
	answer := make([]byte, 32)
	if d.monitor.Wrong(MonitorAnswersWithItsMemory) {
		copy(answer, d.Chip.Holds()[d.Name+".sealed"])
	}
	return answer, nil
}
