package docs

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryDifferenceOfVerifyIsExplained checks the table of docs/operations.md, to which
// the command line refers for the meaning and repair of each kind of difference.
func TestEveryDifferenceOfVerifyIsExplained(t *testing.T) {
	kinds := regexp.MustCompile(`\{"([^"]+)", r\.[A-Z]\w+\}`).FindAllStringSubmatch(read(t, "ops/internal/verify/result.go"), -1)
	require.GreaterOrEqual(t, len(kinds), 10, "the kinds of Result.kinds")
	_, section, found := strings.Cut(read(t, "docs/operations.md"), "\n### What verify reports\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for _, kind := range kinds {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(kind[1]) + ` \| [^|]+ \| [^|]*` + "`(storeevents )?[a-z]+" + `[^|]* \|$`)
		require.Regexp(t, row, section, "the row of %q has its meaning and a command", kind[1])
	}
}

// TestJobOptionsAreListed compares docs/job-options.md with the contract.
func TestJobOptionsAreListed(t *testing.T) {
	page := read(t, "docs/job-options.md")
	var contract struct{ JobOptions map[string]string }
	require.NoError(t, json.Unmarshal([]byte(read(t, "schema/contract.json")), &contract))
	require.NotEmpty(t, contract.JobOptions)
	for _, name := range contract.JobOptions {
		require.Contains(t, page, "`--"+name+"`")
	}
}
