package mutation

import "store-events/policy/aws"

func key(path string, v any) Change { return set(aws.Key, "key", path, v) }

func keyStatement(principal any) Change {
	return state(aws.Key, "key", "policy", object{"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"})
}

var kms = []Mutation{
	{Rule: "kms-rotation", Change: key("enableKeyRotation", false)},
	{Rule: "kms-policy-present", Also: []string{"log-key-policy-allows-logs"}, Change: unset(aws.Key, "key", "policy")},
	{Rule: "kms-policy-not-public", Change: keyStatement("*")},
	{Rule: "kms-policy-service-scoped", Change: keyStatement(object{"Service": "s3.amazonaws.com"})},
	{Rule: "kms-no-lockout-bypass", Change: key("bypassPolicyLockoutSafetyCheck", true)},
	{Rule: "kms-deletion-window", Change: key("deletionWindowInDays", 7)},
	{Rule: "kms-enabled-single-region", Change: key("isEnabled", false)},
}
