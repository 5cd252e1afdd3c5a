package ministack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

// Earlier releases left AWSPENDING on each version that a rotation created.
func TestOldVersionsAreNotPending(t *testing.T) {
	for name, tc := range map[string]struct{ before, after [3]string }{
		"rotated twice":  {[3]string{"AWSPENDING", "AWSPREVIOUS AWSPENDING", "AWSCURRENT AWSPENDING"}, [3]string{"", "AWSPREVIOUS", "AWSCURRENT AWSPENDING"}},
		"not at the end": {[3]string{"AWSPREVIOUS AWSPENDING", "AWSCURRENT", "AWSPENDING"}, [3]string{"AWSPREVIOUS", "AWSCURRENT", "AWSPENDING"}},
		"rolled back":    {[3]string{"AWSPENDING", "AWSCURRENT AWSPENDING", "AWSPENDING"}, [3]string{"", "AWSCURRENT AWSPENDING", ""}},
		"once":           {[3]string{"AWSPREVIOUS", "AWSCURRENT", "AWSPENDING"}, [3]string{"AWSPREVIOUS", "AWSCURRENT", "AWSPENDING"}},
	} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			versions := [3]string{strings.Repeat("a", 32), strings.Repeat("b", 32), strings.Repeat("c", 32)}
			e := start(t, state)
			client := secretsmanager.NewFromConfig(e.Config("us-east-1"))
			secret := aws.String("database")
			_, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: secret, SecretString: aws.String("1")})
			require.NoError(t, err)
			for i, version := range versions {
				_, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
					SecretId: secret, ClientRequestToken: &version, SecretString: aws.String("1"), VersionStages: []string{fmt.Sprint("label", i)},
				})
				require.NoError(t, err)
			}
			require.NoError(t, e.Stop())
			file := filepath.Join(state, "state", "secretsmanager.json")
			raw, err := os.ReadFile(file) //nolint:gosec // a path of this test
			require.NoError(t, err)
			text := strings.ReplaceAll(string(raw), `["AWSCURRENT"]`, `[]`)
			for i, labels := range tc.before {
				text = strings.ReplaceAll(text, fmt.Sprintf(`"label%d"`, i), `"`+strings.ReplaceAll(labels, " ", `", "`)+`"`)
			}
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))

			out, err := secretsmanager.NewFromConfig(start(t, state).Config("us-east-1")).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: secret})
			require.NoError(t, err)
			for i, version := range versions {
				require.Equal(t, tc.after[i], strings.Join(out.VersionIdsToStages[version], " "), version)
			}
		})
	}
}

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func TestFirstVersionBecomesCurrent(t *testing.T) {
	client := secretsmanager.NewFromConfig(start(t, t.TempDir()).Config("us-east-1"))
	secret := aws.String("database")
	_, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: secret})
	require.NoError(t, err)
	put := func(value string, labels ...string) (string, []string) {
		out, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: secret, SecretString: &value, VersionStages: labels})
		require.NoError(t, err)
		return aws.ToString(out.VersionId), out.VersionStages
	}
	first, labels := put("1", "FIRST")
	require.ElementsMatch(t, []string{"FIRST", "AWSCURRENT"}, labels)
	second, labels := put("2", "SECOND")
	require.Equal(t, []string{"SECOND"}, labels)
	out, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: secret})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"FIRST", "AWSCURRENT"}, out.VersionIdsToStages[first])
	require.Equal(t, []string{"SECOND"}, out.VersionIdsToStages[second])
}
