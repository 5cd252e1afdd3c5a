package authz

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
)

// Each protocol has a separate error code and format.
func TestDeniedByProtocol(t *testing.T) {
	tests := []struct {
		name, action, method, path string
		header                     [2]string
		status                     int
		want                       []string
	}{
		{"json", "glue:GetTable", "POST", "/", [2]string{"X-Amz-Target", "AWSGlue.GetTable"}, 400, []string{`"__type":"AccessDeniedException"`, "because no identity-based policy allows"}},
		{"key by json", "kms:Decrypt", "POST", "/", [2]string{"X-Amz-Target", "secretsmanager.GetSecretValue"}, 400, []string{`"__type":"AccessDeniedException"`}},
		{"lambda", "lambda:InvokeFunction", "POST", "/2015-03-31/functions/f/invocations", scope("lambda"), 403, []string{`"__type":"AccessDeniedException"`}},
		{"s3", "s3:GetObject", "GET", "/b/k", [2]string{}, 403, []string{"<Error><Code>AccessDenied</Code><Message>User:"}},
		{"key by s3", "kms:Decrypt", "GET", "/b/k", [2]string{}, 403, []string{"<Error><Code>AccessDenied</Code>"}},
		{"s3 head", "s3:GetObject", "HEAD", "/b/k", [2]string{}, 403, nil},
		{"ec2", "ec2:DeleteVpc", "POST", "/", scope("ec2"), 403, []string{"<Code>UnauthorizedOperation</Code>", "You are not authorized to perform this operation. User:"}},
		{"iam", "iam:GetRole", "POST", "/", scope("iam"), 403, []string{"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"}},
		{"sns", "sns:Publish", "POST", "/", scope("sns"), 403, []string{"<Code>AuthorizationError</Code>", "SNS:Publish"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.path, nil)
			if test.header[0] != "" {
				r.Header.Set(test.header[0], test.header[1])
			}
			d := policy.Evaluate(policy.Request{Principal: policy.Principal{ARN: "arn:aws:iam::000000000000:user/u"}, Action: test.action, Resource: "arn:aws:x:us-east-1:000000000000:y"}, policy.Policies{})
			w := httptest.NewRecorder()
			Denied(r, d).Write(w)
			require.Equal(t, test.status, w.Code)
			for _, part := range test.want {
				require.Contains(t, strings.ReplaceAll(w.Body.String(), "&#34;", `"`), part)
			}
			if test.method == http.MethodHead {
				require.Empty(t, w.Body.String())
			}
		})
	}
}

func scope(service string) [2]string {
	return [2]string{"Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/" + service + "/aws4_request, Signature=0"}
}

func TestChanges(t *testing.T) {
	tests := map[string]bool{
		"PUT /b?policy": true, "PUT /b": true, "PUT /b/k": false, "GET /b?policy": false, "POST /b/k?uploads": false,
	}
	for line, want := range tests {
		method, target, _ := strings.Cut(line, " ")
		require.Equal(t, want, Changes(httptest.NewRequest(method, target, nil), nil), line)
	}
	for target, want := range map[string]bool{
		"TrentService.PutKeyPolicy": true, "TrentService.Decrypt": false, "secretsmanager.PutResourcePolicy": true,
		"secretsmanager.GetSecretValue": false, "AWSGlue.CreateTable": false,
		"AWSGlue.GetJob": false, "AWSGlue.CreateJob": true, "AWSGlue.UpdateJob": true, "AWSGlue.DeleteJob": true, "AWSGlue.UpdateConnection": true,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("X-Amz-Target", target)
		require.Equal(t, want, Changes(r, nil), target)
	}
}
