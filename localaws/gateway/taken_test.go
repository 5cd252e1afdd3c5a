package gateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/stretchr/testify/require"
)

// Names that already exist in the account.
func TestTakenNamesAreRefused(t *testing.T) {
	s := newStack(t, operations())
	budget := in{"AccountId": "000000000000", "Budget": in{"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": in{"Amount": "10", "Unit": "USD"}}}
	for _, c := range []apiCall{
		{"glue", "create_database", in{"DatabaseInput": in{"Name": "sales"}}, "AlreadyExistsException", ""},
		{"glue", "create_table", in{"DatabaseName": "sales", "TableInput": in{"Name": "t"}}, "AlreadyExistsException", ""},
		{"glue", "create_connection", in{"ConnectionInput": in{"Name": "c", "ConnectionType": "NETWORK", "ConnectionProperties": in{}}}, "AlreadyExistsException", ""},
		{"logs", "create_log_group", in{"logGroupName": "/aws/lambda/f"}, "ResourceAlreadyExistsException", "The specified log group already exists"},
		{"budgets", "create_budget", budget, "DuplicateRecordException", ""},
		{"secretsmanager", "create_secret", in{"Name": "s", "SecretString": "x"}, "ResourceExistsException", ""},
		{"iam", "create_role", in{"RoleName": "r", "AssumeRolePolicyDocument": trusted("glue.amazonaws.com")}, "EntityAlreadyExists", ""},
		{"rds", "create_db_parameter_group", in{"DBParameterGroupName": "p", "DBParameterGroupFamily": "mysql8.4", "Description": "d"}, "DBParameterGroupAlreadyExists", ""},
		{"rds", "create_db_subnet_group", in{"DBSubnetGroupName": "subnets", "DBSubnetGroupDescription": "d", "SubnetIds": subnets(t, s)}, "DBSubnetGroupAlreadyExists", ""},
		{"ec2", "create_security_group", in{"GroupName": "g", "Description": "d", "VpcId": "vpc-1"}, "InvalidGroup.Duplicate", ""},
		{"athena", "create_work_group", in{"Name": "w"}, "InvalidRequestException", ""},
	} {
		t.Run(c.service+"."+c.method, func(t *testing.T) {
			first := c
			first.code, first.message = "", ""
			checkAnswers(t, s, []apiCall{first, c})
		})
	}
}

// An instance uses one subnet of its group.
func TestSubnetsInUseStayInTheirGroup(t *testing.T) {
	s := newStack(t, nil)
	ids := subnets(t, s)
	out, err := ec2.NewFromConfig(s.config).DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	require.NoError(t, err)
	more := *out.Subnets[2].SubnetId
	group := func(subnets ...string) in { return in{"DBSubnetGroupName": "subnets", "SubnetIds": subnets} }
	create := group(ids...)
	create["DBSubnetGroupDescription"] = "d"
	instance := in{
		"DBInstanceIdentifier": "db", "Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20,
		"MasterUsername": "shopper", "MasterUserPassword": "long-enough", "DBSubnetGroupName": "subnets",
	}
	checkAnswers(t, s, []apiCall{
		{"rds", "create_db_subnet_group", create, "", ""},
		{"rds", "modify_db_subnet_group", group(ids[0], more), "", ""},
		{"rds", "modify_db_subnet_group", group(ids...), "", ""},
		{"rds", "create_db_instance", instance, "", ""},
		{"rds", "modify_db_subnet_group", group(ids[0], more), "SubnetAlreadyInUse", "The DB subnet " + ids[1] + " is already in use"},
		{"rds", "modify_db_subnet_group", group(append(ids, more)...), "", ""},
		{"rds", "modify_db_subnet_group", in{"DBSubnetGroupName": "others", "SubnetIds": ids}, "DBSubnetGroupNotFoundFault", ""},
		{"rds", "delete_db_instance", in{"DBInstanceIdentifier": "db", "SkipFinalSnapshot": true}, "", ""},
		{"rds", "modify_db_subnet_group", group(ids...), "", ""},
	})
}

// subnets returns two subnets of the default VPC.
func subnets(t *testing.T, s *stack) []string {
	t.Helper()
	out, err := ec2.NewFromConfig(s.config).DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(out.Subnets), 2)
	return []string{*out.Subnets[0].SubnetId, *out.Subnets[1].SubnetId}
}

// The emulator would replace the older snapshot.
func TestFinalSnapshotIsNotReplaced(t *testing.T) {
	s := newStack(t, nil)
	client := rds.NewFromConfig(s.config)
	create := func() {
		_, err := client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: aws.String("db"), Engine: aws.String("postgres"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
			MasterUsername: aws.String("shopper"), MasterUserPassword: aws.String("long-enough"),
		})
		require.NoError(t, err)
	}
	remove := func(snapshot string) error {
		_, err := client.DeleteDBInstance(t.Context(), &rds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("db"), FinalDBSnapshotIdentifier: aws.String(snapshot)})
		return err
	}
	create()
	require.NoError(t, remove("final"))
	create()
	require.ErrorContains(t, remove("Final"), "DBSnapshotAlreadyExists: Cannot create the snapshot because a snapshot with the identifier Final already exists.")
	_, err := client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("db")})
	require.NoError(t, err, "nothing is deleted")
	require.NoError(t, remove("final-2"))
}

// A new storage limit is compared with the current storage.
func TestStorageLimitFitsTheInstance(t *testing.T) {
	s := newStack(t, nil)
	client := rds.NewFromConfig(s.config)
	_, err := client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("db"), Engine: aws.String("postgres"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
		MasterUsername: aws.String("shopper"), MasterUserPassword: aws.String("long-enough"),
	})
	require.NoError(t, err)
	limit := func(most int32) error {
		_, err := client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String("db"), MaxAllocatedStorage: &most})
		return err
	}
	require.ErrorContains(t, limit(19), "InvalidParameterCombination: Max storage size must be greater than storage size")
	require.ErrorContains(t, limit(21), "The maximum allocated storage must be increased by at least 10 percent.")
	require.NoError(t, limit(22))
	require.NoError(t, limit(20), "it turns growth off")
}

func TestEnginesCannotBeDowngraded(t *testing.T) {
	s := newStack(t, nil)
	client := rds.NewFromConfig(s.config)
	_, err := client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("db"), Engine: aws.String("postgres"), EngineVersion: aws.String("14.13"), DBInstanceClass: aws.String("db.t4g.micro"),
		AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("shopper"), MasterUserPassword: aws.String("long-enough"),
	})
	require.NoError(t, err)
	change := func(version string) error {
		_, err := client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String("db"), EngineVersion: &version})
		return err
	}
	require.ErrorContains(t, change("14.7"), "InvalidParameterCombination: Cannot upgrade postgres from 14.13 to 14.7")
	for _, version := range []string{"14", "14.13", "14.20"} {
		require.NoError(t, change(version))
	}
}

// RDS does not shrink storage, and grows it by at least a tenth.
func TestStorageOnlyGrows(t *testing.T) {
	s := newStack(t, nil)
	client := rds.NewFromConfig(s.config)
	id := aws.String("db")
	_, err := client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: id, Engine: aws.String("postgres"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(30),
		StorageType: aws.String("gp3"), MasterUsername: aws.String("shopper"), MasterUserPassword: aws.String("long-enough"),
	})
	require.NoError(t, err)
	change := func(size, most, iops, throughput int32) error {
		in := rds.ModifyDBInstanceInput{DBInstanceIdentifier: id, ApplyImmediately: aws.Bool(true)}
		for n, to := range map[**int32]int32{&in.AllocatedStorage: size, &in.MaxAllocatedStorage: most, &in.Iops: iops, &in.StorageThroughput: throughput} {
			if to != 0 {
				*n = &to
			}
		}
		_, err := client.ModifyDBInstance(t.Context(), &in)
		return err
	}
	size := func() int32 { return *describeDB(t, client, id).AllocatedStorage }
	require.ErrorContains(t, change(20, 0, 0, 0), "InvalidParameterCombination: Invalid storage size for engine name postgres and storage type gp3: 20")
	require.ErrorContains(t, change(20, 20, 0, 0), "Invalid storage size")
	require.NoError(t, change(30, 30, 0, 0))
	require.NoError(t, change(31, 0, 0, 0))
	require.EqualValues(t, 33, size())
	require.NoError(t, change(50, 60, 0, 0))
	require.ErrorContains(t, change(70, 0, 0, 0), "Max storage size must be greater than storage size")
	require.ErrorContains(t, change(399, 1000, 3000, 0), "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.")
	require.ErrorContains(t, change(500, 1000, 3000, 0), "InvalidParameterCombination: Invalid iops value for engine name postgres and storage type gp3: 3000")
	require.ErrorContains(t, change(500, 1000, 12000, 125), "Invalid storage throughput value for engine name postgres and storage type gp3: 125")
	require.EqualValues(t, 50, size(), "refused changes have no effect")
	require.NoError(t, change(500, 1000, 12000, 500))
	require.EqualValues(t, 500, size())
}
