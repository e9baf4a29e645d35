package scenario

import (
	"strconv"
	"strings"
)

// token is one word of a step.
type token struct {
	key      string // "" for a word without one
	value    string // unquoted
	col      int    // of the token, from 1
	valueCol int
	quoted   bool
}

// reportFunc takes a mistake at a column of the line at hand.
type reportFunc func(col int, hint, format string, args ...any)

// lex takes a line of the story apart into words and the comment behind them.
// It reports what cannot be read and goes on behind it.
func lex(line string, report reportFunc) (words []token, comment string) {
	for i := 0; i < len(line); {
		switch line[i] {
		case ' ':
			i++
		case '#':
			return words, strings.TrimRight(line[i:], " ")
		default:
			var t token
			var ok bool
			t, i, ok = lexWord(line, i, report)
			if ok {
				words = append(words, t)
			}
		}
	}
	return words, ""
}

// lexWord reads the word that begins at start and gives the place behind it.
func lexWord(line string, start int, report reportFunc) (token, int, bool) {
	t := token{col: start + 1}
	i := start
	if key, ok := leadingKey(line[start:]); ok {
		t.key = key
		i += len(key) + 1
	}
	t.valueCol = i + 1
	end := i + len(bare(line[i:]))
	switch {
	case i < len(line) && line[i] == '"':
		prefix, err := strconv.QuotedPrefix(line[i:])
		if err != nil {
			report(i+1, "write a double quote inside as \\\"", "the quoted value does not end or cannot be read")
			return t, len(line), false
		}
		t.value, _ = strconv.Unquote(prefix)
		t.quoted = true
		end = i + len(prefix)
		if end < len(line) && line[end] != ' ' {
			report(end+1, "", "a blank must follow a quoted value")
			return t, end + len(bare(line[end:])) + 1, false
		}
	case end < len(line) && line[end] == '"':
		report(end+1, "quote the whole value", "a double quote inside a bare word")
		return t, len(line), false
	case i < end && (line[i] == '\'' || line[i] == '`'):
		report(i+1, "use double quotes", "single quotes and back-quotes do not quote")
		return t, end, false
	default:
		t.value = line[i:end]
	}
	if t.value == "" {
		if t.key == "" {
			report(t.col, "leave it out", "an empty word")
		} else {
			report(t.col, "leave the key out", "%s= has an empty value", t.key)
		}
		return t, end, false
	}
	return t, end, true
}

// bare is the leading part of text without blank and double quote.
func bare(text string) string {
	if i := strings.IndexAny(text, ` "`); i >= 0 {
		return text[:i]
	}
	return text
}

// leadingKey gives the key of a word that begins with key=.
func leadingKey(word string) (string, bool) {
	key, _, ok := strings.Cut(bare(word), "=")
	if !ok || !isKey(key) {
		return "", false
	}
	return key, true
}

// isKey tells whether a word has the form of a key: letters and hyphens.
func isKey(word string) bool {
	return IsName(word) && !strings.ContainsAny(word, "0123456789")
}

// quote writes a value as bare as it may be. A positional one must not look like
// a comment or a key.
func quote(value string, positional bool) string {
	needs := value == "" || strings.ContainsAny(value, ` "`) || value[0] == '\'' || value[0] == '`'
	if positional && !needs {
		_, looksLikeKey := leadingKey(value)
		needs = value[0] == '#' || looksLikeKey
	}
	for _, r := range value {
		// U+FFFD stands for bytes that are no UTF-8 too.
		needs = needs || !strconv.IsPrint(r) || r == '\uFFFD'
	}
	if needs {
		return strconv.Quote(value)
	}
	return value
}
