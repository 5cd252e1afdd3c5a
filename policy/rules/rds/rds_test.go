package rds

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func database(props Props) []Res { return []Res{R(aws.DBInstance, "db", props)} }

func TestRules(t *testing.T) {
	Run(t, Rules(), slices.Concat(flagCases(), limitCases(), networkCases(), referenceCases(), sourceCases()))
}

// flagCases are the cases of rules that require one property to be on or off.
func flagCases() []Case {
	var cases []Case
	for id, property := range map[string]string{
		"rds-storage-encrypted":   "storageEncrypted",
		"rds-multi-az":            "multiAz",
		"rds-deletion-protection": "deletionProtection",
		"rds-copy-tags":           "copyTagsToSnapshot",
		"rds-iam-auth":            "iamDatabaseAuthenticationEnabled",
	} {
		cases = append(cases, Case{
			Rule: id, Property: property,
			Compliant: database(Props{property: true}), Violating: database(Props{property: false}),
		})
	}
	return append(cases, Case{
		Rule: "rds-not-public", Property: "publiclyAccessible", Missing: Passes,
		Compliant: database(Props{"publiclyAccessible": false}), Violating: database(Props{"publiclyAccessible": true}),
		AlsoViolates: map[string][]Res{"shared snapshot": {R(aws.DBSnapshot, "snapshot", Props{"sharedAccounts": List{"all"}})}},
		AlsoPasses:   map[string][]Res{"snapshot": {R(aws.DBSnapshot, "snapshot", Props{"dbInstanceIdentifier": "db"})}},
	})
}

func limitCases() []Case {
	snapshot := func(skip bool, name string) Props {
		return Props{"skipFinalSnapshot": skip, "finalSnapshotIdentifier": name, "deleteAutomatedBackups": false}
	}
	engine := func(engine, version string) []Res {
		return database(Props{"engine": engine, "engineVersion": version})
	}
	sized := func(class string, storage, most int) []Res {
		return database(Props{"instanceClass": class, "allocatedStorage": storage, "maxAllocatedStorage": most})
	}
	exports := func(logs ...any) []Res { return database(Props{"enabledCloudwatchLogsExports": logs}) }
	return []Case{
		{
			Rule: "rds-backup-retention", Property: "backupRetentionPeriod",
			Compliant: database(Props{"backupRetentionPeriod": 7}), Violating: database(Props{"backupRetentionPeriod": 6}),
		},
		{
			Rule: "rds-final-snapshot", Property: "skipFinalSnapshot", Missing: Passes,
			Compliant: database(snapshot(false, "last")), Violating: database(snapshot(true, "last")),
			AlsoViolates: map[string][]Res{"backups go too": database(Props{"finalSnapshotIdentifier": "last", "deleteAutomatedBackups": true})},
		},
		{
			Rule: "rds-minor-upgrades", Property: "autoMinorVersionUpgrade",
			Compliant: database(Props{"autoMinorVersionUpgrade": true}), Violating: database(Props{"autoMinorVersionUpgrade": false}),
			AlsoViolates: map[string][]Res{
				"major only":                        database(Props{"autoMinorVersionUpgrade": false, "engine": "mysql", "engineVersion": "8.4"}),
				"a minor version of another engine": database(Props{"autoMinorVersionUpgrade": false, "engine": "postgres", "engineVersion": "16.3"}),
			},
			AlsoPasses: map[string][]Res{"pinned": database(Props{"autoMinorVersionUpgrade": false, "engine": "mysql", "engineVersion": "8.4.3"})},
		},
		{
			Rule: "rds-engine-supported", Property: "engineVersion",
			Compliant: engine("mysql", "8.4.6"), Violating: engine("mysql", "8.0.40"),
			AlsoViolates: map[string][]Res{"old": engine("mysql", "5.7"), "looks alike": engine("mysql", "8.41")},
			AlsoPasses:   map[string][]Res{"major only": engine("postgres", "17"), "not checked": engine("oracle-ee", "19")},
		},
		{
			Rule: "rds-modern-ca", Property: "caCertIdentifier", Missing: Passes,
			Compliant: database(Props{"caCertIdentifier": "rds-ca-rsa2048-g1"}), Violating: database(Props{"caCertIdentifier": "rds-ca-2019"}),
		},
		{
			Rule: "rds-non-default-port", Property: "port",
			Compliant: database(Props{"port": 13306}), Violating: database(Props{"port": 3306}),
		},
		{
			Rule: "rds-admin-username", Property: "username", Missing: Passes,
			Compliant: database(Props{"username": "mystiquemaster"}), Violating: database(Props{"username": "admin"}),
		},
		{
			Rule: "rds-instance-class-allowed", Property: "instanceClass", Environment: rule.Dev,
			Compliant: sized("db.t4g.small", 20, 100), Violating: sized("db.r5.large", 20, 100),
			AlsoViolates: map[string][]Res{"large disk": sized("db.t4g.small", 500, 500), "grows large": sized("db.t4g.small", 20, 500)},
		},
		{
			Rule: "rds-log-exports", Property: "enabledCloudwatchLogsExports",
			Compliant: exports("audit", "error", "general", "slowquery"), Violating: exports("audit", "error", "general"),
		},
		{
			Rule: "rds-enhanced-monitoring", Property: "monitoringInterval",
			Compliant: database(Props{"monitoringInterval": 60, "monitoringRoleArn": "arn:aws:iam::1:role/r"}),
			Violating: database(Props{"monitoringInterval": 0, "monitoringRoleArn": "arn:aws:iam::1:role/r"}),
		},
		{
			Rule: "rds-performance-insights", Property: "performanceInsightsEnabled",
			Compliant:  database(Props{"instanceClass": "db.m6g.large", "performanceInsightsEnabled": true}),
			Violating:  database(Props{"instanceClass": "db.m6g.large", "performanceInsightsEnabled": false}),
			AlsoPasses: map[string][]Res{"not offered": database(Props{"instanceClass": "db.t4g.micro"})},
		},
		{
			Rule: "rds-performance-insights-cmk", Property: "performanceInsightsKmsKeyId", UnknownPasses: true,
			Compliant: database(Props{"performanceInsightsEnabled": true, "performanceInsightsKmsKeyId": "arn:aws:kms:x"}),
			Violating: database(Props{"performanceInsightsEnabled": true}),
		},
	}
}

func networkCases() []Case {
	placed := func(zoneB string, gateway any) []Res {
		return []Res{
			R(aws.DBSubnetGroup, "group", Props{"subnetIds": List{Ref("a"), Ref("b")}}),
			R(aws.DBInstance, "db", Props{"dbSubnetGroupName": Attr("group", "name")}),
			R(aws.Subnet, "a", Props{"availabilityZone": "eu-west-1a"}),
			R(aws.Subnet, "b", Props{"availabilityZone": zoneB}),
			R(aws.RouteTable, "table", Props{}),
			R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("b"), "routeTableId": Ref("table")}),
			R(aws.Route, "route", Props{"routeTableId": Ref("table"), "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway}),
			R(aws.InternetGateway, "igw", Props{}),
		}
	}
	return []Case{
		{
			Rule: "rds-private-subnets", Property: "dbSubnetGroupName", On: "db",
			Compliant: placed("eu-west-1b", "vgw-1"), Violating: placed("eu-west-1b", Ref("igw")),
			AlsoViolates: map[string][]Res{"default group": database(Props{})},
		},
		{
			Rule: "rds-subnet-group-multi-az", Property: "subnetIds",
			Compliant: placed("eu-west-1b", "vgw-1"), Violating: placed("eu-west-1a", "vgw-1"),
		},
	}
}

func referenceCases() []Case {
	key := R(aws.Key, "key", Props{})
	group := func(value string) []Res {
		return []Res{
			R(aws.DBInstance, "db", Props{"parameterGroupName": Attr("group", "name")}),
			R(aws.DBParameterGroup, "group", Props{"name": "group-name", "parameters": List{
				Props{"name": "local_infile", "value": "1"}, Props{"name": "require_secure_transport", "value": value},
			}}),
		}
	}
	password := R(aws.RandomPassword, "password", Props{"length": 32})
	withLogGroup := func(name string) []Res {
		return append(database(Props{"identifier": "store", "enabledCloudwatchLogsExports": List{"error"}}), R(aws.LogGroup, "logs", Props{"name": name}))
	}
	return []Case{
		{
			Rule: "rds-encryption-cmk", Property: "kmsKeyId",
			Compliant:    append(database(Props{"kmsKeyId": Arn("key")}), key),
			Violating:    append(database(Props{}), key),
			AlsoViolates: map[string][]Res{"of another stack": append(database(Props{"kmsKeyId": "arn:aws:kms:eu-west-1:1:key/x"}), key)},
		},
		{
			Rule: "rds-tls-required", Property: "parameters[1].value", On: "group",
			Compliant: group("1"), Violating: group("0"),
			AlsoViolates: map[string][]Res{"default group": database(Props{"parameterGroupName": "default.mysql8.4"}), "none": database(Props{})},
		},
		{
			Rule: "rds-password-not-literal", Property: "password",
			Compliant: []Res{R(aws.DBInstance, "db", Props{"password": Secret(Attr("password", "result"))}), password},
			Violating: append(database(Props{"password": "correct-horse"}), password),
			AlsoViolates: map[string][]Res{
				"not secret":         {R(aws.DBInstance, "db", Props{"password": Attr("password", "result")}), password},
				"secret, not random": database(Props{"password": property.New("correct-horse").WithSecret(true)}),
			},
			AlsoPasses: map[string][]Res{"managed": database(Props{"manageMasterUserPassword": true})},
		},
		{
			Rule: "rds-log-groups-precreated", Property: "enabledCloudwatchLogsExports",
			Compliant: withLogGroup("/aws/rds/instance/store/error"), Violating: withLogGroup("/aws/rds/instance/store/general"),
			Missing: Passes,
		},
	}
}

func sourceCases() []Case {
	options := func(name string) []Res {
		return []Res{R(aws.DBOptionGroup, "options", Props{"options": List{Props{"optionName": name}}})}
	}
	replica := func(of any) []Res {
		return []Res{R(aws.DBInstance, "replica", Props{"replicateSourceDb": of}), R(aws.DBInstance, "db", Props{})}
	}
	return []Case{
		{
			Rule: "rds-source-known", Property: "replicateSourceDb", Missing: Passes,
			Compliant: replica(Ref("db")), Violating: replica("other"),
			AlsoViolates: map[string][]Res{
				"a snapshot":      database(Props{"snapshotIdentifier": "old"}),
				"a point in time": database(Props{"restoreToPointInTime": Props{"sourceDbInstanceIdentifier": "other"}}),
				"a bucket":        database(Props{"s3Import": Props{"bucketName": "elsewhere"}}),
			},
			AlsoPasses: map[string][]Res{"a bucket of the stack": append(database(Props{"s3Import": Props{"bucketName": Ref("bucket")}}), R(aws.Bucket, "bucket", Props{}))},
		},
		{
			Rule: "rds-option-group-known", Property: "options[0].optionName",
			Compliant: options("MARIADB_AUDIT_PLUGIN"), Violating: options("MEMCACHED"),
			AlsoPasses: map[string][]Res{"none": {R(aws.DBOptionGroup, "options", Props{})}},
		},
	}
}
