package actions

import (
	"path"
	"slices"
	"strings"

	"localaws/iam/policy"
)

// tagging are the actions that come with the action of an operation if it creates something with tags, and the resource
// types of what it creates. The references of the operations say so at their tags, as do
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html,
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html and
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html. EC2 has createTags, S3 its headers.
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

// keyed are the actions on the key in a request that a service takes as the caller, and the parameter with the key. A
// star stands for the number of a list's member.
//
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
var keyed = map[string]struct {
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

// dependentActions returns the actions that an operation needs besides its own. AWS calls them so:
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

// tagNew is the permission that the tags of a creation need.
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

// created are the resources of a type that the operation creates. Some operations do not name them among their own.
func (c *Call) created(kind string) []string {
	t, _ := c.template(kind)
	own := slices.DeleteFunc(c.resources(), func(resource string) bool { return !t.describes(resource) })
	if len(own) > 0 {
		return own
	}
	return c.resourcesOf(kind, true)
}

// useKeys are the uses of the keys in the request, except those of AWS's own keys, which allow them to everybody in the
// account.
func (c *Call) useKeys() []policy.Request {
	use, ok := keyed[c.Service+":"+c.Operation]
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

// matching are the values of the parameters whose names a pattern matches, each value once.
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

// serviceRole is the permission to create a service's role, which the service has in no new account:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
func (c *Call) serviceRole(service, name string) policy.Request {
	k := policy.Context{}
	k.Set("iam:AWSServiceName", service)
	resource := "arn:" + c.env.Partition + ":iam::" + c.env.Account + ":role/aws-service-role/" + service + "/" + name
	return policy.Request{Action: "iam:CreateServiceLinkedRole", Resource: resource, Context: k}
}
