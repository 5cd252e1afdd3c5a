package actions

import (
	"strings"

	"localaws/iam/policy"
)

// passed are the parameters with which an operation passes a role to a service:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
var passed = map[string]struct{ parameter, service string }{
	"lambda:CreateFunction":              {"Role", "lambda.amazonaws.com"},
	"lambda:UpdateFunctionConfiguration": {"Role", "lambda.amazonaws.com"},
	"glue:CreateCrawler":                 {"Role", "glue.amazonaws.com"},
	"glue:UpdateCrawler":                 {"Role", "glue.amazonaws.com"},
	"glue:CreateJob":                     {"Role", "glue.amazonaws.com"},
	"glue:UpdateJob":                     {"JobUpdate.Role", "glue.amazonaws.com"},
	"rds:CreateDBInstance":               {"MonitoringRoleArn", "monitoring.rds.amazonaws.com"},
	"rds:ModifyDBInstance":               {"MonitoringRoleArn", "monitoring.rds.amazonaws.com"},
	"ec2:CreateFlowLogs":                 {"DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"},
	"events:PutRule":                     {"RoleArn", "events.amazonaws.com"},
}

// passRole is the permission to pass the role in the request.
func (c *Call) passRole() []policy.Request {
	pass, ok := passed[c.Service+":"+c.Operation]
	role := ""
	switch {
	case ok:
		role = first(c.params, pass.parameter)
	case c.Service == "ec2" && c.Operation == "RunInstances":
		// The profile's role is passed; a profile has one role.
		pass.service = "ec2.amazonaws.com"
		if profile := first(c.params, "IamInstanceProfile.Name", "IamInstanceProfile.Arn"); profile != "" {
			role = c.env.arn("profile-role", profile[strings.LastIndex(profile, "/")+1:])
		}
	}
	if role == "" {
		return nil
	}
	if !strings.HasPrefix(role, "arn:") {
		name := strings.TrimPrefix(role, "/")
		role = c.env.arn("role", name)
		if role == "" {
			role = "arn:" + c.env.Partition + ":iam::" + c.env.Account + ":role/" + name
		}
	}
	k := policy.Context{}
	k.Set("iam:PassedToService", pass.service)
	return []policy.Request{{Action: "iam:PassRole", Resource: role, Context: k}}
}

// further returns the other actions that an operation needs.
func (c *Call) further() []policy.Request {
	switch c.Service {
	case "ec2":
		return append(c.createTags(), c.privateZone()...)
	case "sts":
		if c.Operation == "AssumeRole" && len(c.context()["aws:tagkeys"]) > 0 {
			return []policy.Request{{Action: "sts:TagSession", Resource: first(c.params, "RoleArn"), Context: c.context()}}
		}
	}
	return nil
}
