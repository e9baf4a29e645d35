package fuzz_test

import (
	"crypto/elliptic"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/attack"
)

// How many packages one input serves, how many things are done to each, and how
// many lies are told at once. A second package finds what the first left behind.
const (
	maxPackages = 3
	maxActs     = 3
	maxLies     = 3
)

// The acts: what may be done to a package.
const (
	actMutate  = iota // one of the attacker's own mutations, drawn from the input
	actLie            // lies in named places, and who signs them
	actReplace        // a part made of raw bytes
	actSplice         // a part of another release
	actOtherS         // the other signature that verifies: n-s for s
	actCount
)

// The lies, by number; those of attack.Lies in its order.
const (
	liePart = iota
	lieSecurity
	lieType
	lieVersion
	lieImageType
	lieComponent
	lieImage
	liePayload
	lieSet
	lieOmit
	lieFlip
	lieTruncate
	lieAppend
	lieCount
)

var (
	lieTypes = []string{"sensor", "device", "Device", "devic", "device/9", strings.Repeat("d", 40)}
	lieOmits = []string{"signature", "sg", "id", "rv", "db", "os", "app.0", "manifest"}
)

// reader reads the bytes of an input. What is missing at the end is zero, so every
// input means something.
type reader struct {
	*fuzzheaders.ConsumeFuzzer
	said []string
}

func read(data []byte) reader { return reader{ConsumeFuzzer: fuzzheaders.NewConsumer(data)} }

// decoder turns the bytes of an input into packages.
type decoder struct {
	reader
	u *fuzz.Updates
}

// decode reads the packages that an input stands for.
func decode(u *fuzz.Updates, data []byte) []fuzz.Mutant {
	d := &decoder{read(data), u}
	var list []fuzz.Mutant
	for range 1 + d.pick(maxPackages) {
		list = append(list, d.mutant())
	}
	return list
}

// pick reads a number below n: one byte, or four when n is large.
func (d *reader) pick(n int) int {
	if n <= 1 {
		return 0
	}
	if n <= 256 {
		b, err := d.GetByte()
		if err != nil {
			return 0
		}
		return int(b) % n
	}
	v, err := d.GetUint32()
	if err != nil {
		return 0
	}
	return int(v) % n
}

func (d *reader) number() uint32 {
	v, err := d.GetUint32()
	if err != nil {
		return 0
	}
	return v
}

// bytes reads a length and as many bytes.
func (d *reader) bytes() []byte {
	b, err := d.GetBytes()
	if err != nil {
		return nil
	}
	return slices.Clone(b)
}

func (d *reader) say(format string, args ...any) {
	d.said = append(d.said, fmt.Sprintf(format, args...))
}

// mutant reads one package: the release it begins as and what is done to it.
func (d *decoder) mutant() fuzz.Mutant {
	sources := d.u.Sources()
	i := d.pick(len(sources))
	made := sources[i].Clone()
	d.said = nil
	d.say("release %d", i)
	for range d.pick(maxActs + 1) {
		switch d.pick(actCount) {
		case actMutate:
			var what string
			made, what = attack.Mutate(d.pick, []attack.Artefact{made, sources[d.pick(len(sources))]}, d.u.Signers())
			d.say("%s", what)
		case actLie:
			made = d.lies(made)
		case actReplace:
			if len(made.Parts) > 0 {
				n := d.pick(len(made.Parts))
				made.Parts[n] = d.bytes()
				d.say("%d raw bytes as part %d", len(made.Parts[n]), n)
			}
		case actSplice:
			from := d.pick(len(sources))
			part := sources[from].Parts[d.pick(len(sources[from].Parts))]
			n := d.pick(len(made.Parts) + 1)
			made.Parts = append(made.Parts[:n:n], append([][]byte{slices.Clone(part)}, made.Parts[min(n+1, len(made.Parts)):]...)...)
			d.say("part %d is of release %d: %s", n, from, attack.Describe(part))
		case actOtherS:
			if n := d.pick(max(len(made.Parts), 1)); n < len(made.Parts) && len(made.Parts[n]) >= 32 {
				otherS(made.Parts[n])
				d.say("the other s in part %d", n)
			}
		}
	}
	return fuzz.Mutant{Artefact: made, What: strings.Join(d.said, "; ")}
}

// lies reads some lies and tells them all at once. Lies that cannot be told of
// these bytes leave the package as it was.
func (d *decoder) lies(a attack.Artefact) attack.Artefact {
	var l attack.Lies
	for range 1 + d.pick(maxLies) {
		d.lie(&l, a)
	}
	signers := d.u.Signers()
	if n := d.pick(len(signers) + 1); n > 0 {
		l.Resign = signers[n-1]
		d.say("signed by %x", l.Resign.Thumbprint[:4])
	}
	forged, err := attack.Forge(a, l)
	if err != nil {
		d.say("no: %v", err)
		return a
	}
	return forged
}

func (d *decoder) lie(l *attack.Lies, a attack.Artefact) {
	switch d.pick(lieCount) {
	case liePart:
		if len(a.Parts) > 0 {
			l.Part = a.PartName(d.pick(len(a.Parts)))
			d.say("in %s", l.Part)
		}
	case lieSecurity:
		v := d.number()
		l.Security = &v
		d.say("security version %d", v)
	case lieType:
		l.Type = lieTypes[d.pick(len(lieTypes))]
		d.say("type %s", l.Type)
	case lieVersion:
		l.Version = strconv.FormatUint(uint64(d.number()), 10)
		d.say("version %s", l.Version)
	case lieImageType:
		v := uint16(d.pick(32))
		l.ImageType = &v
		d.say("image type %d", v)
	case lieComponent, lieImage:
		d.identity(l, a)
	case liePayload:
		l.Payload = append([]byte{}, d.bytes()...)
		d.say("payload of %d bytes", len(l.Payload))
	case lieSet:
		at, edit := d.place(a, l.Part), d.bytes()
		l.Set = append(l.Set, attack.Edit{At: at, Bytes: edit})
		d.say("%x at %s", edit, at)
	case lieOmit:
		l.Omit = lieOmits[d.pick(len(lieOmits))]
		d.say("without %s", l.Omit)
	case lieFlip:
		l.Flip = d.place(a, l.Part)
		d.say("a bit of %s", l.Flip)
	case lieTruncate:
		l.Truncate = d.pick(1 << 13)
		d.say("%d bytes short", l.Truncate)
	case lieAppend:
		l.Append = d.bytes()
		d.say("%d bytes longer", len(l.Append))
	}
}

// identity makes an image pass as another one of the same system.
func (d *decoder) identity(l *attack.Lies, a attack.Artefact) {
	sources := d.u.Sources()
	from := sources[d.pick(len(sources))]
	n := d.pick(len(from.Parts))
	for _, r := range from.Regions(n) {
		if r.Name == "id" && r.Size >= 36 {
			id := from.Parts[n][r.Offset:]
			l.Component, l.Image = (*[16]byte)(slices.Clone(id[4:20])), (*[16]byte)(slices.Clone(id[20:36]))
			d.say("passes as %s", attack.Describe(from.Parts[n]))
		}
	}
}

// place reads where in a part, the first image unless one was named, something is
// changed.
func (d *decoder) place(a attack.Artefact, part string) string {
	if len(a.Parts) == 0 {
		return "0"
	}
	i := min(1, len(a.Parts)-1)
	for n := range a.Parts {
		if a.PartName(n) == part {
			i = n
		}
	}
	list := a.Regions(i)
	if n := d.pick(len(list) + 1); n < len(list) {
		return list[n].Name + "+" + strconv.Itoa(d.pick(max(list[n].Size, 1)))
	}
	return strconv.Itoa(d.pick(max(len(a.Parts[i]), 1)))
}

// otherS puts n-s for s into the signature at the end of some bytes.
func otherS(b []byte) {
	n := elliptic.P256().Params().N
	s := new(big.Int).SetBytes(b[len(b)-32:])
	s.Sub(n, s.Mod(s, n)).FillBytes(b[len(b)-32:])
}
