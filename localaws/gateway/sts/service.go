// Package sts issues session credentials that the gateway accepts.
package sts

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
	"localaws/gateway/query"
)

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// Service implements GetCallerIdentity and AssumeRole.
type Service struct{ Authority *credentials.Authority }

// Handlers returns the handlers of all operations.
func (s *Service) Handlers() query.Handlers {
	return query.Handlers{
		"sts:GetCallerIdentity": s.getCallerIdentity,
		"sts:AssumeRole":        s.assumeRole,
	}
}

// getCallerIdentity returns the principal that signed the request:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (s *Service) getCallerIdentity(ctx context.Context, _ *query.Exchange) (*query.Response, error) {
	p, _ := credentials.FromContext(ctx)
	return response("GetCallerIdentity", map[string]string{
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

// assumeRole issues a session of an existing role:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
// Access has already checked the role's trust policy. The session belongs to the caller's workload, if any.
func (s *Service) assumeRole(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	arn, name := x.Get("RoleArn"), x.Get("RoleSessionName")
	if !sessionName.MatchString(name) {
		return nil, &query.Error{Code: "ValidationError", Message: "RoleSessionName must have 2 to 64 letters, digits and +=,.@-_"}
	}
	seconds := 3600
	if given := x.Get("DurationSeconds"); given != "" {
		var err error
		if seconds, err = strconv.Atoi(given); err != nil || seconds < 900 || seconds > 43200 {
			return nil, &query.Error{Code: "ValidationError", Message: "DurationSeconds must be a number from 900 to 43200"}
		}
	}
	caller, _ := credentials.FromContext(ctx)
	p := credentials.Principal{RoleARN: arn, SessionName: name, Workload: caller.Workload}
	if err := s.roleExists(ctx, x, p); err != nil {
		return nil, err
	}
	c, err := s.Authority.Issue(p, time.Duration(seconds)*time.Second)
	if err != nil {
		return nil, err
	}
	return response("AssumeRole", map[string]string{
		"Credentials/AccessKeyId":       c.AccessKeyID,
		"Credentials/SecretAccessKey":   c.SecretAccessKey,
		"Credentials/SessionToken":      c.SessionToken,
		"Credentials/Expiration":        c.Expires.UTC().Format(time.RFC3339),
		"AssumedRoleUser/AssumedRoleId": userID(p),
		"AssumedRoleUser/Arn":           p.ARN(),
	})
}

// roleExists returns AccessDenied for a missing role, as AWS does.
func (s *Service) roleExists(ctx context.Context, x *query.Exchange, p credentials.Principal) error {
	denied := &query.Error{Code: "AccessDenied", Message: fmt.Sprintf("the role %s does not exist or cannot be assumed", p.RoleARN)}
	if !strings.HasPrefix(p.RoleARN, "arn:aws:iam::"+credentials.AccountID+":role/") {
		return denied
	}
	toIAM := *x
	toIAM.Header = http.Header{ // The emulator reads the service from it.
		"Content-Type":  {query.FormType},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=gateway/20260101/us-east-1/iam/aws4_request"},
	}
	a, err := toIAM.Post(ctx, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {p.RoleName()}})
	if err != nil {
		return err
	}
	if !a.OK() || query.Text(a.Root(), "//Role/Arn") != p.RoleARN {
		return denied
	}
	return nil
}

// response returns a document with the values at their paths below the result.
func response(action string, values map[string]string) (*query.Response, error) {
	doc := query.Document(action+"Response", namespace)
	result := query.Child(doc.Root(), action+"Result")
	for _, path := range slices.Sorted(maps.Keys(values)) {
		e := result
		for name := range strings.SplitSeq(path, "/") {
			e = query.Child(e, name)
		}
		e.SetText(values[path])
	}
	a, err := query.DocumentResponse(doc)
	if err == nil {
		query.Set(query.Child(doc.Root(), "ResponseMetadata"), "RequestId", a.RequestID)
		a.Body, err = doc.WriteToBytes()
	}
	return a, err
}
