package toolchain

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// aptSource is an entry of apt's sources: where packages come from, and which signatures
// they need. The fields are those of a deb822 file, see
// https://manpages.debian.org/stable/apt/sources.list.5.en.html
type aptSource struct {
	uris, suites, components, signedBy, trusted string
}

// aptSources reads the sources of packages below etc, which is /etc/apt: the
// file sources.list and the folder sources.list.d, in both formats of apt.
func aptSources(etc string) ([]aptSource, error) {
	files := []string{filepath.Join(etc, "sources.list")}
	for _, pattern := range []string{"*.list", "*.sources"} {
		more, err := filepath.Glob(filepath.Join(etc, "sources.list.d", pattern))
		if err != nil {
			return nil, fmt.Errorf("sources of packages: %w", err)
		}
		files = append(files, more...)
	}
	var all []aptSource
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // the system's configuration
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("sources of packages: %w", err)
		}
		if strings.HasSuffix(file, ".sources") {
			all = append(all, parseDeb822(string(raw))...)
		} else {
			all = append(all, parseOneLine(string(raw))...)
		}
	}
	return all, nil
}

var oneLine = regexp.MustCompile(`^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$`)

// parseOneLine reads lines such as
// "deb [signed-by=/usr/share/keyrings/k.gpg] URI suite component ...".
func parseOneLine(text string) []aptSource {
	var all []aptSource
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		m := oneLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		s := aptSource{uris: m[2], suites: m[3], components: strings.Join(strings.Fields(m[4]), " ")}
		for _, option := range strings.Fields(m[1]) {
			switch name, value, _ := strings.Cut(option, "="); name {
			case "signed-by":
				s.signedBy = strings.ReplaceAll(value, ",", " ")
			case "trusted":
				s.trusted = value
			}
		}
		all = append(all, s)
	}
	return all
}

// parseDeb822 reads stanzas of "Field: value", whose values may continue in indented
// lines, such as a key in Signed-By.
func parseDeb822(text string) []aptSource {
	var all []aptSource
	for _, stanza := range regexp.MustCompile(`\n[ \t]*\n`).Split(text, -1) {
		fields, last := map[string]string{}, ""
		for line := range strings.Lines(stanza) {
			line = strings.TrimRight(line, "\r\n")
			switch {
			case strings.HasPrefix(line, "#") || line == "":
			case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
				fields[last] += "\n" + line
			default:
				name, value, _ := strings.Cut(line, ":")
				last = strings.ToLower(name)
				fields[last] = strings.TrimSpace(value)
			}
		}
		if !slices.Contains(strings.Fields(fields["types"]), "deb") || strings.EqualFold(fields["enabled"], "no") {
			continue
		}
		all = append(all, aptSource{
			uris: fields["uris"], suites: fields["suites"], components: fields["components"],
			signedBy: fields["signed-by"], trusted: fields["trusted"],
		})
	}
	return all
}

// stanza returns the source in the format of a deb822 file, for one architecture and only
// with lists of packages.
func (s aptSource) stanza(architecture string) string {
	var b strings.Builder
	for _, f := range [][2]string{
		{"Types", "deb"}, {"URIs", s.uris}, {"Suites", s.suites}, {"Components", s.components},
		{"Architectures", architecture}, {"Targets", "Packages"}, {"Signed-By", s.signedBy}, {"Trusted", s.trusted},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
		}
	}
	return b.String()
}

// mysqlSources returns the sets of sources in which to look for MySQL, in order. Debian
// has MySQL only in its unstable suite, which every mirror has and the same keys sign.
// Other distributions have it in their releases.
func mysqlSources(own []aptSource, distribution string) [][]aptSource {
	if distribution != "debian" {
		return [][]aptSource{own}
	}
	var sets [][]aptSource
	var seen []string
	for _, s := range own {
		if !slices.Contains(strings.Fields(s.components), "main") || !slices.ContainsFunc(strings.Fields(s.suites), isRelease) ||
			slices.Contains(seen, s.uris) {
			continue
		}
		seen = append(seen, s.uris)
		s.suites, s.components = "sid", "main"
		sets = append(sets, []aptSource{s})
	}
	return sets
}

// isRelease reports whether a suite is a complete release, not its updates, backports or
// security fixes.
func isRelease(suite string) bool { return !strings.ContainsAny(suite, "-/") }

// distribution returns the ID in an os-release file, in lower case.
// https://www.freedesktop.org/software/systemd/man/latest/os-release.html
func distribution(file string) string {
	raw, err := os.ReadFile(file) //nolint:gosec // a file of the system
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), "="); name == "ID" {
			return strings.Trim(value, `"'`)
		}
	}
	return ""
}
