package preflight_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"store-events/deploy/standin"
	"store-events/preflight"
)

// existingServer runs the check of an existing database and returns its findings.
func existingServer(t *testing.T, a *account, s preflight.Server, n *preflight.Network) []preflight.Finding {
	t.Helper()
	report, err := preflight.Run(t.Context(), preflight.NewClients(a.cfg), preflight.Plan{Stack: "test", Region: region, Network: n, Server: &s})
	require.NoError(t, err)
	var found []preflight.Finding
	for _, f := range report.Findings {
		require.NotContains(t, f.What+f.Do, "very secret", "no value of a secret is shown")
		if f.ID == "existing-database" {
			found = append(found, f)
		}
	}
	require.NotEmpty(t, found)
	return found
}

func TestExistingDatabase(t *testing.T) {
	a := newAccount(t)
	vpc, err := standin.NewVpc(t.Context(), a.cfg, true)
	require.NoError(t, err)
	n := &preflight.Network{VpcID: vpc.ID, AppSubnets: vpc.AppSubnets, DbSubnets: vpc.DbSubnets, EndpointGroup: vpc.EndpointGroup, Workers: 2}
	secrets := secretsmanager.NewFromConfig(a.cfg)
	secret := func(name string, members map[string]any) string {
		t.Helper()
		text, err := json.Marshal(members)
		require.NoError(t, err)
		made, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String(string(text))})
		require.NoError(t, err)
		return *made.ARN
	}
	login := func(name string, change map[string]any) string {
		members := map[string]any{"host": "db.example.com", "port": 3306, "dbname": "warehouse", "username": name, "password": "very secret"}
		for key, value := range change {
			members[key] = value
		}
		return secret(name, members)
	}
	admin := secret("admin", map[string]any{"username": "dba", "password": "very secret"})
	fine := preflight.Server{Host: "db.example.com", Name: "warehouse", Port: 3306, GroupID: vpc.EndpointGroup, Administrator: admin, Connections: 20}
	ok := func(s preflight.Server) {
		t.Helper()
		found := existingServer(t, a, s, n)
		require.Len(t, found, 1, "%v", found)
		require.Equal(t, preflight.OK, found[0].Status, found[0].What)
	}
	is := func(status preflight.Status, s preflight.Server, network *preflight.Network, what string) {
		t.Helper()
		found := existingServer(t, a, s, network)
		require.Len(t, found, 1, "%v", found)
		require.Equal(t, status, found[0].Status, found[0].What)
		require.Contains(t, found[0].What, what)
		require.NotEmpty(t, found[0].Do)
	}
	ok(fine)
	s := fine
	s.Administrator, s.Users = "", map[string]string{"databaseLoaderSecretArn": login("loader", nil), "databaseReaderSecretArn": login("reader", map[string]any{"port": "3306"})}
	ok(s)

	t.Run("secrets", func(t *testing.T) {
		for name, tc := range map[string]struct {
			change map[string]any
			what   string
		}{
			"no-host":    {map[string]any{"host": ""}, "host is missing"},
			"other-host": {map[string]any{"host": "old.example.com"}, `host is "old.example.com", and the stack's setting is "db.example.com"`},
			"other-port": {map[string]any{"port": 3307}, `port is "3307"`},
			"no-pass":    {map[string]any{"password": nil}, "password is missing"},
		} {
			s := fine
			s.Administrator, s.Users = "", map[string]string{"databaseLoaderSecretArn": login(name, tc.change)}
			is(preflight.Problem, s, n, "the secret of store-events:databaseLoaderSecretArn: "+tc.what)
		}
		s := fine
		s.Administrator = strings.Replace(admin, "admin", "none", 1)
		is(preflight.Problem, s, n, "the secret of store-events:databaseSecretArn does not exist")
		s.Administrator = secret("text", nil)
		_, err := secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &s.Administrator, SecretString: aws.String("very secret")})
		require.NoError(t, err)
		is(preflight.Problem, s, n, "it is not a JSON object")
		s.Administrator = secret("gone", map[string]any{"username": "dba", "password": "very secret"})
		_, err = secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &s.Administrator, RecoveryWindowInDays: aws.Int64(7)})
		require.NoError(t, err)
		is(preflight.Problem, s, n, "is scheduled for deletion")
	})

	t.Run("no route to the database", func(t *testing.T) {
		s := fine
		s.GroupID = "sg-0123456789abcdef0"
		is(preflight.Problem, s, n, "security group sg-0123456789abcdef0 of store-events:databaseGroupId does not exist")
		is(preflight.Problem, fine, nil, "the stack would create a VPC")
		other, err := standin.NewVpc(t.Context(), a.cfg, true)
		require.NoError(t, err)
		s.GroupID = other.EndpointGroup
		is(preflight.Warning, s, n, "only if the VPCs are peered")
		s.GroupID, s.Cidr = "", "10.99.7.0/24"
		ok(s) // The VPC's local route.
		is(preflight.Warning, s, nil, "the stack would create a VPC")
		s.Cidr = "10.20.0.0/24"
		require.Len(t, existingServer(t, a, s, n), 2, "one for each app subnet")
		require.Contains(t, existingServer(t, a, s, n)[0].What, "leads to 10.20.0.0/24")
	})

	t.Run("a server of RDS", func(t *testing.T) {
		client := rds.NewFromConfig(a.cfg, func(o *rds.Options) { o.RetryMaxAttempts = 1 })
		_, err := client.CreateDBParameterGroup(t.Context(), &rds.CreateDBParameterGroupInput{
			DBParameterGroupName: aws.String("theirs"), DBParameterGroupFamily: aws.String("mysql8.0"), Description: aws.String("theirs"),
		})
		require.NoError(t, err)
		made, err := client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: aws.String("theirs"), DBInstanceClass: aws.String("db.t3.micro"), Engine: aws.String("mysql"), EngineVersion: aws.String("8.0"),
			MasterUsername: aws.String("dba"), MasterUserPassword: aws.String("very-secret-1"), AllocatedStorage: aws.Int32(20),
			DBParameterGroupName: aws.String("theirs"), VpcSecurityGroupIds: []string{vpc.EndpointGroup},
		})
		require.NoError(t, err)
		require.NotNil(t, made.DBInstance.Endpoint)
		s := fine
		s.Host, s.Port = aws.ToString(made.DBInstance.Endpoint.Address), int(aws.ToInt32(made.DBInstance.Endpoint.Port))
		ok(s)
		s.Port++
		is(preflight.Problem, s, n, "theirs listens on port")
		s.Port--
		group, err := ec2.NewFromConfig(a.cfg).CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: &vpc.ID, GroupName: aws.String("other"), Description: aws.String("other")})
		require.NoError(t, err)
		s.GroupID = *group.GroupId
		is(preflight.Problem, s, n, "theirs does not have the security group "+s.GroupID)
		s.GroupID = fine.GroupID
		for name, tc := range map[string]struct{ value, what string }{
			"local_infile":    {"0", "local_infile is 0"},
			"binlog_format":   {"STATEMENT", "binlog_format is STATEMENT"},
			"max_connections": {"10", "max_connections is 10, and a run opens up to 20"},
			"read_only":       {"1", "read_only is 1"},
			"tls_version":     {"TLSv1.1", "tls_version is TLSv1.1"},
		} {
			change := func(value string) {
				t.Helper()
				_, err := client.ModifyDBParameterGroup(t.Context(), &rds.ModifyDBParameterGroupInput{DBParameterGroupName: aws.String("theirs"), Parameters: []rdstypes.Parameter{
					{ParameterName: aws.String(name), ParameterValue: &value, ApplyMethod: rdstypes.ApplyMethodPendingReboot},
				}})
				require.NoError(t, err, name)
			}
			change(tc.value)
			is(preflight.Problem, s, n, tc.what)
			_, err := client.ResetDBParameterGroup(t.Context(), &rds.ResetDBParameterGroupInput{DBParameterGroupName: aws.String("theirs"), ResetAllParameters: aws.Bool(true)})
			require.NoError(t, err)
		}
	})
	t.Run("a cluster of Aurora", func(t *testing.T) {
		client := rds.NewFromConfig(a.cfg)
		create := func(id, engine string, version *string) preflight.Server {
			t.Helper()
			made, err := client.CreateDBCluster(t.Context(), &rds.CreateDBClusterInput{
				DBClusterIdentifier: &id, Engine: &engine, EngineVersion: version, MasterUsername: aws.String("dba"), MasterUserPassword: aws.String("very-secret-1"),
				VpcSecurityGroupIds: []string{vpc.EndpointGroup},
			})
			require.NoError(t, err)
			s := fine
			s.Host, s.Port = aws.ToString(made.DBCluster.Endpoint), int(aws.ToInt32(made.DBCluster.Port))
			return s
		}
		s := create("shop", "aurora-mysql", aws.String("8.0.mysql_aurora.3.08.0"))
		found := existingServer(t, a, s, n)
		require.NotEqual(t, preflight.Problem, found[0].Status, found[0].What)
		clusters, err := client.DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})
		require.NoError(t, err)
		s.Host = aws.ToString(clusters.DBClusters[0].ReaderEndpoint)
		require.NotEqual(t, aws.ToString(clusters.DBClusters[0].Endpoint), s.Host)
		is(preflight.Problem, s, n, "is the reader endpoint of a cluster")
		s = create("books", "aurora-postgresql", nil)
		require.Contains(t, existingServer(t, a, s, n)[0].What, ": the job loads MySQL")
	})
}
