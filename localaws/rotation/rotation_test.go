package rotation_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
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

// function writes down its events, and fails in the step that a secret names.
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

// rotate asks as a client does, and gives the steps that were called for since.
func (w world) rotate(t *testing.T, in map[string]any) (steps []string, err error) {
	t.Helper()
	require.NoError(t, os.WriteFile(w.calls, nil, 0o600))
	body, err := json.Marshal(in)
	require.NoError(t, err)
	out, err := w.operations["RotateSecret"](t.Context(), body)
	raw, readErr := os.ReadFile(w.calls)
	require.NoError(t, readErr)
	token := ""
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
	return steps, err
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

	steps, err = w.rotate(t, map[string]any{"SecretId": "good"})
	require.NoError(t, err)
	require.Equal(t, []string{"createSecret", "setSecret", "testSecret", "finishSecret"}, steps)

	w.secret(t, "bad-in-setsecret")
	steps, err = w.rotate(t, map[string]any{"SecretId": "bad-in-setsecret", "RotationLambdaARN": w.function})
	require.ErrorContains(t, err, "failed in setSecret")
	require.ErrorContains(t, err, "no setSecret")
	require.Equal(t, []string{"createSecret", "setSecret"}, steps)

	_, err = w.rotate(t, map[string]any{"SecretId": "none"})
	require.ErrorContains(t, err, "ResourceNotFoundException")
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
