package device

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// The network configuration has a region of its own (azure-sphere 4.6, partition type
// 6), in two halves, so that a power cut leaves the one before. The keys of the owner's
// Wi-Fi are in it, and whoever has the device in hand reads flash: it lies there under
// a storage key of the chip, as the map of the rooms does.

// netConfig is that configuration.
type netConfig struct {
	_        struct{} `cbor:",toarray"`
	Networks []wifi
	Proxy    proxy
}

// wifi is a network that the device may join.
type wifi struct {
	_        struct{} `cbor:",toarray"`
	ID       int
	SSID     string
	Security string // open, psk or eaptls
	Key      string // pre-shared, of psk
	Root     string // certificate id of the server's root, of eaptls
	State    string // enabled or disabled
	Targeted bool   // looked for although it does not say its name
}

// proxy is the way out of the owner's network.
type proxy struct {
	_       struct{} `cbor:",toarray"`
	Enabled bool
	Address string
	Port    int
	User    string
	Secret  string
	Beside  []string // hosts that are reached without it
}

// maxNetworks bounds the networks that a device knows.
const maxNetworks = 8

// netOwner is whose storage the configuration is: the system's.
var netOwner = []byte("network configuration")

// loadNet reads the configuration; none where the chip cannot open it for whose the
// device is now.
func (d *Device) loadNet() {
	var kept []byte
	d.net = netConfig{}
	if !d.load(RegionNwConfig, &kept) {
		return
	}
	text := kept
	if !d.kernel.Wrong(KeepsNetworkKeysInTheClear) {
		text = d.openUnder(netOwner, kept)
	}
	if message.Decode(text, &d.net) != nil {
		d.net = netConfig{}
	}
}

// keepNet writes it. Who became the owner since the device started waits for the next
// start, as with all that is kept under his key.
func (d *Device) keepNet(c netConfig) error {
	if err := d.check(KeysAreOfThisOwner, d.Chip.Tenant() == d.store.Owner, defense.WrongState); err != nil {
		return err
	}
	text := message.Encode(c)
	if !d.kernel.Wrong(KeepsNetworkKeysInTheClear) {
		text = d.sealUnder(netOwner, "nonce of the network configuration", text)
	}
	if !d.save(RegionNwConfig, text) {
		return coded(defense.Refuse(defense.TooLarge, "no space"), codeSpace)
	}
	d.net = c
	return nil
}

// forgetNet wipes both halves: a former owner's networks are no business of the next.
func (d *Device) forgetNet() {
	if d.net.Networks == nil && !d.net.Proxy.Enabled {
		return
	}
	d.net = netConfig{}
	d.write(RegionNwConfig, 0, make([]byte, sizeOf(RegionNwConfig)))
}

// shownNetwork is a network as the interface answers it: whoever reads it there gets
// every member but the key.
type shownNetwork struct {
	SSID       string `json:"ssid"`
	State      string `json:"configState"`
	Connection string `json:"connectionState"`
	ID         int    `json:"id"`
	Security   string `json:"securityState"`
	Targeted   bool   `json:"targetedScan"`
	Key        string `json:"psk,omitempty"`
}

func (d *Device) shown(w wifi) shownNetwork {
	s := shownNetwork{w.SSID, w.State, "unknown", w.ID, w.Security, w.Targeted, ""}
	if d.gateway.Wrong(ShowsPreSharedKeys) {
		s.Key = w.Key
	}
	return s
}

// restNetworks lists the networks.
func (d *Device) restNetworks([]byte, string) ([]byte, error) {
	list := []shownNetwork{}
	for _, w := range d.net.Networks {
		list = append(list, d.shown(w))
	}
	return write(map[string]any{"values": list})
}

// restAddNetwork adds one.
func (d *Device) restAddNetwork(body []byte, _ string) ([]byte, error) {
	var w struct {
		SSID     string `json:"ssid"`
		Security string `json:"securityState"`
		Key      string `json:"psk"`
		Root     string `json:"rootCACertStoreIdentifier"`
		State    string `json:"configState"`
		Targeted bool   `json:"targetedScan"`
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	n := wifi{SSID: w.SSID, Security: w.Security, Key: w.Key, Root: w.Root, State: w.State, Targeted: w.Targeted}
	if err := d.admitNetwork(n); err != nil {
		return nil, err
	}
	c := d.net
	for _, other := range c.Networks {
		n.ID = max(n.ID, other.ID+1)
	}
	c.Networks = append(c.Networks[:len(c.Networks):len(c.Networks)], n)
	if n.Key != "" { // from here on the chip's key keeps it
		d.host.Made(d.Name+".chip", d.Name+".wifi-key", []byte(n.Key), nil)
	}
	if err := d.keepNet(c); err != nil {
		return nil, err
	}
	return write(d.shown(n))
}

// admitNetwork refuses what is no network: IEEE 802.11 has names of 1 to 32 bytes, and
// passphrases of 8 to 63.
func (d *Device) admitNetwork(n wifi) error {
	keyed := len(n.Key) >= 8 && len(n.Key) <= 63
	switch {
	case len(n.SSID) < 1 || len(n.SSID) > 32 || !utf8.ValidString(n.SSID) || n.State != "enabled" && n.State != "disabled":
		return defense.Refuse(defense.Malformed, "no such network")
	case n.Security == "psk" && keyed && n.Root == "", n.Security == "open" && n.Key == "" && n.Root == "":
	case n.Security == "eaptls" && n.Key == "":
		if d.store.Files[certificates][n.Root] == nil {
			return coded(defense.Refuse(defense.WrongState, "no certificate %q", n.Root), codeAbsent)
		}
	default:
		return defense.Refuse(defense.Malformed, "security state %q", n.Security)
	}
	if len(d.net.Networks) >= maxNetworks {
		return coded(defense.Refuse(defense.TooLarge, "%d networks", maxNetworks), codeSpace)
	}
	return nil
}

// networkAt finds a network by its id in a path.
func (d *Device) networkAt(argument string) (int, error) {
	for i, w := range d.net.Networks {
		if strconv.Itoa(w.ID) == argument {
			return i, nil
		}
	}
	return 0, coded(defense.Refuse(defense.WrongState, "no network %q", argument), codeAbsent)
}

func (d *Device) restNetwork(_ []byte, argument string) ([]byte, error) {
	i, err := d.networkAt(argument)
	if err != nil {
		return nil, err
	}
	return write(d.shown(d.net.Networks[i]))
}

// restChangeNetwork switches a network on or off.
func (d *Device) restChangeNetwork(body []byte, argument string) ([]byte, error) {
	var w struct {
		State string `json:"configState"`
	}
	i, err := d.networkAt(argument)
	if err != nil {
		return nil, err
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	if w.State != "enabled" && w.State != "disabled" {
		return nil, defense.Refuse(defense.Malformed, "configState %q", w.State)
	}
	c := d.net
	c.Networks = append([]wifi{}, c.Networks...)
	c.Networks[i].State = w.State
	if err := d.keepNet(c); err != nil {
		return nil, err
	}
	return write(d.shown(c.Networks[i]))
}

func (d *Device) restForgetNetwork(_ []byte, argument string) ([]byte, error) {
	i, err := d.networkAt(argument)
	if err != nil {
		return nil, err
	}
	c := d.net
	c.Networks = append(append([]wifi{}, c.Networks[:i]...), c.Networks[i+1:]...)
	return nil, d.keepNet(c)
}

// shownProxy is the proxy as the interface answers it, without its password.
type shownProxy struct {
	Address string   `json:"address"`
	Enabled bool     `json:"enabled"`
	Port    int      `json:"port"`
	Kind    string   `json:"authenticationType"`
	Beside  []string `json:"noProxyAddresses"`
}

// restProxy answers the proxy; there is none to show before one was configured.
func (d *Device) restProxy([]byte, string) ([]byte, error) {
	p := d.net.Proxy
	if p.Address == "" {
		return nil, coded(defense.Refuse(defense.WrongState, "no proxy"), codeAbsent)
	}
	kind := "anonymous"
	if p.User != "" {
		kind = "basic"
	}
	return write(shownProxy{p.Address, p.Enabled, p.Port, kind, append([]string{}, p.Beside...)})
}

// restSetProxy configures it.
func (d *Device) restSetProxy(body []byte, _ string) ([]byte, error) {
	var w struct {
		shownProxy
		User   string `json:"username"`
		Secret string `json:"password"`
	}
	if err := read(body, &w); err != nil {
		return nil, err
	}
	named := w.Address != "" && len(w.Address) <= 255 && !strings.ContainsAny(w.Address, " \t\r\n\x00")
	knows := w.Kind == "anonymous" && w.User == "" && w.Secret == "" || w.Kind == "basic" && w.User != "" && len(w.User)+len(w.Secret) <= 255
	if !named || !knows || w.Port < 1 || w.Port > 65535 || len(w.Beside) > maxNetworks {
		return nil, defense.Refuse(defense.Malformed, "proxy")
	}
	c := d.net
	c.Proxy = proxy{Enabled: w.Enabled, Address: w.Address, Port: w.Port, User: w.User, Secret: w.Secret, Beside: w.Beside}
	return nil, d.keepNet(c)
}

// restMemory answers what the applications take: the pages of the image of each that
// runs, which is what the model knows of it.
func (d *Device) restMemory([]byte, string) ([]byte, error) {
	used := 0
	for _, name := range d.names() {
		if a := d.apps[name]; a.running && !a.realTime() {
			used += (len(a.image) + host.PageSize - 1) / host.PageSize * host.PageSize
		}
	}
	d.peak = max(d.peak, used)
	return write(map[string]any{"memoryStats": map[string]int{
		"currentMemoryUsageInBytes": used, "userModeMemoryUsageInBytes": used, "peakUserModeMemoryUsageInBytes": d.peak,
	}})
}
