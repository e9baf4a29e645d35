package suit

// ParameterKey is the number of a parameter (section 8.4.8).
type ParameterKey int64

// The parameters.
const (
	ParamVendor         ParameterKey = 1
	ParamClass          ParameterKey = 2
	ParamImageDigest    ParameterKey = 3
	ParamUseBefore      ParameterKey = 4
	ParamSlot           ParameterKey = 5
	ParamStrictOrder    ParameterKey = 12
	ParamSoftFailure    ParameterKey = 13
	ParamImageSize      ParameterKey = 14
	ParamContent        ParameterKey = 18
	ParamEncryptionInfo ParameterKey = 19
	ParamURI            ParameterKey = 21
	ParamSource         ParameterKey = 22
	ParamInvokeArgs     ParameterKey = 23
	ParamDevice         ParameterKey = 24
	ParamFetchArgs      ParameterKey = 25
	ParamBattery        ParameterKey = 26
	ParamPriority       ParameterKey = 27
	ParamVersion        ParameterKey = 28
	ParamWaitInfo       ParameterKey = 29
	ParamMetadata       ParameterKey = 30
)

// Parameter is one parameter and its encoded value.
type Parameter struct {
	Key   ParameterKey
	Value []byte
}

// shape is what a parameter's value must be.
type shape int

const (
	aUUID shape = iota + 1
	aVendor
	someBytes
	aNumber
	anInteger
	aText
	aFlag
	aDigest
)

var shapes = map[ParameterKey]shape{
	ParamVendor: aVendor, ParamClass: aUUID, ParamDevice: aUUID, ParamImageDigest: aDigest, ParamUseBefore: aNumber,
	ParamSlot: aNumber, ParamStrictOrder: aFlag, ParamSoftFailure: aFlag, ParamImageSize: aNumber, ParamContent: someBytes,
	ParamEncryptionInfo: someBytes, ParamURI: aText, ParamSource: aNumber, ParamInvokeArgs: someBytes, ParamFetchArgs: someBytes,
	ParamBattery: aNumber, ParamPriority: anInteger, ParamVersion: someBytes, ParamWaitInfo: someBytes, ParamMetadata: someBytes,
}

// tagPEN marks a vendor given as a private enterprise number (RFC 9090).
const tagPEN = 112

// parseParameters reads the argument of set- and override-parameters. An unknown
// parameter fails the manifest; a custom one may not stand in the shared sequence.
func parseParameters(v value, section Section) (all []Parameter, err error) {
	entries, err := v.pairs()
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, parseError("no parameters to set")
	}
	for _, e := range entries {
		key, err := e.key.int()
		if err != nil {
			return nil, err
		}
		want, known := shapes[ParameterKey(key)]
		switch {
		case known:
			err = want.check(e.value)
		case key >= 0 || section == sectionShared:
			err = refuse(ParameterUnsupported, "parameter %d", key)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Parameter{ParameterKey(key), e.value.raw})
	}
	return all, nil
}

func (s shape) check(v value) (err error) {
	switch s {
	case aUUID:
		err = uuid(v)
	case aVendor:
		if v.major == majorTag && v.arg == tagPEN {
			_, err = decode(v.body)
			return err
		}
		err = uuid(v)
	case someBytes:
		_, err = v.bytes()
	case aNumber:
		_, err = v.uint()
	case anInteger:
		_, err = v.int()
	case aText:
		_, err = v.text()
	case aFlag:
		if !v.is(simpleTrue) && !v.is(simpleFalse) {
			err = parseError("%s where true or false belongs", v.kind())
		}
	case aDigest:
		var inner value
		if inner, err = v.wrapped(); err == nil {
			_, err = parseDigest(inner)
		}
	}
	return err
}

func uuid(v value) error {
	b, err := v.bytes()
	if err == nil && len(b) != 16 {
		err = parseError("an identifier of %d bytes, not 16", len(b))
	}
	return err
}

func encodeParameters(params []Parameter) []byte {
	entries := map[string][]byte{}
	for _, p := range params {
		entries[string(appendInt(nil, int64(p.Key)))] = p.Value
	}
	return appendMap(nil, entries)
}

// The constructors of parameters that a manifest's author writes.

// VendorID is the vendor that the device must be of, a UUID.
func VendorID(id [16]byte) Parameter { return Parameter{ParamVendor, appendBytes(nil, id[:])} }

// ClassID is the class that the device must be of, a UUID.
func ClassID(id [16]byte) Parameter { return Parameter{ParamClass, appendBytes(nil, id[:])} }

// DeviceID is the one device that is meant, a UUID.
func DeviceID(id [16]byte) Parameter { return Parameter{ParamDevice, appendBytes(nil, id[:])} }

// ImageDigest is what the component must have as digest.
func ImageDigest(d Digest) Parameter {
	return Parameter{ParamImageDigest, appendBytes(nil, d.encode())}
}

// Flag is a parameter that is true or false.
func Flag(key ParameterKey, on bool) Parameter {
	s := uint64(simpleFalse)
	if on {
		s = simpleTrue
	}
	return Parameter{key, appendSimple(nil, s)}
}

// Number is a parameter that is an unsigned number: size, slot, source, time.
func Number(key ParameterKey, n uint64) Parameter {
	return Parameter{key, appendHead(nil, majorUint, n)}
}

// Bytes is a parameter that is a byte string: content, arguments, encryption info.
func Bytes(key ParameterKey, b []byte) Parameter { return Parameter{key, appendBytes(nil, b)} }

// URI is where to fetch from; "#name" means an integrated payload.
func URI(s string) Parameter { return Parameter{ParamURI, appendText(nil, s)} }
