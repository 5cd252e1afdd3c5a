package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

func comment(t *testing.T, head, base map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for where, files := range map[string]map[string]string{"head": head, "base": base} {
		for name, text := range files {
			write(t, filepath.Join(dir, where), name, text)
		}
	}
	var out strings.Builder
	require.NoError(t, run(&out, filepath.Join(dir, "head"), filepath.Join(dir, "base")))
	return out.String()
}

func TestCommentComparesStacksWithTheBase(t *testing.T) {
	got := comment(t, map[string]string{
		"dev.json": `{"changes":{"create":146},"violations":[
			{"policy":"note","level":"advisory","message":"worth knowing"},
			{"policy":"rds-iam-auth","level":"advisory","resource":"aws:rds/instance:Instance db","message":"No passwords\n[medium] rds-iam-auth: no login\n  why: passwords leak"}],
			"cost":{"monthly_usd":93.85,"items":[{"group":"NAT gateways","name":"a","usd":65.70},{"group":"keys","name":"k","usd":1}],"unpriced":["queue: not in the list"]},
			"diff":"+ bucket\n- key"}`,
		"prod.json": `{"error":"preview of stack prod: the engine reported errors"}`,
	}, map[string]string{
		"dev.json": `{"cost":{"monthly_usd":61,"items":[{"group":"NAT gateways","name":"a","usd":32.85},{"group":"keys","name":"k","usd":1}]}}`,
	})
	require.True(t, strings.HasPrefix(got, marker+"\n"))
	require.Contains(t, got, "| `dev` | passed | 146 `create` | 1 `advisory` | 93.85 USD, base 61.00: **+32.85** |\n")
	require.Contains(t, got, "| `prod` | **failed** |  | none | not known |\n")
	require.Contains(t, got, "- `advisory` `rds-iam-auth` `aws:rds/instance:Instance db`: `No passwords [medium] rds-iam-auth: no login`\n")
	require.Contains(t, got, "- **cost** `NAT gateways` +32.85 USD\n- **cost** not included: `queue: not in the list`\n")
	require.NotContains(t, got, "`keys`", "the same cost is not a difference")
	require.Contains(t, got, "```diff\n+ bucket\n- key\n```\n")
	require.Contains(t, got, "- **error** `preview of stack prod: the engine reported errors`\n")
}

func TestCostWithoutABase(t *testing.T) {
	head := map[string]string{"dev.json": `{"cost":{"monthly_usd":61,"items":[]}}`}
	require.Contains(t, comment(t, head, nil), "61.00 USD; not known for the base")
	require.Contains(t, comment(t, head, head), "61.00 USD, unchanged")
}

// Code spans and fences. Without them no untrusted text may remain.
var shown = regexp.MustCompile("(?s)````+diff\n.*?\n````+\n|`[^`\n]*`")

func TestUntrustedTextIsCodeOnly(t *testing.T) {
	const evil = "`@admins` <img src=x> [a](b) | ```\n</details>\n````@admins"
	got := comment(t, map[string]string{"dev.json": `{"error":` + quoted(evil) + `,"changes":{` + quoted(evil) + `:1},"data_loss":[` + quoted(evil) + `],
		"violations":[{"policy":` + quoted(evil) + `,"level":` + quoted(evil) + `,"resource":"` + "\u202e\\u001b[2J" + `","message":` + quoted(evil) + `}],
		"diff":` + quoted(evil) + `}`}, nil)
	require.Contains(t, got, "`````diff\n", "the fence must be longer than any in the diff")
	left := shown.ReplaceAllString(got, "")
	for _, bad := range []string{"@", "<img", "](", "`", "\u202e", "\x1b"} {
		require.NotContains(t, left, bad)
	}
	require.NotContains(t, got, "\u202e")
	require.NotContains(t, got, "\x1b")
	require.Equal(t, 1, strings.Count(left, "</details>"))
	for _, line := range strings.Split(got, "\n") {
		if strings.HasPrefix(line, "| `dev`") {
			require.Equal(t, 6, strings.Count(line, "|"), "the row keeps its cells")
		}
	}
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

func TestLongDiffIsTruncated(t *testing.T) {
	long := `{"diff":"` + strings.Repeat(`+ ü\n`, 40_000) + `"}`
	got := comment(t, map[string]string{"dev.json": long, "prod.json": long}, nil)
	require.LessOrEqual(t, len(got), maxComment)
	require.Equal(t, 2, strings.Count(got, "… cut\n```\n</details>"))
}

const plan = `Previewing update (dev):
+ pulumi:pulumi:Stack: (create)
    [urn=urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev]
    + aws:s3/bucketV2:BucketV2: (create)
        [urn=urn:pulumi:dev::p::aws:s3/bucketV2:BucketV2::events]
        [provider=urn:pulumi:dev::p::pulumi:providers:aws::default::id]
        bucket: "events-ba61e2f"
        source: asset(file:d5084e4) { /tmp/store-events-2700447744/aws/ca.pem }
        code  : archive(file:11bb22c) { /src/a/bin/producer.zip }
        port  : 33655
        forceDestroy: true
  resource: aws:s3/bucketV2:BucketV2 events
[low] some-rule: it says something
    + aws:kms/key:Key: (create)
        [urn=urn:pulumi:dev::p::aws:kms/key:Key::key]
        enableKeyRotation: true
`

func TestDiffIsBetweenHeadAndBase(t *testing.T) {
	again := strings.NewReplacer("ba61e2f", "0123abc", "d5084e4", "aaaaaaa", "2700447744", "99", "/src/a/", "/src/b/base/", "33655", "41000", "some-rule", "another-rule").Replace(plan)
	require.Empty(t, compare(plan, again), "values that vary between previews are not changes")
	changed := strings.NewReplacer("forceDestroy: true", "forceDestroy: false", "kms/key:Key", "sqs/queue:Queue", "::key]", "::queue]").Replace(again)
	require.Equal(t, `@@ [urn=urn:pulumi:dev::p::aws:kms/key:Key::key]
- + aws:kms/key:Key: (create)
- enableKeyRotation: true
@@ [urn=urn:pulumi:dev::p::aws:s3/bucketV2:BucketV2::events]
  code  : archive(file:11bb22c) { /src/b/base/bin/producer.zip }
  port  : 41000
- forceDestroy: true
+ forceDestroy: false
@@ [urn=urn:pulumi:dev::p::aws:sqs/queue:Queue::queue]
+ + aws:sqs/queue:Queue: (create)
+ enableKeyRotation: true
`, compare(plan, changed))
	require.NotEmpty(t, compare(plan, strings.Replace(plan, "11bb22c", "99bb22c", 1)), "other code is a change")

	head := map[string]string{"dev.json": `{"diff":` + quoted(plan) + `}`}
	require.Contains(t, comment(t, head, head), "`dev` plans the same resources as the base.")
}

func TestInvalidFoldersAreRefused(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, run(nil, dir, ""), "has no <stack>.json")
	write(t, dir, "dev.json", `{"changes":[]}`)
	require.ErrorContains(t, run(nil, dir, ""), "dev.json")

	outside := filepath.Join(t.TempDir(), "secret.json")
	require.NoError(t, os.WriteFile(outside, []byte(`{}`), 0o600))
	links := t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(links, "dev.json")))
	require.ErrorContains(t, run(nil, links, ""), "has no <stack>.json", "a symbolic link could point anywhere")
	linked := filepath.Join(t.TempDir(), "head")
	require.NoError(t, os.Symlink(filepath.Dir(outside), linked))
	require.ErrorContains(t, run(nil, linked, ""), "is not a folder")
}
