package authz

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"localaws/iam/actions"
	"localaws/iam/policy"
)

// pollerSession is the session name with which Lambda polls queues.
const pollerSession = "awslambda_poller"

// EventToQueue authorizes EventBridge's delivery of a rule's event to a queue. It returns the denying decision, or nil.
func (a *Authorizer) EventToQueue(ctx context.Context, queue, rule string) (*policy.Decision, error) {
	e, err := a.source.Encryption(ctx, queue)
	if err != nil {
		return nil, err
	}
	return a.All(ctx, a.place.EventBridgeToQueue(queue, rule, e.Key))
}

// Poller returns a context for requests with a function's role, as Lambda's pollers make them. It fails if the role
// no longer trusts Lambda.
func (a *Authorizer) Poller(ctx context.Context, role string) (context.Context, error) {
	if err := a.allowed(ctx, []policy.Request{a.place.Assume("lambda.amazonaws.com", role, "")}); err != nil {
		return nil, err
	}
	return As(ctx, a.Session(role, pollerSession)), nil
}

// checkEventSource checks the function's role and the queue's visibility timeout, as Lambda does.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func (a *Authorizer) checkEventSource(ctx context.Context, c *actions.Call) (*Response, error) {
	queue, function := c.Param("EventSourceArn"), functionName(c.Param("FunctionName"))
	if !strings.Contains(queue, ":sqs:") || function == "" {
		return nil, nil //nolint:nilnil // another kind of source
	}
	const code = "InvalidParameterValueException"
	if role := a.source.ARN(ctx, "function-role", function); role != "" {
		denied, err := a.All(ctx, a.place.PollQueue(a.Session(role, pollerSession), queue))
		if err != nil {
			return nil, err
		}
		if denied != nil {
			_, operation, _ := strings.Cut(denied.Request.Action, ":")
			return refuse(code, "The function execution role does not have permissions to call %s on SQS", operation), nil
		}
	}
	visibility, known := number(a.source.ARN(ctx, "queue-visibility", queue))
	timeout, found := number(a.source.ARN(ctx, "function-timeout", function))
	if known && found && visibility < timeout {
		return refuse(code, "Queue visibility timeout: %d seconds is less than Function timeout: %d seconds", visibility, timeout), nil
	}
	return nil, nil //nolint:nilnil // accepted
}

func number(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// configuration returns the role and timeout of a function.
func (e *Emulator) configuration(ctx context.Context, function string) (role string, timeout int, err error) {
	body, err := e.client.get(ctx, "lambda", "/2015-03-31/functions/"+url.PathEscape(function)+"/configuration")
	if err != nil {
		return "", 0, err
	}
	var found struct {
		Role    string
		Timeout int
	}
	err = json.Unmarshal(body, &found)
	return found.Role, found.Timeout, err
}

// queueAttribute returns an attribute of a queue, or "".
func (e *Emulator) queueAttribute(ctx context.Context, queue, name string) (string, error) {
	found, err := e.client.query(ctx, "sqs", sqsVersion, "GetQueueAttributes",
		"QueueUrl", e.client.url+"/"+e.options.Place.Account+"/"+queue, "AttributeName.1", name)
	if err != nil {
		return "", err
	}
	for _, entry := range found.FindElements("//Attribute") {
		if text(entry, "./Name") == name {
			return text(entry, "./Value"), nil
		}
	}
	return "", nil
}

func (e *Emulator) queueEncryption(ctx context.Context, queue string) (Encryption, error) {
	id, err := e.queueAttribute(ctx, queue, "KmsMasterKeyId")
	if err != nil || id == "" || strings.HasPrefix(id, "alias/aws/") {
		return Encryption{}, err
	}
	return Encryption{Key: e.ARN(ctx, "key", id)}, nil
}
