package gateway

import (
	"context"
	"errors"
	"net/url"

	"localaws/awsmodel"
	"localaws/awsrules"
)

// iam checks requests against what a role already has, and simulates policies.
type iam struct{ simulator simulator }

func (s iam) handlers() map[string]queryHandler {
	return map[string]queryHandler{
		"iam:PutRolePolicy":           s.putRolePolicy,
		"iam:SimulatePrincipalPolicy": s.simulate,
	}
}

// putRolePolicy limits the total size of a role's inline policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (s iam) putRolePolicy(ctx context.Context, x *exchange) (*answer, error) {
	role, name := x.get("RoleName"), x.get("PolicyName")
	documents := []string{x.get("PolicyDocument")}
	list, err := x.ask(ctx, "ListRolePolicies", url.Values{"RoleName": {role}})
	if err != nil {
		return x.send(ctx) // The emulator says what is wrong, for example that there is no such role.
	}
	for _, member := range list.root().FindElements("//PolicyNames/member") {
		if member.Text() == name {
			continue
		}
		other, err := x.ask(ctx, "GetRolePolicy", url.Values{"RoleName": {role}, "PolicyName": {member.Text()}})
		if err != nil {
			return nil, err
		}
		document, err := url.QueryUnescape(text(other.root(), "//PolicyDocument"))
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	var refusal *awsmodel.Refusal
	if errors.As(awsrules.CheckRolePolicies(role, documents...), &refusal) {
		a := errorAnswer(false, &queryError{refusal.Code, refusal.Message})
		a.status = refusal.HTTPStatus()
		return a, nil
	}
	return x.send(ctx)
}
