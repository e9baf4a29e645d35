package message

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxAppManifest is the longest app manifest that is looked into, in bytes.
const MaxAppManifest = 64 << 10

// ManifestError says why an app manifest was refused. It wraps ErrMalformed.
type ManifestError struct {
	Code   int    // decimal code of the device's REST interface (azure-sphere.md 4.5); 0 where none fits
	Key    string // the manifest key at fault, "" for the whole
	Reason string
}

func (e *ManifestError) Error() string {
	return fmt.Sprintf("app manifest: %s: %s (code %d)", e.Key, e.Reason, e.Code)
}

// Unwrap makes every ManifestError an ErrMalformed.
func (e *ManifestError) Unwrap() error { return ErrMalformed }

// Codes of the REST interface. Where several codes share one cause in the
// sources, the first stands for all.
const (
	CodeNotJSON           = 2097153
	CodeEntryPoint        = 2097155
	CodeSchemaMissing     = 2097156
	CodeCmdArgs           = 2097157
	CodeCapabilities      = 2097158
	CodeForbidden         = 2097159
	CodeConnections       = 2097161
	CodeGpio              = 2097162
	CodeSchemaVersion     = 2097169
	CodeUart              = 2097170
	CodePolicy            = 2097173
	CodeEntryPointMissing = 2097174
	CodeEntryPointNoFile  = 2097175
	CodeAuthentication    = 2097176
	CodeManifestMissing   = 2097177
	CodeApplicationType   = 2097178
	CodeMutableStorage    = 2097183
	CodePinTwice          = 2097187
	CodeServerPorts       = 2097188
	CodeDhcp              = 2097193
	CodeSntp              = 2097194
	CodeApplicationPeers  = 2097195
	CodeCertStore         = 2097196
	CodeDeferral          = 2097199
	CodePowerControls     = 2097200
	CodePowerControlTwice = 2097201
	CodePowerControlName  = 2097202
	CodeComponentID       = 7340079
)

// Application types.
const (
	DefaultApplication = "Default"
	Debugger           = "Debugger"
	RealTimeCapable    = "RealTimeCapable"
)

// AppManifest says what an application is and what it may do. What it does not
// list is denied.
type AppManifest struct {
	SchemaVersion   int // 1
	Name            string
	ComponentID     string // GUID in lower case; derived from Name where the file has none
	EntryPoint      string // "/bin/app" where the file has none
	CmdArgs         []string
	Capabilities    Capabilities
	ApplicationType string // DefaultApplication where the file has none

	MallocVersion                   int
	TargetApplicationRuntimeVersion int
	TargetBetaApis                  string
}

// MutableStorage is the one directory an application may write.
type MutableStorage struct {
	SizeKB int // 1 to 64
}

// Capabilities is what an application may do. The zero value is: nothing.
type Capabilities struct {
	AllowedConnections            []string // hosts or addresses, compared exactly; no wildcards
	AllowedTcpServerPorts         []int
	AllowedUdpServerPorts         []int
	AllowedApplicationConnections []string // component GUIDs in lower case; the peer must list this one too
	DeviceAuthentication          string   // whose client key and certificate it may use
	MutableStorage                *MutableStorage

	// Peripherals: "$NAME" or a number as text.
	Gpio, Pwm, Adc, I2cMaster, SpiMaster, Uart, I2sSubordinate []string

	WifiConfig, NetworkConfig, EnterpriseWifiConfig, ReadNetworkProxyConfig, HardwareAddressConfig bool
	SystemTime, TimeSyncConfig                                                                     bool
	SoftwareUpdateDeferral, SystemEventNotifications                                               bool
	DhcpService, SntpService, CertStore                                                            bool

	// VideoCapture lets it take pictures. An extension of ours: the real system
	// has no camera capability, and the robot vacuum needs one.
	VideoCapture bool

	PowerControls []string // ForceReboot, ForcePowerDown, SetPowerProfile
}

// Component returns ComponentID as it stands in files.
func (m *AppManifest) Component() GUID {
	g, _ := ParseGUID(m.ComponentID) // ParseAppManifest made sure that it is one
	return g
}

// ComponentOf is the component id of an application whose manifest has none.
func ComponentOf(name string) GUID { return DeriveGUID("component", name) }

// ParseAppManifest reads an app_manifest.json. A key that is unknown, there
// twice or spelt in another case is refused: what one reader sees, all see.
// Errors are *ManifestError.
func ParseAppManifest(data []byte) (*AppManifest, error) {
	if len(data) > MaxAppManifest {
		return nil, &ManifestError{CodeNotJSON, "", "longer than 64 KiB"}
	}
	if len(data) == 0 {
		return nil, &ManifestError{CodeManifestMissing, "", "empty"}
	}
	members, err := object(data)
	if err != nil {
		return nil, &ManifestError{CodeNotJSON, "", err.Error()}
	}
	m := &AppManifest{EntryPoint: "/bin/app", ApplicationType: DefaultApplication}
	for _, member := range members {
		if err := m.read(member); err != nil {
			return nil, err
		}
	}
	if err := m.complete(members); err != nil {
		return nil, err
	}
	return m, nil
}

// read reads one top-level member.
func (m *AppManifest) read(member member) error {
	code, into := 0, any(nil)
	switch member.key {
	case "SchemaVersion":
		code, into = CodeSchemaVersion, &m.SchemaVersion
	case "Name":
		into = &m.Name
	case "ComponentId":
		code, into = CodeComponentID, &m.ComponentID
	case "EntryPoint":
		code, into = CodeEntryPoint, &m.EntryPoint
	case "CmdArgs":
		code, into = CodeCmdArgs, &m.CmdArgs
	case "ApplicationType":
		code, into = CodeApplicationType, &m.ApplicationType
	case "MallocVersion":
		into = &m.MallocVersion
	case "TargetApplicationRuntimeVersion":
		into = &m.TargetApplicationRuntimeVersion
	case "TargetBetaApis":
		into = &m.TargetBetaApis
	case "Capabilities":
		return m.Capabilities.read(member.value)
	case "Policy":
		return &ManifestError{CodePolicy, member.key, "legacy key"}
	default:
		return &ManifestError{0, member.key, "unknown key"}
	}
	return member.into(into, code)
}

// complete checks what no single member can show.
func (m *AppManifest) complete(members []member) error {
	has := func(key string) bool {
		return slices.ContainsFunc(members, func(m member) bool { return m.key == key })
	}
	refuse := func(code int, key, reason string) error { return &ManifestError{code, key, reason} }
	switch {
	case !has("SchemaVersion"):
		return refuse(CodeSchemaMissing, "SchemaVersion", "missing")
	case m.SchemaVersion != 1:
		return refuse(CodeSchemaVersion, "SchemaVersion", "want 1")
	case !has("Capabilities"):
		return refuse(CodeCapabilities, "Capabilities", "missing")
	case m.Name == "" || len(m.Name) > 255 || !printable([]byte(m.Name)):
		return refuse(0, "Name", "want 1 to 255 bytes of text")
	case !cleanPath(m.EntryPoint):
		return refuse(CodeEntryPoint, "EntryPoint", "want an absolute path")
	case !slices.Contains([]string{DefaultApplication, Debugger, RealTimeCapable}, m.ApplicationType):
		return refuse(CodeApplicationType, "ApplicationType", "unknown type")
	case len(m.CmdArgs) > maxListed:
		return refuse(CodeCmdArgs, "CmdArgs", "too many")
	case m.Capabilities.SoftwareUpdateDeferral && !m.Capabilities.SystemEventNotifications:
		return refuse(CodeDeferral, "SoftwareUpdateDeferral", "needs SystemEventNotifications")
	}
	if !has("ComponentId") {
		m.ComponentID = ComponentOf(m.Name).String()
		return nil
	}
	id, err := ParseGUID(m.ComponentID)
	if err != nil || id == (GUID{}) {
		return refuse(CodeComponentID, "ComponentId", "want a GUID")
	}
	m.ComponentID = id.String()
	return nil
}

// cleanPath tells whether p is absolute and each part is a name ParseFS knows.
func cleanPath(p string) bool {
	rest, ok := strings.CutPrefix(p, "/")
	if !ok {
		return false
	}
	for part := range strings.SplitSeq(rest, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return false
		}
	}
	return true
}

// member is one key of a JSON object with its raw value.
type member struct {
	key   string
	value json.RawMessage
}

// into decodes the value; code is the error code of a value of the wrong type.
// null is of no type: encoding/json would leave what it decodes into alone.
func (m member) into(v any, code int) error {
	if bytes.Equal(m.value, []byte("null")) {
		return &ManifestError{code, m.key, "null"}
	}
	if err := json.Unmarshal(m.value, v); err != nil {
		return &ManifestError{code, m.key, err.Error()}
	}
	return nil
}

// object reads a JSON object and nothing behind it. encoding/json alone would
// take a key twice, in any case, and invalid UTF-8.
func object(data []byte) ([]member, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("not UTF-8")
	}
	if !json.Valid(data) {
		return nil, fmt.Errorf("not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, fmt.Errorf("not an object")
	}
	var members []member
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{key: token.(string)} // json.Valid: the key of an object
		if slices.ContainsFunc(members, func(earlier member) bool { return earlier.key == m.key }) {
			return nil, fmt.Errorf("key %q twice", m.key)
		}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

// isHost tells whether s may stand in AllowedConnections. Real manifests hold
// placeholders with blanks, which match no host and do no harm; a wildcard would.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '*' })
}
