package layers

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// box matches a box of the picture in docs/architecture.md: its name, and the folders at the start of its label.
var box = regexp.MustCompile(`(\w+)\["([^"]*?)<br/>[^"]*"\]`)

// picture returns the folder of each part of the product, and the arrows between the parts, as "from to".
func picture(page string) (parts map[string]string, arrows map[string]bool) {
	_, page, _ = strings.Cut(page, "subgraph product")
	page, _, _ = strings.Cut(page, "  end\n")
	parts, arrows = map[string]string{}, map[string]bool{}
	for line := range strings.Lines(page) {
		for _, m := range box.FindAllStringSubmatch(line, -1) {
			for folder := range strings.FieldsSeq(m[2]) {
				parts[folder] = m[1]
			}
		}
		ends := strings.Split(box.ReplaceAllString(line, "$1"), "-->")
		for i := 1; i < len(ends); i++ {
			for from := range strings.SplitSeq(ends[i-1], "&") {
				for to := range strings.SplitSeq(ends[i], "&") {
					arrows[strings.TrimSpace(from)+" "+strings.TrimSpace(to)] = true
				}
			}
		}
	}
	return parts, arrows
}

// imports returns the imports between parts, outside of tests, in the format of the arrows.
func imports(t *testing.T, parts map[string]string) map[string]bool {
	t.Helper()
	part := func(path string) string {
		for folder, name := range parts {
			if strings.HasPrefix(path+"/", folder) {
				return name
			}
		}
		return ""
	}
	found := map[string]bool{}
	for _, name := range testtools.Files(t, root, "*.go") {
		from := part(name)
		if from == "" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, imported := range importsOf(t, name) {
			path, ours := strings.CutPrefix(imported, product.module+"/")
			if to := part(path); ours && to != "" && to != from {
				found[from+" "+to] = true
			}
		}
	}
	return found
}

func TestPictureShowsTheImports(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	require.NoError(t, err)
	parts, arrows := picture(string(page))
	require.Len(t, parts, 12)
	require.Equal(t, slices.Sorted(maps.Keys(imports(t, parts))), slices.Sorted(maps.Keys(arrows)))
}
