// Package scenarios embeds the library of attacks: one story a file, by topic.
//
// The id of a story is its path without the extension. It holds no code; the
// language is package scenario's. Start with [FS].
package scenarios

import "embed"

// FS holds the stories: TOPIC/NAME.txtar.
//
//go:embed */*.txtar
var FS embed.FS
