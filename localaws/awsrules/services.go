package awsrules

import (
	"encoding/json"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"localaws/schedule"
)

var eventRules = map[string]rule{"events:PutRule": eventRule}

// eventRule requires a pattern or a schedule:
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
func eventRule(p params) error {
	expression := p.text("ScheduleExpression")
	if expression == "" && p.text("EventPattern") == "" {
		return refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if expression == "" {
		return nil
	}
	if err := schedule.Check(expression); err != nil {
		return refuse("ValidationException", "Parameter ScheduleExpression is not valid.")
	}
	return nil
}

var snsRules = map[string]rule{"sns:Subscribe": subscription, "sns:CreateTopic": topic}

var subscriptionProtocols = []string{"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"}

// subscription implements https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html.
// It rejects an address with a display name, for example Name <a@example.com>.
func subscription(p params) error {
	protocol, endpoint := p.text("Protocol"), p.text("Endpoint")
	if !slices.Contains(subscriptionProtocols, protocol) {
		return refuse("InvalidParameter", "Invalid parameter: Does not support this protocol string: %s", protocol)
	}
	if protocol != "email" && protocol != "email-json" {
		return nil
	}
	parsed, err := mail.ParseAddress(endpoint)
	if err != nil || parsed.Address != endpoint || len(endpoint) > 320 || !strings.Contains(endpoint[strings.LastIndex(endpoint, "@"):], ".") {
		return refuse("InvalidParameter", "Invalid parameter: Email address")
	}
	return nil
}

var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}(?:\.fifo)?$`)

// topic implements https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html.
func topic(p params) error {
	if name := p.text("Name"); !topicName.MatchString(name) || len(name) > 256 {
		return refuse("InvalidParameter", "Invalid parameter: Topic Name")
	}
	return nil
}

var lambdaRules = map[string]rule{
	"lambda:CreateEventSourceMapping":    eventSource,
	"lambda:UpdateEventSourceMapping":    eventSource,
	"lambda:CreateFunction":              function,
	"lambda:UpdateFunctionConfiguration": environment,
	"lambda:Invoke":                      event,
}

// event requires JSON: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
func event(p params) error {
	if payload := p.text("Payload"); payload != "" && !json.Valid([]byte(payload)) {
		return refuse("InvalidRequestContentException", "Could not parse request body into json.")
	}
	return nil
}

// reservedVariables are environment variables that the runtime sets:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
var reservedVariables = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
	"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

// function limits a name that is not an ARN to 64 characters:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
func function(p params) error {
	name := p.text("FunctionName")
	if !strings.Contains(name, ":") && len(name) > 64 {
		return refuse("ValidationException", "1 validation error detected: Value '%s' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64", name)
	}
	return environment(p)
}

// environment limits the size of all variables as JSON to 4 KB. Its messages do not contain values:
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func environment(p params) error {
	variables := p.object("Environment").texts("Variables")
	const unable = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	var reserved []string
	size := len("{}")
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if slices.Contains(reservedVariables, name) {
			reserved = append(reserved, name)
		}
		size += len(name) + len(variables[name]) + len(`"":"",`)
	}
	if len(reserved) > 0 {
		return refuse("InvalidParameterValueException", unable+"contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", strings.Join(reserved, ", "))
	}
	if size > 4096 {
		return refuse("InvalidParameterValueException", unable+"exceeded the 4KB limit.")
	}
	return nil
}

// eventSource requires a batching window for batches of more than 10 messages:
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func eventSource(p params) error {
	window, _ := p.number("MaximumBatchingWindowInSeconds")
	if size, ok := p.number("BatchSize"); ok && size > 10 && window < 1 && strings.Contains(p.text("EventSourceArn"), ":sqs:") {
		return refuse("InvalidParameterValueException", "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
	}
	// Package eventsource does not support filters.
	if len(p.object("FilterCriteria").list("Filters")) > 0 {
		return refuse("InvalidParameterValueException", "FilterCriteria: the local AWS does not support filters for queues: remove it, or ignore messages in the function")
	}
	return nil
}

var iamRules = map[string]rule{
	"iam:CreatePolicy":           managedPolicy,
	"iam:CreatePolicyVersion":    managedPolicy,
	"iam:CreateRole":             trustPolicy("AssumeRolePolicyDocument"),
	"iam:UpdateAssumeRolePolicy": trustPolicy("PolicyDocument"),
}

// Maximum sizes of policies without white space:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	managedPolicySize = 6144
	trustPolicySize   = 2048
	// rolePoliciesSize is the limit for all inline policies of a role together.
	rolePoliciesSize = 10240
)

func managedPolicy(p params) error {
	if policySize(p.text("PolicyDocument")) > managedPolicySize {
		return limit("Cannot exceed quota for PolicySize: %d", managedPolicySize)
	}
	return nil
}

func trustPolicy(parameter string) rule {
	return func(p params) error {
		if policySize(p.text(parameter)) > trustPolicySize {
			return limit("Cannot exceed quota for ACLSizePerRole: %d", trustPolicySize)
		}
		return nil
	}
}

// CheckRolePolicies rejects inline policies of a role whose total size is too large.
func CheckRolePolicies(role string, documents ...string) error {
	size := 0
	for _, d := range documents {
		size += policySize(d)
	}
	if size > rolePoliciesSize {
		return limit("Maximum policy size of %d bytes exceeded for role %s", rolePoliciesSize, role)
	}
	return nil
}
