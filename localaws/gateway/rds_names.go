package gateway

import (
	"context"
	"net/url"
	"strings"
)

// createSubnetGroup refuses the name of an existing group, which the emulator would replace.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
func (s *rds) createSubnetGroup(ctx context.Context, x *exchange) (*answer, error) {
	name := x.get("DBSubnetGroupName")
	if _, err := x.ask(ctx, "DescribeDBSubnetGroups", url.Values{"DBSubnetGroupName": {name}}); err == nil {
		return nil, &queryError{"DBSubnetGroupAlreadyExists", "The DB subnet group '" + name + "' already exists."}
	}
	return x.send(ctx)
}

// finalSnapshotFree refuses the name of an existing snapshot, which the emulator would replace.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
func finalSnapshotFree(ctx context.Context, x *exchange) error {
	name := x.get("FinalDBSnapshotIdentifier")
	if name == "" {
		return nil
	}
	a, err := x.ask(ctx, "DescribeDBSnapshots", nil)
	if err != nil {
		return err
	}
	for _, snapshot := range a.root().FindElements("//DBSnapshot") {
		if strings.EqualFold(text(snapshot, "DBSnapshotIdentifier"), name) {
			return &queryError{"DBSnapshotAlreadyExists", "Cannot create the snapshot because a snapshot with the identifier " + name + " already exists."}
		}
	}
	return nil
}
