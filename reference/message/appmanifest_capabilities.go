package message

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Limits of what a manifest may list.
const (
	maxListed    = 64 // values of one capability
	maxStorageKB = 64
	// maxAuthentication leaves room for the placeholders of real samples; the
	// id of a tenant has 36 bytes.
	maxAuthentication = 64
)

// read reads the Capabilities object.
func (c *Capabilities) read(value json.RawMessage) error {
	members, err := object(value)
	if err != nil {
		return &ManifestError{CodeCapabilities, "Capabilities", err.Error()}
	}
	for _, m := range members {
		read := c.flag
		switch {
		case c.peripheral(m.key) != nil:
			read = c.readPeripheral
		case reservedKeys[m.key] != nil:
			read = func(m member) error { return reservedKeys[m.key](c, m) }
		}
		if err := read(m); err != nil {
			return err
		}
	}
	return nil
}

// reservedKeys are the capabilities with a reader of their own.
var reservedKeys = map[string]func(*Capabilities, member) error{
	"AllowedConnections":            (*Capabilities).readConnections,
	"AllowedTcpServerPorts":         func(c *Capabilities, m member) error { return readPorts(&c.AllowedTcpServerPorts, m) },
	"AllowedUdpServerPorts":         func(c *Capabilities, m member) error { return readPorts(&c.AllowedUdpServerPorts, m) },
	"AllowedApplicationConnections": (*Capabilities).readPeers,
	"DeviceAuthentication":          (*Capabilities).readAuthentication,
	"MutableStorage":                (*Capabilities).readStorage,
	"PowerControls":                 (*Capabilities).readPowerControls,
}

// flag reads a capability that is true or false. A key it does not know, such
// as those of the maker's own applications (LogDataAccess), is refused: a right
// that nobody checks must not be thought to be given.
func (c *Capabilities) flag(m member) error {
	code := 0
	var into *bool
	switch m.key {
	case "WifiConfig":
		into = &c.WifiConfig
	case "NetworkConfig":
		into = &c.NetworkConfig
	case "EnterpriseWifiConfig":
		into = &c.EnterpriseWifiConfig
	case "ReadNetworkProxyConfig":
		into = &c.ReadNetworkProxyConfig
	case "HardwareAddressConfig":
		into = &c.HardwareAddressConfig
	case "SystemTime":
		into = &c.SystemTime
	case "TimeSyncConfig":
		into = &c.TimeSyncConfig
	case "SoftwareUpdateDeferral":
		code, into = CodeDeferral, &c.SoftwareUpdateDeferral
	case "SystemEventNotifications":
		into = &c.SystemEventNotifications
	case "DhcpService":
		code, into = CodeDhcp, &c.DhcpService
	case "SntpService":
		code, into = CodeSntp, &c.SntpService
	case "CertStore":
		code, into = CodeCertStore, &c.CertStore
	case "VideoCapture":
		into = &c.VideoCapture
	default:
		return &ManifestError{CodeForbidden, m.key, "unknown or forbidden capability"}
	}
	return m.into(into, code)
}

// peripheral returns the list of a kind of peripheral, nil for another key.
func (c *Capabilities) peripheral(key string) *[]string {
	switch key {
	case "Gpio":
		return &c.Gpio
	case "Pwm":
		return &c.Pwm
	case "Adc":
		return &c.Adc
	case "I2cMaster":
		return &c.I2cMaster
	case "SpiMaster":
		return &c.SpiMaster
	case "Uart":
		return &c.Uart
	case "I2sSubordinate":
		return &c.I2sSubordinate
	}
	return nil
}

// readPeripheral reads a list of names and numbers without repetition.
func (c *Capabilities) readPeripheral(m member) error {
	code := map[string]int{"Gpio": CodeGpio, "Uart": CodeUart}[m.key]
	var values []any
	if err := m.into(&values, code); err != nil {
		return err
	}
	list := make([]string, 0, min(len(values), maxListed))
	for _, v := range values {
		var s string
		switch v := v.(type) {
		case string:
			s = v
		case float64:
			if n := int(v); v >= 0 && v <= 1<<16 && float64(n) == v {
				s = strconv.Itoa(n)
			}
		}
		if s == "" || len(s) > maxName || len(list) == maxListed {
			return &ManifestError{code, m.key, "want a name or a number"}
		}
		if slices.Contains(list, s) {
			return &ManifestError{CodePinTwice, m.key, s + " twice"}
		}
		list = append(list, s)
	}
	*c.peripheral(m.key) = list
	return nil
}

func (c *Capabilities) readConnections(m member) error {
	if err := m.into(&c.AllowedConnections, CodeConnections); err != nil {
		return err
	}
	for _, host := range c.AllowedConnections {
		if !isHost(host) || len(c.AllowedConnections) > maxListed {
			return &ManifestError{CodeConnections, m.key, strconv.Quote(host) + " is no host"}
		}
	}
	return nil
}

func readPorts(into *[]int, m member) error {
	if err := m.into(into, CodeServerPorts); err != nil {
		return err
	}
	for i, port := range *into {
		if port < 1 || port > 65535 || i == maxListed || slices.Contains((*into)[:i], port) {
			return &ManifestError{CodeServerPorts, m.key, "want different ports from 1 to 65535"}
		}
	}
	return nil
}

// readPeers reads component ids. An extension of ours: an application's name
// (lower-case letters, digits and hyphens) stands for the id that is derived
// from it, since a scenario has no way to write that id.
func (c *Capabilities) readPeers(m member) error {
	if err := m.into(&c.AllowedApplicationConnections, CodeApplicationPeers); err != nil {
		return err
	}
	for i, peer := range c.AllowedApplicationConnections {
		id, err := ParseGUID(peer)
		if err != nil {
			if !isAppName(peer) {
				return &ManifestError{CodeApplicationPeers, m.key, strconv.Quote(peer) + " is no component"}
			}
			id = ComponentOf(peer)
		}
		c.AllowedApplicationConnections[i] = id.String()
		if i == maxListed || slices.Contains(c.AllowedApplicationConnections[:i], id.String()) {
			return &ManifestError{CodeApplicationPeers, m.key, strconv.Quote(peer) + " twice"}
		}
	}
	return nil
}

// isAppName tells whether s is a short name. It is shorter than a GUID, so that
// a mistyped GUID is not taken for one.
func isAppName(s string) bool {
	if s == "" || len(s) >= nameSize || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (c *Capabilities) readAuthentication(m member) error {
	if err := m.into(&c.DeviceAuthentication, CodeAuthentication); err != nil {
		return err
	}
	if c.DeviceAuthentication == "" || len(c.DeviceAuthentication) > maxAuthentication || !printable([]byte(c.DeviceAuthentication)) {
		return &ManifestError{CodeAuthentication, m.key, "want the id of a tenant"}
	}
	return nil
}

func (c *Capabilities) readStorage(m member) error {
	members, err := object(m.value)
	if err != nil || len(members) != 1 || members[0].key != "SizeKB" {
		return &ManifestError{CodeMutableStorage, m.key, "want {\"SizeKB\": number}"}
	}
	c.MutableStorage = &MutableStorage{}
	if err := members[0].into(&c.MutableStorage.SizeKB, CodeMutableStorage); err != nil {
		return err
	}
	if size := c.MutableStorage.SizeKB; size < 1 || size > maxStorageKB {
		return &ManifestError{CodeMutableStorage, m.key, "want 1 to 64 KB"}
	}
	return nil
}

func (c *Capabilities) readPowerControls(m member) error {
	if err := m.into(&c.PowerControls, CodePowerControls); err != nil {
		return err
	}
	if len(c.PowerControls) == 0 {
		return &ManifestError{CodePowerControls, m.key, "empty"}
	}
	for i, control := range c.PowerControls {
		if !slices.Contains([]string{"ForceReboot", "ForcePowerDown", "SetPowerProfile"}, control) {
			return &ManifestError{CodePowerControlName, m.key, strconv.Quote(control) + " is unknown"}
		}
		if slices.Contains(c.PowerControls[:i], control) {
			return &ManifestError{CodePowerControlTwice, m.key, control + " twice"}
		}
	}
	return nil
}
