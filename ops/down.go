package ops

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// UnprotectDatabase allows the database instance to be deleted. A destroy still
// makes its final snapshot. A server that the stack did not make is left alone.
func (o *Ops) UnprotectDatabase(ctx context.Context) error {
	if o.stack.ExistingDatabase() {
		return nil
	}
	_, err := o.rds.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String(o.stack.Database),
		DeletionProtection:   aws.Bool(false), ApplyImmediately: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("lift the deletion protection of %s: %w", o.stack.Database, err)
	}
	return nil
}

// DeleteUnlistable deletes all versions of the objects whose keys XML cannot
// carry, and returns how many it deleted. The AWS provider empties a bucket from a
// listing without encoded keys, so that one such key would fail the teardown.
func (o *Ops) DeleteUnlistable(ctx context.Context) (int, error) {
	return o.bucket.DeleteUnlistable(ctx)
}
