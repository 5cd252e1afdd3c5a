package localaws

import (
	"net/http"

	"store-events/local/authz"
	"store-events/local/credentials"
	"store-events/local/iam/policy"
)

// bookmarkAccess checks the role of a job's script when it reads and saves bookmarks, which on AWS are calls of
// Glue's API:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
func bookmarkAccess(a *authz.Authorizer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := credentials.FromContext(r.Context())
		if p.Root() {
			next.ServeHTTP(w, r)
			return
		}
		action := "glue:GetJobBookmark"
		if r.Method != http.MethodGet {
			action = "glue:UpdateJobBookmark"
		}
		denied, err := a.All(r.Context(), []policy.Request{{
			Principal: a.Session(p.RoleARN, p.SessionName), Action: action, Resource: "*", Context: policy.Context{},
		}})
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		case denied != nil:
			http.Error(w, "AccessDeniedException: "+denied.Message(), http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
