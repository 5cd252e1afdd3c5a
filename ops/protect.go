package ops

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// UnprotectDatabase lets the database instance be deleted. A destroy still makes
// its final snapshot.
func (o *Ops) UnprotectDatabase(ctx context.Context) error {
	_, err := o.rds.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String(o.stack.Database),
		DeletionProtection:   aws.Bool(false), ApplyImmediately: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("lift the deletion protection of %s: %w", o.stack.Database, err)
	}
	return nil
}
