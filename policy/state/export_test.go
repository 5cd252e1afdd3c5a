package state

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/pack"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var update = flag.Bool("update", false, "rewrite testdata/findings.txt")

// exports returns states of published programs in several languages, exported by `pulumi stack export`.
func exports(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/exports/*.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 8)
	return files
}

// No rule fails on an unknown shape, and the findings are the reviewed ones.
func TestExportsOfOtherProgramsAreChecked(t *testing.T) {
	var findings strings.Builder
	for _, file := range exports(t) {
		text, err := os.ReadFile(file) //nolint:gosec // A file of the test.
		require.NoError(t, err)
		e, err := ReadExport(text)
		require.NoError(t, err, file)
		require.NotEmpty(t, e.Project)
		p, err := pack.New(pack.Stack{Project: e.Project, Name: e.Stack, Config: map[string]string{"policy:environment": ""}})
		require.NoError(t, err)
		var reports []pack.Report
		for _, r := range e.Resources {
			reports = append(reports, p.CheckResource(r)...)
		}
		reports = append(reports, p.CheckStack(e.Resources)...)
		require.NotEmpty(t, reports, file)
		for _, r := range reports {
			require.NotEqual(t, "rule-failed", r.Policy, "%s: %s", file, r.Message)
		}
		findings.WriteString(filepath.Base(file) + "\n" + counted(reports))
	}
	const golden = "testdata/findings.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(findings.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), findings.String(), "review the diff, then run with -update")
}

// counted lists the rules with violations, and their counts.
func counted(reports []pack.Report) string {
	counts := map[string]int{}
	for _, r := range reports {
		if r.Kind == rule.Violation {
			counts[r.Level.String()+" "+r.Policy]++
		}
	}
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&lines, "\t%s %d\n", name, counts[name])
	}
	return lines.String()
}

func TestEncryptedSecretsOfAnExportAreUnknown(t *testing.T) {
	e, err := ReadExport([]byte(`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:live::shop::t::n","type":"t","inputs":{
		"a":[{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"xyz"}],
		"b":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","plaintext":"\"p\""},"c":123456789012}}]}}`))
	require.NoError(t, err)
	require.Equal(t, 1, e.Encrypted)
	require.Equal(t, []string{"shop", "live"}, []string{e.Project, e.Stack})
	r := e.Resources[0]
	require.Equal(t, value.Unknown, r.Get("a").Elements()[0].State())
	require.True(t, r.Get("b").Secret())
	require.InDelta(t, 123456789012, r.Inputs.Get("c").AsNumber(), 0)
}

func TestOtherFilesAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "not the output of pulumi stack export: it is empty",
		"{":                               "not the output of pulumi stack export: it ends too early",
		"x":                               "not the output of pulumi stack export: invalid character",
		"[]":                              "not the output of pulumi stack export: it has JSON type array, expected an object",
		`{"deployment":{"resources":1}}`:  "read the state: resources has JSON type number",
		"{}":                              "it has no deployment",
		"null":                            "it has no deployment",
		`{"deployment":{"resources":[]}}`: "the stack is not deployed",
		`{"deployment":{"resources":[{"urn":"x","type":"t"}]}}`: "has no URN",
	} {
		_, err := ReadExport([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}
