package credentials

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var job = Principal{RoleARN: "arn:aws:iam::000000000000:role/etl/job", SessionName: "GlueJobRunnerSession"}

func TestKeyOfAStateFolder(t *testing.T) {
	dir := t.TempDir()
	_, err := Read(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	a, err := Open(dir)
	require.NoError(t, err)
	require.Regexp(t, `^AKIA[A-Z2-7]{16}$`, a.Root().AccessKeyID)
	require.Len(t, a.Root().SecretAccessKey, 40)
	again, err := Open(dir)
	require.NoError(t, err)
	require.Equal(t, a.Root(), again.Root(), "the key is kept")
	other, err := Open(t.TempDir())
	require.NoError(t, err)
	require.NotEqual(t, a.Root(), other.Root())

	path := filepath.Join(dir, file)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.Chmod(path, 0o640)) //nolint:gosec // too open, on purpose
	_, err = Open(dir)
	require.ErrorContains(t, err, "chmod 600")
	require.NoError(t, os.WriteFile(path, []byte(`{"secretAccessKey":"hush"`), 0o600))
	require.NoError(t, os.Chmod(path, 0o600))
	_, err = Open(dir)
	require.ErrorContains(t, err, "is damaged")
	require.NotContains(t, err.Error(), "hush")
}

// Another user of the machine cannot read the key, even in an open folder.
func TestAnotherUserCannotReadTheKey(t *testing.T) {
	dir, err := os.MkdirTemp("", "credentials-") //nolint:usetesting // below a folder that others may enter
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755)) //nolint:gosec // open, on purpose
	_, err = Open(dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "public"), []byte("public"), 0o644)) //nolint:gosec // open, on purpose

	cat := func(name string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "cat", filepath.Join(dir, name)) //nolint:gosec // a file of this test
		if os.Getuid() == 0 {
			const nobody = 65534
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := cat("public")
	require.NoError(t, err, out)
	if os.Getuid() != 0 { // Only root can run commands as another user. The mode protects the key either way.
		info, err := os.Stat(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		return
	}
	out, err = cat(file)
	require.Error(t, err)
	require.Contains(t, out, "Permission denied")
}

func TestSessions(t *testing.T) {
	a, err := Open(t.TempDir())
	require.NoError(t, err)
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	a.now = func() time.Time { return now }
	c, err := a.Issue(job, time.Hour)
	require.NoError(t, err)
	require.Equal(t, now.Add(time.Hour), c.Expires.UTC())
	require.Regexp(t, `^ASIA[A-Z2-7]{16}$`, c.AccessKeyID)

	secret, p, err := a.find(c.AccessKeyID, c.SessionToken)
	require.NoError(t, err)
	require.Equal(t, c.SecretAccessKey, secret)
	require.Equal(t, job, p)
	require.Equal(t, "arn:aws:sts::000000000000:assumed-role/job/GlueJobRunnerSession", p.ARN())
	require.False(t, p.Root())

	claims, mac, _ := strings.Cut(c.SessionToken, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"role":"arn:aws:iam::000000000000:role/admin","name":"x","exp":9999999999}`))
	other, err := a.Issue(Principal{RoleARN: "arn:aws:iam::000000000000:role/other", SessionName: "x"}, time.Hour)
	require.NoError(t, err)
	for name, token := range map[string]string{
		"other claims": forged + "." + mac, "no code": claims, "empty code": claims + ".", "nothing": "", "text": "x",
		"token of another session": other.SessionToken,
	} {
		_, _, err := a.find(c.AccessKeyID, token)
		require.Error(t, err, name)
	}
	_, _, err = a.find(a.Root().AccessKeyID, c.SessionToken)
	require.Error(t, err, "the root's key has no token")

	now = now.Add(time.Hour + time.Second)
	_, _, err = a.find(c.AccessKeyID, c.SessionToken)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, ExpiredToken, refused.Reason)

	_, err = a.Issue(Principal{}, time.Hour)
	require.Error(t, err, "a session without a principal would be root")
}
