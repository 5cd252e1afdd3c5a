package gateway_test

import (
	"database/sql"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"localaws/testtools"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

// A name that contains a path gets AWS's error, and nothing is created.
func TestInstanceNamesAreChecked(t *testing.T) {
	s := newStack(t, nil)
	for _, id := range []string{"../victim", "a/b", "..", "a--b", "1a", "a-"} {
		_, err := rds.NewFromConfig(s.config).CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: &id, Engine: aws.String("mysql"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
			MasterUsername: aws.String("master"), MasterUserPassword: aws.String("password"),
		})
		require.ErrorContains(t, err, "InvalidParameterValue", id)
		require.ErrorContains(t, err, "is not a valid identifier", id)
	}
	out, err := rds.NewFromConfig(s.config).DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
	require.NoError(t, err)
	require.Empty(t, out.DBInstances)
	require.Empty(t, s.databases.List())
}

// For example because the disk is full.
func TestServerThatCannotBeCreatedIsReportedAtOnce(t *testing.T) {
	s := newStack(t, nil)
	folder := filepath.Join(s.state, "database")
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.WriteFile(folder, nil, 0o600))
	_, err := rds.NewFromConfig(s.config).CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("db"), Engine: aws.String("mysql"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
		MasterUsername: aws.String("shopmaster"), MasterUserPassword: aws.String("password"), Port: aws.Int32(int32(testtools.FreePort(t))), //nolint:gosec // a port fits into int32
	})
	var response *awshttp.ResponseError
	require.ErrorAs(t, err, &response)
	require.Equal(t, http.StatusBadRequest, response.HTTPStatusCode(), "clients do not repeat the request")
	require.ErrorContains(t, err, folder)
	require.NotContains(t, err.Error(), "exceeded maximum number of attempts")
}

func TestRDSInstanceHasARealServer(t *testing.T) {
	s := newStack(t, nil)
	client := rds.NewFromConfig(s.config)
	port, id := testtools.FreePort(t), aws.String("shop-db")

	_, err := client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: id, AllocatedStorage: aws.Int32(30)})
	require.ErrorAs(t, err, new(*types.DBInstanceNotFoundFault))
	_, err = client.CreateDBParameterGroup(t.Context(), &rds.CreateDBParameterGroupInput{
		DBParameterGroupName: aws.String("tls"), DBParameterGroupFamily: aws.String("mysql8.4"), Description: aws.String("TLS only"),
	})
	require.NoError(t, err)
	setParameter(t, client, "require_secure_transport", "ON", types.ApplyMethodPendingReboot)
	created, err := client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: id, Engine: aws.String("mysql"), EngineVersion: aws.String("8.4.5"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
		StorageType:    aws.String("gp3"),
		MasterUsername: aws.String("shopmaster"), MasterUserPassword: aws.String("first-password"), DBName: aws.String("shop"),
		Port:                 aws.Int32(int32(port)), //nolint:gosec // a port fits into int32
		DBParameterGroupName: aws.String("tls"), EnableCloudwatchLogsExports: []string{"error", "slowquery"}, DeletionProtection: aws.Bool(true),
	})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", *created.DBInstance.Endpoint.Address)

	in := describeDB(t, client, id)
	require.Equal(t, "available", *in.DBInstanceStatus)
	require.Equal(t, "127.0.0.1", *in.Endpoint.Address)
	require.EqualValues(t, port, *in.Endpoint.Port)
	require.Equal(t, []string{"error", "slowquery"}, in.EnabledCloudwatchLogsExports)
	require.EqualValues(t, 3000, *in.Iops)
	require.EqualValues(t, 125, *in.StorageThroughput)
	_, err = client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: id, AllocatedStorage: aws.Int32(500), Iops: in.Iops})
	require.ErrorContains(t, err, "Invalid iops value for engine name mysql and storage type gp3: 3000", "as the provider calls it")

	require.ErrorContains(t, query(t, port, "first-password", "false", "SELECT 1"), "require_secure_transport", "without TLS")
	require.NoError(t, query(t, port, "first-password", "skip-verify", "CREATE TABLE t (a int)"))

	_, err = client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: id, MasterUserPassword: aws.String("second-password"), ApplyImmediately: aws.Bool(true),
		DeletionProtection: aws.Bool(false), CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{DisableLogTypes: []string{"error"}}})
	require.NoError(t, err)
	require.Error(t, query(t, port, "first-password", "skip-verify", "SELECT 1"))
	require.NoError(t, query(t, port, "second-password", "skip-verify", "SELECT * FROM t"))
	require.Equal(t, []string{"slowquery"}, describeDB(t, client, id).EnabledCloudwatchLogsExports)

	setParameter(t, client, "max_connections", "77", types.ApplyMethodImmediate)
	require.Equal(t, "77", global(t, port, "max_connections"))
	setParameter(t, client, "require_secure_transport", "OFF", types.ApplyMethodPendingReboot)
	require.Equal(t, "1", global(t, port, "require_secure_transport"), "not before a reboot")
	_, err = client.RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: id})
	require.NoError(t, err)
	require.NoError(t, query(t, port, "second-password", "false", "SELECT * FROM t"), "the parameter is in effect")

	for filter, want := range map[string]int{*in.DbiResourceId: 1, "db-OTHER": 0} {
		found, err := client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{
			Filters: []types.Filter{{Name: aws.String("dbi-resource-id"), Values: []string{filter}}},
		})
		require.NoError(t, err)
		require.Len(t, found.DBInstances, want, "as the provider looks up its instance")
	}

	other := testtools.FreePort(t)
	_, err = client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: id, DBPortNumber: aws.Int32(int32(other)), ApplyImmediately: aws.Bool(true), //nolint:gosec // a port fits into int32
	})
	require.NoError(t, err)
	require.EqualValues(t, other, *describeDB(t, client, id).Endpoint.Port)
	require.Error(t, query(t, port, "second-password", "skip-verify", "SELECT 1"), "nothing listens on the old port")
	port = other
	require.NoError(t, query(t, port, "second-password", "skip-verify", "SELECT * FROM t"))

	_, err = client.StopDBInstance(t.Context(), &rds.StopDBInstanceInput{DBInstanceIdentifier: id})
	require.NoError(t, err)
	require.Error(t, query(t, port, "second-password", "skip-verify", "SELECT 1"))
	require.Equal(t, "stopped", *describeDB(t, client, id).DBInstanceStatus)
	var state *types.InvalidDBInstanceStateFault
	_, err = client.StopDBInstance(t.Context(), &rds.StopDBInstanceInput{DBInstanceIdentifier: id})
	require.ErrorAs(t, err, &state)
	_, err = client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: id, DeletionProtection: aws.Bool(true)})
	require.ErrorAs(t, err, &state, "RDS does not modify a stopped instance")
	_, err = client.StartDBInstance(t.Context(), &rds.StartDBInstanceInput{DBInstanceIdentifier: id})
	require.NoError(t, err)
	require.NoError(t, query(t, port, "second-password", "skip-verify", "SELECT 1"))
	_, err = client.StartDBInstance(t.Context(), &rds.StartDBInstanceInput{DBInstanceIdentifier: id})
	require.ErrorAs(t, err, &state)

	// As after a restart: the emulator restores a stopped instance as available.
	require.NoError(t, s.databases.Stop(*id))
	require.Equal(t, "stopped", *describeDB(t, client, id).DBInstanceStatus)
	_, err = client.StopDBInstance(t.Context(), &rds.StopDBInstanceInput{DBInstanceIdentifier: id})
	require.ErrorAs(t, err, &state)
	_, err = client.StartDBInstance(t.Context(), &rds.StartDBInstanceInput{DBInstanceIdentifier: id})
	require.NoError(t, err)
	require.NoError(t, query(t, port, "second-password", "skip-verify", "SELECT 1"))

	_, err = client.DeleteDBInstance(t.Context(), &rds.DeleteDBInstanceInput{DBInstanceIdentifier: id, SkipFinalSnapshot: aws.Bool(true)})
	require.NoError(t, err)
	require.Empty(t, s.databases.List())
	require.Error(t, query(t, port, "second-password", "skip-verify", "SELECT 1"))
}

func TestRDSPortTaken(t *testing.T) {
	s := newStack(t, nil)
	client := rds.NewFromConfig(s.config)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port

	_, err = client.CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("db"), Engine: aws.String("mysql"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
		MasterUsername: aws.String("u"), MasterUserPassword: aws.String("password"),
		Port: aws.Int32(int32(port)), //nolint:gosec // a port fits into int32
	})
	require.ErrorContains(t, err, "port "+strconv.Itoa(port)+" on 127.0.0.1 is taken")
	_, err = client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("db")})
	var none *types.DBInstanceNotFoundFault
	require.ErrorAs(t, err, &none, "the failed instance does not exist")
}

func describeDB(t *testing.T, client *rds.Client, id *string) types.DBInstance {
	t.Helper()
	out, err := client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: id})
	require.NoError(t, err)
	return out.DBInstances[0]
}

func setParameter(t *testing.T, client *rds.Client, name, value string, method types.ApplyMethod) {
	t.Helper()
	_, err := client.ModifyDBParameterGroup(t.Context(), &rds.ModifyDBParameterGroupInput{DBParameterGroupName: aws.String("tls"), Parameters: []types.Parameter{
		{ParameterName: &name, ParameterValue: &value, ApplyMethod: method},
	}})
	require.NoError(t, err)
}

func query(t *testing.T, port int, password, tls, statement string) error {
	t.Helper()
	db := open(t, port, password, tls)
	defer func() { _ = db.Close() }()
	_, err := db.ExecContext(t.Context(), statement)
	return err
}

func global(t *testing.T, port int, name string) string {
	t.Helper()
	db := open(t, port, "second-password", "skip-verify")
	defer func() { _ = db.Close() }()
	var value string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT @@GLOBAL."+name).Scan(&value))
	return value
}

func open(t *testing.T, port int, password, tls string) *sql.DB {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), "shop"
	cfg.User, cfg.Passwd, cfg.TLSConfig = "shopmaster", password, tls
	db, err := sql.Open("mysql", cfg.FormatDSN())
	require.NoError(t, err)
	return db
}
