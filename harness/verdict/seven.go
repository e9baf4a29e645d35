package verdict

// PropertyInfo names one of the seven properties.
type PropertyInfo struct {
	ID     string // as in every JSON document
	Name   string // wording of the 2020 edition
	Former string // wording of the 2017 paper
	Asks   string // the question it answers, in one sentence
}

// Seven lists the properties of highly secured devices in their usual order
// (Hunt, Letey, Nightingale, "The Seven Properties of Highly Secure Devices",
// 2017, and its second edition of 2020).
var Seven = []PropertyInfo{
	{"hardware-root-of-trust", "Hardware root of trust", "Hardware-based root of trust",
		"Is the device's identity, and the integrity of what it runs, protected by hardware that keeps its secrets?"},
	{"defense-in-depth", "Defense in depth", "Defense in depth",
		"Does the device stay protected when one of its defenses has been beaten?"},
	{"small-trusted-computing-base", "Small trusted computing base", "Small trusted computing base",
		"Are the device's secrets and its enforcing parts safe from everything outside a small base?"},
	{"dynamic-compartments", "Dynamic compartments", "Compartmentalization",
		"Does a failure in one part stay there, and can the walls be moved after the device was sold?"},
	{"certificate-based-authentication", "Certificate-based authentication", "Certificate-based (password-less) authentication",
		"Do certificates, backed by the root of trust, prove who speaks, and nothing weaker?"},
	{"error-reporting", "Error reporting", "Failure reporting",
		"Does the device report what fails, attacks that failed included, to someone who looks?"},
	{"renewable-security", "Renewable security", "Renewable security",
		"Is the device's software renewed by itself, and forward only, so that what fell is put right?"},
}

// NameOf returns the 2020 name of a property, or the id itself when unknown.
func NameOf(id string) string {
	for _, p := range Seven {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}
