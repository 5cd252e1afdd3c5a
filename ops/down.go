package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// databaseGone reports whether a destroy that was cut short has deleted the instance.
func databaseGone(err error) bool {
	var none *types.DBInstanceNotFoundFault
	return errors.As(err, &none)
}

// StartForTeardown is StartDatabase for a stack whose instance may be gone.
func (o *Ops) StartForTeardown(ctx context.Context) error {
	if err := o.StartDatabase(ctx); err != nil && !databaseGone(err) {
		return err
	}
	return nil
}

// UnprotectDatabase allows the database instance to be deleted, if there is one. A destroy
// still makes its final snapshot. A server that the stack did not make is left alone.
func (o *Ops) UnprotectDatabase(ctx context.Context) error {
	if o.stack.ExistingDatabase() {
		return nil
	}
	_, err := o.rds.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String(o.stack.Database),
		DeletionProtection:   aws.Bool(false), ApplyImmediately: aws.Bool(true),
	})
	if err != nil && !databaseGone(err) {
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
