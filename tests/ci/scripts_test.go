package ci

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o700)) //nolint:gosec // Some files are executables.
}

func content(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // Written by the test.
	require.NoError(t, err)
	return string(raw)
}

// script runs a script of the repository, or of dir, and returns its status and output.
func script(t *testing.T, dir, name string, args []string, env ...string) (int, string) {
	t.Helper()
	testtools.Files(t, root, ".github", "tools")                               // Files that the scripts use.
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, name), args...) //nolint:gosec // A script of the project.
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), string(out)
	}
	require.NoError(t, err, string(out))
	return 0, string(out)
}

// A renamed test would run in the wrong part of tests/run.
func TestRunNamesExistingTests(t *testing.T) {
	var tests strings.Builder
	for _, file := range testtools.Files(t, root, "*_test.go") {
		tests.WriteString(content(t, filepath.Join(root, file)))
	}
	names := regexp.MustCompile(`Test[A-Z]\w+`).FindAllString(content(t, filepath.Join(root, "tests", "run")), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.True(t, strings.Contains(tests.String(), "func "+name+"(t *testing.T)"), name)
	}
}

// fakeGH puts a fake gh on PATH that records its calls, and serves one open pull request
// with the comment of the given ID. It returns the setting of PATH and the log.
func fakeGH(t *testing.T, pull, comment string) (path, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	write(t, filepath.Join(dir, "gh"), `#!/usr/bin/env bash
echo "$@" >>`+log+`
for arg in "$@"; do
	case $arg in body=@*) cp "${arg#body=@}" `+dir+`/body ;; esac
done
case "$*" in
*--paginate*) echo `+comment+` ;;
*"--method GET repos/o/r/pulls "*) echo `+pull+` ;;
esac
`)
	return "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH"), log
}

func comment(t *testing.T, pull, existing string) (log, body string) {
	t.Helper()
	previews := t.TempDir()
	write(t, filepath.Join(previews, "head", "dev.json"), `{"changes":{"create":3},"error":"@everyone"}`)
	path, logFile := fakeGH(t, pull, existing)
	status, out := script(t, root, ".github/scripts/comment", []string{previews}, path,
		"GITHUB_REPOSITORY=o/r", "HEAD_SHA=abc", "HEAD_OWNER=fork", "HEAD_BRANCH=$(id)")
	require.Zero(t, status, out)
	bodyFile := filepath.Join(filepath.Dir(logFile), "body")
	if _, err := os.Stat(bodyFile); err == nil {
		body = content(t, bodyFile)
	}
	return content(t, logFile), body
}

func TestCommentIsPostedOnceAndThenEdited(t *testing.T) {
	log, body := comment(t, "7", "")
	require.Contains(t, log, "-f head=fork:$(id) ", "the branch's name is not executed")
	require.Contains(t, log, "--method POST repos/o/r/issues/7/comments ")
	require.Contains(t, body, "- **error** `@everyone`")

	log, body = comment(t, "7", "42")
	require.Contains(t, log, "--method PATCH repos/o/r/issues/comments/42 ")
	require.NotContains(t, log, "POST")
	require.True(t, strings.HasPrefix(body, "<!-- store-events preview -->\n"), "the script finds its comment by this line")

	log, body = comment(t, "", "")
	require.NotContains(t, log, "comments", "no comment on a pull request with newer commits")
	require.Empty(t, body)
}

func TestReleaseHasItsFilesAndNotes(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "release", "storeevents_linux_amd64.tar.gz"), "program")
	write(t, filepath.Join(dir, "release", "SHA256SUMS"), "a8b73c2a8cf3dde0bdd8bd20f20b2e2d8d3fe7bb8cdf2a3f1d3d8a34bbdbd0b6  storeevents_linux_amd64.tar.gz\n")
	write(t, filepath.Join(dir, "sbom", "storeevents.cdx.json"), "{}")
	write(t, filepath.Join(dir, "release-notes.md"), "notes")
	path, log := fakeGH(t, "", "")
	env := []string{path, "GITHUB_REF_NAME=v1.2.3", "GITHUB_REPOSITORY=o/r"}
	status, _ := script(t, root, ".github/scripts/release", []string{dir}, env...)
	require.NotZero(t, status, "a program that does not match its checksum is not released")
	require.NoFileExists(t, log)

	sum := exec.CommandContext(t.Context(), "sha256sum", "storeevents_linux_amd64.tar.gz")
	sum.Dir = filepath.Join(dir, "release")
	out, err := sum.Output()
	require.NoError(t, err)
	write(t, filepath.Join(dir, "release", "SHA256SUMS"), string(out))
	status, _ = script(t, root, ".github/scripts/release", []string{dir}, env...)
	require.Zero(t, status)
	require.Equal(t, "release create v1.2.3 --repo o/r --verify-tag --title v1.2.3 --notes-file release-notes.md "+
		"release/SHA256SUMS release/storeevents_linux_amd64.tar.gz sbom/storeevents.cdx.json\n", content(t, log))
}

func TestReleaseNotesComeFromTheChangelog(t *testing.T) {
	dir := t.TempDir() // Not bin: files that a test writes to the project make the go command run it again.
	file, notes := filepath.Join(dir, "CHANGELOG.md"), filepath.Join(dir, "out", "notes.md")
	write(t, file, "# Changelog\n\n## Unreleased\n\n- next\n\n## [1.2.3] - 2026-12-01\n\n### Added\n\n- this\n\n## 1.2.2\n\n")
	status, out := script(t, root, "tools/changelog", nil, "CHANGELOG="+file, "OUT="+notes, "VERSION=v1.2.3")
	require.Zero(t, status)
	require.Equal(t, "### Added\n\n- this", strings.TrimSpace(out))
	require.Equal(t, out, content(t, notes))
	for version, why := range map[string]string{"v1.2": "no such section", "v1.2.2": "the section is empty"} {
		status, out = script(t, root, "tools/changelog", nil, "CHANGELOG="+file, "OUT="+notes, "VERSION="+version)
		require.NotZero(t, status, why)
		require.Contains(t, out, "has no section")
	}
}

func TestReleasesAreForLinuxAndMacOSAndReproducible(t *testing.T) {
	require.FileExists(t, filepath.Join(root, "bin", "storeevents"))
	dir := t.TempDir()
	release := func() string {
		status, out := script(t, root, "tools/release", nil, "OUT="+dir, "PLATFORMS=linux/arm64 darwin/arm64", "COMMAND=./tools/previewcomment", "BUILT=bin/storeevents")
		require.Zero(t, status, out)
		return content(t, filepath.Join(dir, "SHA256SUMS"))
	}
	sums := release()
	require.Equal(t, sums, release())
	require.Equal(t, 2, strings.Count(sums, "\n"))
	for name, magic := range map[string]string{"storeevents_linux_arm64.tar.gz": "\x7fELF", "storeevents_darwin_arm64.tar.gz": "\xcf\xfa\xed\xfe"} {
		require.Contains(t, sums, "  "+name+"\n")
		files := unpack(t, filepath.Join(dir, name))
		require.True(t, strings.HasPrefix(files["storeevents"], magic), name)
		require.Contains(t, files["LICENSE"], "Apache License")
		require.Contains(t, files["completions/storeevents.bash"], "complete -o default")
		require.Contains(t, files["completions/storeevents.zsh"], "#compdef storeevents")
		require.Contains(t, files["completions/storeevents.fish"], "complete -c storeevents")
		require.Contains(t, files["man/man1/storeevents-up.1"], ".SH NAME")
		pages := 0
		for file := range files {
			if strings.HasPrefix(file, "man/man1/storeevents-") {
				pages++
			}
		}
		require.Greater(t, pages, 30, "one for each command")
	}
}

// unpack returns the files in an archive.
func unpack(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file) //nolint:gosec // An archive of this test.
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	files, r := map[string]string{}, tar.NewReader(z)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		files[header.Name] = string(text)
		require.Equal(t, header.Name == "storeevents", header.Mode == 0o755, header.Name)
	}
}

// Packages run code when they are installed or used. The release is built next to some of them, and `make lint`
// shares its build cache with the deployment.
func TestScriptsInstallOnlyPackagesWithHashes(t *testing.T) {
	tracked, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	require.NoError(t, err)
	installs := 0
	for name := range strings.SplitSeq(strings.Trim(string(tracked), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		if err != nil || !strings.HasPrefix(string(text), "#!") || !strings.Contains(strings.SplitN(string(text), "\n", 2)[0], "sh") {
			continue
		}
		for _, line := range pipInstall.FindAllString(string(text), -1) {
			installs++
			require.Contains(t, line, "--require-hashes", name)
		}
	}
	require.Greater(t, installs, 3)
}

var pipInstall = regexp.MustCompile(`pip"? install -.*`)
