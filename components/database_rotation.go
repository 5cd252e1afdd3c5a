package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/lambda/rotation/protocol"
	"store-events/schema"
)

// rotationTimeoutSeconds is enough for several tries to log in.
const rotationTimeoutSeconds = 120

// grants are what each user may do, as the function's configuration says it.
func (args *DatabaseArgs) grants() pulumi.StringOutput {
	tables := list(append([]string{args.TargetTable}, schema.Load().Ledger.Tables()...)...)
	all := pulumi.Map{}
	for _, u := range users {
		grants := pulumi.Map{"privileges": list(u.privileges...), "tables": tables}
		if len(u.server) > 0 {
			grants["server"] = list(u.server...)
		}
		all[u.name] = grants
	}
	return pulumi.JSONMarshal(all)
}

// newRotation makes the function that makes users in the database and changes
// their passwords.
func newRotation(ctx *pulumi.Context, name string, args *DatabaseArgs, secrets pulumi.StringArray, child pulumi.ResourceOption) (*lambda.Function, error) {
	label := name + "-rotation"
	logs, err := cloudwatch.NewLogGroup(ctx, label+"-log", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/lambda/" + label),
		RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
		KmsKeyId:        args.Storage.KeyArn,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("rotation's log group: %w", err)
	}
	role, err := newRole(ctx, label, roleArgs{
		service:     "lambda.amazonaws.com",
		description: "Makes the users of the database and changes their passwords",
		policy:      rotationPolicy(args, label, secrets, logs.Name),
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
		Description:   pulumi.String("Makes the users of the store events database and changes their passwords"),
		Role:          role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: list("x86_64"),
		Handler:       pulumi.String("bootstrap"),
		Code:          pulumi.NewFileArchive(args.Rotation),
		Timeout:       pulumi.Int(rotationTimeoutSeconds),
		KmsKeyArn:     args.Storage.KeyArn,
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{
			"STORE_EVENTS_AUTHORITIES": args.Storage.AuthoritiesURL,
			"STORE_EVENTS_GRANTS":      args.grants(),
		}},
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

// makeUser has the function make a login's user in the database and write the
// facts of the login into the secret, and again when anything of it changes. The
// update fails if the function does. The secret's version is not a trigger: it is
// the first one, and says nothing about the current login.
func makeUser(ctx *pulumi.Context, label string, args *DatabaseArgs, function *lambda.Function, instance *rds.Instance, user login, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	made, err := lambda.NewInvocation(ctx, label, &lambda.InvocationArgs{
		FunctionName: function.Name,
		Input: pulumi.JSONMarshal(pulumi.Map{
			"Step": pulumi.String(protocol.CreateUser), "SecretId": user.secret.Arn, "Facts": user.facts,
		}),
		Triggers: pulumi.StringMap{
			"code":     function.SourceCodeHash,
			"database": instance.ResourceId,
			"grants":   args.grants(),
		},
	}, append(opts, pulumi.DependsOn([]pulumi.Resource{user.version}))...)
	if err != nil {
		return nil, fmt.Errorf("user of the database: %w", err)
	}
	return made, nil
}

// rotateSecret changes a login's password from time to time, where configured.
func rotateSecret(ctx *pulumi.Context, label string, args *DatabaseArgs, function *lambda.Function, secret login, child pulumi.ResourceOption, ready pulumi.ResourceOption) error {
	if args.Database.RotationDays == 0 {
		return nil
	}
	permission, err := lambda.NewPermission(ctx, label+"-caller", &lambda.PermissionArgs{
		Function:  function.Name,
		Action:    pulumi.String("lambda:InvokeFunction"),
		Principal: pulumi.String("secretsmanager.amazonaws.com"),
		SourceArn: secret.secret.Arn,
	}, child)
	if err != nil {
		return fmt.Errorf("caller of the rotation: %w", err)
	}
	_, err = secretsmanager.NewSecretRotation(ctx, label, &secretsmanager.SecretRotationArgs{
		SecretId:          secret.secret.Arn,
		RotationLambdaArn: function.Arn,
		RotateImmediately: pulumi.Bool(false),
		RotationRules: secretsmanager.SecretRotationRotationRulesArgs{
			AutomaticallyAfterDays: pulumi.Int(args.Database.RotationDays),
		},
	}, child, ready, pulumi.DependsOn([]pulumi.Resource{permission}))
	if err != nil {
		return fmt.Errorf("rotation: %w", err)
	}
	return nil
}
