package actions

import (
	"path"
	"slices"
	"strings"

	"localaws/iam/policy"
)

// tagging maps operations to the action that they additionally need to create a resource with tags, and the type of the
// resource. Sources are the API references of the operations,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html,
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html. For EC2 see createTags, for S3 s3PutActions.
var tagging = map[string]struct{ action, kind string }{
	"athena:CreateWorkGroup":          {"athena:TagResource", "workgroup"},
	"budgets:ModifyBudget":            {"budgets:TagResource", "budget"},
	"cloudwatch:PutMetricAlarm":       {"cloudwatch:TagResource", "alarm"},
	"events:PutRule":                  {"events:TagResource", "rule-on-default-event-bus"},
	"glue:CreateConnection":           {"glue:TagResource", "connection"},
	"glue:CreateCrawler":              {"glue:TagResource", "crawler"},
	"glue:CreateDatabase":             {"glue:TagResource", "database"},
	"glue:CreateJob":                  {"glue:TagResource", "job"},
	"glue:CreateTrigger":              {"glue:TagResource", "trigger"},
	"glue:CreateWorkflow":             {"glue:TagResource", "workflow"},
	"iam:CreateInstanceProfile":       {"iam:TagInstanceProfile", "instance-profile"},
	"iam:CreateRole":                  {"iam:TagRole", "role"},
	"kms:CreateKey":                   {"kms:TagResource", "key"},
	"lambda:CreateEventSourceMapping": {"lambda:TagResource", "eventsourcemapping"},
	"lambda:CreateFunction":           {"lambda:TagResource", "function"},
	"logs:CreateLogGroup":             {"logs:TagResource", "log-group"},
	"rds:CreateDBInstance":            {"rds:AddTagsToResource", "db"},
	"rds:CreateDBParameterGroup":      {"rds:AddTagsToResource", "pg"},
	"rds:CreateDBSubnetGroup":         {"rds:AddTagsToResource", "subgrp"},
	"secretsmanager:CreateSecret":     {"secretsmanager:TagResource", "secret"},
	"sns:CreateTopic":                 {"sns:TagResource", "topic"},
	"sqs:CreateQueue":                 {"sqs:TagQueue", "queue"},
}

// keyUses maps operations to the parameter with a KMS key, and to the actions on the key that the service performs with
// the caller's permissions. A star in a parameter is an index of a list.
//
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
var keyUses = map[string]struct {
	parameter string
	actions   []string
}{
	"ec2:RunInstances": {"BlockDeviceMapping.*.Ebs.KmsKeyId", []string{
		"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
	}},
	"lambda:CreateFunction":              {"KMSKeyArn", []string{"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"}},
	"lambda:UpdateFunctionConfiguration": {"KMSKeyArn", []string{"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"}},
	"rds:CreateDBInstance":               {"KmsKeyId", []string{"kms:CreateGrant", "kms:DescribeKey"}},
	"secretsmanager:CreateSecret":        {"KmsKeyId", []string{"kms:Decrypt", "kms:GenerateDataKey"}},
	"secretsmanager:UpdateSecret":        {"KmsKeyId", []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}},
}

// dependentActions returns the dependent actions of an operation, in the terms of
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
func (c *Call) dependentActions() []policy.Request {
	needs := append(c.tagNew(), c.useKeys()...)
	switch {
	case c.Service == "ec2":
		return slices.Concat(needs, c.optional(), c.createTags(), c.privateZone())
	case c.Service == "rds" && c.Operation == "CreateDBInstance":
		return append(needs, c.serviceRole("rds.amazonaws.com", "AWSServiceRoleForRDS"))
	case c.Service == "sts" && c.Operation == "AssumeRole" && len(c.context()["aws:tagkeys"]) > 0:
		return []policy.Request{{Action: "sts:TagSession", Resource: first(c.params, "RoleArn"), Context: c.context()}}
	default:
		return needs
	}
}

// tagNew returns the requests for the tags of a new resource.
func (c *Call) tagNew() []policy.Request {
	tag, ok := tagging[c.Service+":"+c.actionName()]
	context := c.context()
	if !ok || len(context["aws:tagkeys"]) == 0 {
		return nil
	}
	var needs []policy.Request
	for _, resource := range c.created(tag.kind) {
		needs = append(needs, policy.Request{Action: tag.action, Resource: resource, Context: context})
	}
	return needs
}

// created returns the resources of a type that the operation creates, which the reference may not list as the
// operation's resources.
func (c *Call) created(kind string) []string {
	t, _ := c.template(kind)
	listed := slices.DeleteFunc(c.resources(), func(resource string) bool { return !t.matches(resource) })
	if len(listed) > 0 {
		return listed
	}
	return c.resourcesOf(kind, true)
}

// useKeys returns the requests for the KMS keys in the request, except AWS managed keys, which every principal of the
// account may use.
func (c *Call) useKeys() []policy.Request {
	use, ok := keyUses[c.Service+":"+c.Operation]
	if !ok {
		return nil
	}
	var needs []policy.Request
	for _, id := range c.matching(use.parameter) {
		if id == "" || strings.Contains(id, "alias/aws/") {
			continue
		}
		for _, action := range use.actions {
			k := policy.Context{}
			k.Set("kms:CallerAccount", c.env.Account)
			k.Set("kms:ViaService", c.Service+"."+c.env.Region+".amazonaws.com")
			if action == "kms:CreateGrant" {
				k.Set("kms:GrantIsForAWSResource", "true")
			}
			needs = append(needs, policy.Request{Action: action, Resource: c.key(id), Context: k})
		}
	}
	return needs
}

// matching returns the distinct values of parameters whose names match a pattern.
func (c *Call) matching(pattern string) []string {
	form, ok := c.params.(formParams)
	if !ok {
		return c.params.get(pattern)
	}
	var values []string
	for name, found := range form {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			values = append(values, found...)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// serviceRole returns the request to create a service-linked role, which a new account does not have:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
func (c *Call) serviceRole(service, name string) policy.Request {
	k := policy.Context{}
	k.Set("iam:AWSServiceName", service)
	resource := "arn:" + c.env.Partition + ":iam::" + c.env.Account + ":role/aws-service-role/" + service + "/" + name
	return policy.Request{Action: "iam:CreateServiceLinkedRole", Resource: resource, Context: k}
}
