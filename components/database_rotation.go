package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rotationTimeoutSeconds is enough for several attempts to log in, and for a new NAT instance, which forwards nothing
// until it has installed a package. Secrets Manager calls the function as soon as the rotation is configured, and
// refuses to configure it again if that call fails:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
const rotationTimeoutSeconds = 300

// newRotation creates the function that creates users in the database and changes
// their passwords.
func newRotation(s scope, args *DatabaseArgs, grants pulumi.StringOutput, secrets pulumi.StringArray) (*lambda.Function, error) {
	s = s.within("rotation")
	logs, err := newLogGroup(s, "log", pulumi.String("/aws/lambda/"+s.name), args.Environment, args.Storage.KeyArn)
	if err != nil {
		return nil, err
	}
	role, err := newRole(s, roleArgs{
		service:     "lambda.amazonaws.com",
		description: "Creates the users of the database and rotates their passwords",
		policy:      rotationPolicy(args, s.name, secrets, logs.Name),
	})
	if err != nil {
		return nil, err
	}
	f, err := lambda.NewFunction(s.ctx, s.name, &lambda.FunctionArgs{
		Name:          pulumi.String(s.name),
		Description:   pulumi.String("Creates the users of the store events database and rotates their passwords"),
		Role:          role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: list("x86_64"),
		Handler:       pulumi.String("bootstrap"),
		Code:          pulumi.NewFileArchive(args.RotationZip),
		Timeout:       pulumi.Int(rotationTimeoutSeconds),
		KmsKeyArn:     args.Storage.KeyArn,
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{
			"STORE_EVENTS_AUTHORITIES": args.Storage.AuthoritiesURL,
			"STORE_EVENTS_GRANTS":      grants,
		}},
		VpcConfig: lambda.FunctionVpcConfigArgs{
			SubnetIds:        args.Network.AppSubnetIDs,
			SecurityGroupIds: pulumi.StringArray{args.Network.SecurityGroups.Rotation},
		},
	}, s.parent, role.ready, args.Network.Reachable)
	if err != nil {
		return nil, fmt.Errorf("rotation function: %w", err)
	}
	return f, nil
}

// rotatedLogin is a login whose password changes periodically.
type rotatedLogin struct {
	scope scope
	login login
}

// rotated returns the logins of the users that the master creates.
func (l logins) rotated(s scope) []rotatedLogin {
	return []rotatedLogin{{s.within(loader.label), l.loader}, {s.within(reader.label), l.reader}}
}

// rotateSecrets changes passwords periodically, if configured, once the users exist.
func rotateSecrets(args *DatabaseArgs, function *lambda.Function, ready pulumi.ResourceOption, all ...rotatedLogin) error {
	if args.Settings.RotationDays == 0 {
		return nil
	}
	for _, r := range all {
		if err := rotateSecret(r.scope.within("rotation"), args.Settings.RotationDays, function, r.login, ready); err != nil {
			return err
		}
	}
	return nil
}

func rotateSecret(s scope, days int, function *lambda.Function, user login, ready pulumi.ResourceOption) error {
	permission, err := lambda.NewPermission(s.ctx, s.label("caller"), &lambda.PermissionArgs{
		Function:  function.Name,
		Action:    pulumi.String("lambda:InvokeFunction"),
		Principal: pulumi.String("secretsmanager.amazonaws.com"),
		SourceArn: user.secret.Arn,
	}, s.parent)
	if err != nil {
		return fmt.Errorf("caller of the rotation: %w", err)
	}
	_, err = secretsmanager.NewSecretRotation(s.ctx, s.name, &secretsmanager.SecretRotationArgs{
		SecretId:          user.secret.Arn,
		RotationLambdaArn: function.Arn,
		RotateImmediately: pulumi.Bool(false),
		RotationRules: secretsmanager.SecretRotationRotationRulesArgs{
			AutomaticallyAfterDays: pulumi.Int(days),
		},
	}, s.parent, ready, after(permission))
	if err != nil {
		return fmt.Errorf("rotation: %w", err)
	}
	return nil
}
