package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// withoutStack are commands that do not work on a stack, and described are those that
// messages describe, but do not suggest.
var withoutStack = []string{"completion", "contract", "doctor", "init", "version"}

var described = []string{"storeevents down", "storeevents resume", "storeevents ui", "storeevents verify"}

// A command that a message suggests must work on the stack of the message. Without --stack it
// would work on the local one.
func TestSuggestedCommandsNameTheirStack(t *testing.T) {
	found := 0
	for _, name := range testtools.Files(t, root, "cmd/storeevents", "console", "deploy", "ops", "preflight") {
		for _, message := range messagesOf(t, name) {
			for _, m := range regexp.MustCompile("(?:`|<code>)(storeevents ([a-z]+)[^`<]*)(?:`|</code>)").FindAllStringSubmatch(message, -1) {
				found++
				if !slices.Contains(withoutStack, m[2]) && !slices.Contains(described, m[1]) {
					require.Contains(t, m[1], "--stack", "%s: %s", name, message)
				}
			}
		}
	}
	require.Greater(t, found, 40)
}

// messagesOf returns the strings of a Go file, or a template.
func messagesOf(t *testing.T, name string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	if filepath.Ext(name) == ".html" {
		return []string{string(raw)}
	}
	if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, raw, 0)
	require.NoError(t, err)
	var messages []string
	ast.Inspect(file, func(n ast.Node) bool {
		expression, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		message := joined(expression)
		if message != "" {
			messages = append(messages, message)
		}
		return message == ""
	})
	return messages
}

// joined returns the string literals of a concatenation.
func joined(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		literal, _ := strconv.Unquote(e.Value) // Numbers are not quoted.
		return literal
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return joined(e.X) + joined(e.Y)
		}
	}
	return ""
}
