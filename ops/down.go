package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// databaseGone reports whether an interrupted destroy has deleted the instance.
func databaseGone(err error) bool {
	var none *types.DBInstanceNotFoundFault
	return errors.As(err, &none)
}

// StartForTeardown is like StartDatabase, but ignores an instance that no longer exists.
func (o *Ops) StartForTeardown(ctx context.Context) error {
	if err := o.StartDatabase(ctx); err != nil && !databaseGone(err) {
		return err
	}
	return nil
}

// UnprotectDatabase lifts the deletion protection of the database instance, if any. A destroy
// still creates the final snapshot. Existing servers are left alone.
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
// represent, and returns how many it deleted. The AWS provider lists a bucket
// without encoding keys, so that one such key would fail the teardown.
func (o *Ops) DeleteUnlistable(ctx context.Context) (int, error) {
	return o.bucket.DeleteUnlistable(ctx)
}
