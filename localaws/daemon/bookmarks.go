package daemon

import (
	"net/http"

	"localaws/authz"
	"localaws/credentials"
	"localaws/iam/policy"
)

// bookmarkAccess allows a job's script to read and save only its run's bookmark, with the role's permissions for the
// corresponding operations of Glue's API:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
func bookmarkAccess(a *authz.Authorizer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := credentials.FromContext(r.Context())
		if p.Root() {
			next.ServeHTTP(w, r)
			return
		}
		if owner := p.Workload; owner.Job == "" || owner.Job != r.PathValue("job") || owner.Run != r.URL.Query().Get("run") {
			http.Error(w, "AccessDeniedException: a session can read and save only the bookmark of its job run", http.StatusForbidden)
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
