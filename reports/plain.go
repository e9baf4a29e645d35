package reports

// Tame makes a text that a run or a caller chose fit to be shown: on one line,
// nothing invisible in it, not too long. An honest text is as it was.
func Tame(s string) string { return tame(s) }

// MarkdownText is [Tame] with everything escaped that Markdown or HTML would act on.
func MarkdownText(s string) string { return markdown(tame(s)) }
