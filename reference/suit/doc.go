// Package suit reads, authenticates and runs SUIT manifests as
// draft-ietf-suit-manifest-37 describes them: a strict decoder, verification of
// every COSE block that may authenticate a manifest, and a manifest processor
// whose outside world is a small [Platform]. It is not a device: where images
// lie, who the device is and which sequence number was last accepted are asked of
// the caller, and nothing is kept between two calls.
//
// The order is the one of section 6.2: [Decode] looks at the envelope's form
// only, [Authenticate] verifies before anything of the manifest is read, and a
// [Processor] runs what was authenticated. A procedure writes nothing until all
// of it succeeded, so whatever is refused leaves the platform as it was.
//
// Each security decision is one named [Rule], which a caller may observe or, in a
// model, leave out ([Options.Check]). Everything read is bounded by [Limits].
//
// Extensions are understood as far as published examples use them: dependencies
// (draft-ietf-suit-trust-domains), encrypted payloads
// (draft-ietf-suit-firmware-encryption) and the conditions of
// draft-ietf-suit-update-management.
package suit

// Limits bounds what is read and done. A zero field takes its default.
type Limits struct {
	Envelope     int // bytes of an envelope; 1 MiB
	Depth        int // nesting of sequences and of dependencies; 8
	Components   int // listed by one manifest; 64
	Commands     int // in all sequences of one manifest; 1024
	Blocks       int // authentication blocks; 8
	Steps        int // commands run in one procedure, once per component; 4096
	Image        int // bytes of one component; 16 MiB
	Work         int // bytes fetched, written, copied and digested in one procedure; 256 MiB
	Dependencies int // manifests processed in one procedure; 8
}

// defaults fills the zero fields.
func (l Limits) defaults() Limits {
	for field, value := range map[*int]int{
		&l.Envelope: 1 << 20, &l.Depth: 8, &l.Components: 64, &l.Commands: 1024, &l.Blocks: 8,
		&l.Steps: 4096, &l.Image: 16 << 20, &l.Work: 256 << 20, &l.Dependencies: 8,
	} {
		if *field <= 0 {
			*field = value
		}
	}
	return l
}
