package actions

import (
	"strings"

	"localaws/iam/policy"
)

// needs returns the requests for the operation's action on each resource, and for its dependent actions.
func (c *Call) needs() []policy.Request {
	action := c.Service + ":" + c.actionName()
	specific := c.context()
	var needs []policy.Request
	for _, resource := range c.resources() {
		needs = append(needs, policy.Request{Action: action, Resource: resource, Context: specific})
	}
	return append(needs, c.dependentActions()...)
}

// budgets maps the operations of AWS Budgets to its two actions:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
var budgets = map[string]string{
	"CreateBudget": "ModifyBudget", "UpdateBudget": "ModifyBudget", "DeleteBudget": "ModifyBudget",
	"CreateNotification": "ModifyBudget", "UpdateNotification": "ModifyBudget", "DeleteNotification": "ModifyBudget",
	"CreateSubscriber": "ModifyBudget", "UpdateSubscriber": "ModifyBudget", "DeleteSubscriber": "ModifyBudget",
	"DescribeBudget": "ViewBudget", "DescribeBudgets": "ViewBudget", "DescribeBudgetPerformanceHistory": "ViewBudget",
	"DescribeNotificationsForBudget": "ViewBudget", "DescribeSubscribersForNotification": "ViewBudget",
	"DescribeBudgetNotificationsForAccount": "ViewBudget",
}

// actionName returns IAM's name of the operation's action.
func (c *Call) actionName() string {
	if c.Operation == "" {
		return unknown(c.http.Method)
	}
	if name, ok := budgets[c.Operation]; ok && c.Service == "budgets" {
		return name
	}
	if c.Service == "sqs" { // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
		return strings.TrimSuffix(c.Operation, "Batch")
	}
	return c.Operation
}

// unknown returns an action for unknown operations that only a star matches.
func unknown(method string) string { return "Unknown" + method }

// resources returns the ARNs of the request's resources, or a star for an action without resources.
func (c *Call) resources() []string {
	if override, ok := resourceOverrides[c.Service]; ok {
		if found := override(c); len(found) > 0 {
			return found
		}
	}
	var found []string
	for _, kind := range table()[c.Service].Actions[c.actionName()] {
		kind, required := strings.CutSuffix(kind, "!")
		found = append(found, c.resourcesOf(kind, required)...)
	}
	if len(found) == 0 {
		return []string{"*"}
	}
	return found
}

// resourcesOf returns the resources of one type. If a required resource has no name, it returns an ARN with a star.
func (c *Call) resourcesOf(kind string, required bool) []string {
	t, ok := c.template(kind)
	if !ok {
		return nil
	}
	variables := t.variables()
	values, last := map[string]string{}, []string(nil)
	for i, v := range variables {
		found := c.values(v, required)
		if i == len(variables)-1 {
			last = found
		} else if len(found) > 0 {
			values[v] = found[0]
		}
	}
	if len(variables) == 0 || len(last) == 0 {
		if arn := c.byARN(t); arn != "" {
			return []string{arn}
		}
		if !required {
			return nil
		}
		return []string{t.with(values)}
	}
	var arns []string
	for _, value := range last {
		switch {
		case !strings.HasPrefix(value, "arn:"):
			values[variables[len(variables)-1]] = value
			arns = append(arns, t.with(values))
		case t.matches(value):
			arns = append(arns, value)
		}
	}
	return arns
}

// byARN returns a resource of the type whose ARN is a parameter, or "".
func (c *Call) byARN(t template) string {
	for _, name := range []string{"ResourceArn", "ResourceARN", "Arn", "ARN", "TopicArn", "ResourceName", "PolicyArn", "Resource"} {
		if arn := first(c.params, name); strings.HasPrefix(arn, "arn:") && t.matches(arn) {
			return arn
		}
	}
	return ""
}

// values returns the values in the request for a variable in an ARN template.
func (c *Call) values(variable string, required bool) []string {
	names := append([]string{}, parameters[c.Service][variable]...)
	names = append(names, variable)
	if required {
		names = append(names, "Name")
	}
	for _, name := range names {
		if values := c.params.get(name); len(values) > 0 && values[0] != "" {
			return values
		}
	}
	return nil
}

// parameters maps variables in the reference's ARNs to the names of request parameters where they differ, by service.
var parameters = map[string]map[string][]string{
	"glue": {
		"DatabaseName":   {"DatabaseName", "DatabaseInput.Name", "TableInput.DatabaseName"},
		"ConnectionName": {"ConnectionInput.Name", "Name", "ConnectionName"},
		"JobName":        {"JobName", "Name"},
		"CrawlerName":    {"Name", "CrawlerName"},
		"TriggerName":    {"Name"},
		"WorkflowName":   {"Name", "WorkflowName"},
	},
	"cloudwatch": {
		"AlarmName":     {"AlarmName", "AlarmNames"},
		"DashboardName": {"DashboardName", "DashboardNames"},
	},
	"lambda": {"FunctionName": {"FunctionName"}},
	"sns":    {"TopicName": {"TopicArn", "ResourceArn", "Name"}},
	"rds": {
		"DbInstanceName":     {"DBInstanceIdentifier", "SourceDBInstanceIdentifier"},
		"SubnetGroupName":    {"DBSubnetGroupName"},
		"ParameterGroupName": {"DBParameterGroupName"},
		"SnapshotName":       {"DBSnapshotIdentifier", "FinalDBSnapshotIdentifier"},
		"SecurityGroupName":  {"DBSecurityGroupName"},
		"OptionGroupName":    {"OptionGroupName"},
	},
	"athena": {"WorkGroupName": {"WorkGroup", "Name"}, "DataCatalogName": {"CatalogName", "Name"}},
	"ssm": {
		"DocumentName": {"DocumentName", "Name"},
		"InstanceId":   {"InstanceIds", "InstanceId", "Target"},
	},
	"ec2": {
		"SecurityGroupId":    {"SecurityGroupId", "GroupId", "GroupIds"},
		"NetworkInterfaceId": {"NetworkInterfaceId"},
		"VpcEndpointId":      {"VpcEndpointId"},
		"VpcFlowLogId":       {"FlowLogId"},
	},
	"events": {"RuleName": {"Rule", "Name"}},
	"iam": {
		"RoleNameWithPath":            {"RoleName"},
		"InstanceProfileNameWithPath": {"InstanceProfileName"},
		"UserNameWithPath":            {"UserName"},
		"PolicyNameWithPath":          {"PolicyName"},
		"GroupNameWithPath":           {"GroupName"},
	},
	"sts": {"RoleNameWithPath": {"RoleArn"}},
}
