package gateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/stretchr/testify/require"
)

// What exists in the account already.
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

// An instance is in one subnet of its group.
func TestSubnetsOfADatabaseStayInItsGroup(t *testing.T) {
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

// subnets are two of the default VPC.
func subnets(t *testing.T, s *stack) []string {
	t.Helper()
	out, err := ec2.NewFromConfig(s.config).DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(out.Subnets), 2)
	return []string{*out.Subnets[0].SubnetId, *out.Subnets[1].SubnetId}
}

// The emulator would replace the older snapshot.
func TestFinalSnapshotKeepsItsName(t *testing.T) {
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

// A limit of storage that is given alone is held against the storage there is.
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
	require.ErrorContains(t, limit(20), "InvalidParameterCombination: Max storage size must be greater than storage size")
	require.ErrorContains(t, limit(21), "The maximum allocated storage must be increased by at least 10 percent.")
	require.NoError(t, limit(22))
}
