package actions

import (
	"cmp"
	"strings"

	"localaws/iam/policy"
)

// passed maps operations to the parameter with a role, and the service to which they pass the role:
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

// passRole returns the requests to pass the roles in the request.
func (c *Call) passRole() []policy.Request {
	pass, ok := passed[c.Service+":"+c.Operation]
	var roles []string
	switch {
	case ok:
		roles = c.params.get(pass.parameter)
	case c.Service == "events" && c.Operation == "PutTargets":
		pass.service, roles = "events.amazonaws.com", c.Members("Targets", "RoleArn")
	case c.Service == "ec2" && c.Operation == "RunInstances":
		// The operation passes the profile's only role.
		pass.service = "ec2.amazonaws.com"
		if profile := first(c.params, "IamInstanceProfile.Name", "IamInstanceProfile.Arn"); profile != "" {
			roles = []string{c.env.arn("profile-role", profile[strings.LastIndex(profile, "/")+1:])}
		}
	}
	k := policy.Context{}
	k.Set("iam:PassedToService", pass.service)
	var needs []policy.Request
	for _, role := range roles {
		if role != "" {
			needs = append(needs, policy.Request{Action: "iam:PassRole", Resource: c.role(role), Context: k})
		}
	}
	return needs
}

// role returns the ARN of a role, given by ARN or name.
func (c *Call) role(role string) string {
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	name := strings.TrimPrefix(role, "/")
	return cmp.Or(c.env.arn("role", name), "arn:"+c.env.Partition+":iam::"+c.env.Account+":role/"+name)
}
