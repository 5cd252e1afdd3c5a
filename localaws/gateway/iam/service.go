// Package iam checks requests to IAM against what a role already has, and simulates policies.
package iam

import (
	"context"
	"errors"
	"net/url"

	"localaws/awsmodel"
	"localaws/awsrules"
	"localaws/gateway/query"
)

// Service serves operations on roles. Without a Simulator the emulator simulates.
type Service struct{ Simulator Simulator }

// Handlers are those of all operations.
func (s Service) Handlers() query.Handlers {
	return query.Handlers{
		"iam:PutRolePolicy":           s.putRolePolicy,
		"iam:SimulatePrincipalPolicy": s.simulate,
	}
}

// putRolePolicy limits the total size of a role's inline policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (s Service) putRolePolicy(ctx context.Context, x *query.Exchange) (*query.Answer, error) {
	role, name := x.Get("RoleName"), x.Get("PolicyName")
	documents := []string{x.Get("PolicyDocument")}
	list, err := x.Ask(ctx, "ListRolePolicies", url.Values{"RoleName": {role}})
	if err != nil {
		return x.Send(ctx) // The emulator says what is wrong, for example that there is no such role.
	}
	for _, member := range list.Root().FindElements("//PolicyNames/member") {
		if member.Text() == name {
			continue
		}
		other, err := x.Ask(ctx, "GetRolePolicy", url.Values{"RoleName": {role}, "PolicyName": {member.Text()}})
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
		a := query.ErrorAnswer(false, &query.Error{Code: refusal.Code, Message: refusal.Message})
		a.Status = refusal.HTTPStatus()
		return a, nil
	}
	return x.Send(ctx)
}
