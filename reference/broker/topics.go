package broker

import "strings"

// Topics are dev/NAME/state, which the device posts and people read, and
// dev/NAME/command, the other way round.
const (
	prefix  = "dev"
	state   = "state"
	command = "command"
	// inside is where the broker keeps what is posted for its own use: under these
	// topics nobody has a right to anything.
	inside = "$broker/msgs/"
)

// topic takes dev/NAME/KIND apart.
func topic(name string) (device, kind string, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || parts[0] != prefix || parts[1] == "" || (parts[2] != state && parts[2] != command) {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// wild tells whether a topic filter has a wildcard (MQTT 5.0 section 4.7.1).
func wild(filter string) bool { return strings.ContainsAny(filter, "+#") }

// matches tells whether a topic fits a filter: + is one level, # all that follow.
func matches(filter, name string) bool {
	f, n := strings.Split(filter, "/"), strings.Split(name, "/")
	for i, level := range f {
		switch {
		case level == "#":
			return true
		case i >= len(n), level != "+" && level != n[i]:
			return false
		}
	}
	return len(f) == len(n)
}

// mayRead tells whether a client has a right to what is posted to a topic: a
// device to its own commands, a person to the state of a device that obeys him.
// A filter with a wildcard names no one device, so nobody has a right to it.
func (b *Broker) mayRead(client, filter string) bool {
	if wild(filter) && b.guard.Wrong(ReadsAWildcardAsAName) {
		return true
	}
	if strings.HasPrefix(filter, inside) && b.guard.Wrong(LeavesItsInsideOpen) {
		return true
	}
	device, kind, ok := topic(filter)
	return ok && ((kind == command && device == client) || (kind == state && b.directory.May(client, device)))
}

// mayPost tells whether a client may post to a topic.
func (b *Broker) mayPost(client, name string) bool {
	device, kind, ok := topic(name)
	return ok && ((kind == state && device == client) || (kind == command && b.directory.May(client, device)))
}
