package suit_test

import (
	"fmt"

	"github.com/armillary/armillary/reference/suit"
)

// An author signs a manifest that brings its payload; a device authenticates it
// and installs what matches its digest.
func Example() {
	firmware := []byte("firmware 2")
	digest, _ := suit.DigestOf(suit.SHA256, firmware)
	m := &suit.Manifest{
		SequenceNumber: 2,
		Components:     []suit.ComponentID{suit.Component("main")},
		Shared: suit.Sequence{
			{Code: suit.OverrideParameters, Params: []suit.Parameter{suit.VendorID(vendor), suit.ClassID(class), suit.ImageDigest(digest)}},
			{Code: suit.ConditionVendor}, {Code: suit.ConditionClass},
		},
		Sequences: map[suit.Section]suit.Sequence{suit.SectionInstall: {
			{Code: suit.OverrideParameters, Params: []suit.Parameter{suit.URI("#main")}},
			{Code: suit.Fetch}, {Code: suit.ConditionImage, Policy: suit.RecordOnSuccess},
		}},
	}
	e := suit.Seal(m)
	e.Integrated = []suit.Payload{{URI: "#main", Data: firmware}}
	private := exampleKey()
	signer, _ := suit.NewSigner(suit.ESP256, private)
	if err := e.Sign(signer, nil); err != nil {
		fmt.Println(err)
	}
	sent := e.Encode()

	device := newShelf(suit.Component("main"))
	key, _ := suit.PublicKey("vendor", nil, &private.PublicKey)
	received, err := suit.Decode(sent, suit.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	release, err := suit.Authenticate(received, []suit.Key{key}, 1, suit.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p := suit.Processor{Platform: device, Sequence: func(suit.ComponentID) uint64 { return 1 }}
	report, err := p.Update(release)
	fmt.Println(report.Result, err)
	fmt.Println(device.get(suit.Component("main")))

	p.Sequence = func(suit.ComponentID) uint64 { return 3 }
	_, err = p.Update(release)
	fmt.Println(err)
	// Output:
	// success <nil>
	// firmware 2
	// unauthorised: sequence-is-not-lower: 2 after 3
}
