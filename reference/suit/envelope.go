package suit

// tagEnvelope is the CBOR tag of a SUIT_Envelope (section 11).
const tagEnvelope = 107

// Payload is an integrated payload or dependency: its key is the URI that names it.
type Payload struct {
	URI  string
	Data []byte // untrusted until a digest in the manifest matches it
}

// Envelope is a SUIT_Envelope as it came: nothing of it is trusted.
type Envelope struct {
	Digest     Digest   // what the authentication speaks of
	Blocks     [][]byte // COSE blocks over the digest, each a tagged object
	Manifest   []byte   // the wrapped manifest, head included: what the digest is over
	Members    map[Section][]byte
	Integrated []Payload // in the order of their keys
	Untagged   bool

	signed []byte // the encoded digest: the detached payload of the blocks
}

// Decode reads an envelope's form: a tagged map in deterministic order whose
// members are byte strings (section 8.2). What the strings hold is not looked at,
// but for the authentication wrapper.
func Decode(data []byte, o Options) (*Envelope, error) {
	limits := o.Limits.defaults()
	if len(data) > limits.Envelope {
		return nil, o.check(RuleBounded, false, "the envelope is too large")
	}
	v, err := decode(data)
	if err != nil {
		return nil, err
	}
	e := &Envelope{Members: map[Section][]byte{}, Untagged: v.major == majorMap && o.Untagged}
	if !e.Untagged {
		if v.major != majorTag || v.arg != tagEnvelope {
			return nil, parseError("no tag %d", tagEnvelope)
		}
		if v, err = decode(v.body); err != nil {
			return nil, err
		}
	}
	entries, err := v.pairs()
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if err := e.member(entry, limits); err != nil {
			return nil, err
		}
	}
	if e.signed == nil || e.Manifest == nil {
		return nil, parseError("an envelope needs authentication and manifest")
	}
	return e, nil
}

// member reads one member of an envelope.
func (e *Envelope) member(entry pair, limits Limits) error {
	body, err := entry.value.bytes()
	if err != nil {
		return err
	}
	if entry.key.major == majorText {
		e.Integrated = append(e.Integrated, Payload{string(entry.key.body), body})
		return nil
	}
	key, err := entry.key.int()
	if err != nil {
		return err
	}
	switch {
	case key == memberAuthentication:
		return e.authentication(body, limits)
	case key == memberManifest:
		e.Manifest = entry.value.raw
	case Section(key).severable():
		e.Members[Section(key)] = entry.value.raw
	default:
		return parseError("unknown member %d of the envelope", key)
	}
	return nil
}

// authentication reads [bstr(SUIT_Digest), * bstr(block)] (section 8.3).
func (e *Envelope) authentication(body []byte, limits Limits) error {
	v, err := decode(body)
	if err != nil {
		return err
	}
	items, err := v.elements()
	if err != nil {
		return err
	}
	if len(items) == 0 || len(items) > 1+limits.Blocks {
		return parseError("authentication of %d items", len(items))
	}
	if e.signed, err = items[0].bytes(); err != nil {
		return err
	}
	digest, err := decode(e.signed)
	if err != nil {
		return err
	}
	if e.Digest, err = parseDigest(digest); err != nil {
		return err
	}
	for _, i := range items[1:] {
		block, err := i.bytes()
		if err != nil {
			return err
		}
		e.Blocks = append(e.Blocks, block)
	}
	return nil
}

// Payload finds an integrated payload.
func (e *Envelope) Payload(uri string) ([]byte, bool) {
	for _, p := range e.Integrated {
		if p.URI == uri {
			return p.Data, true
		}
	}
	return nil, false
}

// Encode writes the envelope as it was read.
func (e *Envelope) Encode() []byte {
	auth := appendHead(nil, majorArray, uint64(1+len(e.Blocks)))
	auth = appendBytes(auth, e.signed)
	for _, b := range e.Blocks {
		auth = appendBytes(auth, b)
	}
	entries := map[string][]byte{
		string(appendInt(nil, memberAuthentication)): appendBytes(nil, auth),
		string(appendInt(nil, memberManifest)):       e.Manifest,
	}
	for s, raw := range e.Members {
		entries[string(appendInt(nil, int64(s)))] = raw
	}
	for _, p := range e.Integrated {
		entries[string(appendText(nil, p.URI))] = appendBytes(nil, p.Data)
	}
	var b []byte
	if !e.Untagged {
		b = appendHead(nil, majorTag, tagEnvelope)
	}
	return appendMap(b, entries)
}
