package account

import (
	"context"

	"localaws/awsjson"
	"localaws/credentials"
)

// PlanOperations returns the operations of Free Tier, which report the account's plan:
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
