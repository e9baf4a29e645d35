package device

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseBoard(t *testing.T) {
	got, err := ParseBoard([]byte("$LED 8\n$LAMP 8\n$UART isu0\n"))
	if diff := cmp.Diff(map[string]string{"$LED": "8", "$LAMP": "8", "$UART": "isu0"}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for name, body := range map[string]string{
		"no pin":       "$LED\n",
		"no name":      "LED 8\n",
		"twice":        "$LED 8\n$LED 9\n",
		"an empty pin": "$LED \n",
		"too much":     "$LED 8 9\n",
		"too many":     strings.Repeat("$L 1\n", maxPins+1),
	} {
		if _, err := ParseBoard([]byte(body)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
