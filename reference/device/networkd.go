package device

import (
	"crypto/x509"
	"strconv"

	"github.com/armillary/armillary/reference/defense"
)

// radiusServer is what networkd does with what an access point sends on behalf of
// its RADIUS server in EAP-TLS: the server's certificate, whose name is held
// against the configured one. Who stands near the device chooses every byte.
func (d *Device) radiusServer(p Probe, certificate []byte) error {
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return defense.Refuse(defense.Malformed, "the server's certificate cannot be read")
	}
	g := d.kernel
	g.Who = d.Name + "." + networkd
	named := cert.Subject.CommonName != "" || len(cert.DNSNames) > 0
	if err := g.Check(MatchesOnlyNamesThatAreThere, named, defense.Malformed); err != nil {
		return err
	}
	if !named { // it reads the name through a pointer that is none
		return d.stopped(networkd, p)
	}
	return nil
}

// stopped is the fall of a service over what somebody sent it.
func (d *Device) stopped(service string, p Probe) error {
	cause := []byte(p.Component + service + strconv.Itoa(int(d.store.NextSeq)))
	if err := d.Crash(service, cause); err != nil {
		return err
	}
	return defense.Refuse(defense.Unavailable, "%s stopped", service)
}
