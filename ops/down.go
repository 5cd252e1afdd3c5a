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
	if err := o.setProtection(ctx, false); err != nil && !databaseGone(err) {
		return fmt.Errorf("lift the deletion protection of %s: %w", o.stack.Database, err)
	}
	return nil
}

// ProtectDatabase sets the deletion protection that UnprotectDatabase has lifted, if the destroy did not follow.
func (o *Ops) ProtectDatabase(ctx context.Context) error {
	db, exists, err := o.dbInstance(ctx)
	if err == nil && exists && !aws.ToBool(db.DeletionProtection) {
		err = o.setProtection(ctx, true)
	}
	if err != nil {
		return fmt.Errorf("deletion protection of %s: %w", o.stack.Database, err)
	}
	return nil
}

func (o *Ops) setProtection(ctx context.Context, protect bool) error {
	_, err := o.rds.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String(o.stack.Database),
		DeletionProtection:   &protect, ApplyImmediately: aws.Bool(true),
	})
	return err
}

// DeleteObstacles deletes the versions of objects that keep the AWS provider from emptying the bucket, such as delete
// markers, and returns their number. It must not be called for a stack that keeps its data.
func (o *Ops) DeleteObstacles(ctx context.Context) (int, error) {
	return o.bucket.DeleteObstacles(ctx)
}
