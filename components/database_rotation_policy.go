package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// rotationPolicy is all that the function of this name may do. In the database it
// acts with the master's login.
func rotationPolicy(args *DatabaseArgs, function string, secrets pulumi.StringArray, logGroup pulumi.StringInput) []statement {
	site := args.Site
	return append(functionInVpc(site.arn("lambda", "function:"+function)), []statement{
		{
			sid: "RotateLogins",
			actions: []string{
				"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
				"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
			},
			resources: secrets,
		},
		{
			sid:       "ReadAuthorities",
			actions:   []string{"s3:GetObject"},
			resources: pulumi.StringArray{args.Storage.AuthoritiesArn},
		},
		useKey(args.Storage.KeyArn),
		{
			sid:       "WriteLogs",
			actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			resources: pulumi.StringArray{site.arnOf("logs", "log-group:%s:*", logGroup)},
		},
	}...)
}

// functionInVpc lets Lambda attach a function to subnets, and keeps the
// function's own code from doing the same.
//
// The actions and "*" are those of the managed policy
// AWSLambdaVPCAccessExecutionRole. They cannot be narrower: when a function is
// created, Lambda checks the role without a subnet or an interface in the
// request, so a condition on ec2:Subnet, or an ARN, refuses the function. The
// Deny, which AWS recommends, holds for calls of the code only, because only
// these carry lambda:SourceFunctionArn:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func functionInVpc(function string) []statement {
	actions := []string{
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
	return []statement{
		{sid: "ManageInterfaces", actions: actions, resources: list("*")},
		{
			sid: "NotByTheFunctionItself", deny: true, actions: actions, resources: list("*"),
			condition: when("ArnEquals", "lambda:SourceFunctionArn", pulumi.String(function)),
		},
	}
}
