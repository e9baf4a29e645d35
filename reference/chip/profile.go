package chip

import (
	"slices"

	"github.com/armillary/armillary/reference/message"
)

// Role is what a processor of a chip is there for.
type Role string

// The roles.
const (
	SecurityCore    Role = "security"    // the root of trust itself
	ApplicationCore Role = "application" // security monitor, kernel and applications
	InputOutputCore Role = "io"          // real-time code of customers
	RadioCore       Role = "radio"       // Wi-Fi: firmware of others, beside the kernel
	ModemCore       Role = "modem"       // cellular: the same, with an operator at its other end
	MediaCore       Role = "media"       // between the camera's sensor and memory
)

// Core is one processor of a chip.
type Core struct {
	Name string // as the chip's maker calls it: a7
	Role Role
}

// Port is a debug port, with the kinds of capability of which each opens it and no
// other does (message.CapabilityA7Debug; azure-sphere 4.7, bits 2 to 8). The cores
// of customers' code open for development too.
type Port struct {
	Name  string // of the core, or of what stands before it: a7-console
	Role  Role   // of the core
	Kinds []uint16
}

// Profile is one chip as its maker drew it. The code is the same for all.
type Profile struct {
	Name  string
	Cores []Core
	Ports []Port
	Rows  []Row // of the memory firewall, as boot programs it
}

// Profiles are the chips there are, the default first (azure-sphere 3.1 and 3.5). Of
// the second and third little is public: see docs/divergences.md.
var Profiles = []Profile{
	{Name: "mt3620", Cores: []Core{
		{"pluton", SecurityCore},
		{"a7", ApplicationCore},
		{"m4-0", InputOutputCore},
		{"m4-1", InputOutputCore},
		{"n9", RadioCore},
	}, Ports: []Port{
		{"pluton", SecurityCore, []uint16{message.CapabilityPlutonDebug}},
		{"a7", ApplicationCore, []uint16{message.CapabilityA7Debug}},
		{"a7-gdb", ApplicationCore, []uint16{message.CapabilityA7GDB}},
		{"a7-console", ApplicationCore, []uint16{message.CapabilityA7Console}},
		{"m4-0", InputOutputCore, []uint16{message.CapabilityM4Debug0, message.CapabilityAppDevelopment}},
		{"m4-1", InputOutputCore, []uint16{message.CapabilityM4Debug1, message.CapabilityAppDevelopment}},
		{"n9", RadioCore, []uint16{message.CapabilityN9Debug}},
	}, Rows: []Row{
		{"pluton", SecureMemory, "rw"}, {"a7", KernelMemory, "rw"}, {"a7", Peripherals, "rw"},
		{"m4-0", TightMemory, "rw"}, {"m4-1", TightMemory, "rw"}, {"m4-0", Peripherals, "rw"}, {"m4-1", Peripherals, "rw"},
		{"a7", Window(InputOutputCore), "rw"}, {"m4-0", Window(InputOutputCore), "rw"}, {"m4-1", Window(InputOutputCore), "rw"},
		{"a7", Window(RadioCore), "rw"}, {"n9", Window(RadioCore), "rw"},
	}},
	{Name: "imx8", Cores: []Core{
		{"pluton", SecurityCore},
		{"a35-0", ApplicationCore},
		{"a35-1", ApplicationCore},
		{"m33", InputOutputCore},
		{"isp", MediaCore},
	}, Ports: []Port{
		{"pluton", SecurityCore, []uint16{message.CapabilityPlutonDebug}},
		{"a35", ApplicationCore, []uint16{message.CapabilityA7Debug}},
		{"a35-gdb", ApplicationCore, []uint16{message.CapabilityA7GDB}},
		{"a35-console", ApplicationCore, []uint16{message.CapabilityA7Console}},
		{"m33", InputOutputCore, []uint16{message.CapabilityM4Debug0, message.CapabilityAppDevelopment}},
		{"isp", MediaCore, []uint16{message.CapabilityM4Debug1}},
	}, Rows: []Row{
		{"pluton", SecureMemory, "rw"}, {"a35-0", KernelMemory, "rw"}, {"a35-1", KernelMemory, "rw"}, {"m33", TightMemory, "rw"},
		{"a35-0", Peripherals, "rw"}, {"a35-1", Peripherals, "rw"}, {"m33", Peripherals, "rw"},
		{"a35-0", Window(InputOutputCore), "rw"}, {"m33", Window(InputOutputCore), "rw"},
		{"isp", RawFrames, "rw"}, {"isp", Frames, "w"}, {"a35-0", Frames, "r"},
	}},
	{Name: "cellular", Cores: []Core{
		{"pluton", SecurityCore},
		{"a7", ApplicationCore},
		{"m4", InputOutputCore},
		{"hexagon", ModemCore},
	}, Ports: []Port{
		{"pluton", SecurityCore, []uint16{message.CapabilityPlutonDebug}},
		{"a7", ApplicationCore, []uint16{message.CapabilityA7Debug}},
		{"a7-gdb", ApplicationCore, []uint16{message.CapabilityA7GDB}},
		{"a7-console", ApplicationCore, []uint16{message.CapabilityA7Console}},
		{"m4", InputOutputCore, []uint16{message.CapabilityM4Debug0, message.CapabilityAppDevelopment}},
		{"hexagon", ModemCore, []uint16{message.CapabilityN9Debug}},
	}, Rows: []Row{
		{"pluton", SecureMemory, "rw"}, {"a7", KernelMemory, "rw"}, {"m4", TightMemory, "rw"},
		{"a7", Peripherals, "rw"}, {"m4", Peripherals, "rw"},
		{"a7", Window(InputOutputCore), "rw"}, {"m4", Window(InputOutputCore), "rw"},
		{"a7", Window(ModemCore), "rw"}, {"hexagon", Window(ModemCore), "rw"},
	}},
}

// ProfileNamed finds a profile; "" is the default.
func ProfileNamed(name string) (Profile, bool) {
	if name == "" {
		return Profiles[0], true
	}
	i := slices.IndexFunc(Profiles, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, false
	}
	return Profiles[i], true
}

// Core finds a core by its name, or the first one of a role.
func (p *Profile) Core(name string) (Core, bool) {
	i := slices.IndexFunc(p.Cores, func(c Core) bool { return c.Name == name || string(c.Role) == name })
	if i < 0 {
		return Core{}, false
	}
	return p.Cores[i], true
}

// Port finds a debug port by its name, or the first one of a role.
func (p *Profile) Port(name string) (Port, bool) {
	i := slices.IndexFunc(p.Ports, func(o Port) bool { return o.Name == name || string(o.Role) == name })
	if i < 0 {
		return Port{}, false
	}
	return p.Ports[i], true
}
