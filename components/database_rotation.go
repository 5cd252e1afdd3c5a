package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rotationTimeoutSeconds is enough for RDS to take a password.
const rotationTimeoutSeconds = 300

// rotateSecret changes the password of the database from time to time, where
// configured. The function does so through the RDS API: it has no way to the
// database itself.
func rotateSecret(ctx *pulumi.Context, name string, args *DatabaseArgs, d *Database, child pulumi.ResourceOption) error {
	if args.Database.RotationDays == 0 {
		return nil
	}
	function, err := newRotation(ctx, name, args, d, child)
	if err != nil {
		return err
	}
	permission, err := lambda.NewPermission(ctx, name+"-rotation-caller", &lambda.PermissionArgs{
		Function:  function.Name,
		Action:    pulumi.String("lambda:InvokeFunction"),
		Principal: pulumi.String("secretsmanager.amazonaws.com"),
		SourceArn: d.SecretArn,
	}, child)
	if err != nil {
		return fmt.Errorf("caller of the rotation: %w", err)
	}
	_, err = secretsmanager.NewSecretRotation(ctx, name+"-rotation", &secretsmanager.SecretRotationArgs{
		SecretId:          d.SecretArn,
		RotationLambdaArn: function.Arn,
		RotateImmediately: pulumi.Bool(false),
		RotationRules: secretsmanager.SecretRotationRotationRulesArgs{
			AutomaticallyAfterDays: pulumi.Int(args.Database.RotationDays),
		},
	}, child, d.Ready, pulumi.DependsOn([]pulumi.Resource{permission}))
	if err != nil {
		return fmt.Errorf("rotation: %w", err)
	}
	return nil
}

func newRotation(ctx *pulumi.Context, name string, args *DatabaseArgs, d *Database, child pulumi.ResourceOption) (*lambda.Function, error) {
	label := name + "-rotation"
	logs, err := cloudwatch.NewLogGroup(ctx, label+"-log", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/lambda/" + label),
		RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
		KmsKeyId:        args.KeyArn,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("rotation's log group: %w", err)
	}
	role, err := newRole(ctx, label, roleArgs{
		service:     "lambda.amazonaws.com",
		description: "Changes the password of the database and its secret",
		policy:      rotationPolicy(args, d, logs.Name),
	}, child)
	if err != nil {
		return nil, err
	}
	subnets := make(pulumi.StringArray, len(args.Network.AppSubnets))
	for i, s := range args.Network.AppSubnets {
		subnets[i] = s.ID()
	}
	f, err := lambda.NewFunction(ctx, label, &lambda.FunctionArgs{
		Name:          pulumi.String(label),
		Description:   pulumi.String("Changes the password of the store events database"),
		Role:          role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: list("x86_64"),
		Handler:       pulumi.String("bootstrap"),
		Code:          pulumi.NewFileArchive(args.Rotation),
		Timeout:       pulumi.Int(rotationTimeoutSeconds),
		KmsKeyArn:     args.KeyArn,
		Environment:   lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{"STORE_EVENTS_DATABASE": d.Identifier}},
		VpcConfig: lambda.FunctionVpcConfigArgs{
			SubnetIds:        subnets,
			SecurityGroupIds: pulumi.StringArray{args.Network.Groups.Rotation.ID()},
		},
	}, child, role.ready, args.Network.Reachable)
	if err != nil {
		return nil, fmt.Errorf("rotation function: %w", err)
	}
	return f, nil
}

func rotationPolicy(args *DatabaseArgs, d *Database, logGroup pulumi.StringInput) []statement {
	site, n := args.Site, args.Network
	interfaces := pulumi.String(site.arn("ec2", "network-interface/*"))
	places := pulumi.StringArray{interfaces, site.arnOf("ec2", "security-group/%s", n.Groups.Rotation.ID())}
	var subnets []pulumi.StringInput
	for _, s := range n.AppSubnets {
		subnet := site.arnOf("ec2", "subnet/%s", s.ID())
		places, subnets = append(places, subnet), append(subnets, subnet)
	}
	return []statement{
		{
			sid: "RotateLogin",
			actions: []string{
				"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
				"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
			},
			resources: pulumi.StringArray{d.SecretArn},
		},
		{
			sid:       "SetPassword",
			actions:   []string{"rds:ModifyDBInstance", "rds:DescribeDBInstances"},
			resources: pulumi.StringArray{site.arnOf("rds", "db:%s", d.Identifier)},
		},
		useKey(args.KeyArn),
		{
			sid:       "WriteLogs",
			actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			resources: pulumi.StringArray{site.arnOf("logs", "log-group:%s:*", logGroup)},
		},
		{sid: "CreateInterface", actions: []string{"ec2:CreateNetworkInterface"}, resources: places},
		{
			sid:       "DeleteInterface",
			actions:   []string{"ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"},
			resources: pulumi.StringArray{interfaces},
			condition: when("ArnEquals", "ec2:Subnet", subnets...),
		},
		{
			// Descriptions cannot be limited to resources.
			sid:       "DescribeNetwork",
			actions:   []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"},
			resources: list("*"),
		},
	}
}
