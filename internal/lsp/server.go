// Package lsp is a language server for scenarios: diagnostics, completion, hover,
// go to definition and formatting, over the Language Server Protocol 3.17 on any
// pair of streams.
//
// It knows words only, as package scenario does; guarantees and defects are
// handed in. Start with [Serve].
package lsp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"
	"github.com/creachadair/jrpc2/handler"
)

// Word is a guarantee or a defect that a scenario may name.
type Word struct{ ID, Title string }

// Options are what the server is told about the harness.
type Options struct {
	Version    string
	Guarantees []Word
	Defects    []Word // defenses and wrong designs
}

// maxDocuments is how many files may be open at once.
const maxDocuments = 1000

// server holds the open files. The library calls it from one goroutine
// (Concurrency 1), so that answers fit the text they were asked of.
type server struct {
	Options
	documents map[string]string // URI -> text
	left      chan struct{}     // closed by exit
}

// Serve speaks the protocol until the client leaves or ctx ends.
func Serve(ctx context.Context, in io.Reader, out io.WriteCloser, o Options) error {
	s := &server{Options: o, documents: map[string]string{}, left: make(chan struct{})}
	methods := handler.Map{
		"initialize":                      handler.New(s.initialize),
		"initialized":                     handler.New(s.ignore),
		"shutdown":                        handler.New(s.ignore),
		"exit":                            handler.New(s.exit),
		"$/setTrace":                      handler.New(s.ignore),
		"$/cancelRequest":                 handler.New(s.ignore),
		"textDocument/didOpen":            handler.New(s.open),
		"textDocument/didChange":          handler.New(s.change),
		"textDocument/didSave":            handler.New(s.ignore),
		"textDocument/didClose":           handler.New(s.close),
		"textDocument/completion":         handler.New(s.completion),
		"textDocument/hover":              handler.New(s.hover),
		"textDocument/definition":         handler.New(s.definition),
		"textDocument/formatting":         handler.New(s.formatting),
		"workspace/didChangeWatchedFiles": handler.New(s.ignore),
	}
	srv := jrpc2.NewServer(methods, &jrpc2.ServerOptions{AllowPush: true, Concurrency: 1})
	srv.Start(channel.LSP(in, out))
	ended := make(chan error, 1)
	go func() { ended <- srv.Wait() }()
	select {
	case err := <-ended:
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		return err
	// The library's own Stop panics when a message comes at that moment: who leaves
	// leaves it waiting for the end of its input.
	case <-s.left:
	case <-ctx.Done():
	}
	return nil
}

func (s *server) ignore(context.Context, *jrpc2.Request) (any, error) { return nil, nil }

func (s *server) initialize(context.Context, *jrpc2.Request) (initialized, error) {
	return initialized{
		Capabilities: capabilities{
			TextDocumentSync: 1, HoverProvider: true, DefinitionProvider: true, DocumentFormattingProvider: true,
			CompletionProvider: completionOptions{TriggerCharacters: []string{" ", "=", "|", ",", ":", "."}},
		},
		ServerInfo: serverInfo{Name: "armillary", Version: s.Version},
	}, nil
}

// exit is the protocol's last notification.
func (s *server) exit(context.Context, *jrpc2.Request) (any, error) {
	select {
	case <-s.left:
	default:
		close(s.left)
	}
	return nil, nil
}

func (s *server) open(ctx context.Context, p opened) error {
	if _, known := s.documents[p.TextDocument.URI]; !known && len(s.documents) == maxDocuments {
		return fmt.Errorf("more than %d open files", maxDocuments)
	}
	return s.check(ctx, p.TextDocument.URI, p.TextDocument.Text)
}

func (s *server) change(ctx context.Context, p changed) error {
	if _, known := s.documents[p.TextDocument.URI]; !known || len(p.ContentChanges) == 0 {
		return nil
	}
	return s.check(ctx, p.TextDocument.URI, p.ContentChanges[len(p.ContentChanges)-1].Text)
}

func (s *server) close(ctx context.Context, p opened) error {
	delete(s.documents, p.TextDocument.URI)
	return s.publish(ctx, p.TextDocument.URI, []diagnostic{})
}

// check takes a text over and tells its mistakes.
func (s *server) check(ctx context.Context, uri, text string) error {
	if len(text) > scenario.MaxFile {
		s.documents[uri] = ""
		return s.publish(ctx, uri, []diagnostic{{Severity: 1, Source: "armillary", Message: "the file is longer than 1 MiB"}})
	}
	s.documents[uri] = text
	story, mistakes := scenario.Analyse(uri, []byte(text))
	if len(mistakes) == 0 {
		if list, ok := errors.AsType[scenario.ErrorList](story.CheckNames(ids(s.Guarantees), ids(s.Defects))); ok {
			mistakes = list
		}
	}
	lines := splitLines(text)
	found := []diagnostic{}
	for _, m := range mistakes {
		message := m.Message
		if m.Hint != "" {
			message += " (" + m.Hint + ")"
		}
		found = append(found, diagnostic{Range: wordAt(lines, m.Line-1, m.Col-1), Severity: 1, Source: "armillary", Message: message})
	}
	return s.publish(ctx, uri, found)
}

func (s *server) publish(ctx context.Context, uri string, found []diagnostic) error {
	return jrpc2.ServerFromContext(ctx).Notify(ctx, "textDocument/publishDiagnostics", diagnostics{uri, found})
}

// formatting answers with one edit of the whole text, or none when there is
// nothing to do or a mistake to mend first.
func (s *server) formatting(_ context.Context, p opened) ([]edit, error) {
	text := s.documents[p.TextDocument.URI]
	story, mistakes := scenario.Analyse(p.TextDocument.URI, []byte(text))
	if len(mistakes) > 0 {
		return []edit{}, nil
	}
	formatted := string(scenario.Format(story))
	if formatted == text {
		return []edit{}, nil
	}
	lines := splitLines(text)
	end := position{len(lines) - 1, units(lines[len(lines)-1])}
	return []edit{{span{End: end}, formatted}}, nil
}

func ids(words []Word) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.ID
	}
	return all
}

// units is the length of a text as the protocol counts: in UTF-16.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(max(r, 0))
	}
	return n
}

// bytesBefore turns a column of the protocol into bytes of the line.
func bytesBefore(line string, character int) int {
	for i, r := range line {
		if character <= 0 {
			return i
		}
		character -= utf16.RuneLen(r)
	}
	return len(line)
}

// wordAt is the range of the word that begins at a byte of a line.
func wordAt(lines []string, line, col int) span {
	line = max(0, min(line, len(lines)-1))
	text := lines[line]
	col = max(0, min(col, len(text)))
	for col > 0 && col < len(text) && !utf8.RuneStart(text[col]) {
		col--
	}
	end := col
	for end < len(text) && text[end] != ' ' {
		end++
	}
	return span{position{line, units(text[:col])}, position{line, units(text[:end])}}
}
