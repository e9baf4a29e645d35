package device

import (
	"encoding/base64"
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/defense"
)

func (d *Device) restCertificates([]byte, string) ([]byte, error) {
	return write(map[string]any{"certs": slices.Sorted(maps.Keys(d.store.Files[certificates]))})
}

func (d *Device) restCertificateSpace([]byte, string) ([]byte, error) {
	used := 0
	for id, cert := range d.store.Files[certificates] {
		used += len(id) + len(cert)
	}
	return write(map[string]int{"availableSpace": max(maxCertificates-used, 0)})
}

func (d *Device) restAddCertificate(body []byte, _ string) ([]byte, error) {
	var w struct {
		ID   string `json:"id"`
		Cert string `json:"publicCert"`
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	cert, err := base64.StdEncoding.DecodeString(w.Cert)
	if err != nil {
		return nil, defense.Refuse(defense.Malformed, "certificate: %v", err)
	}
	return nil, d.storeCertificate(d.gateway.Who, w.ID, cert)
}

func (d *Device) restDropCertificate(_ []byte, id string) ([]byte, error) {
	if d.store.Files[certificates][id] == nil {
		return nil, coded(defense.Refuse(defense.WrongState, "no certificate %q", id), codeAbsent)
	}
	delete(d.store.Files[certificates], id)
	d.saveStored()
	return nil, nil
}
