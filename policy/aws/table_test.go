package aws

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var registered = regexp.MustCompile(`ctx\.RegisterResource\("(aws:[^"]+)"`)

// sdk returns the folder of the SDK in go.mod's version. The test reads go.mod, so that the go command notices changes;
// it would not notice that go list does.
func sdk(t *testing.T) string {
	t.Helper()
	_, err := os.Stat("../../go.mod")
	require.NoError(t, err)
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-aws/sdk/v6").Output()
	require.NoError(t, err)
	return filepath.Join(strings.TrimSpace(string(dir)), "go", "aws")
}

// A type missing from the table would be refused without a review.
func TestTableHasEveryTypeOfTheSDK(t *testing.T) {
	dir := sdk(t)
	found := 0
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // Of the module cache.
		for _, m := range registered.FindAllStringSubmatch(string(text), -1) {
			found++
			require.Contains(t, Classes, m[1])
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, found, 1500)
}

func TestTableIsSorted(t *testing.T) {
	var last string
	for line := range strings.Lines(strings.SplitN(table, "\n", 2)[1]) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		require.Len(t, columns, 3, line)
		require.Less(t, last, columns[0])
		require.Contains(t, []Class{Checked, Harmless, Refused}, Class(columns[2]), line)
		last = columns[0]
	}
}

// The constants are the types that the rules use.
func TestTypesOfRulesAreChecked(t *testing.T) {
	text, err := os.ReadFile("types.go")
	require.NoError(t, err)
	constants := regexp.MustCompile(`"(aws:[^"]+)"`).FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(constants), 60)
	for _, constant := range constants {
		require.Equal(t, Checked, ClassOf(constant[1]), constant[1])
	}
	for name, canonical := range renamed {
		require.Equal(t, Checked, ClassOf(name), name)
		require.Equal(t, Checked, ClassOf(canonical), name)
		require.Equal(t, canonical, Canonical(name))
	}
}

func TestUnknownIsRefused(t *testing.T) {
	for _, name := range []string{"aws-native:s3:Bucket", "aws:new/thing:Thing", "aws:cloudcontrol/resource:Resource", "gcp:storage/bucket:Bucket", "pulumi-nodejs:dynamic:Resource", "command:local:Command", "tls:index/privateKey:PrivateKey",
		"aws:glue/catalogTableOptimizer:CatalogTableOptimizer", "aws:sns/smsPreferences:SmsPreferences", "aws:ebs/defaultKmsKey:DefaultKmsKey",
		"aws:s3/bucketAbac:BucketAbac", "aws:ec2/tag:Tag"} {
		require.Equal(t, Refused, ClassOf(name), name)
	}
	for _, name := range []string{"pulumi:pulumi:StackReference", "random:index/randomId:RandomId", "awsx:ec2:Vpc", "time:index/static:Static", "aws:glue/partitionIndex:PartitionIndex"} {
		require.Equal(t, Harmless, ClassOf(name), name)
	}
}
