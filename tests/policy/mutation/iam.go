package mutation

import "store-events/policy/aws"

// allow adds a statement to the policy of the job's role.
func allow(action, resource string) Change {
	return state(aws.RolePolicy, "job-policy", "policy", object{"Effect": "Allow", "Action": action, "Resource": resource})
}

// trust adds a statement to the trust policy of the job's role.
func trust(principal any) Change {
	return state(aws.Role, "job", "assumeRolePolicy", object{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
}

func attach(policy string) Change {
	return add(aws.RolePolicyAttachment, "attached", object{"role": to(aws.Role, "job", "name"), "policyArn": "arn:aws:iam::aws:policy/" + policy})
}

var iam = []Mutation{
	{Rule: "iam-no-admin-statement", Also: []string{"iam-kms-decrypt-scoped", "iam-no-data-exfiltration", "iam-no-destruction", "iam-no-permissions-management", "iam-no-privilege-escalation", "iam-no-wildcard-action", "iam-no-wildcard-resource", "iam-passrole-scoped", "iam-s3-prefix-scoped", "iam-secret-read-scoped"}, Change: allow("*", "*")},
	{Rule: "iam-trust-specific-principal", Change: trust(object{"AWS": "*"})},
	{Rule: "iam-no-wildcard-action", Also: []string{"iam-no-destruction", "iam-no-permissions-management"}, Change: allow("sns:*", to(aws.Topic, "alerts", "arn"))},
	{Rule: "iam-no-partial-wildcard-action", Change: allow("glue:Get*", "arn:aws:glue:us-east-1:000000000000:catalog")},
	{Rule: "iam-no-wildcard-resource", Change: allow("sns:Publish", "*")},
	{Rule: "iam-no-not-action-allow", Also: []string{"iam-no-destruction", "iam-no-permissions-management", "iam-no-privilege-escalation", "iam-s3-prefix-scoped", "iam-secret-read-scoped"}, Change: state(aws.RolePolicy, "job-policy", "policy", object{"Effect": "Allow", "NotAction": "iam:*", "Resource": to(aws.Topic, "alerts", "arn")})},
	{Rule: "iam-no-privilege-escalation", Also: []string{"iam-no-wildcard-resource"}, Change: allow("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:000000000000:function:*")},
	{Rule: "iam-no-permissions-management", Also: []string{"iam-no-wildcard-resource"}, Change: allow("kms:PutKeyPolicy", "arn:aws:kms:us-east-1:000000000000:key/*")},
	{Rule: "iam-no-destruction", Change: allow("kms:ScheduleKeyDeletion", to(aws.Key, "key", "arn"))},
	{Rule: "iam-own-account-resources", Change: allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:999999999999:function:collect")},
	{Rule: "iam-no-data-exfiltration", Change: allow("ssm:GetParameter", "arn:aws:ssm:us-east-1:000000000000:parameter/*")},
	{Rule: "iam-secret-read-scoped", Change: allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:000000000000:secret:payroll-AbCdEf")},
	{Rule: "iam-kms-decrypt-scoped", Change: allow("kms:Decrypt", "arn:aws:kms:us-east-1:000000000000:key/*")},
	{Rule: "iam-passrole-scoped", Change: allow("iam:PassRole", to(aws.Role, "job", "arn"))},
	{Rule: "iam-s3-prefix-scoped", Change: allow("s3:PutObject", "arn:aws:s3:::"+eventsBucket+"/scripts/*")},
	{Rule: "iam-no-administrator-access", Also: []string{"iam-no-broad-managed-policy"}, Change: attach("AdministratorAccess")},
	{Rule: "iam-no-broad-managed-policy", Change: attach("AmazonS3ReadOnlyAccess")},
	{Rule: "iam-trust-own-account", Change: trust(object{"AWS": "arn:aws:iam::999999999999:role/deploy"})},
	{Rule: "iam-trust-confused-deputy", Change: edit(aws.Role, "flow-log", "assumeRolePolicy", "aws:SourceAccount", "aws:CalledVia")},
	{Rule: "iam-one-service-per-role", Change: trust(object{"Service": "lambda.amazonaws.com"})},
	{Rule: "iam-no-users-or-keys", Change: add(aws.User, "loader", object{})},
	{Rule: "iam-policy-unambiguous", Change: edit(aws.RolePolicy, "flow-log-policy", "policy", `"Version"`, `"version"`)},
	{Rule: "resource-policy-own-account", Change: keyStatement(object{"AWS": "arn:aws:iam::999999999999:root"})},
	{Rule: "resource-policy-service-scoped", Change: state(aws.TopicPolicy, "alerts-policy", "policy", object{"Effect": "Allow", "Principal": object{"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": to(aws.Topic, "alerts", "arn")})},
	{Rule: "iam-session-duration", Change: set(aws.Role, "job", "maxSessionDuration", 43200)},
}
