package broker

import "testing"

func TestFiltersMatchTopics(t *testing.T) {
	for name, c := range map[string]struct {
		filter, topic string
		want          bool
	}{
		"the topic itself":           {"dev/d1/state", "dev/d1/state", true},
		"another device":             {"dev/d2/state", "dev/d1/state", false},
		"one level":                  {"dev/+/state", "dev/d1/state", true},
		"one level is not two":       {"dev/+", "dev/d1/state", false},
		"all that follows":           {"dev/#", "dev/d1/state", true},
		"everything":                 {"#", "dev/d1/state", true},
		"a filter longer than topic": {"dev/d1/state/now", "dev/d1/state", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := matches(c.filter, c.topic); got != c.want {
				t.Errorf("%q fits %q: %v", c.topic, c.filter, got)
			}
		})
	}
}

func TestTopicsNameOneDevice(t *testing.T) {
	for name, want := range map[string]bool{
		"dev/d1/state": true, "dev/d1/command": true, "dev//state": false, "dev/d1": false, "dev/d1/state/x": false, "app/d1/state": false, "dev/d1/firmware": false,
	} {
		if _, _, ok := topic(name); ok != want {
			t.Errorf("%q is a topic: %v", name, ok)
		}
	}
}
