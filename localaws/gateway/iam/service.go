// Package iam enforces the quota of a role's inline policies, and simulates policies.
package iam

import (
	"context"
	"errors"
	"net/url"

	"localaws/awsmodel"
	"localaws/awsrules"
	"localaws/gateway/query"
)

// Service implements operations on roles. Without a Simulator the emulator simulates policies.
type Service struct{ Simulator Simulator }

// Handlers returns the handlers of all operations.
func (s Service) Handlers() query.Handlers {
	return query.Handlers{
		"iam:PutRolePolicy":           s.putRolePolicy,
		"iam:SimulatePrincipalPolicy": s.simulate,
	}
}

// putRolePolicy enforces the limit on the total size of a role's inline policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (s Service) putRolePolicy(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	role, name := x.Get("RoleName"), x.Get("PolicyName")
	documents := []string{x.Get("PolicyDocument")}
	list, err := x.Call(ctx, "ListRolePolicies", url.Values{"RoleName": {role}})
	if err != nil {
		return x.Send(ctx) // The emulator returns the error, for example that the role does not exist.
	}
	for _, member := range list.Root().FindElements("//PolicyNames/member") {
		if member.Text() == name {
			continue
		}
		other, err := x.Call(ctx, "GetRolePolicy", url.Values{"RoleName": {role}, "PolicyName": {member.Text()}})
		if err != nil {
			return nil, err
		}
		document, err := url.QueryUnescape(query.Text(other.Root(), "//PolicyDocument"))
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	var refusal *awsmodel.Refusal
	if errors.As(awsrules.CheckRolePolicies(role, documents...), &refusal) {
		a := query.ErrorResponse(false, &query.Error{Code: refusal.Code, Message: refusal.Message})
		a.Status = refusal.HTTPStatus()
		return a, nil
	}
	return x.Send(ctx)
}
