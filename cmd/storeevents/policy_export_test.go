package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wordpress is an export with a public database.
const wordpress = "python-wordpress-fargate-rds.json"

// checkFile runs `policy check --state` in a folder that is not a project.
func checkFile(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	file, err := filepath.Abs("../../policy/state/testdata/exports/" + name)
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	text, err := os.ReadFile(file) //nolint:gosec // A file of the test.
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("export.json", text, 0o600))
	return checkHere(t, args...)
}

func checkHere(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	root := newRoot(newApp(&out, &errs))
	root.SetArgs(append([]string{"policy", "check", "--state", "export.json"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestPolicyCheckOfAnExport(t *testing.T) {
	out, err := checkFile(t, wordpress)
	require.ErrorContains(t, err, "stack testing does not pass")
	require.Contains(t, out, "sg-no-world-admin-or-db-port")
	require.Contains(t, out, "policies of stack testing: 24 resources, ")
	_, err = checkHere(t, "--format", "xml")
	require.EqualError(t, err, `--format "xml": must be one of text, json, sarif, html, github`)
}

func TestErrorsOfAJSONCheckAreJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("broken.json", []byte("{"), 0o600))
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"flag":      {[]string{"--environment", "dev"}, "--environment needs --state"},
		"no file":   {[]string{"--state", "none.json"}, "--state: open none.json"},
		"not state": {[]string{"--state", "broken.json"}, "--state broken.json"},
		"project":   {[]string{"--project", "none"}, "Pulumi.yaml"},
	} {
		status, stdout, _ := invoke(t, "", append([]string{"policy", "check", "--format", "json"}, tc.args...)...)
		require.Equal(t, 1, status, name)
		var doc struct{ Error string }
		require.NoError(t, json.Unmarshal([]byte(stdout), &doc), name)
		require.Contains(t, doc.Error, tc.want, name)
	}
}

// Every format contains the findings of every export, and no rule fails.
func TestEveryFormatOfEveryExport(t *testing.T) {
	files, err := filepath.Glob("../../policy/state/testdata/exports/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			out, err := checkFile(t, filepath.Base(file), "--format", "github")
			require.ErrorContains(t, err, "stack testing does not pass")
			_, found, _ := strings.Cut(out, ",title=")
			policy, _, _ := strings.Cut(found, "::")
			for form, begin := range map[string]string{
				"text": "mandatory ", "json": "{", "sarif": "{", "html": "<!doctype html>", "github": "::error file=export.json,line=",
			} {
				out, err := checkHere(t, "--format", form)
				require.ErrorContains(t, err, "stack testing does not pass", form)
				require.True(t, strings.HasPrefix(out, begin), "%s: %.100s", form, out)
				require.True(t, policy != "" && strings.Contains(out, policy), "%s: no %s", form, policy)
				require.False(t, strings.Contains(out, "checked nothing"), "%s: a rule failed", form)
			}
		})
	}
}

func TestBaselineIgnoresKnownFindings(t *testing.T) {
	_, err := checkFile(t, wordpress, "--write-baseline", "known.json")
	require.Error(t, err)
	out, err := checkHere(t, "--baseline", "known.json")
	require.NoError(t, err, out)
	require.Contains(t, out, "0 mandatory and 0 advisory violations")
	require.Contains(t, out, "findings are in the baseline")

	text, err := os.ReadFile("known.json")
	require.NoError(t, err)
	var b baseline
	require.NoError(t, json.Unmarshal(text, &b))
	for i, f := range b.Findings {
		if strings.HasPrefix(f, "rds-storage-encrypted ") {
			b.Findings = append(b.Findings[:i], b.Findings[i+1:]...)
			break
		}
	}
	text, err = json.Marshal(b)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("known.json", text, 0o600))
	out, err = checkHere(t, "--baseline", "known.json", "--format", "github")
	require.ErrorContains(t, err, "1 mandatory violations")
	require.Equal(t, 1, strings.Count(out, "\n"), "only what is new: %s", out)
}

func TestBaselineOfAnEarlierVersionIsRefused(t *testing.T) {
	_, err := checkFile(t, wordpress, "--write-baseline", "known.json")
	require.Error(t, err)
	require.NoError(t, os.WriteFile("known.json", []byte(`{"findings": ["rds-storage-encrypted urn:pulumi:x::y::z::db"]}`), 0o600))
	_, err = checkHere(t, "--baseline", "known.json")
	require.ErrorContains(t, err, "--baseline known.json: the format's version is 0 instead of 2")
	require.ErrorContains(t, err, "write it again with --write-baseline")
}

func TestAFrameworkSelectsRules(t *testing.T) {
	out, err := checkFile(t, wordpress, "--framework", "checkov")
	require.Error(t, err)
	require.Contains(t, out, "rds-storage-encrypted")
	require.NotContains(t, out, "rds-admin-username", "its sources have no control of checkov")
	out, err = checkHere(t, "--framework", "CKV_AWS_16", "--format", "github")
	require.Error(t, err)
	require.Contains(t, out, "title=rds-storage-encrypted::")
	require.Equal(t, 1, strings.Count(out, "::error"))
	for name, rules := range map[string][2]string{
		"cis":       {"rds-storage-encrypted", "rds-log-exports"},
		"cis-2.2.1": {"rds-storage-encrypted", "sg-no-world-admin-or-db-port"},
		"pci":       {"rds-log-exports", "rds-storage-encrypted"},
	} {
		out, err = checkHere(t, "--framework", name)
		require.Error(t, err, name)
		require.Contains(t, out, rules[0], name)
		require.NotContains(t, out, rules[1], name)
	}
	for _, names := range []string{"iso", "cis,iso"} {
		_, err = checkHere(t, "--framework", names)
		require.EqualError(t, err, "--framework iso: no rule has this source; "+
			"use cis, pci, fsbp, securityhub, nist, cdk-nag, checkov, trivy, prowler, the ID of a control, or a requirement such as cis-2.1.4")
	}
}
