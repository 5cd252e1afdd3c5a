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
	Title:    "A function runs on a supported runtime",
	Why:      "A deprecated runtime gets no fixes, and later the function can be neither updated nor created.",
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
	Title:    "A function that rotates a database's secret runs in private subnets",
	Why:      "It must reach the database, which only the VPC can; in a public subnet it has no route out.",
	Fix:      "Set VpcConfig.SubnetIds to private subnets of the stack and SecurityGroupIds to a separate group.",
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
	Title:    "A function in a VPC spans two availability zones",
	Why:      "In one zone it stops with the zone.",
	Fix:      "Give VpcConfig.SubnetIds one subnet in each of two zones.",
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
	Title:    "No environment variable of a function is a credential",
	Why:      "Variables are shown in the console and by lambda:GetFunction.",
	Fix:      "Give the function the ARN of a secret, and read it at run time.",
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
				}, "the variable holds a credential")...)
			}
			return findings
		})
	},
}

var envCMK = rule.Rule{
	ID:       "lambda-env-cmk",
	Title:    "Environment variables of a function are encrypted with a customer managed key",
	Why:      "Who reads them can then be limited by the key, and seen.",
	Fix:      "Set KmsKeyArn on the lambda.Function.",
	Sources:  "checkov CKV_AWS_173",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.Function},
	Resource: func(r rule.Resource) []rule.Finding {
		if matcher.Missing(r.Get("environment", "variables")) {
			return nil
		}
		return rule.RequireGiven(r.Get("kmsKeyArn"), "the variables have no customer managed key")
	},
}

var tracing = rule.Rule{
	ID:       "lambda-tracing",
	Title:    "A function is traced",
	Why:      "A trace shows which call an invocation spent its time on.",
	Fix:      "Set TracingConfig.Mode to Active and allow xray:PutTraceSegments.",
	Sources:  "SecHub Lambda.7; checkov CKV_AWS_50; pulumi aws-lambda-function-enable-tracing-config; pulumi aws-lambda-function-configure-tracing-config; trivy aws-lambda-enable-tracing",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Function},
	Resource: rule.Property("tracingConfig.mode", matcher.OneOf("Active"), "tracing is off"),
}

var deadLetters = rule.Rule{
	ID:       "lambda-dlq",
	Title:    "A function keeps the events that it failed on",
	Why:      "An event of an asynchronous invocation that fails three times is gone.",
	Fix:      "Set DeadLetterConfig.TargetArn to a queue or topic.",
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
	Title:    "The concurrency of a function is bounded",
	Why:      "A loop or a flood otherwise takes the concurrency of the whole account, and its money.",
	Fix:      "Set ReservedConcurrentExecutions on the lambda.Function.",
	Sources:  "checkov CKV_AWS_115; cdk-nag NIST.800.53.R5-LambdaConcurrency",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Function},
	Resource: rule.Property("reservedConcurrentExecutions", matcher.AtLeast(0), "the concurrency is not bounded"),
}

var logGroup = rule.Rule{
	ID:       "lambda-log-group",
	Title:    "The log group of a function is declared",
	Why:      "Lambda makes a missing one itself, without retention and without a key, and it outlives the stack.",
	Fix:      "Add a cloudwatch.LogGroup named /aws/lambda/<function>, or name one of the stack in LoggingConfig.LogGroup.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Function, aws.LogGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Function, func(f rule.Resource) []rule.Finding {
			if group := f.Get("loggingConfig", "logGroup"); !matcher.Missing(group) {
				return s.RequireReference(f, group, "the log group is not one of this stack", aws.LogGroup)
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
