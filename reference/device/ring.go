package device

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// A shared ring, as the public libraries for real-time cores have it: write
// position u32, read position u32, reserved up to 64 bytes, then data. A block is
// its size u32, the component id of its sender, 4 reserved bytes and the body,
// padded to 16 bytes; positions count from the start of the data.
const (
	ringSize   = 4096
	ringHead   = 64
	ringData   = ringSize - ringHead
	ringAlign  = 16
	maxBody    = 1024
	maxMessage = maxBody + 20 // with the sender's id and what is reserved
)

// putBlock writes a block as a sound sender does and moves the write position on.
// The ring given is left alone.
func putBlock(ring []byte, from message.GUID, body []byte) []byte {
	out := slices.Clone(ring)
	block := binary.LittleEndian.AppendUint32(nil, uint32(len(body)+20))
	block = append(append(block, from[:]...), 0, 0, 0, 0)
	block = append(block, body...)
	for len(block)%ringAlign != 0 {
		block = append(block, 0)
	}
	at := binary.LittleEndian.Uint32(out) % ringData
	for i, b := range block {
		out[ringHead+(int(at)+i)%ringData] = b
	}
	binary.LittleEndian.PutUint32(out, (at+uint32(len(block)))%ringData)
	return out
}

// shared is a ring as its reader sees it: whoever has the other side may change
// the header between two looks.
type shared struct {
	bytes []byte
	looks []uint32 // write positions that the next looks show; then what is there
}

func (s *shared) position() uint32 {
	if len(s.looks) > 0 {
		look := s.looks[0]
		s.looks = s.looks[1:]
		return look
	}
	return binary.LittleEndian.Uint32(s.bytes)
}

// positions are the write positions that a probe puts into the header.
func positions(p Probe) (looks []uint32, err error) {
	for _, key := range []string{"address", "then"} {
		if text := p.Keys[key]; text != "" {
			n, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				return nil, defense.Refuse(defense.Malformed, "a position is a number")
			}
			looks = append(looks, uint32(n))
		}
	}
	return looks, nil
}

// side is one reader of a ring: who decides, by which defenses, and whether it
// looks at the position once more after it checked it.
type side struct {
	guard        *defense.Guard
	inside, fits defense.ID
	twice        bool
}

// takeBlock takes the newest block out of a ring. What is read out of bounds is
// told and not made use of.
func (d *Device) takeBlock(s *shared, by side, core string) error {
	write := s.position()
	if err := by.guard.Check(by.inside, write < ringData && write%ringAlign == 0, defense.Malformed); err != nil {
		s.bytes = make([]byte, ringSize) // both sides begin anew
		return err
	}
	if by.twice {
		write = s.position()
	}
	read := binary.LittleEndian.Uint32(s.bytes[4:]) % ringData
	copied := func(what string, at, n uint32) {
		d.host.Observe(host.Event{Kind: "MemoryCopied", Who: by.guard.Who, What: what + "." + core, Number: int64(at), Level: int64(n)})
	}
	if write < read {
		copied("ring", ringHead+read, ringData-read)
		copied("ring", ringHead, write)
	} else {
		copied("ring", ringHead+read, write-read)
	}
	size := binary.LittleEndian.Uint32(s.bytes[ringHead+read:])
	s.bytes = slices.Clone(s.bytes)
	binary.LittleEndian.PutUint32(s.bytes[4:], binary.LittleEndian.Uint32(s.bytes)) // all is read
	if err := by.guard.Check(by.fits, size <= maxMessage, defense.TooLarge); err != nil {
		return err
	}
	copied("message", 0, size)
	return nil
}
