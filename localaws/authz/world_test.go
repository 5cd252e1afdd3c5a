package authz

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/iam/audit"
	"localaws/iam/services"
	"localaws/ministack"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// world is an emulator with an authorizer, and clients that act as the role in their
// context.
type world struct {
	*Emulator
	authorizer *Authorizer
	denied     *audit.Log
	config     aws.Config
	s3         *s3.Client
}

func newWorld(t testing.TB) *world {
	t.Helper()
	e := shared.Get(t)
	place := services.Place{Partition: "aws", Region: "us-east-1", Account: "000000000000"}
	log, err := audit.Open(filepath.Join(t.TempDir(), "denied.jsonl"))
	require.NoError(t, err)
	w := &world{Emulator: NewEmulator(EmulatorOptions{Transport: e.Transport(), URL: ministack.URL, Place: place}), denied: log}
	w.authorizer = New(w.Emulator, place, log, slog.New(slog.NewTextHandler(t.Output(), nil)))
	w.config = e.Config("us-east-1")
	w.config.HTTPClient = &http.Client{Transport: w.authorizer.Transport(e.Transport())}
	w.config.RetryMaxAttempts = 1
	w.s3 = s3.NewFromConfig(w.config, func(o *s3.Options) { o.UsePathStyle = true })
	return w
}

// role creates a role with one inline policy, and returns a context with a session of
// it.
func (w *world) role(t testing.TB, name, statements string) context.Context {
	t.Helper()
	_, err := w.iam(t.Context(), "CreateRole", "RoleName", name, "Path", "/jobs/", "AssumeRolePolicyDocument", trust)
	require.NoError(t, err)
	w.grant(t, name, statements)
	return As(t.Context(), w.authorizer.Session("arn:aws:iam::000000000000:role/jobs/"+name, "run"))
}

func (w *world) grant(t testing.TB, name, statements string) {
	t.Helper()
	_, err := w.iam(t.Context(), "PutRolePolicy", "RoleName", name, "PolicyName", "inline",
		"PolicyDocument", fmt.Sprintf(`{"Version":"2012-10-17","Statement":[%s]}`, statements))
	require.NoError(t, err)
	w.Changed()
}

// key creates a key with a policy that delegates to IAM, or the given policy.
func (w *world) key(t *testing.T, document string) string {
	t.Helper()
	var out struct {
		KeyMetadata struct{ Arn string }
	}
	require.NoError(t, w.client.json(t.Context(), "kms", "TrentService.CreateKey", map[string]string{"Policy": document}, &out))
	return out.KeyMetadata.Arn
}
