package lambda

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

// supported are the runtimes with security updates, as of 2026-11-01 at
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html.
var supported = []string{
	"provided.al2023", "python3.11", "python3.12", "python3.13", "python3.14", "nodejs22.x", "nodejs24.x",
	"java17", "java21", "java25", "dotnet10", "ruby3.3", "ruby3.4",
}

var supportedRuntime = rule.Rule{
	ID:       "lambda-supported-runtime",
	Title:    "Lambda functions use supported runtimes",
	Why:      "A deprecated runtime gets no security updates, and later its functions can be neither updated nor created.",
	Fix:      "Set Runtime on the lambda.Function to a supported one, such as provided.al2023.",
	Sources:  "FSBP Lambda.2; cdk-nag AwsSolutions-L1; checkov CKV_AWS_363",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Function},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.When(r.Get("packageType"), matcher.NoneOf("Image"), func() []rule.Finding {
			return rule.Require(r.Get("runtime"), matcher.OneOf(supported...), "the runtime is not supported")
		})
	},
}

var inVPC = rule.Rule{
	ID:       "lambda-in-vpc",
	Title:    "Lambda functions in a VPC, and those that rotate secrets, use private subnets of the stack",
	Why:      "Only functions in the VPC can reach the database to rotate its secret; in a public subnet, a function cannot reach the internet, because it gets no public address.",
	Fix:      "Set VpcConfig.SubnetIds to private subnets of the stack, and SecurityGroupIds to a separate security group.",
	Sources:  "SecHub Lambda.3; cdk-nag NIST.800.53.R5-LambdaInsideVPC; checkov CKV_AWS_117",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Function, aws.SecretRotation},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Function, func(f rule.Resource) []rule.Finding {
			subnets := f.Get("vpcConfig", "subnetIds")
			rotations, _ := s.Referrers(aws.SecretRotation, "rotationLambdaArn", f)
			if len(rotations) == 0 && matcher.Missing(subnets) {
				return nil
			}
			return vpcgraph.RequirePrivate(s, f, subnets)
		})
	},
}

var multiAZ = rule.Rule{
	ID:       "lambda-multi-az",
	Title:    "Lambda functions in a VPC use subnets in at least two availability zones",
	Why:      "In one zone, the function fails when the zone fails.",
	Fix:      "Set VpcConfig.SubnetIds to one subnet in each of two availability zones.",
	Sources:  "FSBP Lambda.5",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Function, aws.Subnet},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Function, func(f rule.Resource) []rule.Finding {
			subnets := f.Get("vpcConfig", "subnetIds")
			if matcher.Missing(subnets) {
				return nil
			}
			return vpcgraph.RequireTwoZones(s, f, subnets)
		})
	},
}

var envNoSecret = rule.Rule{
	ID:       "lambda-env-no-secret",
	Title:    "Environment variables of Lambda functions contain no credentials",
	Why:      "The console and lambda:GetFunction show environment variables.",
	Fix:      "Set a variable to the ARN of a secret, and read the secret at run time.",
	Sources:  "checkov CKV_AWS_45",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.Function, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Function, func(r rule.Resource) []rule.Finding {
			findings := s.ForbidPassword(r, r.Get("environment"))
			for _, variable := range r.Get("environment", "variables").Fields() {
				findings = append(findings, rule.Require(variable.Value, func(v value.Value) (bool, error) {
					text, err := v.Text()
					return !matcher.CredentialUnder(variable.Key, text), err
				}, "the variable contains a credential")...)
			}
			return findings
		})
	},
}

var envCMK = rule.Rule{
	ID:       "lambda-env-cmk",
	Title:    "Environment variables of Lambda functions are encrypted with a customer managed key",
	Why:      "The key limits who can read them, and its use is logged.",
	Fix:      "Set KmsKeyArn on the lambda.Function.",
	Sources:  "checkov CKV_AWS_173",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.Function},
	Resource: func(r rule.Resource) []rule.Finding {
		if matcher.Missing(r.Get("environment", "variables")) {
			return nil
		}
		return rule.RequireGiven(r.Get("kmsKeyArn"), "the variables are not encrypted with a customer managed key")
	},
}

var tracing = rule.Rule{
	ID:       "lambda-tracing",
	Title:    "Lambda functions have X-Ray tracing enabled",
	Why:      "A trace shows where an invocation spends its time.",
	Fix:      "Set TracingConfig.Mode to Active and allow xray:PutTraceSegments.",
	Sources:  "SecHub Lambda.7; checkov CKV_AWS_50; pulumi aws-lambda-function-enable-tracing-config; pulumi aws-lambda-function-configure-tracing-config; trivy aws-lambda-enable-tracing",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Function},
	Resource: rule.Property("tracingConfig.mode", matcher.OneOf("Active"), "tracing is off"),
}

var deadLetters = rule.Rule{
	ID:       "lambda-dlq",
	Title:    "Lambda functions send failed events to a dead-letter queue or topic",
	Why:      "Otherwise, an event of an asynchronous invocation is lost after three failed attempts.",
	Fix:      "Set DeadLetterConfig.TargetArn to the ARN of a queue or topic.",
	Sources:  "checkov CKV_AWS_116; cdk-nag NIST.800.53.R5-LambdaDLQ",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Function},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.RequireGiven(r.Get("deadLetterConfig", "targetArn"), "failed events are lost")
	},
}

var concurrency = rule.Rule{
	ID:       "lambda-concurrency",
	Title:    "Lambda functions have reserved concurrency",
	Why:      "Otherwise, a loop or a flood of events uses up the concurrency of the whole account, and costs money.",
	Fix:      "Set ReservedConcurrentExecutions on the lambda.Function.",
	Sources:  "checkov CKV_AWS_115; cdk-nag NIST.800.53.R5-LambdaConcurrency",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Function},
	Resource: rule.Property("reservedConcurrentExecutions", matcher.AtLeast(0), "no concurrency is reserved"),
}

var logGroup = rule.Rule{
	ID:       "lambda-log-group",
	Title:    "The log groups of Lambda functions belong to the stack",
	Why:      "Otherwise, Lambda creates the log group, without retention or key, and it remains after the stack.",
	Fix:      "Add a cloudwatch.LogGroup named /aws/lambda/<function>, or set LoggingConfig.LogGroup to a log group of the stack.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Function, aws.LogGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Function, func(f rule.Resource) []rule.Finding {
			if group := f.Get("loggingConfig", "logGroup"); !matcher.Missing(group) {
				return s.RequireReference(f, group, "the log group is not in this stack", aws.LogGroup)
			}
			return requireOwnGroup(s, f)
		})
	},
}

func requireOwnGroup(s rule.Stack, f rule.Resource) []rule.Finding {
	name, err := f.Get("name").Text()
	if err != nil {
		return rule.Unreadable(err)
	}
	for _, group := range s.Of(aws.LogGroup) {
		named, err := group.Get("name").Text()
		if name != "" && named == "/aws/lambda/"+name || group.DependsOn("name", f) || f.DependsOn("name", group) {
			return nil
		}
		if err != nil {
			return rule.On(group, rule.Unreadable(err))
		}
	}
	return rule.Violate(f.Get("name"), "the function has no log group in this stack")
}
