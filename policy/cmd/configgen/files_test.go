package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"
)

func TestFilesAreFresh(t *testing.T) {
	all, err := files()
	require.NoError(t, err)
	require.Len(t, all, 3)
	for name, want := range all {
		got, err := os.ReadFile(filepath.Join("..", "..", name)) //nolint:gosec // A file of the repository.
		require.NoError(t, err)
		require.True(t, bytes.Equal(got, want), "%s is stale: run `go generate ./policy/cmd/configgen`", name)
	}
}

func TestSchemaValidates(t *testing.T) {
	schema, err := jsonschema.Compile(filepath.Join("..", "..", "config.schema.json"))
	require.NoError(t, err)
	validate := func(text []byte) error {
		var v any
		require.NoError(t, json.Unmarshal(text, &v))
		return schema.Validate(v)
	}
	for _, name := range []string{"config.prod.json", "config.dev.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name)) //nolint:gosec // A file of the repository.
		require.NoError(t, err)
		require.NoError(t, validate(text), name)
	}
	for _, good := range []string{`{"all": "advisory"}`, `{"rds-backup-retention": {"days": 14}}`, `{"rds-backup-retention": {"enforcementLevel": "disabled"}}`} {
		require.NoError(t, validate([]byte(good)), good)
	}
	for _, bad := range []string{
		`{"all": "remediate"}`, `{"rds-backup": "advisory"}`, `{"rds-backup-retention": "off"}`, `{"rds-backup-retention": "remediate"}`,
		`{"rds-backup-retention": {"days": 0}}`, `{"rds-backup-retention": {"days": "7"}}`, `{"rds-backup-retention": {"hours": 7}}`,
	} {
		require.Error(t, validate([]byte(bad)), bad)
	}
}
