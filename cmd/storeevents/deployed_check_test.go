package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/ops"
)

// answering returns a stack on AWS where every call of Systems Manager fails with the error.
func answering(t *testing.T, code string) *ops.Ops {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if operation != "SendCommand" {
			t.Errorf("unexpected call of %q", operation)
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"on resource: arn:aws:ec2:us-east-1:000000000000:instance/i-1"}`, code)
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
	return ops.New(ops.Stack{Name: "dev", Region: "us-east-1", Consumer: "i-1", Bucket: "events", TargetTable: "sales_txns_tbl"}, ops.Options{AWS: cfg})
}

// The check is not an error: the update may repair a broken consumer, and the role may lack the permission to query.
func TestColumnsThatCannotBeComparedAreReported(t *testing.T) {
	for _, code := range []string{"AccessDeniedException", "InvalidInstanceId"} {
		var stderr bytes.Buffer
		a := newApp(io.Discard, &stderr)
		require.NoError(t, a.checkColumns(t.Context(), answering(t, code), config.Config{}))
		require.Contains(t, stderr.String(), "the types of existing columns could not be compared")
		require.Contains(t, stderr.String(), code)
	}
}

// RDS does not shrink the storage of an instance that has grown from 20 to 30 GiB.
func TestSettingsFitTheInstance(t *testing.T) {
	has := ops.Instance{StorageGiB: 30, MaxStorageGiB: 100, EngineVersion: "8.4.6"}
	for name, test := range map[string]struct {
		d       config.Database
		problem string
	}{
		"grown by itself":    {config.Database{StorageGiB: 20, MaxStorageGiB: 100}, ""},
		"no more growth":     {config.Database{StorageGiB: 20}, "databaseStorageGiB 20: the database has 30 GiB, and RDS cannot shrink it: set at least 30, or"},
		"as it is":           {config.Database{StorageGiB: 30}, ""},
		"a little more":      {config.Database{StorageGiB: 31}, "databaseStorageGiB 31: the database has 30 GiB, and RDS adds at least a tenth: set at least 33"},
		"a little more room": {config.Database{StorageGiB: 31, MaxStorageGiB: 100}, ""},
		"a tenth more":       {config.Database{StorageGiB: 33}, ""},
		"less room":          {config.Database{StorageGiB: 20, MaxStorageGiB: 33}, ""},
		"too little room":    {config.Database{StorageGiB: 20, MaxStorageGiB: 32}, "databaseMaxStorageGiB 32: the database has 30 GiB, and RDS needs room for a tenth more: set at least 33, or 0"},
		"earlier version":    {config.Database{StorageGiB: 30, EngineVersion: "8.4.5"}, "databaseEngineVersion 8.4.5: the database has 8.4.6, and RDS does not downgrade: set 8.4.6, or 8.4"},
		"same version":       {config.Database{StorageGiB: 30, EngineVersion: "8.4.6"}, ""},
		"later version":      {config.Database{StorageGiB: 30, EngineVersion: "8.4.10"}, ""},
		"any version":        {config.Database{StorageGiB: 30, EngineVersion: "8.4"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := instanceFits(has, test.d)
			if test.problem == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "store-events:"+test.problem)
		})
	}
	full := ops.Instance{StorageGiB: 95, MaxStorageGiB: 100, EngineVersion: "8.4.6"}
	require.NoError(t, instanceFits(full, config.Database{StorageGiB: 20, MaxStorageGiB: 100}), "an unchanged limit is not checked")
}

// The instance is checked only if the stack has one.
func TestInstanceIsChecked(t *testing.T) {
	const answer = `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>` +
		`<AllocatedStorage>30</AllocatedStorage></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`
	missing := `<ErrorResponse><Error><Code>DBInstanceNotFound</Code></Error></ErrorResponse>`
	for name, test := range map[string]struct {
		status            int
		text, host, wants string
	}{
		"grown":    {http.StatusOK, answer, "", "RDS cannot shrink it"},
		"existing": {http.StatusInternalServerError, "", "db.example.com", ""},
		"gone":     {http.StatusNotFound, missing, "", ""},
		"refused":  {http.StatusForbidden, strings.Replace(missing, "DBInstanceNotFound", "AccessDenied", 1), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := alwaysAnswering(t, test.status, test.text)
			var stderr bytes.Buffer
			err := newApp(io.Discard, &stderr).checkInstance(t.Context(), ops.New(ops.Stack{Region: "us-east-1", Database: "db"}, ops.Options{AWS: cfg}), config.Database{StorageGiB: 20, Host: test.host})
			require.Equal(t, name == "refused", strings.Contains(stderr.String(), "AccessDenied"))
			if test.wants == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.wants)
		})
	}
}

// Nothing would end the rotation, and Secrets Manager would refuse to turn it on again.
func TestIncompleteRotationIsNotTurnedOff(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:loader-AbCdEf"
	incomplete := `{"RotationEnabled":true,"RotationLambdaARN":"arn:aws:lambda:us-east-1:123456789012:function:store-events-dev-rotation",` +
		`"VersionIdsToStages":{"v1":["AWSCURRENT"],"v2":["AWSPENDING"]}}`
	for name, test := range map[string]struct {
		status      int
		text, wants string
	}{
		"incomplete": {http.StatusOK, incomplete, "the rotation of " + arn + " is incomplete"},
		"complete":   {http.StatusOK, strings.Replace(incomplete, "AWSPENDING", "AWSPREVIOUS", 1), ""},
		"refused":    {http.StatusBadRequest, `{"__type":"AccessDeniedException"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := alwaysAnswering(t, test.status, test.text)
			var stderr bytes.Buffer
			err := newApp(io.Discard, &stderr).checkRotation(t.Context(), ops.New(ops.Stack{Workflow: "store-events-dev", Region: "us-east-1", LoginARNs: []string{arn}}, ops.Options{AWS: cfg}))
			require.Equal(t, name == "refused", strings.Contains(stderr.String(), "AccessDenied"))
			if test.wants == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.wants)
		})
	}
}

// alwaysAnswering returns the configuration of clients whose requests all get the same response.
func alwaysAnswering(t *testing.T, status int, text string) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return aws.Config{BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
}
