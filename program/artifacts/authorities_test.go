package artifacts

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test fails a year before a certificate expires, so that there is time to replace the file.
const notice = 365 * 24 * time.Hour

func TestAmazonsAuthorities(t *testing.T) {
	file, err := authorities("../..", "")
	require.NoError(t, err)
	text, err := os.ReadFile(file) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	all, err := parse(text)
	require.NoError(t, err)
	require.Len(t, all, 81)
	names := map[string]bool{}
	for _, c := range all {
		require.NoError(t, c.CheckSignatureFrom(c), "%s is self-signed", c.Subject)
		require.Equal(t, []string{"Amazon Web Services, Inc."}, c.Subject.Organization)
		require.True(t, c.NotAfter.After(time.Now().Add(notice)), "%s ends on %s", c.Subject, c.NotAfter)
		names[c.Subject.CommonName] = true
	}
	for _, region := range []string{"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"} {
		for _, key := range []string{"RSA2048", "RSA4096", "ECC384"} {
			require.Contains(t, names, fmt.Sprintf("Amazon RDS %s Root CA %s G1", region, key))
		}
	}
}

func TestRegionsWithoutAmazonsAuthorities(t *testing.T) {
	for _, region := range []string{"us-east-1", "me-central-1", "ap-southeast-4"} {
		require.NoError(t, CheckRegion("../..", region))
	}
	// Amazon's newer bundles have these regions, or GovCloud has its own.
	for _, region := range []string{"il-central-1", "ca-west-1", "ap-southeast-5", "us-gov-west-1", "us-east", "us-east-10"} {
		require.ErrorContains(t, CheckRegion("../..", region), "aws:region "+region+": program/artifacts/certificates/amazon-rds.pem lacks its authorities")
	}
}

func TestFileWithoutAuthoritiesIsRefused(t *testing.T) {
	dir := t.TempDir()
	_, err := authorities(dir, "none.pem")
	require.ErrorIs(t, err, os.ErrNotExist)
	for text, want := range map[string]string{
		"":      "no certificate in PEM",
		"hello": "no certificate in PEM",
		"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n": "certificate 1: ",
	} {
		file := filepath.Join(dir, "given.pem")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := authorities("/elsewhere", file)
		require.ErrorContains(t, err, want)
	}
}
