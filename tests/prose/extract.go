// Package prose checks the wording of comments, messages and documents against docs/glossary.md, because a private
// dialect slows down everyone who reads the code. See phrases for the list.
package prose

import (
	"go/scanner"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// passage is a line of text that people read, in a comment, a string or a document.
type passage struct {
	line int
	text string
}

// extract returns the passages of a file, by its kind; nil for files without any.
func extract(name string, source []byte) []passage {
	switch filepath.Ext(name) {
	case ".go":
		return fromGo(source)
	case ".py":
		return fromPython(string(source))
	case ".md":
		return fromMarkdown(string(source))
	case ".html":
		return lines(1, string(source))
	case ".json":
		return matches(description, string(source))
	case ".yaml", ".yml":
		return append(matches(comment, string(source)), matches(description, string(source))...)
	case ".sh", ".toml", ".sql", "":
		return matches(comment, string(source))
	}
	return nil
}

func fromGo(source []byte) []passage {
	var out []passage
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		switch tok { //nolint:exhaustive // All other tokens are code.
		case token.EOF:
			return out
		case token.COMMENT:
			out = append(out, lines(files.Position(pos).Line, literal)...)
		case token.STRING:
			if text, err := strconv.Unquote(literal); err == nil && strings.Contains(text, " ") {
				out = append(out, lines(files.Position(pos).Line, text)...)
			}
		}
	}
}

var (
	docString   = regexp.MustCompile(`(?s)""".*?"""`)
	pythonQuote = regexp.MustCompile(`"(?:[^"\\\n]|\\.)* (?:[^"\\\n]|\\.)*"`)
	quotedCode  = regexp.MustCompile("`[^`]*`")
	comment     = regexp.MustCompile(`(?:^|\s)(?:##?|--) .*`)
	description = regexp.MustCompile(`"?description"?: .*`)
)

// fromPython does not parse: a "#" inside a string counts as a comment, which does no harm here.
func fromPython(source string) []passage {
	var out []passage
	rest := docString.ReplaceAllStringFunc(source, func(doc string) string {
		return strings.Repeat("\n", strings.Count(doc, "\n"))
	})
	for _, at := range docString.FindAllStringIndex(source, -1) {
		out = append(out, lines(1+strings.Count(source[:at[0]], "\n"), source[at[0]:at[1]])...)
	}
	for i, line := range strings.Split(rest, "\n") {
		for _, text := range pythonQuote.FindAllString(line, -1) {
			out = append(out, passage{i + 1, text})
		}
		if text := comment.FindString(pythonQuote.ReplaceAllString(line, `""`)); text != "" {
			out = append(out, passage{i + 1, text})
		}
	}
	return out
}

// fromMarkdown leaves out code blocks.
func fromMarkdown(source string) []passage {
	var out []passage
	inside := false
	for i, line := range strings.Split(source, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inside = !inside
		}
		if !inside {
			out = append(out, passage{i + 1, line})
		}
	}
	return out
}

// matches returns the part of each line that the pattern matches.
func matches(pattern *regexp.Regexp, source string) []passage {
	var out []passage
	for i, line := range strings.Split(source, "\n") {
		if text := pattern.FindString(line); text != "" {
			out = append(out, passage{i + 1, text})
		}
	}
	return out
}

func lines(first int, text string) []passage {
	var out []passage
	for i, line := range strings.Split(text, "\n") {
		out = append(out, passage{first + i, line})
	}
	return out
}
