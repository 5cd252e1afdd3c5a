package localaws

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/local/authz"
	"store-events/local/credentials"
	"store-events/local/iam/audit"
	"store-events/local/iam/policy"
	iamservices "store-events/local/iam/services"
)

// oneRole knows a role that may read bookmarks.
type oneRole struct{ authz.Source }

func (oneRole) Role(context.Context, string) (*authz.Role, error) {
	d, err := policy.Parse(policy.Identity, []byte(`{"Statement":{"Effect":"Allow","Action":"glue:GetJobBookmark","Resource":"*"}}`))
	return &authz.Role{ARN: "arn:aws:iam::000000000000:role/job", Identity: []policy.Named{{Name: "p", Document: d}}}, err
}

func (oneRole) ResourcePolicy(context.Context, string) (*policy.Named, error) { return nil, nil }

func TestBookmarksNeedTheRolesPermission(t *testing.T) {
	log, err := audit.Open(filepath.Join(t.TempDir(), deniedFile))
	require.NoError(t, err)
	a := authz.New(oneRole{}, iamservices.Place{Partition: "aws", Region: "us-east-1", Account: "000000000000"}, log, slog.New(slog.DiscardHandler))
	handler := bookmarkAccess(a, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, test := range []struct {
		method    string
		principal credentials.Principal
		want      int
	}{
		{http.MethodGet, credentials.Principal{RoleARN: "arn:aws:iam::000000000000:role/job", SessionName: "s"}, http.StatusNoContent},
		{http.MethodPut, credentials.Principal{RoleARN: "arn:aws:iam::000000000000:role/job", SessionName: "s"}, http.StatusForbidden},
		{http.MethodPut, credentials.Principal{}, http.StatusNoContent},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(test.method, "/", nil)
		handler.ServeHTTP(w, r.WithContext(credentials.WithPrincipal(r.Context(), test.principal)))
		require.Equal(t, test.want, w.Code, test.method)
	}
	require.Len(t, log.Denials(), 1)
}
