package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// jsonElsewhere are commands whose JSON another test reads.
var jsonElsewhere = []string{
	"down",            // TestLocalStack ends with it.
	"init",            // TestEveryCommandPrintsOneJSONDocument: it writes a file of the project.
	"local serve",     // Runs until it is interrupted, and prints no result.
	"local start",     // TestExistingDatabase.
	"pause", "resume", // TestObjectsStartTheWorkflow.
	"rehearse",                  // TestSecondUpdateOfAnAWSStackChangesNothing.
	"ui",                        // TestLocalStack, "the console and the report show it".
	"quarantine clean", "crawl", // TestEveryCaseAtOnce.
}

// printsJSON runs the remaining commands, and then compares with the reference: every
// command must have printed one JSON document, which the stack's run decodes.
func (s *stack) printsJSON(t *testing.T, quarantined string) {
	t.Helper()
	for _, args := range [][]string{
		{"contract", "diff"}, {"contract", "export"}, {"contract", "export", "--format", "odcs"}, {"curated", "clean", "--dry-run"},
		{"doctor"}, {"local", "denied"}, {"local", "env"}, {"local", "status"}, {"preview", "--summary"}, {"runs", "ls"}, {"runs", "show", "1"}, {"version"},
		{"runs", "log", "1", "--tail", "5"},
	} {
		s.run(t, nil, args...)
	}
	require.Contains(t, s.fails(t, "quarantine", "show", quarantined, "--raw"), "--raw", "bytes are not JSON")

	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "cli.md"))
	require.NoError(t, err)
	all := regexp.MustCompile("(?m)^## storeevents (.*)\n\n.*\n\n```text").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(all), 30)
	for _, m := range all {
		did := slices.ContainsFunc(s.ran, func(args string) bool { return args == m[1] || strings.HasPrefix(args, m[1]+" ") })
		require.True(t, did || slices.Contains(jsonElsewhere, m[1]), "%s: read its JSON", m[1])
	}
}
