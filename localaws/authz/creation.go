package authz

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"localaws/iam/actions"
	"localaws/iam/policy"
	"localaws/iam/services"
)

// creation makes a service's checks before it creates something that acts by a role or uses a key, regardless of
// who creates it. It returns the service's own error, or nil if the service would create it.
type creation func(a *Authorizer, ctx context.Context, c *actions.Call) (*Response, error)

var creations = map[string]creation{
	"lambda:CreateFunction":              (*Authorizer).function,
	"lambda:UpdateFunctionConfiguration": (*Authorizer).function,
	"lambda:CreateEventSourceMapping":    (*Authorizer).eventSource,
	"logs:CreateLogGroup":                (*Authorizer).logGroup,
	"logs:AssociateKmsKey":               (*Authorizer).logGroup,
	"rds:CreateDBInstance":               (*Authorizer).database,
	"rds:ModifyDBInstance":               (*Authorizer).database,
	"glue:CreateCrawler":                 (*Authorizer).glueRole,
	"glue:UpdateCrawler":                 (*Authorizer).glueRole,
	"glue:CreateJob":                     (*Authorizer).glueRole,
	"secretsmanager:RotateSecret":        (*Authorizer).rotation,
	"events:PutTargets":                  (*Authorizer).targets,
	"cloudwatch:PutMetricAlarm":          (*Authorizer).alarm,
	"budgets:CreateBudget":               (*Authorizer).budget,
	"budgets:CreateNotification":         (*Authorizer).budget,
	"budgets:CreateSubscriber":           (*Authorizer).budget,
	"ec2:CreateFlowLogs":                 (*Authorizer).flowLogs,
	"ssm:SendCommand":                    (*Authorizer).command,
}

// Creation refuses a request as the service does if it cannot work with the roles and keys in the request. It
// only records what AWS accepts and later fails to do.
func (a *Authorizer) Creation(r *http.Request, body []byte) (*Response, error) {
	c := actions.Read(r, body, actions.Env{Partition: a.place.Partition, Region: a.place.Region, Account: a.place.Account})
	name := c.Service + ":" + c.Operation
	if _, ok := documents[name]; ok {
		return a.document(r.Context(), c)
	}
	check, ok := creations[name]
	if !ok {
		return nil, nil //nolint:nilnil // nothing refuses
	}
	return check(a, r.Context(), c)
}

// assumes reports whether the service may act as the role. The source is that of
// services.Place.Assume.
func (a *Authorizer) assumes(ctx context.Context, service, role, source string) (bool, error) {
	if !strings.HasPrefix(role, "arn:") {
		role = a.source.ARN(ctx, "role", role)
	}
	denied, err := a.All(ctx, []policy.Request{a.place.Assume(service, role, source)})
	return denied == nil, err
}

func refuse(code, format string, args ...any) *Response {
	r := Invalid(code, fmt.Sprintf(format, args...))
	return &r
}

// function: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
func (a *Authorizer) function(ctx context.Context, c *actions.Call) (*Response, error) {
	role := c.Param("Role")
	if role == "" {
		return nil, nil //nolint:nilnil // an update of other settings
	}
	const code = "InvalidParameterValueException"
	ok, err := a.assumes(ctx, "lambda.amazonaws.com", role, "")
	if err != nil {
		return nil, err
	}
	if !ok {
		return refuse(code, "The role defined for the function cannot be assumed by Lambda."), nil
	}
	in := services.Interfaces{Subnets: c.Params("VpcConfig.SubnetIds"), Groups: c.Params("VpcConfig.SecurityGroupIds")}
	if len(in.Subnets) == 0 {
		return nil, nil //nolint:nilnil // no VPC, no interfaces
	}
	denied, err := a.All(ctx, a.place.CreateFunctionInVPC(a.Session(role, "awslambda"), in))
	if denied == nil || err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(denied.Request.Action, ":")
	return refuse(code, "The provided execution role does not have permissions to call %s on EC2", operation), nil
}

// logGroup: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func (a *Authorizer) logGroup(ctx context.Context, c *actions.Call) (*Response, error) {
	id, group := c.Param("KmsKeyId"), c.Param("LogGroupName")
	if id == "" || group == "" {
		return nil, nil //nolint:nilnil // not encrypted by a key
	}
	key := a.source.ARN(ctx, "key", id)
	denied, err := a.All(ctx, a.place.LogGroupKMS(group, key))
	if err != nil || (denied == nil && key != "") {
		return nil, err
	}
	return refuse("InvalidParameterException", "The specified KMS key does not exist or is not allowed to be used with Arn 'arn:%s:logs:%s:%s:log-group:%s'",
		a.place.Partition, a.place.Region, a.place.Account, group), nil
}

// database: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
func (a *Authorizer) database(ctx context.Context, c *actions.Call) (*Response, error) {
	role := c.Param("MonitoringRoleArn")
	if role == "" {
		return nil, nil //nolint:nilnil // not monitored
	}
	id := c.Param("DBInstanceIdentifier")
	// RDS sends the instance, which AWS recommends to have in the trust policy:
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
	source := strings.Join([]string{"arn", a.place.Partition, "rds", a.place.Region, a.place.Account, "db", id}, ":")
	ok, err := a.assumes(ctx, "monitoring.rds.amazonaws.com", role, source)
	if err != nil {
		return nil, err
	}
	if ok {
		denied, err := a.All(ctx, a.place.RDSMonitoring(a.Session(role, "RDSMonitoring"), id))
		if denied == nil || err != nil {
			return nil, err
		}
	}
	r := InvalidQuery("InvalidParameterValue", "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING")
	return &r, nil
}

// glueRole: https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html
func (a *Authorizer) glueRole(ctx context.Context, c *actions.Call) (*Response, error) {
	role := c.Param("Role")
	if role == "" {
		return nil, nil //nolint:nilnil // an update of other settings
	}
	ok, err := a.assumes(ctx, "glue.amazonaws.com", role, "")
	if ok || err != nil {
		return nil, err
	}
	return refuse("InvalidInputException", "Service is unable to assume provided role. Please verify role's TrustPolicy"), nil
}

// rotation: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
func (a *Authorizer) rotation(ctx context.Context, c *actions.Call) (*Response, error) {
	function, secret := c.Param("RotationLambdaARN"), c.Param("SecretId")
	if function == "" {
		return nil, nil //nolint:nilnil // as it was set up before
	}
	if arn := a.source.ARN(ctx, "secret", secret); arn != "" {
		secret = arn
	}
	denied, err := a.All(ctx, a.place.RotationInvokes(function, secret))
	if denied == nil || err != nil {
		return nil, err
	}
	return refuse("AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function. "+
		"Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com."), nil
}

// targets: EventBridge accepts any topic, whose events then do not arrive, and any runbook, which then does not start.
// Only the log of denials shows it. The events of queues are decided when they are delivered.
func (a *Authorizer) targets(ctx context.Context, c *actions.Call) (*Response, error) {
	for _, target := range c.Objects("Targets") {
		arn := target.Param("Arn")
		var requests []policy.Request
		switch {
		case strings.Contains(arn, ":sns:"):
			e, err := a.source.Encryption(ctx, arn)
			if err != nil {
				return nil, err
			}
			requests = a.place.EventBridgeToTopic(arn, e.Key)
		case strings.Contains(arn, ":automation-definition/"):
			requests = a.runbook(c.Param("Rule"), target)
		}
		if _, err := a.All(ctx, requests); err != nil {
			return nil, err
		}
	}
	return nil, nil //nolint:nilnil // nothing refuses
}

// runbook is what a target that is a runbook needs to start, and what AWS's own runbooks then need.
func (a *Authorizer) runbook(rule string, target *actions.Call) []policy.Request {
	role, definition := a.Session(target.Param("RoleArn"), "events"), target.Param("Arn")
	requests := a.place.EventBridgeToRunbook(rule, role, definition)
	name, _, _ := strings.Cut(definition, ":$")
	var input struct {
		InstanceId           []string //nolint:revive // The runbook's name for it.
		AutomationAssumeRole []string
	}
	if json.Unmarshal([]byte(target.Param("Input")), &input) != nil || !strings.HasSuffix(name, services.StopRunbook) || len(input.AutomationAssumeRole) > 0 {
		return requests
	}
	for _, instance := range input.InstanceId {
		requests = append(requests, a.place.StopDatabase(role, instance)...)
	}
	return requests
}

// alarm: CloudWatch accepts any topic too, and shows a message that did not arrive in the alarm's history.
func (a *Authorizer) alarm(ctx context.Context, c *actions.Call) (*Response, error) {
	seen := map[string]bool{}
	for _, member := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
		for _, topic := range c.Params(member) {
			if !strings.Contains(topic, ":sns:") || seen[topic] {
				continue
			}
			seen[topic] = true
			e, err := a.source.Encryption(ctx, topic)
			if err != nil {
				return nil, err
			}
			if _, err := a.All(ctx, a.place.AlarmToTopic(c.Param("AlarmName"), topic, e.Key)); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil //nolint:nilnil // nothing refuses
}

// budget: its notifications do not arrive at a topic that refuses them.
func (a *Authorizer) budget(ctx context.Context, c *actions.Call) (*Response, error) {
	name := cmp.Or(c.Param("BudgetName"), c.Param("Budget.BudgetName"))
	topics := slices.Concat(c.Params("Subscriber.Address"), c.Members("Subscribers", "Address"), c.Members("NotificationsWithSubscribers.Subscribers", "Address"))
	slices.Sort(topics)
	for _, topic := range slices.Compact(topics) {
		if !strings.Contains(topic, ":sns:") {
			continue
		}
		e, err := a.source.Encryption(ctx, topic)
		if err != nil {
			return nil, err
		}
		if _, err := a.All(ctx, a.place.BudgetToTopic(name, topic, e.Key)); err != nil {
			return nil, err
		}
	}
	return nil, nil //nolint:nilnil // nothing refuses
}

// flowLogs: EC2 creates the flow log, whose delivery then fails.
func (a *Authorizer) flowLogs(ctx context.Context, c *actions.Call) (*Response, error) {
	role, group := c.Param("DeliverLogsPermissionArn"), c.Param("LogGroupName")
	if destination := c.Param("LogDestination"); strings.Contains(destination, ":log-group:") {
		_, group, _ = strings.Cut(destination, ":log-group:")
		group = strings.TrimSuffix(group, ":*")
	}
	if role == "" || group == "" {
		return nil, nil //nolint:nilnil // not to CloudWatch Logs
	}
	source := strings.Join([]string{"arn", a.place.Partition, "ec2", a.place.Region, a.place.Account, "vpc-flow-log/fl-00000000000000000"}, ":")
	requests := append(
		[]policy.Request{a.place.Assume("vpc-flow-logs.amazonaws.com", role, source)},
		a.place.FlowLog(a.Session(role, "vpc-flow-logs"), group, "any")...)
	_, err := a.All(ctx, requests)
	return nil, err
}
