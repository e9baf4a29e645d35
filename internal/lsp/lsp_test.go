package lsp_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/internal/lsp"
	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"
	"github.com/google/go-cmp/cmp"
)

const uri = "file:///stories/a.txtar"

const story = `id: own/a
title: a story
needs: updater
expect: update.never-goes-back pass

principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
publish fw2
serve fw1 to=d1 by=mallory
update d1
`

// editor is a client that speaks the real protocol over two pipes.
type editor struct {
	*jrpc2.Client
	t     *testing.T
	found chan []string // messages of each publishDiagnostics, with their places
}

func newEditor(t *testing.T) *editor {
	toServer, fromEditor := io.Pipe()
	toEditor, fromServer := io.Pipe()
	e := &editor{t: t, found: make(chan []string, 10)}
	done := make(chan error, 1)
	go func() {
		done <- lsp.Serve(context.Background(), toServer, fromServer, lsp.Options{
			Version:    "test",
			Guarantees: []lsp.Word{{ID: "update.never-goes-back", Title: "an older release never runs"}},
			Defects:    []lsp.Word{{ID: "monitor.version-never-falls", Title: "without the check"}},
		})
	}()
	e.Client = jrpc2.NewClient(channel.LSP(toEditor, fromEditor), &jrpc2.ClientOptions{OnNotify: e.notified})
	t.Cleanup(func() {
		var nothing any
		e.call("shutdown", nil, &nothing)
		if err := e.Notify(context.Background(), "exit", nil); err != nil {
			t.Errorf("exit: %v", err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the server does not leave after exit")
		}
		e.Close()
	})
	var hello struct {
		Capabilities map[string]any
		ServerInfo   struct{ Name string }
	}
	e.call("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}}, &hello)
	if hello.ServerInfo.Name != "armillary" || hello.Capabilities["hoverProvider"] != true {
		t.Fatalf("initialize answered %+v", hello)
	}
	return e
}

func (e *editor) notified(r *jrpc2.Request) {
	var p struct {
		Diagnostics []struct {
			Range   struct{ Start, End struct{ Line, Character int } }
			Message string
		}
	}
	if err := r.UnmarshalParams(&p); err != nil || r.Method() != "textDocument/publishDiagnostics" {
		e.t.Errorf("notified of %s: %v", r.Method(), err)
		return
	}
	messages := []string{}
	for _, d := range p.Diagnostics {
		messages = append(messages, strings.Join([]string{number(d.Range.Start.Line), number(d.Range.Start.Character), number(d.Range.End.Character), d.Message}, ":"))
	}
	e.found <- messages
}

func number(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	if err := e.CallResult(context.Background(), method, params, result); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

func (e *editor) tell(method string, params any) []string {
	e.t.Helper()
	if err := e.Notify(context.Background(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
	select {
	case messages := <-e.found:
		return messages
	case <-time.After(10 * time.Second):
		e.t.Fatalf("%s: no diagnostics", method)
		return nil
	}
}

func (e *editor) open(text string) []string {
	return e.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "armillary", "version": 1, "text": text}})
}

func (e *editor) change(text string) []string {
	return e.tell("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri, "version": 2}, "contentChanges": []any{map[string]any{"text": text}}})
}

// at asks about the place behind a piece of the text.
func at(text, piece string) map[string]any {
	before, _, _ := strings.Cut(text, piece)
	before += piece
	line := strings.Count(before, "\n")
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": map[string]any{"line": line, "character": len(before) - strings.LastIndexByte(before, '\n') - 1}}
}

func (e *editor) complete(text, piece string) []string {
	var found []struct{ Label string }
	e.call("textDocument/completion", at(text, piece), &found)
	var labels []string
	for _, f := range found {
		labels = append(labels, f.Label)
	}
	return labels
}

func TestDiagnosticsFollowTheText(t *testing.T) {
	e := newEditor(t)
	if got := e.open(story); len(got) > 0 {
		t.Errorf("a sound story has diagnostics %q", got)
	}
	want := []string{`11:00:05:unknown verb "updat" (did you mean "update"?)`}
	if diff := cmp.Diff(want, e.change(strings.Replace(story, "update d1", "updat d1", 1))); diff != "" {
		t.Errorf("an unknown verb (-want +got):\n%s", diff)
	}
	want = []string{`03:08:29:unknown guarantee "update.never-goes-bak" (did you mean "update.never-goes-back"?)`}
	if diff := cmp.Diff(want, e.change(strings.Replace(story, "goes-back pass", "goes-bak pass", 1))); diff != "" {
		t.Errorf("an unknown guarantee (-want +got):\n%s", diff)
	}
	if got := e.change(story); len(got) > 0 {
		t.Errorf("mended, the story still has diagnostics %q", got)
	}
	if got := e.tell("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}}); len(got) > 0 {
		t.Errorf("a closed file has diagnostics %q", got)
	}
}

func TestCompletion(t *testing.T) {
	e := newEditor(t)
	e.open(story)
	for _, c := range []struct {
		name, line, piece string
		want              []string
		not               []string
	}{
		{"verb", "\n", "update d1\n", []string{"update", "attest", "try"}, []string{"fw1"}},
		{"verb behind a mark", "! up\n", "! up", []string{"update"}, nil},
		{"name in first place", "update \n", "update d1\nupdate ", []string{"d1", "by=", "class="}, []string{"fw1", "mallory"}},
		{"key that is left", "serve fw2 to=d1 \n", "fw2 to=d1 ", []string{"by="}, []string{"to="}},
		{"value of a key", "serve fw2 to=\n", "serve fw2 to=", []string{"d1"}, []string{"fw1"}},
		{"word", "power d1 \n", "power d1 ", []string{"on", "off", "cycle"}, nil},
		{"class", "! update d1 class=\n", "class=", []string{"rollback", "freshness"}, nil},
		{"probe", "try d1.kernel \n", "try d1.kernel ", []string{"read-memory", "stage"}, nil},
		{"key of a probe", "try d1.kernel stage \n", "kernel stage ", []string{"image=", "by="}, nil},
		{"defect", "release fw3 version=3 behaves=\n", "behaves=", []string{"monitor.version-never-falls"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := story + c.line
			e.change(text)
			got := e.complete(text, c.piece)
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("no %q among %q", w, got)
				}
			}
			for _, w := range c.not {
				if slices.Contains(got, w) {
					t.Errorf("%q does not belong there", w)
				}
			}
		})
	}
	e.change(story)
	for piece, want := range map[string]string{"needs: ": "updater.points", "expect: ": "update.never-goes-back", "never-goes-back ": "pass", "id": "without"} {
		if got := e.complete(story, piece); !slices.Contains(got, want) {
			t.Errorf("behind %q: no %q among %q", piece, want, got)
		}
	}
}

func TestHoverDefinitionAndFormat(t *testing.T) {
	e := newEditor(t)
	e.open(story)
	for piece, want := range map[string]string{"\nserve": "serve REL to=", "update.never-goes": "an older release never runs", "running=fw": "release `fw1`, from line 7"} {
		var h struct{ Contents struct{ Value string } }
		if e.call("textDocument/hover", at(story, piece), &h); !strings.Contains(h.Contents.Value, want) {
			t.Errorf("hover over %q: %q, want %q", piece, h.Contents.Value, want)
		}
	}
	var places []struct {
		Range struct{ Start struct{ Line, Character int } }
	}
	if e.call("textDocument/definition", at(story, "to=d1 by=mall"), &places); len(places) != 1 || places[0].Range.Start.Line != 5 || places[0].Range.Start.Character != 10 {
		t.Errorf("mallory is defined at %+v, want line 5, character 10", places)
	}
	loose := strings.Replace(story, "update d1\n", "update   d1\n", 1)
	e.change(loose)
	var edits []struct{ NewText string }
	if e.call("textDocument/formatting", map[string]any{"textDocument": map[string]any{"uri": uri}, "options": map[string]any{}}, &edits); len(edits) != 1 || edits[0].NewText != story {
		t.Errorf("formatting gave %+v", edits)
	}
}

// TestHostileClient sends what no editor would: the server answers or ignores it
// and goes on.
func TestHostileClient(t *testing.T) {
	e := newEditor(t)
	e.open("id: a\n\n! \nupdate \"\xff")
	for _, position := range []map[string]any{{"line": -1, "character": 0}, {"line": 1 << 40, "character": 0}, {"line": 2, "character": -5}, {"line": 2, "character": 1 << 40}} {
		for _, method := range []string{"completion", "hover", "definition"} {
			var answer any
			e.call("textDocument/"+method, map[string]any{"textDocument": map[string]any{"uri": uri}, "position": position}, &answer)
		}
	}
	var none any
	e.call("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": "file:///never-opened"}, "position": map[string]any{"line": 0, "character": 0}}, &none)
	if err := e.CallResult(context.Background(), "no/such/method", nil, &none); err == nil {
		t.Error("an unknown method was answered")
	}
	if got := e.change(strings.Repeat("x", 2<<20)); len(got) != 1 {
		t.Errorf("2 MiB: %d diagnostics, want 1", len(got))
	}
	if got := e.change(story); len(got) > 0 {
		t.Errorf("afterwards a sound story has diagnostics %q", got)
	}
}
