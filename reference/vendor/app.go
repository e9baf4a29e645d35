package vendor

import (
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// AppType is the type of the companion app's releases, and the first half of the
// name that their manifest gives itself (app/VERSION).
const AppType = "app"

// Install puts a release of the companion app on the phone: parts are its manifest
// and its image, keys those that the phone knows the vendor by. A refused one
// changes nothing.
func (t *Terminal) Install(parts [][]byte, keys []sign.Public) error {
	if len(parts) < 2 {
		return defense.Refuse(defense.Malformed, "an app of %d parts", len(parts))
	}
	version := uint64(0)
	for i, raw := range parts[:2] {
		pkg, err := message.ParsePackage(raw)
		if err != nil {
			return defense.Refuse(defense.Malformed, "app: %v", err)
		}
		signed := pkg.Signer != nil && slices.ContainsFunc(keys, func(key sign.Public) bool {
			return message.Thumbprint(key) == pkg.Signer.Thumbprint && t.host.Memory().VerifyMessage(key, pkg.Signed, pkg.Signature[:])
		})
		if err := t.guard.Check(AppIsSigned, signed, defense.BadSignature); err != nil {
			return err
		}
		if i > 0 || pkg.Debug == nil {
			continue
		}
		kind, number, _ := strings.Cut(pkg.Debug.Name, "/")
		if version, err = strconv.ParseUint(number, 10, 32); err != nil || kind != AppType {
			return defense.Refuse(defense.Malformed, "%q is no app", pkg.Debug.Name)
		}
	}
	if err := t.guard.Check(AppNeverFallsBack, uint32(version) >= t.Protocol, defense.Rollback); err != nil {
		return err
	}
	t.Protocol = uint32(version)
	return nil
}
