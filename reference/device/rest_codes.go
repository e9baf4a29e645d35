package device

import (
	"errors"
	"fmt"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// Decimal codes of the REST interface (azure-sphere.md 4.5). Where several share
// one cause in the sources, the first stands for all; those of application
// manifests are message.Code….
const (
	codeImage      = 1048591  // image not valid
	codeNoDebugger = 3145738  // no debug server
	codeDeployed   = 4194306  // already deployed
	codeUntrusted  = 7340047  // image not trusted
	codeStaging    = 7340050  // could not be staged
	codeInstalling = 7340056  // installation failed
	codePermission = 7340069  // no development capability
	codeUpdating   = 7340071  // an update is in progress
	codeAbsent     = 14680076 // not present
	codeSpace      = 14680082 // no space

	codeMediaType = -415 // the interface has a status for it and no code
)

// codedError is a refusal with the interface's code for it.
type codedError struct {
	error
	code int
}

func (e *codedError) Unwrap() error { return e.error }

// Error says what the other end of the cable reads, too.
func (e *codedError) Error() string {
	return fmt.Sprintf("%v (HTTP %d, code %d)", e.error, statusOf(e), max(e.code, 0))
}

func coded(err error, code int) error {
	if err == nil {
		return nil
	}
	return &codedError{err, code}
}

// codeOf is the decimal code for a refusal, 0 where the interface has none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*codedError](err); ok {
		return max(e.code, 0)
	}
	if e, ok := errors.AsType[*message.ManifestError](err); ok && e.Code != 0 {
		return e.Code
	}
	switch defense.ClassOf(err) {
	case defense.NotPermitted, defense.WrongDevice, defense.BadSignature:
		return codePermission
	case defense.UnknownCall:
		return codeAbsent
	case defense.TooLarge:
		return codeSpace
	}
	return 0
}

// statusOf is the HTTP status for a refusal (azure-sphere.md 4.5, last lines).
func statusOf(err error) int {
	if e, ok := errors.AsType[*codedError](err); ok {
		switch e.code {
		case codeMediaType:
			return 415
		case codeAbsent:
			return 404
		case codeNoDebugger:
			return 412
		}
	}
	switch defense.ClassOf(err) {
	case defense.Malformed, defense.TooLarge:
		return 400
	case defense.UnknownCall:
		return 404
	case defense.WrongState, defense.Conflict:
		return 409
	case defense.Unavailable, defense.Rate, "":
		return 500
	}
	return 403
}
