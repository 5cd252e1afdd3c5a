package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"
)

// sarifSchema compiles the schema that OASIS publishes.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	published, err := os.ReadFile("../../policy/format/testdata/sarif-schema-2.1.0.json")
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	require.NoError(t, compiler.AddResource("sarif.json", bytes.NewReader(published)))
	schema, err := compiler.Compile("sarif.json")
	require.NoError(t, err)
	return schema
}

// validSARIF checks a log against the schema, and returns its results.
func validSARIF(t *testing.T, schema *jsonschema.Schema, log string) []map[string]any {
	t.Helper()
	var doc any
	require.NoError(t, json.Unmarshal([]byte(log), &doc))
	require.NoError(t, schema.Validate(doc))
	var typed struct {
		Runs []struct{ Results []map[string]any }
	}
	require.NoError(t, json.Unmarshal([]byte(log), &typed))
	require.Len(t, typed.Runs, 1)
	return typed.Runs[0].Results
}

// The log is valid with findings, with findings of a baseline, and without any.
func TestSARIFIsValid(t *testing.T) {
	schema := sarifSchema(t)
	files, err := filepath.Glob("../../policy/state/testdata/exports/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			log, err := checkFile(t, filepath.Base(file), "--format", "sarif", "--write-baseline", "known.json")
			require.Error(t, err)
			require.NotEmpty(t, validSARIF(t, schema, log))
			require.NotContains(t, log, `"suppressions"`)
			require.Error(t, schema.Validate(broken(t, log)), "the schema must refuse what is wrong")

			log, err = checkHere(t, "--format", "sarif", "--baseline", "known.json")
			require.NoError(t, err)
			for _, result := range validSARIF(t, schema, log) {
				require.Equal(t, result["kind"] == "fail", result["suppressions"] != nil, result)
			}
		})
	}
	log, err := checkFile(t, filepath.Base(files[0]), "--format", "sarif", "--framework", "CKV_AWS_157")
	require.NoError(t, err)
	require.Empty(t, validSARIF(t, schema, log))
}

// broken returns the log with a result without a message.
func broken(t *testing.T, log string) any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(log), &doc))
	result := doc["runs"].([]any)[0].(map[string]any)["results"].([]any)[0].(map[string]any)
	delete(result, "message")
	return doc
}
