package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy"
	"store-events/program/output"
)

func TestUpdateThatLosesDataNamesTheResource(t *testing.T) {
	a := &app{stack: "dev"}
	require.NoError(t, a.refuseLoss(deploy.Result{Steps: []deploy.Step{{Op: opReplace}}}))
	err := a.refuseLoss(deploy.Result{DataLoss: []string{"aws:s3/bucketV2:BucketV2 events is replaced: its data is DELETED (a change of bucketName or existingBucket)"}})
	require.ErrorContains(t, err, "nothing is changed")
	require.ErrorContains(t, err, "a change of bucketName or existingBucket")
	require.ErrorContains(t, err, "storeevents preview --stack dev")
	require.ErrorContains(t, err, "--lose-data")
}

// The state folder has no access key, so each update ends after the wake.
func TestUpdateWakesTheRotationFunction(t *testing.T) {
	tools := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(tools, "pulumi"), []byte("#!/bin/sh\necho v3.259.0\n"), 0o700)) //nolint:gosec // a program
	t.Setenv("PATH", tools)
	for name, test := range map[string]struct {
		paused, refused bool
		asked           int
	}{
		"running": {asked: 1},
		"refused": {refused: true, asked: 1},
		"paused":  {paused: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				code, status := "AccessDeniedException", http.StatusForbidden
				if strings.HasSuffix(r.URL.Path, "/functions/flow-rotation") {
					asked++
					if !test.refused {
						code, status = "ResourceNotFoundException", http.StatusNotFound
					}
				}
				w.Header().Set("X-Amzn-Errortype", code)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, `{}`)
			}))
			t.Cleanup(server.Close)
			for variable, value := range map[string]string{
				"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
			} {
				t.Setenv(variable, value)
			}
			var stderr bytes.Buffer
			a := newApp(io.Discard, &stderr)
			a.project, a.state, a.stack, a.emulated = projectWith(t), t.TempDir(), "dev", server.URL
			saveOutputs(t, a, test.paused)
			if test.paused {
				require.NoError(t, os.WriteFile(deploy.SettingsFile(a.project, "dev"), []byte("config:\n  aws:region: eu-west-1\n  store-events:paused: true\n"), 0o600))
			}
			_, err := a.up(t.Context(), upOptions{})
			require.ErrorContains(t, err, "access key of the local AWS")
			require.Equal(t, test.asked, asked)
			require.Equal(t, test.refused, strings.Contains(stderr.String(), "the state of the rotation function is unknown"))
		})
	}
}

// saveOutputs saves the state of a deployed stack.
func saveOutputs(t *testing.T, a *app, paused bool) {
	t.Helper()
	outputs := map[string]any{output.Paused: paused, output.NamedQueries: map[string]string{}, output.Alarms: []string{}}
	for _, name := range []string{
		output.Bucket, output.Producer, output.Consumer, output.Database, output.ReaderSecretArn, output.CatalogDatabase, output.Crawler, output.Job, output.Workgroup,
		output.Workflow, output.CuratedTable, output.TargetTable, output.DatabaseName, output.DatabaseEndpoint, output.DatabaseCA, output.Region,
	} {
		outputs[name] = "flow"
	}
	state := map[string]any{"checkpoint": map[string]any{"latest": map[string]any{"resources": []any{map[string]any{"type": "pulumi:pulumi:Stack", "outputs": outputs}}}}}
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	folder := filepath.Join(a.state, "deploy", "backend", ".pulumi", "stacks", "store-events")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, a.stack+".json"), raw, 0o600))
}
