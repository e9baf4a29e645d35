package message_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/internal/published"
	"github.com/armillary/armillary/reference/message"
)

func TestAppManifestShort(t *testing.T) {
	got, err := message.ParseAppManifest([]byte(`{"SchemaVersion":1,"Name":"good","Capabilities":{}}`))
	want := &message.AppManifest{
		SchemaVersion: 1, Name: "good", ComponentID: message.ComponentOf("good").String(), EntryPoint: "/bin/app", ApplicationType: "Default",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if got.Component() != message.ComponentOf("good") {
		t.Errorf("Component = %v", got.Component())
	}
}

func TestAppManifestFull(t *testing.T) {
	got, err := message.ParseAppManifest([]byte(`{
		"SchemaVersion": 1, "Name": "cam", "ComponentId": "917A9E73-D259-4136-8A5E-3C8480E08C86", "EntryPoint": "/bin/cam",
		"CmdArgs": ["-v", ""], "ApplicationType": "RealTimeCapable", "MallocVersion": 2,
		"TargetApplicationRuntimeVersion": 12, "TargetBetaApis": "Beta2004",
		"Capabilities": {
			"AllowedConnections": ["relay.vendor.example", "192.168.35.1"], "AllowedTcpServerPorts": [80], "AllowedUdpServerPorts": [53, 123],
			"AllowedApplicationConnections": ["log", "005180BC-402F-4CB3-A662-72937DBCDE47"],
			"DeviceAuthentication": "00000000-0000-0000-0000-000000000000", "MutableStorage": {"SizeKB": 64},
			"Gpio": [9, "$LED"], "Pwm": ["$P"], "Adc": ["$A"], "I2cMaster": ["ISU2"], "SpiMaster": ["$S"], "Uart": ["$U"], "I2sSubordinate": ["$I"],
			"WifiConfig": true, "NetworkConfig": true, "EnterpriseWifiConfig": true, "ReadNetworkProxyConfig": true, "HardwareAddressConfig": true,
			"SystemTime": true, "TimeSyncConfig": true, "SoftwareUpdateDeferral": true, "SystemEventNotifications": true,
			"DhcpService": true, "SntpService": true, "CertStore": true, "VideoCapture": true,
			"PowerControls": ["ForceReboot", "ForcePowerDown", "SetPowerProfile"]
		}}`))
	want := &message.AppManifest{
		SchemaVersion: 1, Name: "cam", ComponentID: "917a9e73-d259-4136-8a5e-3c8480e08c86", EntryPoint: "/bin/cam",
		CmdArgs: []string{"-v", ""}, ApplicationType: message.RealTimeCapable, MallocVersion: 2, TargetApplicationRuntimeVersion: 12, TargetBetaApis: "Beta2004",
		Capabilities: message.Capabilities{
			AllowedConnections: []string{"relay.vendor.example", "192.168.35.1"}, AllowedTcpServerPorts: []int{80}, AllowedUdpServerPorts: []int{53, 123},
			AllowedApplicationConnections: []string{message.ComponentOf("log").String(), "005180bc-402f-4cb3-a662-72937dbcde47"},
			DeviceAuthentication:          "00000000-0000-0000-0000-000000000000", MutableStorage: &message.MutableStorage{SizeKB: 64},
			Gpio: []string{"9", "$LED"}, Pwm: []string{"$P"}, Adc: []string{"$A"}, I2cMaster: []string{"ISU2"}, SpiMaster: []string{"$S"},
			Uart: []string{"$U"}, I2sSubordinate: []string{"$I"},
			WifiConfig: true, NetworkConfig: true, EnterpriseWifiConfig: true, ReadNetworkProxyConfig: true, HardwareAddressConfig: true,
			SystemTime: true, TimeSyncConfig: true, SoftwareUpdateDeferral: true, SystemEventNotifications: true,
			DhcpService: true, SntpService: true, CertStore: true, VideoCapture: true,
			PowerControls: []string{"ForceReboot", "ForcePowerDown", "SetPowerProfile"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestAppManifestRefuses(t *testing.T) {
	whole := func(rest string) string { return `{"SchemaVersion":1,"Name":"a",` + rest + `}` }
	caps := func(c string) string { return whole(`"Capabilities":{` + c + `}`) }
	for _, test := range []struct {
		name, input string
		code        int
	}{
		{"empty", "", message.CodeManifestMissing},
		{"too_long", strings.Repeat(" ", message.MaxAppManifest+1), message.CodeNotJSON},
		{"not_json", "{", message.CodeNotJSON},
		{"list", "[]", message.CodeNotJSON},
		{"trailing", caps("") + "{}", message.CodeNotJSON},
		{"not_utf8", caps("") + " \xff", message.CodeNotJSON},
		{"key_twice", whole(`"Name":"b","Capabilities":{}`), message.CodeNotJSON},
		{"key_case", whole(`"capabilities":{},"Capabilities":{}`), 0},
		{"unknown_key", whole(`"Colour":"red","Capabilities":{}`), 0},
		{"policy", whole(`"Policy":{},"Capabilities":{}`), message.CodePolicy},
		{"schema_missing", `{"Name":"a","Capabilities":{}}`, message.CodeSchemaMissing},
		{"schema_2", `{"SchemaVersion":2,"Name":"a","Capabilities":{}}`, message.CodeSchemaVersion},
		{"schema_text", `{"SchemaVersion":"1","Name":"a","Capabilities":{}}`, message.CodeSchemaVersion},
		{"schema_null", `{"SchemaVersion":null,"Name":"a","Capabilities":{}}`, message.CodeSchemaVersion},
		{"no_name", `{"SchemaVersion":1,"Capabilities":{}}`, 0},
		{"no_capabilities", `{"SchemaVersion":1,"Name":"a"}`, message.CodeCapabilities},
		{"capabilities_list", whole(`"Capabilities":[]`), message.CodeCapabilities},
		{"capability_twice", caps(`"CertStore":false,"CertStore":true`), message.CodeCapabilities},
		{"component", whole(`"ComponentId":"x","Capabilities":{}`), message.CodeComponentID},
		{"component_zero", whole(`"ComponentId":"00000000-0000-0000-0000-000000000000","Capabilities":{}`), message.CodeComponentID},
		{"entry_point_relative", whole(`"EntryPoint":"bin/app","Capabilities":{}`), message.CodeEntryPoint},
		{"entry_point_up", whole(`"EntryPoint":"/bin/../app","Capabilities":{}`), message.CodeEntryPoint},
		{"arguments", whole(`"CmdArgs":"x","Capabilities":{}`), message.CodeCmdArgs},
		{"application_type", whole(`"ApplicationType":"Root","Capabilities":{}`), message.CodeApplicationType},
		{"unknown_capability", caps(`"Everything":true`), message.CodeForbidden},
		{"internal_capability", caps(`"LogDataAccess":true`), message.CodeForbidden},
		{"capability_case", caps(`"certstore":true`), message.CodeForbidden},
		{"flag_text", caps(`"CertStore":"true"`), message.CodeCertStore},
		{"flag_null", caps(`"VideoCapture":null`), 0},
		{"host_empty", caps(`"AllowedConnections":[""]`), message.CodeConnections},
		{"host_wildcard", caps(`"AllowedConnections":["*.example.com"]`), message.CodeConnections},
		{"hosts_null", caps(`"AllowedConnections":null`), message.CodeConnections},
		{"port_zero", caps(`"AllowedTcpServerPorts":[0]`), message.CodeServerPorts},
		{"port_large", caps(`"AllowedUdpServerPorts":[65536]`), message.CodeServerPorts},
		{"port_twice", caps(`"AllowedTcpServerPorts":[80,80]`), message.CodeServerPorts},
		{"peer", caps(`"AllowedApplicationConnections":["Not A Name"]`), message.CodeApplicationPeers},
		{"peer_mistyped", caps(`"AllowedApplicationConnections":["a05180bc-402f-4cb3-a662-72937dbcde4"]`), message.CodeApplicationPeers},
		{"peer_twice", caps(`"AllowedApplicationConnections":["log","log"]`), message.CodeApplicationPeers},
		{"authentication_empty", caps(`"DeviceAuthentication":""`), message.CodeAuthentication},
		{"authentication_long", caps(`"DeviceAuthentication":"` + strings.Repeat("x", 65) + `"`), message.CodeAuthentication},
		{"storage_zero", caps(`"MutableStorage":{"SizeKB":0}`), message.CodeMutableStorage},
		{"storage_large", caps(`"MutableStorage":{"SizeKB":65}`), message.CodeMutableStorage},
		{"storage_fraction", caps(`"MutableStorage":{"SizeKB":1.5}`), message.CodeMutableStorage},
		{"storage_other", caps(`"MutableStorage":{"SizeMB":1}`), message.CodeMutableStorage},
		{"storage_number", caps(`"MutableStorage":8`), message.CodeMutableStorage},
		{"gpio_object", caps(`"Gpio":[{}]`), message.CodeGpio},
		{"gpio_negative", caps(`"Gpio":[-1]`), message.CodeGpio},
		{"gpio_twice", caps(`"Gpio":[9,"9"]`), message.CodePinTwice},
		{"uart_empty", caps(`"Uart":[""]`), message.CodeUart},
		{"deferral_alone", caps(`"SoftwareUpdateDeferral":true`), message.CodeDeferral},
		{"power_empty", caps(`"PowerControls":[]`), message.CodePowerControls},
		{"power_twice", caps(`"PowerControls":["ForceReboot","ForceReboot"]`), message.CodePowerControlTwice},
		{"power_unknown", caps(`"PowerControls":["Explode"]`), message.CodePowerControlName},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := message.ParseAppManifest([]byte(test.input))
			refused, ok := errors.AsType[*message.ManifestError](err)
			if !ok || m != nil || refused.Code != test.code || !errors.Is(err, message.ErrMalformed) {
				t.Errorf("%+v, error %v, want one with code %d", m, err, test.code)
			}
		})
	}
}

// fragments are files of the samples that are no whole manifests.
var fragments = []string{
	"CodeSnippets_Networking_Proxy_EnableDisableProxy.json",
	"CodeSnippets_Peripherals_ADC_SimplifiedFunctions.json",
}

func TestRealAppManifests(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(published.File(t, "app_manifest/", "that real application manifests are accepted"), "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if name == "imagepackage_metadata.json" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := message.ParseAppManifest(data)
		if slices.Contains(fragments, name) {
			if refused, ok := errors.AsType[*message.ManifestError](err); !ok || refused.Code != message.CodeSchemaMissing {
				t.Errorf("%s: error %v, want code %d", name, err, message.CodeSchemaMissing)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var plain struct {
			Name, ComponentId string
			Capabilities      struct{ AllowedConnections []string }
		}
		if err := json.Unmarshal(data, &plain); err != nil {
			t.Fatal(err)
		}
		if m.Name != plain.Name || !strings.EqualFold(m.ComponentID, plain.ComponentId) || !slices.Equal(m.Capabilities.AllowedConnections, plain.Capabilities.AllowedConnections) {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// FuzzParseAppManifest: what parses is also what encoding/json, the more
// lenient reader, sees, and within the limits.
func FuzzParseAppManifest(f *testing.F) {
	f.Add([]byte(`{"SchemaVersion":1,"Name":"good","Capabilities":{"MutableStorage":{"SizeKB":8},"Gpio":[1,"$A"],"AllowedTcpServerPorts":[1]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := message.ParseAppManifest(b)
		if err != nil {
			if _, ok := errors.AsType[*message.ManifestError](err); !ok {
				t.Fatalf("error %v is no ManifestError", err)
			}
			return
		}
		var plain struct{ Name string }
		if err := json.Unmarshal(b, &plain); err != nil || plain.Name != m.Name {
			t.Fatalf("name %q, encoding/json sees %q, %v", m.Name, plain.Name, err)
		}
		if s := m.Capabilities.MutableStorage; s != nil && (s.SizeKB < 1 || s.SizeKB > 64) {
			t.Fatalf("storage of %d KB", s.SizeKB)
		}
	})
}
