package encryption_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/encryption"
	"localaws/store"
)

func TestSettingsAreKept(t *testing.T) {
	st, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer func() { require.NoError(t, st.Close()) }()
	ops := encryption.Operations(st)
	get := func() string {
		answer, err := ops["GetDataCatalogEncryptionSettings"](t.Context(), json.RawMessage(`{}`))
		require.NoError(t, err)
		raw, err := json.Marshal(answer)
		require.NoError(t, err)
		return string(raw)
	}
	require.Contains(t, get(), `"CatalogEncryptionMode":"DISABLED"`)

	const body = `{"DataCatalogEncryptionSettings":{"EncryptionAtRest":{"CatalogEncryptionMode":"SSE-KMS","SseAwsKmsKeyId":"key"}}}`
	_, err = ops["PutDataCatalogEncryptionSettings"](t.Context(), json.RawMessage(body))
	require.NoError(t, err)
	require.JSONEq(t, body, get())

	_, err = ops["PutDataCatalogEncryptionSettings"](t.Context(), json.RawMessage(`{}`))
	require.ErrorContains(t, err, "DataCatalogEncryptionSettings is missing")
}
