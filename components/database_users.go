package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newUsers makes the users' secrets, the loader in the database, and the
// rotation of both. The master is the instance's own.
func (d *Database) newUsers(ctx *pulumi.Context, name string, args *DatabaseArgs, instance *rds.Instance, password *random.RandomPassword, child pulumi.ResourceOption) error {
	master, err := masterLogin(ctx, name, args, instance, password, child)
	if err != nil {
		return err
	}
	loader, err := loaderLogin(ctx, name, args, instance, master, child)
	if err != nil {
		return err
	}
	d.SecretArn, d.LoaderSecretArn = master.arn, loader.arn
	function, err := newRotation(ctx, name, args, pulumi.StringArray{master.arn, loader.arn}, child)
	if err != nil {
		return err
	}
	made, err := makeUser(ctx, name+"-loader-user", args, function, instance, master, loader, child)
	if err != nil {
		return err
	}
	d.Ready = pulumi.DependsOn([]pulumi.Resource{made})
	if err := rotateSecret(ctx, name+"-rotation", args, function, master, child, d.Ready); err != nil {
		return err
	}
	return rotateSecret(ctx, name+"-loader-rotation", args, function, loader, child, d.Ready)
}
