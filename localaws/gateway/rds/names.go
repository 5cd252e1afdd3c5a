package rds

import (
	"context"
	"localaws/gateway/query"
	"net/url"
	"slices"
	"strings"
)

// createSubnetGroup rejects the name of an existing group, which the emulator would replace.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
func (s *Service) createSubnetGroup(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	name := x.Get("DBSubnetGroupName")
	if _, err := x.Call(ctx, "DescribeDBSubnetGroups", url.Values{"DBSubnetGroupName": {name}}); err == nil {
		return nil, &query.Error{Code: "DBSubnetGroupAlreadyExists", Message: "The DB subnet group '" + name + "' already exists."}
	}
	return x.Send(ctx)
}

// modifySubnetGroup rejects removing a subnet from a group that an instance uses. RDS rejects it only for the
// instance's subnet, which the emulator does not store, and for groups with two subnets.
// https://repost.aws/knowledge-center/rds-db-subnet-group
func (s *Service) modifySubnetGroup(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	name := x.Get("DBSubnetGroupName")
	group, err := x.Call(ctx, "DescribeDBSubnetGroups", url.Values{"DBSubnetGroupName": {name}})
	if err != nil {
		return x.Send(ctx) // The emulator returns the error that the group does not exist.
	}
	instances, err := x.Call(ctx, "DescribeDBInstances", nil)
	if err != nil {
		return nil, err
	}
	used := false
	for _, group := range instances.Root().FindElements("//DBInstance/DBSubnetGroup/DBSubnetGroupName") {
		used = used || strings.EqualFold(group.Text(), name)
	}
	for _, subnet := range group.Root().FindElements("//Subnet/SubnetIdentifier") {
		if used && !slices.Contains(x.List("SubnetIds.SubnetIdentifier"), subnet.Text()) {
			return nil, &query.Error{Code: "SubnetAlreadyInUse", Message: "The DB subnet " + subnet.Text() + " is already in use in the Availability Zone."}
		}
	}
	return x.Send(ctx)
}

// checkFinalSnapshot rejects the name of an existing snapshot, which the emulator would replace.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
func checkFinalSnapshot(ctx context.Context, x *query.Exchange) error {
	name := x.Get("FinalDBSnapshotIdentifier")
	if name == "" {
		return nil
	}
	a, err := x.Call(ctx, "DescribeDBSnapshots", nil)
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
