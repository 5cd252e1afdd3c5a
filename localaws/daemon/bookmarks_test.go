package daemon

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/authz"
	"localaws/credentials"
	"localaws/iam/audit"
	"localaws/iam/policy"
	iamservices "localaws/iam/services"
)

// oneRole is an account with one role, which may read bookmarks.
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
	mux := http.NewServeMux()
	mux.Handle("/bookmarks/{job}", bookmarkAccess(a, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })))
	of := func(w credentials.Workload) credentials.Principal {
		return credentials.Principal{RoleARN: "arn:aws:iam::000000000000:role/job", SessionName: "s", Workload: w}
	}
	own := of(credentials.Workload{Job: "load", Run: "jr_1"})
	for name, test := range map[string]struct {
		method, path string
		principal    credentials.Principal
		want         int
	}{
		"reads its own":          {http.MethodGet, "/bookmarks/load?run=jr_1", own, http.StatusNoContent},
		"may not save":           {http.MethodPut, "/bookmarks/load?run=jr_1", own, http.StatusForbidden},
		"another job's":          {http.MethodGet, "/bookmarks/other?run=jr_1", own, http.StatusForbidden},
		"another run's":          {http.MethodGet, "/bookmarks/load?run=jr_2", own, http.StatusForbidden},
		"a session of no job":    {http.MethodGet, "/bookmarks/load?run=jr_1", of(credentials.Workload{}), http.StatusForbidden},
		"a function":             {http.MethodGet, "/bookmarks/load?run=jr_1", of(credentials.Workload{Function: "load"}), http.StatusForbidden},
		"the owner of the state": {http.MethodPut, "/bookmarks/other", credentials.Principal{}, http.StatusNoContent},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(test.method, test.path, nil)
		mux.ServeHTTP(w, r.WithContext(credentials.WithPrincipal(r.Context(), test.principal)))
		require.Equal(t, test.want, w.Code, name)
	}
	require.Len(t, log.Denials(), 1)
}
