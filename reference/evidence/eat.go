package evidence

import (
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// The keys of EAT and CWT claims (RFC 9711 section 10.3, RFC 8392 section 4).
const (
	cwtIssuer      = 1
	cwtSubject     = 2
	cwtAudience    = 3
	cwtExpires     = 4
	cwtNotBefore   = 5
	cwtIssuedAt    = 6
	cwtID          = 7
	eatNonce       = 10
	eatUEID        = 256
	eatOEMID       = 258
	eatHWModel     = 259
	eatHWVersion   = 260
	eatUptime      = 261
	eatOEMBoot     = 262
	eatDebug       = 263
	eatProfile     = 265
	eatSubmods     = 266
	eatBootCount   = 267
	eatBootSeed    = 268
	eatSWName      = 270
	eatSWVersion   = 271
	eatManifests   = 272
	eatMeasured    = 273
	eatResults     = 274
	eatIntendedUse = 275
)

// Debug is the debug status claim (RFC 9711 section 4.2.9): the higher, the more
// firmly debugging is off.
type Debug uint8

// The debug states.
const (
	DebugEnabled Debug = iota
	DebugDisabled
	DebugDisabledSinceBoot
	DebugDisabledPermanently
	DebugDisabledFully
)

// EAT are the claims of an entity attestation token that this package gives types.
// Pointers and nil slices tell a claim that is not there from one that is zero.
type EAT struct {
	Issuer, Subject, Audience      string
	Expires, NotBefore, IssuedAt   *int64 // seconds since 1970, UTC
	ID                             []byte
	Nonces                         [][]byte // each of 8 to 64 bytes
	UEID                           []byte   // 7 to 33 bytes; its first byte says the type
	OEMID                          []byte   // 3 bytes of IEEE or 16 random ones
	PEN                            *int64   // the maker's number at IANA, in place of OEMID
	HWModel                        []byte   // 1 to 32 bytes
	HWVersion, SWVersion, SWName   string
	Uptime, BootCount, IntendedUse *int64
	OEMBoot                        *bool
	Debug                          *Debug
	Profile                        string
	BootSeed                       []byte
	Manifests, Measurements        []Document
	Results                        []MeasurementResult
	Submods                        map[string]Submod
	Unknown                        int // claims that were ignored
}

// Document is evidence or a manifest in a format of its own.
type Document struct {
	Format  int64 // CoAP content format
	Content []byte
}

// MeasurementResult is what an attester says of one measurement it compared itself:
// 1 success, 2 failure, 3 not run, 4 absent.
type MeasurementResult struct {
	System, ID string
	Result     int64
}

// Submod is a part that has claims of its own: of just one of three forms.
type Submod struct {
	Claims *EAT
	Token  []byte // a nested token: CBOR with a tag, or text (a JWT)
	Digest []byte // of claims that travel apart; Algorithm is the COSE number of the hash
	Alg    int64
}

// maxSubmodDepth bounds submodules in submodules.
const maxSubmodDepth = 3

// ReadEAT reads a claims set. It holds the type and size of each claim that it knows
// and ignores others (RFC 9711 section 7.2.7); it demands none, which is a profile's.
func ReadEAT(payload []byte) (*EAT, error) {
	if len(payload) > MaxToken {
		return nil, malformed("%d bytes", len(payload))
	}
	return readEAT(payload, maxSubmodDepth)
}

func readEAT(payload []byte, depth int) (*EAT, error) {
	l, ok := labelsOf(payload)
	if !ok {
		return nil, malformed("claims are no map of numbers and texts")
	}
	e := &EAT{Unknown: len(l.named)}
	for key, raw := range l.numbered {
		known, ok := e.read(key, raw, depth)
		if !known {
			e.Unknown++
		} else if !ok {
			return nil, &ClaimError{Claim: fmt.Sprint(key), Why: "is of the wrong type, size or value"}
		}
	}
	return e, nil
}

func (e *EAT) read(key int64, raw cbor.RawMessage, depth int) (known, ok bool) {
	text := map[int64]*string{cwtIssuer: &e.Issuer, cwtSubject: &e.Subject, cwtAudience: &e.Audience, eatSWName: &e.SWName, eatProfile: &e.Profile}
	if into := text[key]; into != nil {
		*into, ok = textOf(raw)
		if key == eatProfile && !ok { // an object identifier
			_, ok = bytesOf(raw)
		}
		return true, ok
	}
	number := map[int64]struct {
		into     **int64
		from, to int64
	}{
		cwtExpires: {&e.Expires, 0, 1 << 53}, cwtNotBefore: {&e.NotBefore, 0, 1 << 53}, cwtIssuedAt: {&e.IssuedAt, 0, 1 << 53},
		eatUptime: {&e.Uptime, 0, 1 << 53}, eatBootCount: {&e.BootCount, 0, 1 << 53}, eatIntendedUse: {&e.IntendedUse, 1, 5},
	}
	if n, there := number[key]; there {
		v, ok := intOf(raw)
		*n.into = &v
		return true, ok && v >= n.from && v <= n.to
	}
	data := map[int64]struct {
		into        *[]byte
		least, most int
	}{cwtID: {&e.ID, 0, 64}, eatHWModel: {&e.HWModel, 1, 32}, eatBootSeed: {&e.BootSeed, 1, 64}}
	if d, there := data[key]; there {
		*d.into, ok = bytesOf(raw)
		return true, ok && len(*d.into) >= d.least && len(*d.into) <= d.most
	}
	return e.readShaped(key, raw, depth)
}

// readShaped reads the claims that have a shape of their own.
func (e *EAT) readShaped(key int64, raw cbor.RawMessage, depth int) (known, ok bool) {
	switch key {
	case eatNonce:
		return true, e.readNonces(raw)
	case eatUEID:
		e.UEID, ok = bytesOf(raw)
		return true, ok && len(e.UEID) >= 7 && len(e.UEID) <= 33 && slices.Contains([]byte{1, 2, 3}, e.UEID[0])
	case eatOEMID:
		return true, e.readOEM(raw)
	case eatHWVersion:
		e.HWVersion, ok = versionOf(raw)
	case eatSWVersion:
		e.SWVersion, ok = versionOf(raw)
	case eatOEMBoot:
		var b bool
		b, ok = boolOf(raw)
		e.OEMBoot = &b
	case eatDebug:
		n, isInt := intOf(raw)
		d := Debug(n)
		e.Debug, ok = &d, isInt && n >= 0 && n <= int64(DebugDisabledFully)
	case eatManifests:
		e.Manifests, ok = documentsOf(raw)
	case eatMeasured:
		e.Measurements, ok = documentsOf(raw)
	case eatResults:
		ok = e.readResults(raw)
	case eatSubmods:
		ok = e.readSubmods(raw, depth)
	default:
		return false, false
	}
	return true, ok
}

// readNonces reads one nonce, or two and more in an array.
func (e *EAT) readNonces(raw cbor.RawMessage) bool {
	list, many := listOf(raw)
	if !many {
		list = []cbor.RawMessage{raw}
	} else if len(list) < 2 {
		return false
	}
	for _, item := range list {
		nonce, ok := bytesOf(item)
		if !ok || len(nonce) < 8 || len(nonce) > 64 {
			return false
		}
		e.Nonces = append(e.Nonces, nonce)
	}
	return true
}

func (e *EAT) readOEM(raw cbor.RawMessage) bool {
	if n, ok := intOf(raw); ok {
		e.PEN = &n
		return n >= 0
	}
	var ok bool
	e.OEMID, ok = bytesOf(raw)
	return ok && (len(e.OEMID) == 3 || len(e.OEMID) == 16)
}

// versionOf reads a version and drops its scheme.
func versionOf(raw cbor.RawMessage) (string, bool) {
	list, ok := listOf(raw)
	if !ok || len(list) < 1 || len(list) > 2 {
		return "", false
	}
	return textOf(list[0])
}

func documentsOf(raw cbor.RawMessage) (all []Document, ok bool) {
	list, ok := listOf(raw)
	if !ok || len(list) == 0 {
		return nil, false
	}
	for _, item := range list {
		pair, isPair := listOf(item)
		if !isPair || len(pair) != 2 {
			return nil, false
		}
		format, isInt := intOf(pair[0])
		content, isBytes := bytesOf(pair[1])
		if !isInt || !isBytes || format < 0 {
			return nil, false
		}
		all = append(all, Document{format, content})
	}
	return all, true
}

func (e *EAT) readResults(raw cbor.RawMessage) bool {
	systems, ok := listOf(raw)
	if !ok || len(systems) == 0 {
		return false
	}
	for _, item := range systems {
		pair, ok := listOf(item)
		if !ok || len(pair) != 2 {
			return false
		}
		system, isText := textOf(pair[0])
		results, isList := listOf(pair[1])
		if !isText || !isList || len(results) == 0 {
			return false
		}
		for _, one := range results {
			pair, ok := listOf(one)
			if !ok || len(pair) != 2 {
				return false
			}
			id, isText := textOf(pair[0])
			result, isInt := intOf(pair[1])
			if !isText || !isInt || result < 1 || result > 4 {
				return false
			}
			e.Results = append(e.Results, MeasurementResult{system, id, result})
		}
	}
	return true
}

func (e *EAT) readSubmods(raw cbor.RawMessage, depth int) bool {
	l, ok := labelsOf(raw)
	if !ok || depth == 0 || len(l.numbered) > 0 || len(l.named) == 0 {
		return false
	}
	e.Submods = map[string]Submod{}
	for name, raw := range l.named {
		var s Submod
		switch major(raw) {
		case majorMap:
			claims, err := readEAT(raw, depth-1)
			if err != nil {
				return false
			}
			s.Claims = claims
		case majorBytes:
			s.Token, _ = bytesOf(raw)
			if _, err := ReadCWT(s.Token); err != nil {
				return false
			}
		case majorText:
			text, ok := textOf(raw)
			if !ok {
				return false
			}
			s.Token = []byte(text)
		default:
			pair, ok := listOf(raw)
			if !ok || len(pair) != 2 {
				return false
			}
			var isInt bool
			s.Alg, isInt = intOf(pair[0])
			s.Digest, ok = bytesOf(pair[1])
			if !ok || !isInt || len(s.Digest) == 0 {
				return false
			}
		}
		e.Submods[name] = s
	}
	return true
}

// InDate tells whether now, in seconds since 1970 UTC, lies within what the token says
// of itself; a token that says nothing is in date. skew, in seconds, is what the two
// clocks may differ by (RFC 8392 sections 3.1.4 to 3.1.6).
func (e *EAT) InDate(now, skew int64) bool {
	return (e.Expires == nil || now-skew < *e.Expires) && (e.NotBefore == nil || now+skew >= *e.NotBefore) && (e.IssuedAt == nil || now+skew >= *e.IssuedAt)
}
