package mutation

import "store-events/policy/aws"

func producer(path string, v any) Change { return set(aws.Function, "producer", path, v) }

func everyFunction(path string, v any) Change {
	return together(producer(path, v), set(aws.Function, "rotation", path, v), set(aws.Function, "starter", path, v))
}

func invoker(props object) Change {
	props["action"], props["function"] = "lambda:InvokeFunction", to(aws.Function, "producer", "arn")
	return add(aws.LambdaPermission, "invoker", props)
}

var lambda = []Mutation{
	{Rule: "lambda-supported-runtime", Change: producer("runtime", "python3.7")},
	{Rule: "lambda-permission-not-public", Change: invoker(object{"principal": "*"})},
	{Rule: "lambda-permission-source", Change: invoker(object{"principal": "events.amazonaws.com"})},
	{Rule: "lambda-no-public-url", Change: add(aws.FunctionURL, "url", object{"functionName": to(aws.Function, "producer", "arn"), "authorizationType": "NONE"})},
	{Rule: "lambda-in-vpc", Also: []string{"sg-in-use"}, Change: unset(aws.Function, "rotation", "vpcConfig")},
	{Rule: "lambda-multi-az", Change: set(aws.Function, "rotation", "vpcConfig.subnetIds", list{to(aws.Subnet, "app-1", "id")})},
	{Rule: "lambda-env-no-secret", Also: []string{"no-literal-credential"}, Change: producer("environment.variables.DB_PASSWORD", "correct-horse-7")},
	{Rule: "lambda-env-cmk", Change: unset(aws.Function, "producer", "kmsKeyArn")},
	{Rule: "lambda-tracing", Fixes: true, Change: everyFunction("tracingConfig.mode", "Active")},
	{Rule: "lambda-dlq", Fixes: true, Change: everyFunction("deadLetterConfig.targetArn", to(aws.Topic, "alerts", "arn"))},
	{Rule: "lambda-concurrency", Fixes: true, Change: everyFunction("reservedConcurrentExecutions", 5)},
	{Rule: "lambda-log-group", Change: remove(aws.LogGroup, "producer-log")},
	{Rule: "lambda-event-source-own", Also: []string{"own-account-only"}, Change: set(aws.EventSource, "starter-starts", "eventSourceArn", "arn:aws:sqs:us-east-1:999999999999:elsewhere")},
	{Rule: "lambda-code-in-stack", Change: set(aws.Function, "producer", "layers", list{"arn:aws:lambda:us-east-1:999999999999:layer:x:1"})},
	{Rule: "lambda-alias-one-version", Change: add(aws.LambdaAlias, "live", object{
		"functionName": "store-events-prod-producer", "functionVersion": "2", "name": "live",
		"routingConfig": object{"additionalVersionWeights": object{"1": 0.5}},
	})},
}
