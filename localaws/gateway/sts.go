package gateway

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"localaws/credentials"
)

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// sts issues sessions that this gateway recognizes.
type sts struct{ authority *credentials.Authority }

func (s *sts) handlers() map[string]queryHandler {
	return map[string]queryHandler{
		"sts:GetCallerIdentity": s.getCallerIdentity,
		"sts:AssumeRole":        s.assumeRole,
	}
}

// getCallerIdentity returns the owner of the request's signature:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (s *sts) getCallerIdentity(ctx context.Context, _ *exchange) (*answer, error) {
	p, _ := credentials.FromContext(ctx)
	return stsAnswer("GetCallerIdentity", map[string]string{
		"Arn": p.ARN(), "UserId": userID(p), "Account": credentials.AccountID,
	})
}

func userID(p credentials.Principal) string {
	if p.Root() {
		return credentials.AccountID
	}
	return p.RoleName() + ":" + p.SessionName
}

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// assumeRole issues a session of a role that exists:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
// Whether the role trusts the caller was decided before, see Access. What a
// workload assumes still runs in the workload.
func (s *sts) assumeRole(ctx context.Context, x *exchange) (*answer, error) {
	arn, name := x.get("RoleArn"), x.get("RoleSessionName")
	if !sessionName.MatchString(name) {
		return nil, &queryError{"ValidationError", "RoleSessionName must be 2 to 64 letters, digits and +=,.@-_"}
	}
	seconds := 3600
	if given := x.get("DurationSeconds"); given != "" {
		var err error
		if seconds, err = strconv.Atoi(given); err != nil || seconds < 900 || seconds > 43200 {
			return nil, &queryError{"ValidationError", "DurationSeconds must be 900 to 43200"}
		}
	}
	caller, _ := credentials.FromContext(ctx)
	p := credentials.Principal{RoleARN: arn, SessionName: name, Workload: caller.Workload}
	if err := s.roleExists(ctx, x, p); err != nil {
		return nil, err
	}
	c, err := s.authority.Issue(p, time.Duration(seconds)*time.Second)
	if err != nil {
		return nil, err
	}
	return stsAnswer("AssumeRole", map[string]string{
		"Credentials/AccessKeyId":       c.AccessKeyID,
		"Credentials/SecretAccessKey":   c.SecretAccessKey,
		"Credentials/SessionToken":      c.SessionToken,
		"Credentials/Expiration":        c.Expires.UTC().Format(time.RFC3339),
		"AssumedRoleUser/AssumedRoleId": userID(p),
		"AssumedRoleUser/Arn":           p.ARN(),
	})
}

// roleExists asks the emulator. For a role that does not exist, AWS gives the same answer as for one that may
// not be assumed.
func (s *sts) roleExists(ctx context.Context, x *exchange, p credentials.Principal) error {
	denied := &queryError{"AccessDenied", fmt.Sprintf("the role %s does not exist or cannot be assumed", p.RoleARN)}
	if !strings.HasPrefix(p.RoleARN, "arn:aws:iam::"+credentials.AccountID+":role/") {
		return denied
	}
	asked := *x
	asked.header = http.Header{ // The emulator finds the service here.
		"Content-Type":  {formType},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=gateway/20260101/us-east-1/iam/aws4_request"},
	}
	a, err := asked.post(ctx, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {p.RoleName()}})
	if err != nil {
		return err
	}
	if !a.ok() || text(a.root(), "//Role/Arn") != p.RoleARN {
		return denied
	}
	return nil
}

// stsAnswer has the values at their paths below the result.
func stsAnswer(action string, values map[string]string) (*answer, error) {
	doc := document(action+"Response", stsNamespace)
	result := child(doc.Root(), action+"Result")
	for _, path := range slices.Sorted(maps.Keys(values)) {
		e := result
		for name := range strings.SplitSeq(path, "/") {
			e = child(e, name)
		}
		e.SetText(values[path])
	}
	a, err := documentAnswer(doc)
	if err == nil {
		set(child(doc.Root(), "ResponseMetadata"), "RequestId", a.requestID)
		a.body, err = doc.WriteToBytes()
	}
	return a, err
}
