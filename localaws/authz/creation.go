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

// creationCheck makes a service's checks before it creates a resource that uses a role or key. They do not depend on
// the caller. It returns the service's error, or nil if the service would accept the request.
type creationCheck func(a *Authorizer, ctx context.Context, c *actions.Call) (*Response, error)

var creationChecks = map[string]creationCheck{
	"lambda:CreateFunction":              (*Authorizer).checkFunction,
	"lambda:UpdateFunctionConfiguration": (*Authorizer).checkFunction,
	"lambda:CreateEventSourceMapping":    (*Authorizer).checkEventSource,
	"logs:CreateLogGroup":                (*Authorizer).checkLogGroup,
	"logs:AssociateKmsKey":               (*Authorizer).checkLogGroup,
	"rds:CreateDBInstance":               (*Authorizer).checkDatabase,
	"rds:ModifyDBInstance":               (*Authorizer).checkDatabase,
	"glue:CreateCrawler":                 (*Authorizer).checkGlueRole,
	"glue:UpdateCrawler":                 (*Authorizer).checkGlueRole,
	"glue:CreateJob":                     (*Authorizer).checkGlueRole,
	"secretsmanager:RotateSecret":        (*Authorizer).checkRotation,
	"events:PutTargets":                  (*Authorizer).checkTargets,
	"cloudwatch:PutMetricAlarm":          (*Authorizer).checkAlarm,
	"budgets:CreateBudget":               (*Authorizer).checkBudget,
	"budgets:CreateNotification":         (*Authorizer).checkBudget,
	"budgets:CreateSubscriber":           (*Authorizer).checkBudget,
	"ec2:CreateFlowLogs":                 (*Authorizer).checkFlowLogs,
	"ssm:SendCommand":                    (*Authorizer).checkCommand,
}

// checkCreation returns the service's error if the service cannot use the roles and keys in the request. Where AWS
// accepts the request and fails later, it only records the denied request.
func (a *Authorizer) checkCreation(r *http.Request, body []byte) (*Response, error) {
	c := actions.Read(r, body, actions.Env{Partition: a.place.Partition, Region: a.place.Region, Account: a.place.Account})
	name := c.Service + ":" + c.Operation
	if _, ok := documents[name]; ok {
		return a.checkDocument(r.Context(), c)
	}
	check, ok := creationChecks[name]
	if !ok {
		return nil, nil //nolint:nilnil // nothing to check
	}
	return check(a, r.Context(), c)
}

// assumes reports whether the service may assume the role. For source, see services.Place.Assume.
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

// checkFunction implements https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
func (a *Authorizer) checkFunction(ctx context.Context, c *actions.Call) (*Response, error) {
	role := c.Param("Role")
	if role == "" {
		return nil, nil //nolint:nilnil // The update does not change the role.
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
		return nil, nil //nolint:nilnil // outside every VPC
	}
	denied, err := a.All(ctx, a.place.CreateFunctionInVPC(a.Session(role, "awslambda"), in))
	if denied == nil || err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(denied.Request.Action, ":")
	return refuse(code, "The provided execution role does not have permissions to call %s on EC2", operation), nil
}

// checkLogGroup implements https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func (a *Authorizer) checkLogGroup(ctx context.Context, c *actions.Call) (*Response, error) {
	id, group := c.Param("KmsKeyId"), c.Param("LogGroupName")
	if id == "" || group == "" {
		return nil, nil //nolint:nilnil // no customer key
	}
	key := a.source.ARN(ctx, "key", id)
	denied, err := a.All(ctx, a.place.LogGroupKMS(group, key))
	if err != nil || (denied == nil && key != "") {
		return nil, err
	}
	return refuse("InvalidParameterException", "The specified KMS key does not exist or is not allowed to be used with Arn 'arn:%s:logs:%s:%s:log-group:%s'",
		a.place.Partition, a.place.Region, a.place.Account, group), nil
}

// checkDatabase implements https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
func (a *Authorizer) checkDatabase(ctx context.Context, c *actions.Call) (*Response, error) {
	role := c.Param("MonitoringRoleArn")
	if role == "" {
		return nil, nil //nolint:nilnil // not monitored
	}
	id := c.Param("DBInstanceIdentifier")
	// RDS sends the instance as the source. AWS recommends a condition on it in the trust policy:
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

// checkGlueRole implements https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html
func (a *Authorizer) checkGlueRole(ctx context.Context, c *actions.Call) (*Response, error) {
	role := c.Param("Role")
	if role == "" {
		return nil, nil //nolint:nilnil // The update does not change the role.
	}
	ok, err := a.assumes(ctx, "glue.amazonaws.com", role, "")
	if ok || err != nil {
		return nil, err
	}
	return refuse("InvalidInputException", "Service is unable to assume provided role. Please verify role's TrustPolicy"), nil
}

// checkRotation implements https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
func (a *Authorizer) checkRotation(ctx context.Context, c *actions.Call) (*Response, error) {
	function, secret := c.Param("RotationLambdaARN"), c.Param("SecretId")
	if function == "" {
		return nil, nil //nolint:nilnil // The request does not change the function.
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

// checkTargets only records denied requests: EventBridge accepts topics to which it cannot deliver, and runbooks that
// it cannot start. Events for queues are authorized at delivery.
func (a *Authorizer) checkTargets(ctx context.Context, c *actions.Call) (*Response, error) {
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
	return nil, nil //nolint:nilnil // accepted
}

// runbook returns the requests with which EventBridge starts a runbook, and those of AWS's runbook to stop a database.
func (a *Authorizer) runbook(rule string, target *actions.Call) []policy.Request {
	role, definition := a.Session(target.Param("RoleArn"), "events"), target.Param("Arn")
	requests := a.place.EventBridgeToRunbook(rule, role, definition)
	name, _, _ := strings.Cut(definition, ":$")
	var input struct {
		InstanceId           []string //nolint:revive // The runbook's parameter name.
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

// checkAlarm only records denied requests: CloudWatch accepts any topic, and reports a failed delivery in the alarm's
// history.
func (a *Authorizer) checkAlarm(ctx context.Context, c *actions.Call) (*Response, error) {
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
	return nil, nil //nolint:nilnil // accepted
}

// checkBudget only records denied requests: AWS Budgets accepts any topic.
func (a *Authorizer) checkBudget(ctx context.Context, c *actions.Call) (*Response, error) {
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
	return nil, nil //nolint:nilnil // accepted
}

// checkFlowLogs only records denied requests: EC2 creates the flow log, and its delivery fails later.
func (a *Authorizer) checkFlowLogs(ctx context.Context, c *actions.Call) (*Response, error) {
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
