package gateway

import (
	"context"
	"strings"
)

const rdsNamespace = "http://rds.amazonaws.com/doc/2014-10-31/"

// mysqlVersions are those that RDS offers; the emulator's are older.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
var mysqlVersions = []string{"8.0.42", "8.0.43", "8.0.44", "8.4.5", "8.4.6", "8.4.7"}

// engineVersions: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html
func (s *rds) engineVersions(ctx context.Context, x *exchange) (*answer, error) {
	if x.get("Engine") != "mysql" || x.get("DefaultOnly") == "true" {
		return x.send(ctx)
	}
	doc := document("DescribeDBEngineVersionsResponse", rdsNamespace)
	list := child(child(doc.Root(), "DescribeDBEngineVersionsResult"), "DBEngineVersions")
	for _, version := range wantedVersions(x) {
		item := list.CreateElement("DBEngineVersion")
		set(item, "Engine", "mysql")
		set(item, "EngineVersion", version)
		set(item, "DBParameterGroupFamily", "mysql"+version[:strings.LastIndex(version, ".")])
		set(item, "Status", "available")
	}
	return documentAnswer(doc)
}

// orderable: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
func (s *rds) orderable(ctx context.Context, x *exchange) (*answer, error) {
	class := x.get("DBInstanceClass")
	if x.get("Engine") != "mysql" || class == "" {
		return x.send(ctx)
	}
	zones, err := s.limits.zones(class)
	if err != nil {
		return nil, err
	}
	doc := document("DescribeOrderableDBInstanceOptionsResponse", rdsNamespace)
	list := child(child(doc.Root(), "DescribeOrderableDBInstanceOptionsResult"), "OrderableDBInstanceOptions")
	for _, version := range wantedVersions(x) {
		if !databaseClasses.MatchString(class) || len(zones) == 0 {
			continue
		}
		item := list.CreateElement("OrderableDBInstanceOption")
		for name, value := range map[string]string{
			"Engine": "mysql", "EngineVersion": version, "DBInstanceClass": class, "LicenseModel": "general-public-license",
			"StorageType": "gp3", "MultiAZCapable": "true", "Vpc": "true", "SupportsStorageEncryption": "true",
		} {
			set(item, name, value)
		}
		places := child(item, "AvailabilityZones")
		for _, zone := range zones {
			set(places.CreateElement("AvailabilityZone"), "Name", zone)
		}
	}
	return documentAnswer(doc)
}

// wantedVersions are those that a request asks for, by a version or its beginning.
func wantedVersions(x *exchange) []string {
	wanted := x.get("EngineVersion")
	var versions []string
	for _, version := range mysqlVersions {
		if wanted == "" || version == wanted || strings.HasPrefix(version, wanted+".") {
			versions = append(versions, version)
		}
	}
	return versions
}
