package rds

import (
	"context"
	"localaws/gateway/query"
	"net/url"
	"strings"
)

// createSubnetGroup refuses the name of an existing group, which the emulator would replace.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
func (s *Service) createSubnetGroup(ctx context.Context, x *query.Exchange) (*query.Answer, error) {
	name := x.Get("DBSubnetGroupName")
	if _, err := x.Ask(ctx, "DescribeDBSubnetGroups", url.Values{"DBSubnetGroupName": {name}}); err == nil {
		return nil, &query.Error{Code: "DBSubnetGroupAlreadyExists", Message: "The DB subnet group '" + name + "' already exists."}
	}
	return x.Send(ctx)
}

// finalSnapshotFree refuses the name of an existing snapshot, which the emulator would replace.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
func finalSnapshotFree(ctx context.Context, x *query.Exchange) error {
	name := x.Get("FinalDBSnapshotIdentifier")
	if name == "" {
		return nil
	}
	a, err := x.Ask(ctx, "DescribeDBSnapshots", nil)
	if err != nil {
		return err
	}
	for _, snapshot := range a.Root().FindElements("//DBSnapshot") {
		if strings.EqualFold(query.Text(snapshot, "DBSnapshotIdentifier"), name) {
			return &query.Error{Code: "DBSnapshotAlreadyExists", Message: "Cannot create the snapshot because a snapshot with the identifier " + name + " already exists."}
		}
	}
	return nil
}
