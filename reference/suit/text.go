package suit

import (
	"regexp"
)

// Text is suit-text (section 8.4.4): for each language what people read. It
// decides nothing.
type Text map[string]TextIn

// TextIn is the text in one language: by number for the manifest, and by encoded
// component identifier and number for components.
type TextIn struct {
	Manifest   map[int64]string
	Components map[string]map[int64]string
}

// The numbers of texts that tools show first.
const (
	TextManifestDescription int64 = 1
	TextUpdateDescription   int64 = 2
	TextVendorName          int64 = 1 // of a component
	TextModelName           int64 = 2
	TextVendorDomain        int64 = 3
)

// language is tag38-ltag.
var language = regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)

// parseText reads a wrapped suit-text.
func parseText(wrapped value) (Text, error) {
	v, err := wrapped.wrapped()
	if err != nil {
		return nil, err
	}
	entries, err := v.pairs()
	if err != nil {
		return nil, err
	}
	t := Text{}
	for _, e := range entries {
		tag, err := e.key.text()
		if err != nil {
			return nil, err
		}
		if !language.MatchString(tag) {
			return nil, parseError("%q is no language tag", tag)
		}
		if t[tag], err = parseTextIn(e.value); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func parseTextIn(v value) (in TextIn, err error) {
	entries, err := v.pairs()
	if err != nil {
		return in, err
	}
	in = TextIn{Manifest: map[int64]string{}, Components: map[string]map[int64]string{}}
	for _, e := range entries {
		if e.key.major != majorArray {
			if err := textEntry(in.Manifest, e); err != nil {
				return in, err
			}
			continue
		}
		if _, err := parseComponent(e.key); err != nil {
			return in, err
		}
		of := map[int64]string{}
		inner, err := e.value.pairs()
		if err != nil {
			return in, err
		}
		for _, i := range inner {
			if err := textEntry(of, i); err != nil {
				return in, err
			}
		}
		in.Components[string(e.key.raw)] = of
	}
	return in, nil
}

func textEntry(into map[int64]string, e pair) error {
	key, err := e.key.int()
	if err != nil {
		return err
	}
	into[key], err = e.value.text()
	return err
}

func (t Text) encode() []byte {
	languages := map[string][]byte{}
	for tag, in := range t {
		entries := map[string][]byte{}
		for key, s := range in.Manifest {
			entries[string(appendInt(nil, key))] = appendText(nil, s)
		}
		for id, of := range in.Components {
			inner := map[string][]byte{}
			for key, s := range of {
				inner[string(appendInt(nil, key))] = appendText(nil, s)
			}
			entries[id] = appendMap(nil, inner)
		}
		languages[string(appendText(nil, tag))] = appendMap(nil, entries)
	}
	return appendMap(nil, languages)
}
