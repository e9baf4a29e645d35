package evidence

import "regexp"

// The profiles of PSA tokens whose claims this package knows.
const (
	ProfileTFM = "tag:psacertified.org,2023:psa#tfm" // RFC 9783 section 4
	Profile2   = "http://arm.com/psa/2.0.0"          // its drafts
	Profile1   = "PSA_IOT_PROFILE_1"                 // before EAT had numbers: negative keys
)

// field is a claim, whatever its key.
type field int

const (
	fieldNonce field = iota
	fieldInstance
	fieldProfile
	fieldClient
	fieldLifecycle
	fieldImplementation
	fieldSeed
	fieldReference
	fieldComponents
	fieldNoMeasurements
	fieldService
	fieldCount
)

// fieldNames are for people.
var fieldNames = [fieldCount]string{"nonce", "instance id", "profile", "client id", "security lifecycle", "implementation id", "boot seed", "certification reference", "software components", "no measurements", "verification service"}

// layout is how a profile writes claims.
type layout struct {
	keys      [fieldCount]int64 // 0: the profile has no such claim
	must      [fieldCount]bool
	seed      [2]int         // least and most bytes of the boot seed
	reference *regexp.Regexp // of the certification reference
}

var (
	hardwareVersion = regexp.MustCompile(`^[0-9]{13}(-[0-9]{5})?$`)
	certificate     = regexp.MustCompile(`^[0-9]{13}-[0-9]{5}$`)
	required        = [fieldCount]bool{fieldNonce: true, fieldInstance: true, fieldClient: true, fieldLifecycle: true, fieldImplementation: true, fieldProfile: true, fieldComponents: true}
)

// layouts are the profiles. In the oldest one the profile claim itself and the
// components may be missing, the latter when the token says that it measured nothing.
var layouts = map[string]*layout{
	ProfileTFM: {
		keys: [fieldCount]int64{10, 256, 265, 2394, 2395, 2396, 268, 2398, 2399, 0, 2400},
		must: required, seed: [2]int{8, 32}, reference: certificate,
	},
	Profile2: {
		keys: [fieldCount]int64{10, 256, 265, 2394, 2395, 2396, 2397, 2398, 2399, 0, 2400},
		must: required, seed: [2]int{8, 32}, reference: certificate,
	},
	Profile1: {
		keys: [fieldCount]int64{-75008, -75009, -75000, -75001, -75002, -75003, -75004, -75005, -75006, -75007, -75010},
		must: [fieldCount]bool{fieldNonce: true, fieldInstance: true, fieldClient: true, fieldLifecycle: true, fieldImplementation: true, fieldSeed: true},
		seed: [2]int{32, 32}, reference: hardwareVersion,
	},
}

// layoutOf returns the layout that a map of claims is written in, and the profile
// that it says: an unknown profile is read by the numbers it uses, so that whoever
// judges can say that it is unknown and not merely that it cannot be read.
func layoutOf(l labels) (*layout, string, error) {
	var found *layout
	profile := ""
	for _, name := range []string{ProfileTFM, Profile1} {
		written := layouts[name]
		raw, there := l.numbered[written.keys[fieldProfile]]
		if !there {
			continue
		}
		text, ok := textOf(raw)
		if !ok {
			return nil, "", &ClaimError{Claim: fieldNames[fieldProfile], Why: "is no text"}
		}
		if found != nil {
			return nil, "", malformed("two profiles")
		}
		found, profile = written, text
		if known, ok := layouts[text]; ok && known.keys[fieldProfile] == written.keys[fieldProfile] {
			found = known
		}
	}
	switch {
	case found != nil:
		return found, profile, nil
	case l.numbered[layouts[Profile1].keys[fieldNonce]] != nil || l.numbered[layouts[Profile1].keys[fieldInstance]] != nil:
		return layouts[Profile1], Profile1, nil
	}
	return layouts[ProfileTFM], "", nil
}
