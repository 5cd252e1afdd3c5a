// Package docs checks that the commands, files and settings in the documentation exist.
package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A page of the project.
	require.NoError(t, err)
	return string(raw)
}

func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{"README.md": read(t, "README.md")}
	for _, pattern := range []string{"*.md", filepath.Join("howto", "*.md")} {
		files, err := filepath.Glob(filepath.Join(root, "docs", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, f := range files {
			name, err := filepath.Rel(root, f)
			require.NoError(t, err)
			texts[name] = read(t, name)
		}
	}
	return texts
}

// commands returns the lines of a page's shell blocks.
func commands(text string) []string {
	var out []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				out = append(out, line)
			}
		}
	}
	return out
}

func TestMakeTargetsExist(t *testing.T) {
	makefile := read(t, "Makefile")
	found := 0
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile("(?m)(?:^|`)make ([a-z0-9-]+)").FindAllStringSubmatch(text, -1) {
			require.Regexp(t, `(?m)^`+m[1]+`:`, makefile, "%s: make %s", page, m[1])
			found++
		}
	}
	require.Greater(t, found, 4)
}

var subcommand = regexp.MustCompile(`^[a-z]+$`)

// helps caches the CLI's help: the pages show the same commands repeatedly.
var helps = map[string]string{}

func help(t *testing.T, command []string) string {
	t.Helper()
	asked := strings.Join(command, " ")
	if text, known := helps[asked]; known {
		return text
	}
	out, err := exec.CommandContext(t.Context(), root+"/bin/storeevents", append(slices.Clone(command), "--help")...).CombinedOutput() //nolint:gosec // The project's command line.
	require.NoError(t, err, string(out))
	helps[asked] = string(out)
	return helps[asked]
}

// TestCommandsExist requests the help of every command in the pages; the CLI fails
// for an unknown command or flag.
func TestCommandsExist(t *testing.T) {
	found := 0
	for page, text := range pages(t) {
		for _, line := range commands(text) {
			words := strings.Fields(strings.TrimPrefix(line, "bin/"))
			if words[0] != "storeevents" {
				continue
			}
			command := words[1:2]
			for _, w := range words[2:] {
				if !subcommand.MatchString(w) || !strings.Contains(help(t, command), "\n  "+w+" ") {
					break
				}
				command = append(command, w)
			}
			text := help(t, command)
			require.Contains(t, text, "storeevents "+strings.Join(command, " "), "%s: %s", page, line)
			for _, w := range words {
				if name, _, _ := strings.Cut(w, "="); strings.HasPrefix(name, "--") {
					require.Contains(t, text, name+" ", "%s: %s", page, line)
				}
			}
			found++
		}
	}
	require.Greater(t, found, 2)
}

func TestCommandTableIsComplete(t *testing.T) {
	_, list, _ := strings.Cut(help(t, nil), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	readme := read(t, "README.md")
	for _, line := range strings.Split(list, "\n") {
		name := strings.Fields(line)[0]
		if name == "help" || name == "completion" {
			continue
		}
		require.Contains(t, readme, "`"+name+"`", "the README's table of commands")
	}
}

func TestSettingsNamedExist(t *testing.T) {
	declared := read(t, "Pulumi.yaml")
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile(config.Namespace+`:([A-Za-z]+)`).FindAllStringSubmatch(text, -1) {
			require.Contains(t, declared, "\n  "+m[1]+":", "%s: %s", page, m[0])
		}
	}
}

func TestLinksResolve(t *testing.T) {
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[1], "https://") {
				continue
			}
			_, err := os.Stat(filepath.Join(root, filepath.Dir(page), m[1]))
			require.NoError(t, err, page)
		}
	}
}

// TestPolicyCount compares the README with the generated catalog.
func TestPolicyCount(t *testing.T) {
	count := regexp.MustCompile(`enforces (\d+) controls`).FindStringSubmatch(read(t, "README.md"))
	require.Len(t, count, 2)
	policies := read(t, "docs/policies.md")
	require.Contains(t, policies, count[1]+" enforced")

	dev := regexp.MustCompile(`dev \((\d+) mandatory and (\d+) advisory rules`).FindStringSubmatch(read(t, "README.md"))
	require.Len(t, dev, 3)
	require.Contains(t, policies, "| dev | "+dev[1]+" | "+dev[2]+" |")
	summary := regexp.MustCompile(`store-events policies, dev \(.*`).FindString(read(t, "README.md"))
	require.Contains(t, read(t, "policy/README.md"), "\n"+summary+"\n", "the summary in both READMEs")
}

// TestFilesNamedInTheArchitectureExist keeps the page up to date with the files.
func TestFilesNamedInTheArchitectureExist(t *testing.T) {
	text := read(t, filepath.Join("docs", "architecture.md"))
	paths := regexp.MustCompile("`([a-z0-9_./-]*/[a-z0-9_./-]*|main\\.go)`").FindAllStringSubmatch(text, -1)
	require.Greater(t, len(paths), 20)
	for _, m := range paths {
		_, err := os.Stat(filepath.Join(root, m[1]))
		require.NoError(t, err)
	}
	walk := regexp.MustCompile(`(?m)^(\d+)\. `).FindAllStringSubmatch(text, -1)
	require.LessOrEqual(t, len(walk), 12, "number of files from main.go to a row")
}

// TestLinkTargetsExist follows the relative links of all pages, to a file and a
// heading in it.
func TestLinkTargetsExist(t *testing.T) {
	all := pages(t)
	for _, name := range []string{"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} {
		all[name] = read(t, name)
	}
	found := 0
	for page, text := range all {
		for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, heading, _ := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			_, err := os.Stat(filepath.Join(root, target))
			require.NoError(t, err, "%s: %s", page, m[1])
			if heading != "" {
				require.Contains(t, anchors(read(t, target)), heading, "%s: %s", page, m[1])
			}
			found++
		}
	}
	require.Greater(t, found, 15)
}

// anchors returns the link targets of a page's headings.
func anchors(text string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}
