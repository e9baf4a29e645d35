package device

import "strconv"

// Routes that came with later versions of the interface (azure-sphere 4.8). What
// their answers hold is not public; these say what the model knows.

// ruleset is what an application may reach, and who may reach it.
type ruleset struct {
	Application string   `json:"application"`
	Hosts       []string `json:"hosts"`
	Ports       []int    `json:"ports"`
}

// restFirewall lists the rules by application; what none of them names is denied.
func (d *Device) restFirewall([]byte, string) ([]byte, error) {
	rules := []ruleset{}
	for _, name := range d.names() {
		c := d.apps[name].manifest.Capabilities
		rules = append(rules, ruleset{name, append([]string{}, c.AllowedConnections...), append([]int{}, c.AllowedTcpServerPorts...)})
	}
	return write(map[string]any{"rulesets": rules})
}

func (d *Device) restVersion([]byte, string) ([]byte, error) {
	return write(map[string]string{"osversion": strconv.FormatUint(uint64(d.release.version), 10)})
}
