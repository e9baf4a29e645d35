package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/google/go-cmp/cmp"
)

// sample is a small trace in which every field is used.
func sample() *trace.Trace {
	return &trace.Trace{
		Header: trace.Header{
			Schema: trace.Schema, Scenario: "update/swap", SUT: "reference", Version: "1", Profile: "mt3620", Seed: 1<<64 - 1,
			Without: []string{"suit.checks-digest"}, Expect: []string{"update.never-goes-back pass"},
			Title: `quotes " and \ and <script>`, Text: "id: update/swap\n\nsettle\n",
			Kinds: map[string]string{"CodeStarted": "console", "BootStarted": "console"},
		},
		Events: []trace.Event{
			{Seq: 1, Source: trace.Actor, Kind: trace.KeyMade, Who: "d1.chip", What: "d1.attestation-key", Digest: "00ff00ff00ff00ff"},
			{Seq: 2, At: 5 * time.Second, Step: 1, Source: trace.Answer, Kind: trace.StepStarted, Who: "mallory", What: "serve",
				Peer: "d1", Is: "updater", State: "hostile", Note: "serve \"evil\" to=d1\t\n\x01\u2028é<>&"},
			{Seq: 3, At: 5 * time.Second, Step: 1, Source: trace.World, Kind: trace.MessageSent, Who: "d1", Peer: "cloud",
				Number: -7, Level: 3, Labels: []string{"d1.frames", "sa"}},
		},
	}
}

func text(t testing.TB, tr *trace.Trace) string {
	t.Helper()
	var b bytes.Buffer
	if err := tr.Write(&b); err != nil {
		t.Fatal(err)
	}
	if got := tr.AppendJSON(nil); !bytes.Equal(got, b.Bytes()) {
		t.Fatal("Write and AppendJSON differ")
	}
	return b.String()
}

func TestReadReturnsWhatWasWritten(t *testing.T) {
	many := sample()
	for i := range 5000 { // more than one piece
		many.Events = append(many.Events, trace.Event{
			Seq: uint64(4 + i), At: time.Minute, Source: trace.SUT, Kind: trace.CallMade, Who: "d1.kernel", Number: int64(i),
		})
	}
	empty := &trace.Trace{Header: trace.Header{Schema: trace.Schema, Scenario: "a/b", SUT: "reference"}, Events: []trace.Event{}}
	for name, tr := range map[string]*trace.Trace{"sample": sample(), "many": many, "empty": empty} {
		t.Run(name, func(t *testing.T) {
			got, err := trace.Read(strings.NewReader(text(t, tr)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tr, got); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
			if got.Digest() != tr.Digest() {
				t.Error("the digest changed")
			}
		})
	}
}

func TestEventIsSpelledAsEncodingJSONSpellsIt(t *testing.T) {
	for _, e := range sample().Events {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(&e); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(b.String()), string(e.AppendJSON(nil))); diff != "" {
			t.Errorf("event %d (-encoding/json +ours):\n%s", e.Seq, diff)
		}
	}
}

func TestBytesThatAreNoTextAreReplaced(t *testing.T) {
	tr := sample()
	tr.Header.Title = "a\xffb"
	tr.Events[0].What = "d1.\xc3("
	got, err := trace.Read(strings.NewReader(text(t, tr)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Title != "a\uFFFDb" || got.Events[0].What != "d1.\uFFFD(" {
		t.Errorf("read %q and %q", got.Header.Title, got.Events[0].What)
	}
}

func TestReadRefuses(t *testing.T) {
	good := text(t, sample())
	lines := strings.SplitAfter(good, "\n")
	tests := []struct {
		name, file, want string
	}{
		{"empty file", "", "not an Armillary trace"},
		{"some text", "hello\nworld\n", "not an Armillary trace"},
		{"text without end", "hello", "not an Armillary trace"},
		{"binary of one line", strings.Repeat("\x00", trace.MaxHeader+10), "not an Armillary trace"},
		{"verdict file", `{"schema":1,"kind":"verdicts"}` + "\n", "not an Armillary trace"},
		{"array", "[1]\n", "not an Armillary trace"},
		{"schema of the future", strings.Replace(good, `"schema":1`, `"schema":2`, 1), "line 1: schema 2"},
		{"unknown header field", strings.Replace(good, `"sut"`, `"colour":"red","sut"`, 1), `line 1: json: unknown field "colour"`},
		{"header cut off", lines[0][:20], "line 1: truncated"},
		{"header spelled otherwise", strings.Replace(good, `{"schema":1,`, `{"schema":1, `, 1), "line 1: not spelled"},
		{"negative count", strings.Replace(good, `"events":3`, `"events":-3`, 1), "line 1: -3 events"},
		{"unknown event field", strings.Replace(good, `"who":"d1.chip"`, `"how":"x","who":"d1.chip"`, 1), `line 2: json: unknown field "how"`},
		{"unknown kind", strings.Replace(good, `"KeyMade"`, `"KeyLost"`, 1), `line 2: unknown event kind "KeyLost"`},
		{"unknown source", strings.Replace(good, `"source":"actor"`, `"source":"rumour"`, 1), `line 2: unknown source "rumour"`},
		{"gap in the numbers", strings.Replace(good, `{"seq":3`, `{"seq":4`, 1), "line 4: event number 4, want 3"},
		{"time goes back", strings.Replace(good, `{"seq":3,"at":5000000000`, `{"seq":3,"at":4000000000`, 1), "line 4: time goes back from 5s to 4s"},
		{"time before the beginning", strings.Replace(good, `{"seq":1,"at":0`, `{"seq":1,"at":-1`, 1), "line 2: time -1"},
		{"negative step", strings.Replace(good, `"step":1`, `"step":-1`, 1), "line 3: step -1"},
		{"same values, another spelling", strings.Replace(good, `"at":0`, `"at": 0`, 1), "line 2: not spelled"},
		{"field twice", strings.Replace(good, `"who":"d1.chip"`, `"who":"d1","who":"d1.chip"`, 1), "line 2: not spelled"},
		{"name in capitals", strings.Replace(good, `"who":"d1.chip"`, `"WHO":"d1.chip"`, 1), "line 2: not spelled"},
		{"two values in a line", strings.Replace(good, "\n{\"seq\":2", " {\"seq\":2", 1), "line 2: more than one"},
		{"blank line", lines[0] + "\n" + strings.Join(lines[1:], ""), "line 2: the line is not one whole JSON object"},
		{"last line cut off", good[:len(good)-9], "line 4: truncated"},
		{"last end of line missing", good[:len(good)-1], "line 4: truncated"},
		{"last line missing", strings.Join(lines[:3], ""), "line 3: truncated: the header announces 3 events, 2 are there"},
		{"a line too many", good + lines[3], "line 5: more than the 3 events"},
		{"endless line", lines[0] + `{"seq":1,"note":"` + strings.Repeat("x", trace.MaxLine) + "\"}\n", "line 2: longer than"},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			_, err := trace.Read(strings.NewReader(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error that says %q", err, tt.want)
			}
			if foreign := tt.want == "not an Armillary trace"; errors.Is(err, trace.ErrForeign) != foreign {
				t.Errorf("%v: foreign = %t", err, !foreign)
			}
		})
	}
}

func TestReadPassesOnWhatTheReaderSays(t *testing.T) {
	broken := errors.New("disk on fire")
	if _, err := trace.Read(reader{broken}); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if err := sample().Write(writer{broken}); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

type reader struct{ err error }

func (r reader) Read([]byte) (int, error) { return 0, r.err }

type writer struct{ err error }

func (w writer) Write([]byte) (int, error) { return 0, w.err }

func TestDigestCoversHeaderAndEvents(t *testing.T) {
	want := sample().Digest()
	for name, change := range map[string]func(*trace.Trace){
		"seed":          func(tr *trace.Trace) { tr.Header.Seed-- },
		"defect":        func(tr *trace.Trace) { tr.Header.Defects = []string{"x"} },
		"note":          func(tr *trace.Trace) { tr.Events[1].Note += "." },
		"label":         func(tr *trace.Trace) { tr.Events[2].Labels[1] = "sb" },
		"missing event": func(tr *trace.Trace) { tr.Events = tr.Events[:2] },
	} {
		tr := sample()
		change(tr)
		if tr.Digest() == want {
			t.Errorf("another %s, same digest", name)
		}
	}
	if sample().Digest() != want {
		t.Error("the digest of equal traces differs")
	}
}

func TestDiff(t *testing.T) {
	longer := sample()
	longer.Events = append(longer.Events, trace.Event{Seq: 4})
	other := sample()
	other.Events[1].Labels = []string{"sa"}
	tests := []struct {
		name   string
		a, b   *trace.Trace
		index  int
		differ bool
	}{
		{"equal", sample(), sample(), 3, false},
		{"second event", sample(), other, 1, true},
		{"shorter", sample(), longer, 3, true},
		{"longer", longer, sample(), 3, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if index, differ := trace.Diff(tt.a, tt.b); index != tt.index || differ != tt.differ {
				t.Errorf("got %d, %t, want %d, %t", index, differ, tt.index, tt.differ)
			}
		})
	}
}

// Every field of an event must take part in Diff and in the bytes: a field that
// somebody adds later and forgets in one of them fails here.
func TestEveryFieldIsWrittenAndCompared(t *testing.T) {
	zero := trace.Event{}
	full := map[string]any{
		"seq": 9, "at": 9, "step": 9, "source": "sut", "kind": "CallMade", "who": "a", "what": "b", "peer": "c", "is": "d",
		"state": "e", "digest": "f", "number": 9, "level": 9, "labels": []string{"g"}, "note": "h",
	}
	var e trace.Event
	all, _ := json.Marshal(full)
	if err := json.Unmarshal(all, &e); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(e.AppendJSON(nil), &back); err != nil {
		t.Fatal(err)
	}
	byLibrary, _ := json.Marshal(e)
	var want map[string]any
	if err := json.Unmarshal(byLibrary, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, back); diff != "" || len(back) != len(full) {
		t.Errorf("fields written, %d of %d (-want +got):\n%s", len(back), len(full), diff)
	}
	for name, value := range full {
		one, _ := json.Marshal(map[string]any{name: value})
		var changed trace.Event
		if err := json.Unmarshal(one, &changed); err != nil {
			t.Fatal(err)
		}
		a, b := &trace.Trace{Events: []trace.Event{zero}}, &trace.Trace{Events: []trace.Event{changed}}
		if _, differ := trace.Diff(a, b); !differ {
			t.Errorf("Diff does not see %s", name)
		}
	}
}

func TestEveryDeclaredKindIsListed(t *testing.T) {
	listed := trace.AllKinds()
	declared := declaredConstants(t, "kinds.go", "Kind")
	var names []string
	for _, k := range listed {
		names = append(names, string(k))
		if !k.Known() || !k.Source().Known() {
			t.Errorf("%s has source %q", k, k.Source())
		}
	}
	if diff := cmp.Diff(declared, names); diff != "" {
		t.Errorf("AllKinds (-declared +listed):\n%s", diff)
	}
	var sources []string
	for _, s := range trace.AllSources() {
		sources = append(sources, string(s))
		if !s.Known() {
			t.Errorf("%s is not known", s)
		}
	}
	if diff := cmp.Diff(declaredConstants(t, "trace.go", "Source"), sources); diff != "" {
		t.Errorf("AllSources (-declared +listed):\n%s", diff)
	}
	if trace.Kind("Nothing").Known() || trace.Source("nobody").Known() {
		t.Error("what is not declared is known")
	}
}

// declaredConstants returns the values of a file's string constants of a type.
func declaredConstants(t *testing.T, file, typeName string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != typeName {
			return true
		}
		for _, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, s)
			}
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s declares no %s", file, typeName)
	}
	return values
}

func FuzzRead(f *testing.F) {
	good := text(f, sample())
	f.Add([]byte(good))
	f.Add([]byte(good[:len(good)/2]))
	f.Add([]byte(strings.Replace(good, "KeyMade", "KeyLost", 1)))
	f.Add([]byte(strings.Replace(good, `\"`, `\u0022`, 1)))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		tr, err := trace.Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		// What is taken is spelled in the one way.
		if got := tr.AppendJSON(nil); !bytes.Equal(got, file) {
			t.Errorf("read\n%s\nwrote\n%s", file, got)
		}
	})
}

// FuzzEvent holds the hand-written appender against encoding/json.
func FuzzEvent(f *testing.F) {
	f.Add("d1.chip", "note \u2029 \x7f \b\f <>&", int64(-1), "a", "")
	f.Fuzz(func(t *testing.T, who, note string, number int64, label1, label2 string) {
		e := trace.Event{Seq: 1, Who: who, Note: note, Number: number, Labels: []string{label1, label2}}
		var got, want trace.Event
		if err := json.Unmarshal(e.AppendJSON(nil), &got); err != nil {
			t.Fatal(err)
		}
		byLibrary, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(byLibrary, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-encoding/json +ours):\n%s", diff)
		}
	})
}

func ExampleRead() {
	_, err := trace.Read(strings.NewReader("hello\n"))
	fmt.Println(err)
	// Output: not an Armillary trace
}

// BenchmarkAppend prints how many times the hand-written appender is faster than
// encoding/json on the same events.
func BenchmarkAppend(b *testing.B) {
	events := slices.Repeat(sample().Events, 50)
	var buf []byte
	for range b.N {
		buf = buf[:0]
		for i := range events {
			buf = append(events[i].AppendJSON(buf), '\n')
		}
	}
	ours := b.Elapsed()
	var sink bytes.Buffer
	enc := json.NewEncoder(&sink)
	enc.SetEscapeHTML(false)
	for range b.N {
		sink.Reset()
		for i := range events {
			if err := enc.Encode(&events[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	library := b.Elapsed() - ours
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
	b.ReportMetric(float64(library)/float64(ours), "x-encoding/json")
}
