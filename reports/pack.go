package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
)

// packSize is how many pieces one pack holds: opening one story unpacks its
// neighbours too, and neighbours are what makes a pack small.
const packSize = 40

// pack is pieces of HTML that are shown only when somebody opens them: a JSON list of
// strings, through gzip, in base64 with the alphabet of URLs (RFC 4648 section 5),
// which no HTML has to escape. Report pages would be some ten times as large without.
type pack struct {
	ID, Data string
}

// packer collects what the templates of a page write aside.
type packer struct {
	page   *template.Template
	pieces []string
	packs  []pack
}

// put renders a template aside and says where its text will be: PACK:INDEX.
func (p *packer) put(name string, data any) (string, error) {
	var b bytes.Buffer
	if err := p.page.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	if len(p.pieces) == packSize {
		if err := p.flush(); err != nil {
			return "", err
		}
	}
	p.pieces = append(p.pieces, b.String())
	return fmt.Sprintf("pack-%d:%d", len(p.packs), len(p.pieces)-1), nil
}

func (p *packer) flush() error {
	if len(p.pieces) == 0 {
		return nil
	}
	text, err := json.Marshal(p.pieces)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	p.packs = append(p.packs, pack{fmt.Sprintf("pack-%d", len(p.packs)), base64.RawURLEncoding.EncodeToString(b.Bytes())})
	p.pieces = p.pieces[:0]
	return nil
}

// all gives every pack, when nothing more is put aside.
func (p *packer) all() ([]pack, error) {
	err := p.flush()
	return p.packs, err
}
