package lambda

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func function(props Props) []Res { return []Res{R(aws.Function, "function", props)} }

func variables(variables Props) []Res {
	return function(Props{"environment": Props{"variables": variables}})
}

func placed(zone string, gateway any) []Res {
	return []Res{
		R(aws.Function, "function", Props{"vpcConfig": Props{"subnetIds": List{Ref("a"), Ref("b")}}}),
		R(aws.Subnet, "a", Props{"availabilityZone": "eu-west-1a"}), R(aws.Subnet, "b", Props{"availabilityZone": zone}),
		R(aws.RouteTable, "table", Props{"routes": List{Props{"gatewayId": gateway}}}),
		R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("b"), "routeTableId": Ref("table")}),
		R(aws.InternetGateway, "igw", Props{}),
		R(aws.SecretRotation, "rotation", Props{"rotationLambdaArn": Arn("function")}),
	}
}

func TestRules(t *testing.T) {
	permission := func(principal string, more Props) []Res {
		more["principal"] = principal
		return []Res{R(aws.LambdaPermission, "permission", more)}
	}
	url := func(authorization string, origins ...any) []Res {
		return []Res{R(aws.FunctionURL, "url", Props{"authorizationType": authorization, "cors": Props{"allowOrigins": origins}})}
	}
	logged := func(name any) []Res {
		return []Res{R(aws.Function, "function", Props{"name": "producer"}), R(aws.LogGroup, "logs", Props{"name": name})}
	}
	code := func(props Props) []Res { return append(function(props), R(aws.Bucket, "bucket", Props{})) }
	alias := func(weights Props) []Res {
		return []Res{R(aws.LambdaAlias, "alias", Props{"routingConfig": Props{"additionalVersionWeights": weights}})}
	}
	source := func(props Props) []Res {
		return append(function(Props{}), R(aws.EventSource, "source", props), R(aws.Queue, "queue", Props{}))
	}
	remote := property.New(&archive.Archive{Sig: archive.ArchiveSig, URI: "https://example.com/f.zip"})
	Run(t, Rules(), []Case{
		{
			Rule: "lambda-event-source-own", Property: "eventSourceArn", On: "source",
			Compliant: source(Props{"eventSourceArn": Arn("queue"), "functionName": Arn("function")}),
			Violating: source(Props{"eventSourceArn": "arn:aws:sqs:eu-west-1:1:x", "functionName": Arn("function")}),
			AlsoViolates: map[string][]Res{
				"a function elsewhere": source(Props{"eventSourceArn": Arn("queue"), "functionName": "arn:aws:lambda:eu-west-1:1:function:x"}),
			},
		},
		{
			Rule: "lambda-code-in-stack", Property: "s3Bucket", Missing: Passes,
			Compliant: code(Props{"s3Bucket": Ref("bucket")}), Violating: code(Props{"s3Bucket": "elsewhere"}),
			AlsoViolates: map[string][]Res{
				"a layer":    code(Props{"layers": List{"arn:aws:lambda:eu-west-1:999999999999:layer:x:1"}}),
				"an image":   code(Props{"imageUri": "999999999999.dkr.ecr.eu-west-1.amazonaws.com/x:1"}),
				"a web site": code(Props{"code": remote}),
				"a part of a web site": code(Props{"code": property.New(&archive.Archive{
					Sig: archive.ArchiveSig, Assets: map[string]any{"x": &asset.Asset{Sig: asset.AssetSig, URI: "https://example.com/x"}},
				})}),
			},
			AlsoPasses: map[string][]Res{
				"own": code(Props{
					"layers":   List{"arn:aws:lambda:eu-west-1:123456789012:layer:x:1", "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53"},
					"imageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/x@sha256:0",
				}),
				"a file": code(Props{"code": property.New(&archive.Archive{Sig: archive.ArchiveSig, Path: "f.zip"})}),
			},
		},
		{
			Rule: "lambda-alias-one-version", Property: "routingConfig.additionalVersionWeights", Missing: Passes,
			Compliant: alias(Props{}), Violating: alias(Props{"1": 0.5}),
		},
		{
			Rule: "lambda-supported-runtime", Property: "runtime",
			Compliant: function(Props{"runtime": "provided.al2023"}), Violating: function(Props{"runtime": "python3.8"}),
			AlsoPasses: map[string][]Res{"image": function(Props{"packageType": "Image"})},
		},
		{
			Rule: "lambda-permission-not-public", Property: "principal",
			Compliant: permission("events.amazonaws.com", Props{}), Violating: permission("*", Props{}),
			AlsoViolates: map[string][]Res{"account": permission("123456789012", Props{}), "root": permission("arn:aws:iam::123456789012:root", Props{}),
				"another account":  append(permission("arn:aws:iam::999999999999:role/r", Props{}), function(Props{})...),
				"every action":     permission("events.amazonaws.com", Props{"action": "lambda:*"}),
				"any organization": permission("*", Props{"principalOrgId": "*"})},
			AlsoPasses: map[string][]Res{"an organization": permission("*", Props{"principalOrgId": "o-a1b2c3d4e5"})},
		},
		{
			Rule: "lambda-permission-source", Property: "sourceArn", UnknownPasses: true,
			Compliant: permission("events.amazonaws.com", Props{"sourceArn": "arn:x"}), Violating: permission("events.amazonaws.com", Props{}),
			AlsoPasses: map[string][]Res{"account": permission("s3.amazonaws.com", Props{"sourceAccount": "123456789012"}), "role": permission("arn:aws:iam::1:role/r", Props{})},
		},
		{
			Rule: "lambda-no-public-url", Property: "authorizationType",
			Compliant: url("AWS_IAM", "https://example.com"), Violating: url("NONE"),
			AlsoViolates: map[string][]Res{"every origin": url("AWS_IAM", "*")},
		},
		{
			Rule: "lambda-in-vpc", Property: "vpcConfig.subnetIds",
			Compliant: placed("eu-west-1b", "vgw-1"), Violating: placed("eu-west-1b", Ref("igw")),
			AlsoPasses: map[string][]Res{"no database": function(Props{})},
		},
		{
			Rule: "lambda-multi-az", Property: "vpcConfig.subnetIds", Missing: Passes,
			Compliant: placed("eu-west-1b", "vgw-1"), Violating: placed("eu-west-1a", "vgw-1"),
		},
		{
			Rule: "lambda-env-no-secret", Property: "environment.variables", Missing: Passes,
			Compliant:    variables(Props{"EVENTS_BUCKET": "b", "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:x"}),
			Violating:    variables(Props{"DB_PASSWORD": "hunter2"}),
			AlsoViolates: map[string][]Res{"key": variables(Props{"X": "AKIAIOSFODNN7EXAMPLE"})},
		},
		{
			Rule: "lambda-env-cmk", Property: "kmsKeyArn", UnknownPasses: true,
			Compliant:  function(Props{"kmsKeyArn": "arn:x", "environment": Props{"variables": Props{"A": "b"}}}),
			Violating:  variables(Props{"A": "b"}),
			AlsoPasses: map[string][]Res{"no variables": function(Props{})},
		},
		{
			Rule: "lambda-tracing", Property: "tracingConfig.mode",
			Compliant: function(Props{"tracingConfig": Props{"mode": "Active"}}), Violating: function(Props{"tracingConfig": Props{"mode": "PassThrough"}}),
		},
		{
			Rule: "lambda-dlq", Property: "deadLetterConfig.targetArn", UnknownPasses: true,
			Compliant: function(Props{"deadLetterConfig": Props{"targetArn": "arn:x"}}), Violating: function(Props{}),
		},
		{
			Rule: "lambda-concurrency", Property: "reservedConcurrentExecutions",
			Compliant: function(Props{"reservedConcurrentExecutions": 2}), Violating: function(Props{"reservedConcurrentExecutions": -1}),
		},
		{
			Rule: "lambda-log-group", Property: "name", On: "logs",
			Compliant: logged("/aws/lambda/producer"), Violating: logged("/aws/lambda/other"),
			AlsoViolates: map[string][]Res{"none": function(Props{"name": "producer"})},
			AlsoPasses: map[string][]Res{
				"named":           {R(aws.Function, "function", Props{"loggingConfig": Props{"logGroup": Attr("logs", "name")}}), R(aws.LogGroup, "logs", Props{})},
				"of the function": {R(aws.Function, "function", Props{}), R(aws.LogGroup, "logs", Props{"name": Sub("/aws/lambda/%s", "function", "name")})},
			},
		},
	})
}
