package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/ops"
)

// answering is a stack on AWS, where each operation of Systems Manager is answered with an error.
func answering(t *testing.T, code string) *ops.Ops {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if operation != "SendCommand" {
			t.Errorf("unexpected call of %q", operation)
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"on resource: arn:aws:ec2:us-east-1:000000000000:instance/i-1"}`, code)
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
	return ops.New(ops.Stack{Name: "dev", Region: "us-east-1", Consumer: "i-1", Bucket: "events", TargetTable: "sales_txns_tbl"}, ops.Options{AWS: cfg})
}

// No update gives the caller the permission to ask the database, but it may repair a consumer that does not answer.
func TestAnUpdateMustBeAllowedToCompareColumns(t *testing.T) {
	for _, test := range []struct {
		code    string
		why     purpose
		refused bool
	}{
		{"AccessDeniedException", toUpdate, true},
		{"AccessDeniedException", toSee, false},
		{"InvalidInstanceId", toUpdate, false},
	} {
		var told bytes.Buffer
		a := newApp(io.Discard, &told)
		err := a.checkColumns(t.Context(), answering(t, test.code), config.Config{}, test.why)
		if test.refused {
			require.ErrorContains(t, err, "`up` needs ssm:SendCommand")
			require.ErrorContains(t, err, "instance/i-1")
			continue
		}
		require.NoError(t, err, test.code)
		require.Contains(t, told.String(), test.code)
	}
}
