package account

import (
	"context"

	"localaws/awsjson"
	"localaws/credentials"
)

// PlanOperations are those of Free Tier, which knows the plan of the account:
// https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_freetier_GetAccountPlanState.html
func (a Limits) PlanOperations() awsjson.Operations {
	return awsjson.Operations{
		"AWSFreeTierService.GetAccountPlanState": awsjson.Typed(func(context.Context, struct{}) (map[string]any, error) {
			l, err := a.read()
			kind := "PAID"
			if l.FreePlan {
				kind = "FREE"
			}
			return map[string]any{"accountId": credentials.AccountID, "accountPlanType": kind, "accountPlanStatus": "ACTIVE"}, err
		}),
	}
}
