package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// batch is how many actions one request simulates.
const batch = 50

// permissions simulates in IAM whether the caller may create the planned resources. It
// simulates with all resources, because they do not exist yet.
func permissions(ctx context.Context, r *run) ([]Finding, error) {
	const id = "permissions"
	if r.caller.root() {
		return ok(id, "the account's root user may do everything"), nil
	}
	actions := needed(r.plan)
	if len(actions) == 0 {
		return ok(id, "the stack creates no resources"), nil
	}
	arn, err := r.principal(ctx)
	if err != nil {
		return nil, err
	}
	refused := map[iamtypes.PolicyEvaluationDecisionType][]string{}
	for chunk := range slices.Chunk(actions, batch) {
		pages := iam.NewSimulatePrincipalPolicyPaginator(r.iam, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: chunk})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, e := range page.EvaluationResults {
				if e.EvalDecision != iamtypes.PolicyEvaluationDecisionTypeAllowed {
					refused[e.EvalDecision] = append(refused[e.EvalDecision], aws.ToString(e.EvalActionName))
				}
			}
		}
	}
	var found []Finding
	if denied := refused[iamtypes.PolicyEvaluationDecisionTypeExplicitDeny]; len(denied) > 0 {
		found = append(found, Finding{
			ID: id, Status: Problem, What: fmt.Sprintf("a policy denies %s: %s", arn, list(denied)),
			Do: "remove the deny, or deploy as a role without it",
		})
	}
	if lacking := refused[iamtypes.PolicyEvaluationDecisionTypeImplicitDeny]; len(lacking) > 0 {
		found = append(found, Finding{
			ID: id, Status: Problem, What: fmt.Sprintf("no policy allows %s on all resources: %s", arn, list(lacking)),
			Do: "allow these actions; if the role has them only for certain resources, check that these include the resources of this stack",
		})
	}
	return or(found, id, fmt.Sprintf("%s may do all %d actions that create the stack's resources", arn, len(actions))), nil
}

// principal returns the ARN to simulate: for a session, its role with the path.
func (r *run) principal(ctx context.Context) (string, error) {
	name := r.caller.role()
	if name == "" {
		return r.caller.arn, nil
	}
	out, err := r.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Role.Arn), nil
}

// needed returns the actions that create the plan, in order.
func needed(p Plan) []string {
	all := map[string]bool{}
	for _, r := range p.Resources {
		for _, action := range actions[r.Type] {
			if action != nameEndpoint || r.Inputs["privateDnsEnabled"] == true {
				all[action] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}
