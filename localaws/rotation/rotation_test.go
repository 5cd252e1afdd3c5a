package rotation_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"localaws/awsjson"
	"localaws/ministack"
	"localaws/rotation"
	"localaws/testtools"
)

// function records its events, and fails in the step that the secret names.
const function = `
import json, os
def handler(event, context):
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(" ".join(event[key] for key in ("Step", "SecretId", "ClientRequestToken")) + "\n")
    if event["SecretId"].find("bad-in-" + event["Step"].lower()) >= 0:
        raise ValueError("no " + event["Step"])
`

type world struct {
	operations awsjson.Operations
	client     *secretsmanager.Client
	function   string
	calls      string // path
}

func newWorld(t *testing.T) world {
	t.Helper()
	emu, err := ministack.Start(t.Context(), ministack.Options{Command: testtools.Ministack(t), StateDir: t.TempDir(), Region: "us-east-1"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	cfg := emu.Config("us-east-1")
	w := world{operations: rotation.Operations(cfg), client: secretsmanager.NewFromConfig(cfg), calls: filepath.Join(t.TempDir(), "calls")}

	var code bytes.Buffer
	z := zip.NewWriter(&code)
	f, err := z.Create("index.py")
	require.NoError(t, err)
	_, err = f.Write([]byte(function))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	made, err := lambda.NewFromConfig(cfg).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("rotation"), Runtime: lambdatypes.RuntimePython311, Handler: aws.String("index.handler"),
		Role: aws.String("arn:aws:iam::000000000000:role/rotation"), Code: &lambdatypes.FunctionCode{ZipFile: code.Bytes()},
		Environment: &lambdatypes.Environment{Variables: map[string]string{"CALLS": w.calls}},
	})
	require.NoError(t, err)
	w.function = aws.ToString(made.FunctionArn)
	return w
}

func (w world) secret(t *testing.T, name string) (arn string) {
	t.Helper()
	made, err := w.client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("value")})
	require.NoError(t, err)
	return aws.ToString(made.ARN)
}

// rotate calls RotateSecret, and returns the steps that were called since.
func (w world) rotate(t *testing.T, in map[string]any) (steps []string, err error) {
	t.Helper()
	steps, _, err = w.rotateBy(t, in)
	return steps, err
}

// rotateBy also returns the token of the steps.
func (w world) rotateBy(t *testing.T, in map[string]any) (steps []string, token string, err error) {
	t.Helper()
	require.NoError(t, os.WriteFile(w.calls, nil, 0o600))
	body, err := json.Marshal(in)
	require.NoError(t, err)
	out, err := w.operations["RotateSecret"](t.Context(), body)
	raw, readErr := os.ReadFile(w.calls)
	require.NoError(t, readErr)
	for line := range strings.Lines(string(raw)) {
		words := strings.Fields(line)
		steps, token = append(steps, words[0]), words[2]
		require.Contains(t, words[1], in["SecretId"], "the secret's ARN")
	}
	if err == nil {
		answer, err := json.Marshal(out)
		require.NoError(t, err)
		require.Contains(t, string(answer), `"VersionId":"`+token+`"`)
	}
	return steps, token, err
}

// stages returns the labels of a secret's versions, without versions without labels.
func (w world) stages(t *testing.T, secret string) map[string][]string {
	t.Helper()
	out, err := w.client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &secret})
	require.NoError(t, err)
	maps.DeleteFunc(out.VersionIdsToStages, func(_ string, labels []string) bool { return len(labels) == 0 })
	return out.VersionIdsToStages
}

// finish does the work of a function in createSecret and finishSecret.
func (w world) finish(t *testing.T, secret, token, text string) {
	t.Helper()
	_, err := w.client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &secret, ClientRequestToken: &token, SecretString: &text, VersionStages: []string{"AWSPENDING"},
	})
	require.NoError(t, err)
	move := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &secret, VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: &token}
	for version, labels := range w.stages(t, secret) {
		if slices.Contains(labels, "AWSCURRENT") {
			move.RemoveFromVersionId = &version
		}
	}
	_, err = w.client.UpdateSecretVersionStage(t.Context(), move)
	require.NoError(t, err)
}

func TestRotateSecret(t *testing.T) {
	w := newWorld(t)
	good := w.secret(t, "good")
	_, err := w.rotate(t, map[string]any{"SecretId": "good"})
	require.ErrorContains(t, err, "InvalidRequestException: no Lambda rotation function")

	steps, err := w.rotate(t, map[string]any{
		"SecretId": good, "RotationLambdaARN": w.function, "RotateImmediately": false, "RotationRules": map[string]any{"AutomaticallyAfterDays": 7},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"testSecret"}, steps)
	kept, err := w.client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &good})
	require.NoError(t, err)
	require.Equal(t, w.function, aws.ToString(kept.RotationLambdaARN))
	require.EqualValues(t, 7, aws.ToInt64(kept.RotationRules.AutomaticallyAfterDays))
	require.True(t, aws.ToBool(kept.RotationEnabled))

	require.Len(t, w.stages(t, good), 1, "the version of the test is deleted")

	all := []string{"createSecret", "setSecret", "testSecret", "finishSecret"}
	steps, err = w.rotate(t, map[string]any{"SecretId": "good"})
	require.NoError(t, err)
	require.Equal(t, all, steps)

	w.secret(t, "bad-in-setsecret")
	steps, err = w.rotate(t, map[string]any{"SecretId": "bad-in-setsecret", "RotationLambdaARN": w.function})
	require.ErrorContains(t, err, "failed in setSecret")
	require.ErrorContains(t, err, "no setSecret")
	require.Equal(t, []string{"createSecret", "setSecret"}, steps)

	_, err = w.rotate(t, map[string]any{"SecretId": "none"})
	require.ErrorContains(t, err, "ResourceNotFoundException")
}

func TestRotationsDoNotOverlap(t *testing.T) {
	w := newWorld(t)
	secret := w.secret(t, "secret")
	first := maps.Keys(w.stages(t, secret))
	_, token, err := w.rotateBy(t, map[string]any{"SecretId": secret, "RotationLambdaARN": w.function})
	require.NoError(t, err)
	for version := range first {
		require.Equal(t, map[string][]string{version: {"AWSCURRENT"}, token: {"AWSPENDING"}}, w.stages(t, secret))
	}
	_, err = w.client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &secret, VersionStage: aws.String("AWSPENDING")})
	require.ErrorContains(t, err, "can't find the specified secret value for staging label: AWSPENDING")

	for _, in := range []map[string]any{{"SecretId": secret}, {"SecretId": secret, "RotationRules": map[string]any{"AutomaticallyAfterDays": 7}}} {
		steps, again, err := w.rotateBy(t, in)
		require.EqualError(t, err, "InvalidRequestException: A previous rotation isn't complete. That rotation will be reattempted.")
		require.Equal(t, []string{"createSecret", "setSecret", "testSecret", "finishSecret"}, steps)
		require.Equal(t, token, again)
	}

	w.finish(t, secret, token, "second")
	_, next, err := w.rotateBy(t, map[string]any{"SecretId": secret})
	require.NoError(t, err)
	w.finish(t, secret, next, "third")
	require.Equal(t, map[string][]string{token: {"AWSPREVIOUS"}, next: {"AWSPENDING", "AWSCURRENT"}}, w.stages(t, secret))
	previous, err := w.client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &secret, VersionStage: aws.String("AWSPREVIOUS")})
	require.NoError(t, err)
	require.Equal(t, "second", *previous.SecretString)

	put, err := w.client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &secret, SecretString: aws.String("fourth"), VersionStages: []string{"AWSCURRENT", "AWSPENDING"},
	})
	require.NoError(t, err)
	require.Equal(t, map[string][]string{next: {"AWSPREVIOUS"}, *put.VersionId: {"AWSCURRENT", "AWSPENDING"}}, w.stages(t, secret))
}

func TestCancelRotateSecret(t *testing.T) {
	w := newWorld(t)
	arn := w.secret(t, "rotated")
	out, err := w.operations["CancelRotateSecret"](t.Context(), []byte(`{"SecretId":"rotated"}`))
	require.NoError(t, err)
	answer, err := json.Marshal(out)
	require.NoError(t, err)
	require.JSONEq(t, `{"ARN":"`+arn+`","Name":"rotated"}`, string(answer))
	_, err = w.operations["CancelRotateSecret"](t.Context(), []byte(`{"SecretId":"none"}`))
	require.ErrorContains(t, err, "ResourceNotFoundException")
}
