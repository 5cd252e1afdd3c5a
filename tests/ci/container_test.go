package ci

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The container and the workflows use the versions of go.mod and of the setup.
func TestContainerAndWorkflowsUseTheSameVersions(t *testing.T) {
	read := func(elem ...string) string {
		raw, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, elem...)...))
		require.NoError(t, err)
		return string(raw)
	}
	find := func(pattern, text string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		require.Len(t, m, 2, pattern)
		return m[1]
	}
	container := read(".devcontainer", "Containerfile")
	require.Equal(t, find(`(?m)^go (\d+\.\d+)`, read("go.mod")), find(`FROM golang:(\d+\.\d+)-bookworm`, container))

	// Debian 12 (bookworm) has Python 3.11 and Java 17.
	toolchain := read("tools", "setup", "toolchain", "python.go") + read("tools", "setup", "toolchain", "java.go")
	require.Equal(t, "3.11", find(`pythonVersion += "([\d.]+)"`, toolchain))
	require.Equal(t, "17", find(`javaVersion += "(\d+)"`, toolchain))
	require.Contains(t, container, "openjdk-17-jre-headless")
	for _, name := range []string{"maven", "git", "make", "chromium", "python3-venv"} {
		require.Regexp(t, `(?m)^[^#]*\s`+name+`\s`, container, "the doctor requires it")
	}
	workflows, err := filepath.Glob(filepath.Join("..", "..", ".github", "*", "*.yaml"))
	require.NoError(t, err)
	actions, err := filepath.Glob(filepath.Join("..", "..", ".github", "actions", "*", "action.yaml"))
	require.NoError(t, err)
	// The setup prefers Glue 6.0's Python version for it.
	glue6 := find(`glue6Pythons += \[\]string\{"([\d.]+)"`, read("tools", "setup", "toolchain", "glue6.go"))
	found := 0
	for _, file := range append(workflows, actions...) {
		raw, err := os.ReadFile(file) //nolint:gosec // A workflow.
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`python-version: "?([\d.]+)`).FindAllStringSubmatch(string(raw), -1) {
			want := "3.11"
			if filepath.Base(file) == "glue6.yaml" {
				want = glue6
			}
			require.Equal(t, want, m[1], file)
			found++
		}
		require.NotRegexp(t, `go-version:`, string(raw), "%s: go.mod has it", file)
	}
	require.Positive(t, found)
}

func TestFilesNamedInTheDevcontainerExist(t *testing.T) {
	folder := filepath.Join("..", "..", ".devcontainer")
	raw, err := os.ReadFile(filepath.Join(folder, "devcontainer.json")) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	var c struct {
		Build             struct{ Dockerfile string }
		RemoteUser        string
		PostCreateCommand string
	}
	require.NoError(t, json.Unmarshal(raw, &c))
	text, err := os.ReadFile(filepath.Join(folder, c.Build.Dockerfile)) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	require.Contains(t, string(text), "--shell /bin/bash "+c.RemoteUser)
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`make (\w+)`).FindAllStringSubmatch(c.PostCreateCommand, -1) {
		require.Regexp(t, `(?m)^`+m[1]+`:`, string(makefile))
	}
}
