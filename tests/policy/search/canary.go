// Package search looks for policy documents that grant what the policy pack forbids, but that pass the pack. The IAM
// engine of the local AWS, which shares no code with the pack, determines what a document grants.
package search

import iam "localaws/iam/policy"

const (
	account  = "123456789012"
	stranger = "999999999999"
	role     = "arn:aws:iam::" + account + ":role/app"
)

// question is a request that documents of a compliant stack must not grant.
type question struct {
	request iam.Request
	kind    iam.Kind
}

// caller is the role of the documents.
var caller = iam.Principal{ARN: "arn:aws:sts::" + account + ":assumed-role/app/run", Role: role, UserID: "AROAEXAMPLE:run"}

// outsider is a principal of another account.
var outsider = iam.Principal{ARN: "arn:aws:iam::" + stranger + ":user/eve", UserID: "AIDAEVE"}

// everyday returns the keys of every AWS request, with values of an outsider.
func everyday() iam.Context {
	c := iam.Context{}
	for key, value := range map[string]string{
		"aws:SecureTransport": "true", "aws:CurrentTime": "2026-11-28T12:00:00Z", "aws:EpochTime": "1795867200",
		"aws:SourceIp": "203.0.113.77", "aws:UserAgent": "curl/8", "aws:RequestedRegion": "eu-west-1", "aws:TokenIssueTime": "2026-11-28T11:00:00Z",
		"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false", "aws:PrincipalOrgID": "o-strangerorg",
	} {
		c.Set(key, value)
	}
	return c
}

// byRole returns requests on resources of other systems in the account.
func byRole() []question {
	var all []question
	for action, resource := range map[string]string{
		"iam:CreatePolicyVersion":       "arn:aws:iam::" + account + ":policy/payroll",
		"iam:AttachRolePolicy":          "arn:aws:iam::" + account + ":role/payroll",
		"iam:PutRolePolicy":             "arn:aws:iam::" + account + ":role/payroll",
		"iam:UpdateAssumeRolePolicy":    "arn:aws:iam::" + account + ":role/payroll",
		"iam:CreateAccessKey":           "arn:aws:iam::" + account + ":user/payroll",
		"iam:PassRole":                  "arn:aws:iam::" + account + ":role/payroll",
		"sts:AssumeRole":                "arn:aws:iam::" + account + ":role/payroll",
		"ssm:SendCommand":               "arn:aws:ec2:eu-west-1:" + account + ":instance/i-0payroll0payroll0",
		"lambda:UpdateFunctionCode":     "arn:aws:lambda:eu-west-1:" + account + ":function:payroll",
		"lambda:AddPermission":          "arn:aws:lambda:eu-west-1:" + account + ":function:payroll",
		"glue:UpdateJob":                "arn:aws:glue:eu-west-1:" + account + ":job/payroll",
		"secretsmanager:GetSecretValue": "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:payroll-AbCdEf",
		"ssm:GetParameter":              "arn:aws:ssm:eu-west-1:" + account + ":parameter/payroll/password",
		"kms:Decrypt":                   "arn:aws:kms:eu-west-1:" + account + ":key/9c4a7e1f-1111-2222-3333-444455556666",
		"kms:PutKeyPolicy":              "arn:aws:kms:eu-west-1:" + account + ":key/9c4a7e1f-1111-2222-3333-444455556666",
		"s3:GetObject":                  "arn:aws:s3:::payroll/2026/salaries.csv",
		"s3:PutBucketPolicy":            "arn:aws:s3:::payroll",
		"rds-db:connect":                "arn:aws:rds-db:eu-west-1:" + account + ":dbuser:db-PAYROLL/admin",
		"rds:DeleteDBInstance":          "arn:aws:rds:eu-west-1:" + account + ":db:payroll",
		"sns:Publish":                   "arn:aws:sns:eu-west-1:" + account + ":payroll",
	} {
		c := everyday()
		c.Set("aws:PrincipalOrgID", "o-own0own0ow")
		c.Set("aws:RequestTag/name", "payroll")
		all = append(all, question{iam.Request{Principal: caller, Action: action, Resource: resource, Context: c}, iam.Identity})
	}
	return all
}

// byOutsider returns requests of another account: on a resource of the stack with a policy, and to assume its role.
func byOutsider(action, resource string, kind iam.Kind) question {
	return question{iam.Request{
		Principal: outsider, Action: action, Resource: resource, ResourceAccount: account, Context: everyday(),
	}, kind}
}
