package suit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/reference/suit"
	"github.com/google/go-cmp/cmp"
)

// firmware is the plaintext of the published encrypted payloads.
const firmware = "This is a real firmware image."

// ciphertextGCM is the published AES-GCM ciphertext, as a repository serves it.
const ciphertextGCM = "758c4b7bbae2c4c1d462423e0f0dc3164ffa7b85bb94d4bd6d7ed26ab32feb063385d4d3465927ec82cb5e198a59"

// publishedRun is one published manifest that is run, and what it must come to.
type publishedRun struct {
	vector    string
	procedure string
	holds     map[string]string // component (words joined by "/") before
	want      map[string]string // components after
	commands  []suit.Code       // recorded, where the manifest asks for records
	invoked   string            // arguments of the last invocation
	patterns  bool              // image digests are sample patterns of which no image is known
	lax       string            // the wanted difference: what a strict processor refuses, and why
	rule      suit.Rule         // that then refuses
}

const (
	noCheckOfDevice = "the shared sequence checks no vendor and class, which the draft recommends and a strict processor demands"
	noCheckOfImage  = "nothing compares what is invoked or installed with a digest; a strict processor runs no unmatched image"
)

// publishedRuns are the procedures of published manifests whose inputs are
// published too. Digests of the appendix examples are sample patterns: there the
// image match is taken for granted and the trace of commands is compared.
var publishedRuns = []publishedRun{
	{vector: "draft37-example0-signed", procedure: "invoke", holds: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2}},
	{vector: "libcsuit-exp0", procedure: "invoke", holds: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2}},
	{vector: "draft37-example1-signed", procedure: "update", want: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2, 3}},
	{vector: "draft37-example2-signed-unsevered", procedure: "update", want: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2, 3}},
	{vector: "draft37-example2-signed-unsevered", procedure: "invoke", holds: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2}},
	{vector: "draft37-example3-signed", procedure: "update", want: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{5, 1, 2, 5, 3, 5, 1, 2, 3}},
	{vector: "draft37-example4-signed", procedure: "update", want: map[string]string{"\x00": "x", "\x02": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2, 3, 1, 2, 3}},
	{vector: "draft37-example4-signed", procedure: "invoke", holds: map[string]string{"\x00": "x"}, want: map[string]string{"\x00": "x", "\x01": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 1, 2, 3, 1, 2}},
	{vector: "draft37-example5-signed", procedure: "update", want: map[string]string{"\x00": "x", "\x01": "x"}, patterns: true, commands: []suit.Code{1, 2, 3, 3, 1, 2, 3, 3}},
	{vector: "libcsuit-expAFS", procedure: "update", want: map[string]string{"\x00": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "libcsuit-expEW", procedure: "update", want: map[string]string{"decrypted-firmware": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "libcsuit-expS0", procedure: "update", want: map[string]string{"00": "hello world"}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "libcsuit-expS0", procedure: "invoke", holds: map[string]string{"00": "hello world"}, invoked: "cat 00", lax: noCheckOfImage, rule: suit.RuleInvoked},
	{vector: "libcsuit-expS3", procedure: "update", want: map[string]string{"00": "hello world", "10": " in multiple trust domains"}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "libcsuit-expU0", procedure: "update", want: map[string]string{}, commands: []suit.Code{4, 26, 28, 27, 4, 26, 28, 27}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "libcsuit-expU2", procedure: "update", want: map[string]string{"\x00": "x"}, patterns: true, commands: []suit.Code{28, 1, 2, 26, 3, 28, 1, 2, 3, 4}},
	{vector: "fwenc-suit-manifest-aes-kw-content", procedure: "update", want: map[string]string{"plaintext-firmware": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "fwenc-suit-manifest-aes-kw-slot", procedure: "update", want: map[string]string{"\x00": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "fwenc-suit-manifest-aes-kw", procedure: "update", want: map[string]string{"plaintext-firmware": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "fwenc-suit-manifest-es-ecdh-content", procedure: "update", want: map[string]string{"decrypted-firmware": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
	{vector: "fwenc-suit-manifest-es-ecdh-dependency", procedure: "update", want: map[string]string{"decrypted-firmware": firmware}, lax: noCheckOfDevice, rule: suit.RuleCompatibility},
}

// TestInteropOfPublishedProcedures runs published manifests: strictly, and where a
// strict processor refuses for a stated reason, without that demand.
func TestInteropOfPublishedProcedures(t *testing.T) {
	vectors, keys := publishedSUIT(t)
	counts := interop{wanted: map[string][]string{}}
	for _, r := range publishedRuns {
		counts.tried++
		i := slices.IndexFunc(vectors, func(v vector) bool { return v.Name == r.vector })
		if i < 0 {
			counts.unexplained = append(counts.unexplained, r.vector+" is not published")
			continue
		}
		name := r.vector + " " + r.procedure
		if r.lax != "" {
			if _, _, err := r.run(t, vectors[i], keys, false); !refusedBy(err, r.rule) {
				counts.unexplained = append(counts.unexplained, name+", strictly: "+errorText(err))
				continue
			}
		}
		problem := r.agrees(t, vectors[i], keys)
		switch {
		case problem != "":
			counts.unexplained = append(counts.unexplained, name+": "+problem)
		case r.lax != "":
			counts.wanted[r.lax] = append(counts.wanted[r.lax], name)
		default:
			counts.agreed++
		}
	}
	counts.print(t, "procedures")
}

func refusedBy(err error, rule suit.Rule) bool {
	return err != nil && strings.Contains(err.Error(), string(rule))
}

// agrees compares what a procedure came to.
func (r publishedRun) agrees(t *testing.T, v vector, keys map[string]publishedKey) string {
	t.Helper()
	s, report, err := r.run(t, v, keys, r.lax != "")
	if err != nil {
		return err.Error()
	}
	var commands []suit.Code
	for _, rec := range report.Records {
		if rec.Held && rec.Command != suit.Copy && rec.Command != suit.Write && rec.Command != suit.Fetch && rec.Command != suit.Invoke && rec.Command != suit.ProcessDependency {
			commands = append(commands, rec.Command)
		}
	}
	if r.commands != nil {
		if d := cmp.Diff(r.commands, commands); d != "" {
			return "commands (-want +got):\n" + d
		}
	}
	for words, want := range r.want {
		if got := s.get(suit.Component(strings.Split(words, "/")...)); got != want {
			return "component " + words + " holds " + got
		}
	}
	if r.procedure == "invoke" && (len(s.ran) != 1 || string(s.args[0]) != r.invoked) {
		return "invoked otherwise"
	}
	return ""
}

// run authenticates and runs one manifest on a platform that has its components.
func (r publishedRun) run(t *testing.T, v vector, keys map[string]publishedKey, lax bool) (*shelf, *suit.Report, error) {
	t.Helper()
	var trust []suit.Key
	for name, k := range keys {
		if k.Kid == "" {
			trust = append(trust, k.key(t, name))
		}
	}
	e, err := suit.Decode(v.bytes(t), suit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := suit.Authenticate(e, trust, 0, suit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf(a.Manifest.Components...)
	s.known = append(s.known, suit.Component("00"), suit.Component("\x01"))
	for _, d := range a.Manifest.Dependencies {
		s.known = append(s.known, d.Prefix)
	}
	for words, data := range r.holds {
		s.put(suit.Component(strings.Split(words, "/")...), data)
	}
	for _, uri := range []string{"http://example.com/file.bin", "http://example.com/file1.bin", "http://example.com/file2.bin", "http://example.com/very/long/path/to/file/file.bin"} {
		s.remote[uri] = []byte("x")
	}
	s.remote["coaps://example.com/encrypted-firmware"] = unhex(t, ciphertextGCM)
	p := &suit.Processor{Platform: s, Keys: trust, Decrypt: decryptionKeys(t, keys), AnyDevice: lax || r.rule == suit.RuleInvoked, Unmatched: lax}
	if r.patterns {
		p.Options.Check = func(rule suit.Rule, held bool) bool { return held || rule == suit.RuleImage }
	}
	procedure := p.Update
	if r.procedure == "invoke" {
		procedure = p.Invoke
	}
	report, err := procedure(a)
	return s, report, err
}
