package ops

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// Instance describes the stack's DB instance, as RDS reports it.
type Instance struct {
	EngineVersion string
	StorageGiB    int
	// MaxStorageGiB is the limit of storage autoscaling; 0 if it is off.
	MaxStorageGiB int
}

// Instance reads the stack's DB instance. It returns nil if there is none.
func (o *Ops) Instance(ctx context.Context) (*Instance, error) {
	if o.stack.ExistingDatabase() {
		return nil, nil //nolint:nilnil // The server is not an instance of the stack.
	}
	db, exists, err := o.dbInstance(ctx)
	var notFound *types.DBInstanceNotFoundFault
	if errors.As(err, &notFound) || err == nil && !exists {
		return nil, nil //nolint:nilnil // The next update creates it again.
	}
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", o.stack.Database, err)
	}
	return &Instance{
		EngineVersion: aws.ToString(db.EngineVersion),
		StorageGiB:    int(aws.ToInt32(db.AllocatedStorage)), MaxStorageGiB: int(aws.ToInt32(db.MaxAllocatedStorage)),
	}, nil
}

// dbInstance reads the stack's DB instance from RDS; false if there is none.
func (o *Ops) dbInstance(ctx context.Context) (db types.DBInstance, exists bool, err error) {
	out, err := o.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(o.stack.Database)})
	if err != nil || len(out.DBInstances) == 0 {
		return db, false, err
	}
	return out.DBInstances[0], true, nil
}
