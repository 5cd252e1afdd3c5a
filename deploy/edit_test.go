package deploy

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSetConfigKeepsTheRestOfTheFile(t *testing.T) {
	dir := t.TempDir()
	file := SettingsFile(dir, "dev")
	const before = "# Small and cheap.\nconfig:\n    aws:region: us-east-1\n    # Off.\n    store-events:scheduleEnabled: \"false\"\nencryptionsalt: v1:abc\n"
	require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
	for _, step := range []struct {
		text    string
		changed bool
	}{{"", false}, {"true", true}, {"true", false}} {
		changed, err := SetConfig(dir, "dev", "store-events:paused", step.text)
		require.NoError(t, err)
		require.Equal(t, step.changed, changed)
	}
	s, err := ReadSettings(dir, "dev")
	require.NoError(t, err)
	require.Equal(t, "true", s.Config["store-events:paused"])
	text, err := os.ReadFile(file) //nolint:gosec // The test's own file.
	require.NoError(t, err)
	require.Contains(t, string(text), "# Off.\n    store-events:scheduleEnabled: \"false\"\n    store-events:paused: \"true\"\n")

	changed, err := SetConfig(dir, "dev", "store-events:paused", "")
	require.NoError(t, err)
	require.True(t, changed)
	text, err = os.ReadFile(file) //nolint:gosec // The test's own file.
	require.NoError(t, err)
	require.Equal(t, before, string(text))

	_, err = SetConfig(dir, "prod", "store-events:paused", "true")
	require.ErrorContains(t, err, "Pulumi.prod.yaml")
}

func TestSetConfigOfANewStack(t *testing.T) {
	const salt = "encryptionsalt: v1:abc\n"
	for _, before := range []string{salt, salt + "config:\n", salt + "config: {}\n"} {
		dir := t.TempDir()
		file := SettingsFile(dir, "new")
		require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
		changed, err := SetConfig(dir, "new", "store-events:paused", "true")
		require.NoError(t, err, before)
		require.True(t, changed, before)
		s, err := ReadSettings(dir, "new")
		require.NoError(t, err, before)
		require.Equal(t, "v1:abc", s.EncryptionSalt, before)
		require.Equal(t, map[string]any{"store-events:paused": "true"}, s.Config, before)
	}
}

// No other line of the project's files may change: they are under version control.
func TestSetConfigChangesOneLine(t *testing.T) {
	for _, stack := range []string{"local", "dev", "prod"} {
		before, err := os.ReadFile(SettingsFile("..", stack))
		require.NoError(t, err)
		dir := t.TempDir()
		file := SettingsFile(dir, stack)
		require.NoError(t, os.WriteFile(file, before, 0o600))
		_, err = SetConfig(dir, stack, "store-events:paused", "true")
		require.NoError(t, err)
		text, err := os.ReadFile(file) //nolint:gosec // The test's own file.
		require.NoError(t, err)
		require.Equal(t, string(before), strings.Replace(string(text), "  store-events:paused: \"true\"\n", "", 1), stack)
		_, err = SetConfig(dir, stack, "store-events:paused", "")
		require.NoError(t, err)
		text, err = os.ReadFile(file) //nolint:gosec // The test's own file.
		require.NoError(t, err)
		require.Equal(t, string(before), string(text), stack)
	}
}
