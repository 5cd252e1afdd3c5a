package iam

import (
	"slices"
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// allow returns a policy with one statement that allows the actions on the resources, with a condition if one is given.
func allow(actions, resources string, condition ...string) []Res {
	statement := `{"Effect":"Allow","Action":` + actions + `,"Resource":` + resources
	if len(condition) > 0 {
		statement += `,"Condition":` + condition[0]
	}
	return granting(statement + `}`)
}

func granting(statements string) []Res {
	return []Res{R(aws.RolePolicy, "policy", Props{"policy": `{"Version":"2012-10-17","Statement":` + statements + `}`})}
}

func inline(statement string) []Res {
	return []Res{R(aws.Role, "role", Props{"inlinePolicies": List{Props{"name": "x", "policy": `{"Statement":` + statement + `}`}}})}
}

func trusting(statement string) []Res {
	return []Res{R(aws.Role, "role", Props{"assumeRolePolicy": `{"Statement":` + statement + `}`})}
}

const (
	objects   = `"arn:aws:s3:::bucket-id/raw/*"`
	trustGlue = `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"glue.amazonaws.com"}}`
)

const trustPipeline = `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/x"},"Condition":{"StringEquals":{"x:sub":"repo:a/b"}}}`

// ownTopic is a topic in the account of the examples.
var ownTopic = R(aws.Topic, "topic", Props{})

// ofRole returns a role with a trust statement, and its policy with one statement.
func ofRole(trust, statement string) []Res {
	return []Res{
		R(aws.RolePolicy, "policy", Props{"role": Ref("role"), "policy": `{"Statement":` + statement + `}`}),
		R(aws.Role, "role", Props{"assumeRolePolicy": `{"Statement":` + trust + `}`}),
	}
}

// attachedTo is ofRole with a managed policy.
func attachedTo(trust, statement string) []Res {
	return []Res{
		R(aws.Policy, "policy", Props{"policy": `{"Statement":` + statement + `}`}),
		R(aws.RolePolicyAttachment, "attachment", Props{"role": Ref("role"), "policyArn": Arn("policy")}),
		R(aws.Role, "role", Props{"assumeRolePolicy": `{"Statement":` + trust + `}`}),
	}
}

func TestRules(t *testing.T) {
	cases := slices.Concat(actionCases(), resourceCases(), escalationCases(), trustCases(), roleCases(), scopeCases(), resourcePolicyCases())
	Run(t, Rules(), cases)
}

func actionCases() []Case {
	return []Case{
		{
			Rule: "iam-no-admin-statement", Property: "policy", Missing: Passes,
			Compliant:    allow(`"s3:GetObject"`, objects),
			Violating:    allow(`"*"`, `"*"`),
			AlsoViolates: map[string][]Res{"spelled out": allow(`"*:*"`, `"arn:aws:*:*:*:*"`), "in lists": allow(`["s3:GetObject","*"]`, `["arn:x","*"]`), "inline": inline(`{"Effect":"Allow","Action":"*","Resource":"*"}`)},
			AlsoPasses:   map[string][]Res{"denied": granting(`{"Effect":"Deny","Action":"*","Resource":"*"}`)},
		},
		{
			Rule: "iam-no-wildcard-action", Property: "policy", Missing: Passes,
			Compliant:    allow(`["s3:GetObject","s3:Get*"]`, objects),
			Violating:    allow(`"s3:*"`, objects),
			AlsoViolates: map[string][]Res{"second of two": granting(`[` + trustGlue + `,{"Effect":"Allow","Action":["glue:*"],"Resource":"arn:x"}]`)},
		},
		{
			Rule: "iam-no-partial-wildcard-action", Property: "policy", Missing: Passes,
			Compliant:    allow(`["s3:GetObject","ec2:Describe*"]`, objects),
			Violating:    allow(`"s3:Get*"`, objects),
			AlsoViolates: map[string][]Res{"one character": allow(`"s3:GetObjec?"`, objects)},
			AlsoPasses:   map[string][]Res{"which another rule reports": allow(`["s3:*","*","s3:?*"]`, objects)},
		},
		{
			Rule: "iam-no-not-action-allow", Property: "policy", Missing: Passes,
			Compliant: allow(`"s3:GetObject"`, objects),
			Violating: granting(`{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:x"}`),
			AlsoViolates: map[string][]Res{
				"NotResource":  granting(`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:x"}`),
				"NotPrincipal": trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/x"}}`),
			},
			AlsoPasses: map[string][]Res{"denied": granting(`{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`)},
		},
	}
}

func resourceCases() []Case {
	attach := func(deny string) []Res {
		return granting(`[{"Effect":"Allow","Action":["ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface"],"Resource":"*"},` + deny + `]`)
	}
	const function = `"Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:rotation"}}`
	inVpc := `{"StringEquals":{"ec2:Vpc":"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1"}}`
	return []Case{
		{
			Rule: "iam-no-wildcard-resource", Property: "policy", Missing: Passes,
			Compliant: allow(`"s3:GetObject"`, objects),
			Violating: allow(`"s3:GetObject"`, `"*"`),
			AlsoViolates: map[string][]Res{
				"one of two":           allow(`["ec2:DescribeSubnets","s3:GetObject"]`, `"*"`),
				"interfaces anywhere":  allow(`"ec2:CreateNetworkInterface"`, `"*"`),
				"metrics of any space": allow(`"cloudwatch:PutMetricData"`, `["*"]`),
				"NotAction":            granting(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`),
				"code may create":      attach(`{"Effect":"Deny","Action":"ec2:DeleteNetworkInterface","Resource":"*",` + function + `}`),
				"code of some":         attach(`{"Effect":"Deny","Action":["ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface"],"Resource":"*","Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:x"},"Bool":{"aws:SecureTransport":"false"}}}`),
				"more than interfaces": granting(`[{"Effect":"Allow","Action":["ec2:CreateNetworkInterface","ec2:RunInstances"],"Resource":"*"},{"Effect":"Deny","Action":["ec2:CreateNetworkInterface","ec2:RunInstances"],"Resource":"*",` + function + `}]`),
			},
			AlsoPasses: map[string][]Res{
				"Lambda's interfaces": attach(`{"Effect":"Deny","Action":["ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface"],"Resource":"*",` + function + `}`),
				"describes":           allow(`["ec2:DescribeSubnets","ec2:DescribeVpcs"]`, `"*"`),
				"interfaces":          allow(`["ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface"]`, `"*"`, inVpc),
				"a password":          allow(`"secretsmanager:GetRandomPassword"`, `"*"`),
				"metrics":             allow(`"cloudwatch:PutMetricData"`, `"*"`, `{"StringEquals":{"cloudwatch:namespace":"Glue"}}`),
				"session manager":     allow(`["ssmmessages:CreateControlChannel","ssmmessages:OpenDataChannel"]`, `"*"`),
			},
		},
		{
			Rule: "iam-no-data-exfiltration", Property: "policy", Missing: Passes,
			Compliant: allow(`"secretsmanager:GetSecretValue"`, `"arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-abc"`),
			Violating: allow(`"secretsmanager:GetSecretValue"`, `"arn:aws:secretsmanager:eu-west-1:123456789012:secret:*"`),
			AlsoViolates: map[string][]Res{
				"by pattern": allow(`"s3:Get*"`, `"*"`),
				"any bucket": allow(`"s3:GetObject"`, `"arn:aws:s3:::*/*"`),
				"parameters": allow(`"ssm:GetParametersByPath"`, `"arn:aws:ssm:eu-west-1:123456789012:parameter/*"`),
				"parameter*": allow(`"ssm:GetParameter"`, `"arn:aws:ssm:eu-west-1:123456789012:parameter*"`),
				"snapshots":  allow(`"rds:ModifyDBSnapshotAttribute"`, `"arn:aws:rds:*:*:snapshot:*"`),
			},
		},
		{
			Rule: "iam-kms-decrypt-scoped", Property: "policy", Missing: Passes,
			Compliant:    allow(`["kms:Decrypt"]`, `"arn:aws:kms:eu-west-1:123456789012:key/1-2"`),
			Violating:    allow(`["kms:Decrypt"]`, `"arn:aws:kms:eu-west-1:123456789012:key/*"`),
			AlsoViolates: map[string][]Res{"all": allow(`"kms:*"`, `"*"`), "no slash": allow(`"kms:Decrypt"`, `"arn:aws:kms:*:*:key*"`)},
		},
	}
}

func escalationCases() []Case {
	runbook := func(name string) string {
		return `["arn:aws:ssm:eu-west-1::document/` + name + `","arn:aws:ssm:eu-west-1:123456789012:automation-execution/*"]`
	}
	glueOnly := `{"StringEquals":{"iam:PassedToService":"glue.amazonaws.com"}}`
	return []Case{
		{
			Rule: "iam-no-privilege-escalation", Property: "policy", Missing: Passes,
			Compliant: allow(`"iam:AttachRolePolicy"`, `"arn:aws:iam::123456789012:role/one"`),
			Violating: allow(`"iam:AttachRolePolicy"`, `"*"`),
			AlsoViolates: map[string][]Res{
				"pass and run": granting(`[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"},{"Effect":"Allow","Action":"glue:CreateJob","Resource":"arn:x"}]`),
				"any role":     allow(`"iam:Put*"`, `"arn:aws:iam::123456789012:role/*"`),
				"any policy":   allow(`"iam:CreatePolicyVersion"`, `"arn:aws:iam::123456789012:policy/*"`),
				"any user":     allow(`"iam:CreateAccessKey"`, `"arn:aws:iam::123456789012:user/*"`),
				"assume any":   allow(`"sts:AssumeRole"`, `"arn:aws:iam::123456789012:role/*"`),
				"any machine":  allow(`"ssm:SendCommand"`, `"arn:aws:ec2:eu-west-1:123456789012:instance/*"`),
				"any runbook":  allow(`"ssm:StartAutomationExecution"`, runbook("*")),
				"executions":   allow(`"ssm:Start*"`, `"arn:aws:ssm:eu-west-1:123456789012:*"`),
				"code of one":  ofRole(trustGlue, `{"Effect":"Allow","Action":"lambda:UpdateFunctionCode","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:one"}`),
				"the job":      attachedTo(trustGlue, `{"Effect":"Allow","Action":"glue:UpdateJob","Resource":"arn:aws:glue:eu-west-1:123456789012:job/one"}`),
			},
			AlsoPasses: map[string][]Res{
				"one runbook":             allow(`"ssm:StartAutomationExecution"`, runbook("AWS-StopRdsInstance")),
				"a pipeline deploys code": ofRole(trustPipeline, `{"Effect":"Allow","Action":"lambda:UpdateFunctionCode","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:one"}`),
			},
		},
		{
			Rule: "iam-no-permissions-management", Property: "policy", Missing: Passes,
			Compliant:    allow(`"s3:GetBucketPolicy"`, `"arn:aws:s3:::bucket"`),
			Violating:    allow(`"s3:PutBucketPolicy"`, `"*"`),
			AlsoViolates: map[string][]Res{"named": allow(`"s3:PutBucketPolicy"`, `"arn:aws:s3:::bucket"`), "grants": allow(`"kms:CreateGrant"`, `"*"`), "iam": allow(`"iam:TagRole"`, `"*"`)},
			AlsoPasses: map[string][]Res{
				"grants for AWS": allow(`"kms:CreateGrant"`, `"*"`, `{"Bool":{"kms:GrantIsForAWSResource":"true"}}`),
				"reads":          allow(`"iam:GetRole"`, `"*"`),
			},
		},
		{
			Rule: "iam-no-destruction", Property: "policy", Missing: Passes,
			Compliant: allow(`["s3:DeleteObject","glue:BatchDeletePartition","sqs:DeleteMessage"]`, `"arn:aws:s3:::bucket/raw/*"`),
			Violating: allow(`"kms:ScheduleKeyDeletion"`, `"arn:aws:kms:eu-west-1:123456789012:key/1-2"`),
			AlsoViolates: map[string][]Res{
				"by a pattern": allow(`"rds:DeleteDB*"`, `"arn:aws:rds:eu-west-1:123456789012:db:one"`),
				"of a job":     attachedTo(trustGlue, `{"Effect":"Allow","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::bucket"}`),
				"by the key": {
					R(aws.Role, "role", Props{"arn": "arn:aws:iam::123456789012:role/job", "assumeRolePolicy": `{"Statement":` + trustGlue + `}`}),
					R(aws.Key, "key", Props{"policy": `{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":"arn:aws:iam::123456789012:role/job"}}}`}),
				},
			},
			AlsoPasses: map[string][]Res{
				"a pipeline": ofRole(trustPipeline, `{"Effect":"Allow","Action":"logs:DeleteLogGroup","Resource":"arn:aws:logs:eu-west-1:123456789012:log-group:one"}`),
				"denied":     granting(`{"Effect":"Deny","Action":["kms:ScheduleKeyDeletion","s3:DeleteBucket"],"Resource":"*"}`),
			},
		},
		{
			Rule: "iam-own-account-resources", Property: "policy", Missing: Passes,
			Compliant: append(allow(`"lambda:InvokeFunction"`, `"arn:aws:lambda:eu-west-1:123456789012:function:one"`), ownTopic),
			Violating: append(allow(`"lambda:InvokeFunction"`, `"arn:aws:lambda:eu-west-1:999999999999:function:one"`), ownTopic),
			AlsoViolates: map[string][]Res{
				"a role":      append(allow(`"sts:AssumeRole"`, `"arn:aws:iam::999999999999:role/reader"`), ownTopic),
				"any account": append(allow(`"sqs:SendMessage"`, `"arn:aws:sqs:*:*:out"`), ownTopic),
			},
			AlsoPasses: map[string][]Res{
				"a published layer":       append(allow(`"lambda:GetLayerVersion"`, `"arn:aws:lambda:eu-west-1:999999999999:layer:one:1"`), ownTopic),
				"of the account, by rule": append(allow(`"sqs:SendMessage"`, `"arn:aws:sqs:*:*:out"`, `{"StringEquals":{"aws:ResourceAccount":"123456789012"}}`), ownTopic),
				"logs anywhere":           append(allow(`"logs:PutLogEvents"`, `"arn:aws:logs:*:*:log-group:/aws/lambda/one:*"`), ownTopic),
			},
			UndecidedAtPreview: true,
		},
		{
			Rule: "iam-passrole-scoped", Property: "policy", Missing: Passes,
			Compliant:    allow(`"iam:PassRole"`, `"arn:aws:iam::123456789012:role/one"`, glueOnly),
			Violating:    allow(`"iam:PassRole"`, `"*"`, glueOnly),
			AlsoViolates: map[string][]Res{"any service": allow(`"iam:PassRole"`, `"arn:aws:iam::123456789012:role/one"`)},
		},
	}
}

func trustCases() []Case {
	trust := func(principal string) []Res {
		return trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + `}`)
	}
	federated := func(condition string) []Res {
		return trusting(`{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Condition":` + condition + `}`)
	}
	const logs = `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"vpc-flow-logs.amazonaws.com"}`
	return []Case{
		{
			Rule: "iam-trust-specific-principal", Property: "assumeRolePolicy", Missing: Passes,
			Compliant: trusting(trustGlue),
			Violating: trust(`{"AWS":"*"}`),
			AlsoViolates: map[string][]Res{
				"account":        trust(`{"AWS":"arn:aws:iam::123456789012:root"}`),
				"bare account":   trust(`{"AWS":"123456789012"}`),
				"any user there": trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Condition":{"StringLike":{"aws:PrincipalArn":"*"}}}`),
				"any repository": federated(`{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`),
				"any repo":       federated(`{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"}}`),
			},
			AlsoPasses: map[string][]Res{
				"a role":         trust(`{"AWS":"arn:aws:iam::123456789012:role/deploy"}`),
				"with an ID":     trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Condition":{"StringEquals":{"sts:ExternalId":"5f2c"}}}`),
				"one repository": federated(`{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:store/events:*"}}`),
			},
		},
		{
			Rule: "iam-trust-own-account", Property: "assumeRolePolicy", Missing: Passes,
			Compliant:    trust(`{"AWS":"arn:aws:iam::123456789012:role/deploy"}`),
			Violating:    trust(`{"AWS":"arn:aws:iam::999999999999:role/deploy"}`),
			AlsoViolates: map[string][]Res{"root": trust(`{"AWS":["999999999999"]}`)},
			AlsoPasses:   map[string][]Res{"a service": trusting(trustGlue)},
			ViolatesAtPreview: map[string][]Res{"by the key's account": append(
				trust(`{"AWS":"arn:aws:iam::999999999999:role/deploy"}`),
				R(aws.Key, "key", Props{"policy": `{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}}`}))},
			UndecidedAtPreview: true,
		},
		{
			Rule: "iam-trust-confused-deputy", Property: "assumeRolePolicy", Missing: Passes,
			Compliant:  trusting(logs + `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}`),
			Violating:  trusting(logs + `}`),
			AlsoPasses: map[string][]Res{"Glue": trusting(trustGlue)},
		},
	}
}

func roleCases() []Case {
	role := func(props Props) []Res { return []Res{R(aws.Role, "role", props)} }
	attached := func(policy string) []Res {
		return []Res{R(aws.RolePolicyAttachment, "attachment", Props{"policyArn": "arn:aws:iam::aws:policy/" + policy})}
	}
	own := R(aws.Role, "role", Props{"assumeRolePolicy": `{"Statement":` + trustGlue + `}`})
	crawler := R(aws.GlueCrawler, "crawler", Props{"role": Arn("role")})
	return []Case{
		{
			Rule: "iam-no-administrator-access", Property: "policyArn", Missing: Passes,
			Compliant: attached("AmazonSSMManagedInstanceCore"),
			Violating: attached("AdministratorAccess"),
			AlsoViolates: map[string][]Res{
				"in the role": role(Props{"managedPolicyArns": List{"arn:aws:iam::aws:policy/IAMFullAccess"}}),
				"of a group":  {R(aws.GroupPolicyAttachment, "attachment", Props{"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})},
			},
		},
		{
			Rule: "iam-no-broad-managed-policy", Property: "policyArn", Missing: Passes,
			Compliant: attached("service-role/AWSLambdaBasicExecutionRole"),
			Violating: attached("service-role/AWSGlueServiceRole"),
			AlsoViolates: map[string][]Res{
				"in the role":    role(Props{"managedPolicyArns": List{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}),
				"of the account": {R(aws.RolePolicyAttachment, "a", Props{"policyArn": "arn:aws:iam::123456789012:policy/company"})},
				"of the account, in the role": append(role(Props{"managedPolicyArns": List{Arn("own"), "arn:aws:iam::123456789012:policy/company"}}),
					R(aws.Policy, "own", Props{})),
			},
			AlsoPasses: map[string][]Res{
				"of the stack": {R(aws.RolePolicyAttachment, "a", Props{"policyArn": Arn("own")}), R(aws.Policy, "own", Props{})},
			},
		},
		{
			Rule: "iam-session-duration", Property: "maxSessionDuration", Missing: Passes,
			Compliant: role(Props{"maxSessionDuration": 3600}), Violating: role(Props{"maxSessionDuration": 3601}),
		},
		{
			Rule: "iam-one-service-per-role", Property: "assumeRolePolicy", Missing: Passes,
			Compliant: []Res{own, crawler, R(aws.Role, "job-role", Props{}), R(aws.GlueJob, "job", Props{"roleArn": Arn("job-role")})},
			Violating: []Res{own, crawler, R(aws.GlueJob, "job", Props{"roleArn": Arn("role")})},
			AlsoViolates: map[string][]Res{"two services": trusting(
				`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["glue.amazonaws.com","lambda.amazonaws.com"]}}`)},
		},
		{
			Rule:      "iam-no-users-or-keys",
			Compliant: []Res{own},
			Violating: []Res{R(aws.User, "user", Props{})},
			AlsoViolates: map[string][]Res{
				"key": {R(aws.AccessKey, "key", Props{})}, "group": {R(aws.Group, "group", Props{})}, "grant": {R(aws.UserPolicy, "grant", Props{})},
			},
		},
	}
}

func scopeCases() []Case {
	secret := R(aws.Secret, "secret", Props{})
	bucket := R(aws.Bucket, "bucket", Props{"bucket": "bucket-id"})
	jobWith := func(writes string) []Res {
		policy := R(aws.RolePolicy, "policy", Props{"role": Ref("role"), "policy": `{"Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"` + writes + `"}}`})
		return []Res{policy, bucket, R(aws.Role, "role", Props{}),
			R(aws.GlueJob, "job", Props{"roleArn": Arn("role"), "command": Props{"scriptLocation": "s3://bucket-id/scripts/job.py"}})}
	}
	crawling := append(jobWith("arn:aws:s3:::bucket-id/curated/*"), R(aws.GlueCrawler, "crawler", Props{"role": Arn("role")}))
	return []Case{
		{
			Rule: "iam-secret-read-scoped", Property: "policy", Missing: Passes,
			Compliant: append(allow(`"s3:GetObject"`, objects), secret),
			Violating: append(allow(`"secretsmanager:GetSecretValue"`, `"arn:aws:secretsmanager:eu-west-1:123456789012:secret:other"`), secret),
			AlsoPasses: map[string][]Res{"the stack's": append(
				allow(`"secretsmanager:GetSecretValue"`, `"arn:aws:test:eu-west-1:123456789012:secret"`), secret)},
		},
		{
			Rule: "iam-s3-prefix-scoped", Property: "policy", Missing: Passes,
			Compliant: jobWith("arn:aws:s3:::bucket-id/curated/*"),
			Violating: jobWith("arn:aws:s3:::bucket-id/*"),
			AlsoViolates: map[string][]Res{
				"own script":     jobWith("arn:aws:s3:::bucket-id/scripts/*"),
				"crawler writes": crawling,
				"elsewhere":      jobWith("arn:aws:s3:::other/curated/*"),
			},
			AlsoPasses: map[string][]Res{"Glue's libraries": append(allow(`"s3:GetObject"`, `"arn:aws:s3:::aws-glue-assets-1/*"`), bucket)},
		},
	}
}

func resourcePolicyCases() []Case {
	secret := func(principal, condition string) []Res {
		return []Res{R(aws.Secret, "secret", Props{"policy": `{"Statement":{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*","Principal":` +
			principal + `,"Condition":` + condition + `}}`})}
	}
	const own, service = `{"AWS":"arn:aws:iam::123456789012:role/r"}`, `{"Service":"appflow.amazonaws.com"}`
	return []Case{
		{
			Rule: "iam-policy-unambiguous", Property: "policy", Missing: Passes,
			Compliant: allow(`"s3:GetObject"`, objects),
			Violating: granting(`{"Effect":"Allow","Action":"*","Action":"s3:GetObject","Resource":"*"}`),
			AlsoViolates: map[string][]Res{
				"two lists":   {R(aws.RolePolicy, "policy", Props{"policy": `{"Statement":[],"Statement":[]}`})},
				"other case":  granting(`{"effect":"Allow","Action":"s3:GetObject","Resource":"*"}`),
				"no effect":   granting(`{"Action":"s3:GetObject","Resource":"*"}`),
				"odd effect":  granting(`{"Effect":"allow","Action":"s3:GetObject","Resource":"*"}`),
				"a trust":     trusting(`{"Effect":"Allow","Principal":"*","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}`),
				"a condition": granting(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"a:b":"true"},"Bool":{"a:c":"true"}}}`),
			},
		},
		{
			Rule: "resource-policy-own-account", Property: "policy", Missing: Passes,
			Compliant: secret(own, `{}`),
			Violating: secret(`{"AWS":"arn:aws:iam::999999999999:role/r"}`, `{}`),
			AlsoViolates: map[string][]Res{
				"by condition": secret(`"*"`, `{"StringEquals":{"aws:PrincipalAccount":"999999999999"}}`),
				"for another":  secret(service, `{"StringEquals":{"aws:SourceAccount":"999999999999"}}`),
				"a provider":   secret(`{"Federated":"arn:aws:iam::999999999999:saml-provider/p"}`, `{}`),
			},
			UndecidedAtPreview: true,
		},
		{
			Rule: "resource-policy-service-scoped", Property: "policy", Missing: Passes,
			Compliant:    secret(service, `{"StringEquals":{"aws:SourceAccount":"123456789012"}}`),
			Violating:    secret(service, `{}`),
			AlsoViolates: map[string][]Res{"any source": secret(service, `{"ArnLike":{"aws:SourceArn":"arn:aws:appflow:*:*:flow/*"}}`)},
			AlsoPasses: map[string][]Res{
				"events on a topic": {R(aws.Topic, "topic", Props{"policy": `{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"*"}}`})},
			},
		},
	}
}
