package trim

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var requireLine = regexp.MustCompile(`^\s*(?:require )?([a-z0-9.-]+\.[a-z]+/\S+) v`)

// emitGoMod copies go.mod without the direct requirements that the kept code does not
// import, so that they need not be downloaded.
func emitGoMod(m Module, dest string, imports map[string]bool) error {
	b, err := os.ReadFile(filepath.Join(m.Dir, "go.mod"))
	if err != nil {
		return err
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		r := requireLine.FindStringSubmatch(line)
		if r == nil || strings.Contains(line, "// indirect") || importsFrom(imports, r[1]) {
			out = append(out, line)
		}
	}
	return write(filepath.Join(dest, "go.mod"), []byte(strings.Join(out, "")))
}

func importsFrom(imports map[string]bool, module string) bool {
	for i := range imports {
		if i == module || strings.HasPrefix(i, module+"/") {
			return true
		}
	}
	return false
}
