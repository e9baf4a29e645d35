package harness

import (
	"regexp"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
)

// made are the steps that make a device.
var made = regexp.MustCompile(`(?m)^((?:\[.*\] )?(?:[!?~] )?(?:device|manufacture) .*)$`)

// TestBothFormatsObeyTheSameGuarantees tells every story about attestation again with
// devices that attest by PSA tokens: the same guarantees hold, by the same verdicts.
func TestBothFormatsObeyTheSameGuarantees(t *testing.T) {
	for words, needs := range map[string]string{"evidence=psa": "attester.psa", "evidence=psa identity=dice": "attester.psa attester.layers"} {
		t.Run(words, func(t *testing.T) { retell(t, words, needs) })
	}
}

func retell(t *testing.T, words, needs string) {
	native := library(t, func(text []byte) []byte { return text })
	tokens := library(t, func(text []byte) []byte {
		if !strings.HasPrefix(string(text), "id: attest/") || strings.Contains(string(text), "attester.psa") {
			return text
		}
		retold := made.ReplaceAllString(string(text), "$1 "+words)
		if strings.Contains(words, "dice") { // a key that the device's own does not vouch for is refused as that
			retold = strings.ReplaceAll(retold, "class=bad-signature", "class=bad-signature|untrusted-signer")
		}
		return []byte(strings.Replace(retold, "\nneeds: ", "\nneeds: "+needs+" ", 1))
	})
	retold := 0
	for i, s := range native {
		if !strings.HasPrefix(s.Header.ID, "attest/") || strings.Contains(strings.Join(s.Header.Needs, " "), "attester.psa") {
			continue
		}
		retold++
		want, err := Run(s, inproc.New, Options{Once: true})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Run(tokens[i], inproc.New, Options{})
		if err != nil {
			t.Errorf("%s cannot be told with tokens: %v", s.Header.ID, err)
			continue
		}
		if got.Outcome.Status != verdict.Pass {
			t.Errorf("%s with tokens: %s: %s", s.Header.ID, got.Outcome.Status, strings.Join(got.Outcome.Reasons, "; "))
		}
		for j, v := range want.Verdicts {
			if w := got.Verdicts[j]; v.Guarantee != w.Guarantee || v.Status != w.Status {
				t.Errorf("%s: %s is %s with native evidence, %s %s with tokens", s.Header.ID, v.Guarantee, v.Status, w.Guarantee, w.Status)
			}
		}
	}
	if retold < 10 {
		t.Errorf("%d stories were told again", retold)
	}
}
