package rds

import (
	"context"
	"localaws/gateway/account"
	"localaws/gateway/query"
	"strings"
)

const namespace = "http://rds.amazonaws.com/doc/2014-10-31/"

// mysqlVersions are the versions that RDS offers. The emulator's are older.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
var mysqlVersions = []string{"8.0.42", "8.0.43", "8.0.44", "8.4.5", "8.4.6", "8.4.7"}

// engineVersions implements https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html
func (s *Service) engineVersions(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if x.Get("Engine") != "mysql" || x.Get("DefaultOnly") == "true" {
		return x.Send(ctx)
	}
	doc := query.Document("DescribeDBEngineVersionsResponse", namespace)
	list := query.Child(query.Child(doc.Root(), "DescribeDBEngineVersionsResult"), "DBEngineVersions")
	for _, version := range wantedVersions(x) {
		item := list.CreateElement("DBEngineVersion")
		query.Set(item, "Engine", "mysql")
		query.Set(item, "EngineVersion", version)
		query.Set(item, "DBParameterGroupFamily", "mysql"+version[:strings.LastIndex(version, ".")])
		query.Set(item, "Status", "available")
	}
	return query.DocumentResponse(doc)
}

// orderable implements https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
func (s *Service) orderable(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	class := x.Get("DBInstanceClass")
	if x.Get("Engine") != "mysql" || class == "" {
		return x.Send(ctx)
	}
	zones, err := s.Limits.Zones(class)
	if err != nil {
		return nil, err
	}
	doc := query.Document("DescribeOrderableDBInstanceOptionsResponse", namespace)
	list := query.Child(query.Child(doc.Root(), "DescribeOrderableDBInstanceOptionsResult"), "OrderableDBInstanceOptions")
	for _, version := range wantedVersions(x) {
		if !account.DatabaseClasses.MatchString(class) || len(zones) == 0 {
			continue
		}
		item := list.CreateElement("OrderableDBInstanceOption")
		for name, value := range map[string]string{
			"Engine": "mysql", "EngineVersion": version, "DBInstanceClass": class, "LicenseModel": "general-public-license",
			"StorageType": "gp3", "MultiAZCapable": "true", "Vpc": "true", "SupportsStorageEncryption": "true",
		} {
			query.Set(item, name, value)
		}
		list := query.Child(item, "AvailabilityZones")
		for _, zone := range zones {
			query.Set(list.CreateElement("AvailabilityZone"), "Name", zone)
		}
	}
	return query.DocumentResponse(doc)
}

// wantedVersions returns the versions that match the request's EngineVersion, a version or its prefix.
func wantedVersions(x *query.Exchange) []string {
	wanted := x.Get("EngineVersion")
	var versions []string
	for _, version := range mysqlVersions {
		if wanted == "" || version == wanted || strings.HasPrefix(version, wanted+".") {
			versions = append(versions, version)
		}
	}
	return versions
}
