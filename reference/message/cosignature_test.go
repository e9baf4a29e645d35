package message_test

import (
	"testing"

	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

func TestOnlyCosignaturesOverTheWholeSetCount(t *testing.T) {
	key := sign.New([]byte("a key for a test, of 32 bytes ..."), nil)
	pack := func(kind message.ImageType, body []byte) []byte {
		return message.Spec{
			Body:     body,
			Identity: message.Identity{Type: kind, Component: message.DeriveGUID("component"), Image: message.DeriveGUID("image", string(body))},
			Signer:   &message.Signer{Thumbprint: message.Thumbprint(key.Raw()), Kind: message.ECDSA256},
		}.Pack(key.SignDigest)
	}
	set := [][]byte{pack(message.FirmwareUpdateManifest, []byte("manifest")), pack(message.NormalWorldKernel, []byte("system"))}
	other := [][]byte{set[0], pack(message.NormalWorldKernel, []byte("another system"))}
	good, bad := pack(message.ManifestSet, message.CosignatureBody(set)), pack(message.ManifestSet, message.CosignatureBody(other))
	tests := map[string]struct {
		parts       [][]byte
		set, signed int
	}{
		"none":                 {set, 2, 0},
		"one over the set":     {[][]byte{set[0], set[1], good}, 2, 1},
		"one over another set": {[][]byte{set[0], set[1], bad}, 2, 0},
		"both":                 {[][]byte{set[0], set[1], bad, good}, 2, 1},
		"not behind the set":   {[][]byte{set[0], good, set[1]}, 3, 0},
		"the manifest is none": {[][]byte{good}, 1, 0},
		"nothing":              {nil, 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, over := message.SplitCosignatures(test.parts)
			if len(got) != test.set || len(over) != test.signed {
				t.Errorf("a set of %d and %d co-signatures, want %d and %d", len(got), len(over), test.set, test.signed)
			}
		})
	}
}
