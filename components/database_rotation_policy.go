package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// rotationPolicy returns the permissions of the function; secrets are the secrets
// that it changes. It connects to the database with the master's login.
func rotationPolicy(args *DatabaseArgs, function string, secrets pulumi.StringArray, logGroup pulumi.StringInput) []statement {
	env := args.Environment
	policy := append(functionInVPC(env.arn("lambda", "function:"+function)), []statement{
		{
			sid:       "ReadAuthorities",
			actions:   []string{"s3:GetObject"},
			resources: pulumi.StringArray{args.Storage.AuthoritiesArn},
		},
		// Authorities, logins, and the function's environment.
		useKeyThrough(env, args.Storage.keys(), "s3", "secretsmanager", "lambda"),
		writeLog(env, logGroup),
	}...)
	if len(secrets) > 0 {
		policy = append(policy, statement{
			sid: "RotateLogins",
			actions: []string{
				"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
				"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
			},
			resources: secrets,
		})
	}
	if existing := args.Settings.SecretArns(); len(existing) > 0 {
		policy = append(append(policy, decryptSecrets(env, args.Existing.KeyArns...)...), statement{
			sid:       "ReadExistingLogins",
			actions:   []string{"secretsmanager:GetSecretValue"},
			resources: list(existing...),
		})
	}
	return policy
}

// functionInVPC allows Lambda to attach a function to subnets, and denies it to the
// function's code.
//
// The actions and "*" are those of the managed policy
// AWSLambdaVPCAccessExecutionRole. They cannot be narrower: when a function is
// created, Lambda checks the role without a subnet or an interface in the
// request, so it refuses a function with a condition on ec2:Subnet, or an ARN. The
// Deny, which AWS recommends, applies to calls of the code only, because only
// these carry lambda:SourceFunctionArn:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func functionInVPC(function string) []statement {
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
