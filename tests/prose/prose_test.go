package prose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

const root = "../.."

// skipped are recorded data, generated files, and the phrases themselves.
var skipped = []string{"testdata/", "tests/prose/phrases.go", "tests/prose/prose_test.go", "docs/glossary.md", "go.sum", ".min."}

type hit struct {
	file    string
	line    int
	found   string
	instead string
}

func (h hit) String() string {
	return fmt.Sprintf("%s:%d: %q: write %s", h.file, h.line, h.found, h.instead)
}

func check(name string, source []byte) []hit {
	var hits []hit
	for _, p := range extract(name, source) {
		p.text = quotedCode.ReplaceAllString(p.text, "")
		for _, banned := range phrases {
			found := banned.pattern.FindStringIndex(p.text)
			if found == nil || (banned.except != nil && banned.except.MatchString(p.text)) {
				continue
			}
			hits = append(hits, hit{name, p.line, p.text[found[0]:found[1]], banned.instead})
		}
	}
	return hits
}

func hasAny(name string, parts []string, match func(name, part string) bool) bool {
	for _, part := range parts {
		if match(name, part) {
			return true
		}
	}
	return false
}

func projectHits(t *testing.T) []hit {
	t.Helper()
	var hits []hit
	for _, name := range testtools.Files(t, root) {
		if hasAny(name, skipped, strings.Contains) {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		hits = append(hits, check(name, source)...)
	}
	return hits
}

func TestProjectReadsPlainly(t *testing.T) {
	for _, h := range projectHits(t) {
		t.Error(h)
	}
}

func TestCheckFindsEachKindOfText(t *testing.T) {
	for name, source := range map[string]string{
		"a.go":      "package a\n\n// F tells whether it is so.\nfunc F() {}\n",
		"b.go":      "package b\n\nvar x = \"this file is no event\"\n",
		"a.py":      "def f():\n    \"\"\"Mend the line.\n\n    Do it anew.\"\"\"\n",
		"b.py":      "x = 1  # a fault of its own\n",
		"c.go":      "package c\n\n// F judges a resource.\nfunc F() {}\n",
		"c.py":      "raise ValueError(\"fields parted by a comma\")\n",
		"a.md":      "The tool is to be had here.\n",
		"tests/run": "# The job comes to nothing.\n",
		"c.yaml":    "key: value # all the same\n",
		"d.yaml":    "config:\n  a:\n    description: A text\n",
		"a.json":    "{\"description\": \"A field of its own\"}\n",
		"Makefile":  "run: ## Say what came of it\n",
		"a.html":    "<p title=\"All the same\">{{.}}</p>\n",
	} {
		require.NotEmpty(t, check(name, []byte(source)), name)
	}
}

func TestCheckLeavesOrdinaryWordsAlone(t *testing.T) {
	for name, source := range map[string]string{
		"a.go":   "package a\n\n// F reports whether there is no event, or one that is no longer needed.\nfunc F(wants int) {}\n",
		"a.py":   "wants = 1\n",
		"a.json": "{\"value\": \"all the same\"}\n",
		"a.md":   "The `wants` field.\n\n```sh\nall the same\n```\n",
	} {
		require.Empty(t, check(name, []byte(source)), name)
	}
}
