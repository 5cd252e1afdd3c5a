package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"store-events/program/output"
	"store-events/tests/policy/recording"
)

// createFunction creates a function like the rotation function. The provider would
// retry for minutes, in case the role's policy is too new.
func createFunction(t *testing.T, r *recorded) string {
	t.Helper()
	client := lambda.NewFromConfig(r.config(r.outputs))
	like, err := client.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: aws.String("store-events-local-rotation")})
	require.NoError(t, err)
	var code bytes.Buffer
	z := zip.NewWriter(&code)
	_, err = z.Create("bootstrap")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	_, err = client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("second"), Role: like.Role, Runtime: like.Runtime, Handler: like.Handler, Code: &types.FunctionCode{ZipFile: code.Bytes()},
		VpcConfig: &types.VpcConfig{SubnetIds: like.VpcConfig.SubnetIds, SecurityGroupIds: like.VpcConfig.SecurityGroupIds},
	})
	require.Error(t, err)
	return err.Error()
}

// monitorDatabase sets the monitoring role of the instance again. The provider would
// retry for minutes.
func monitorDatabase(t *testing.T, r *recorded) string {
	t.Helper()
	client, id := rds.NewFromConfig(r.config(r.outputs)), aws.String(r.outputs[output.Database].(string))
	found, err := client.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: id})
	require.NoError(t, err)
	_, err = client.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: id, MonitoringInterval: found.DBInstances[0].MonitoringInterval, MonitoringRoleArn: found.DBInstances[0].MonitoringRoleArn,
	})
	require.Error(t, err)
	return err.Error()
}

// storeRows stores the rows of a statement like the consumer, and aborts incomplete
// uploads. Commands do not run on a local stack, so it uses the consumer's role.
func storeRows(t *testing.T, r *recorded) string {
	t.Helper()
	roles, err := r.iam().ListRoles(t.Context(), &iam.ListRolesInput{})
	require.NoError(t, err)
	i := slices.IndexFunc(roles.Roles, func(one iamtypes.Role) bool { return strings.HasPrefix(*one.RoleName, "store-events-local-consumer") })
	require.GreaterOrEqual(t, i, 0)
	authority, err := credentials.Open(r.state)
	require.NoError(t, err)
	session, err := authority.Issue(credentials.Principal{RoleARN: *roles.Roles[i].Arn, SessionName: r.outputs[output.Consumer].(string)}, time.Hour)
	require.NoError(t, err)
	client := s3.NewFromConfig(awsclient.Signed(recording.Region, r.endpoint(), session), func(o *s3.Options) { o.UsePathStyle = true })
	bucket, key := aws.String(r.outputs[output.Bucket].(string)), aws.String("command-output/rows.tsv.gz")
	if _, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("rows")}); err != nil {
		return err.Error()
	}
	parts, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	_, err = client.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: bucket, Key: key, UploadId: parts.UploadId})
	require.NoError(t, err)
	return ""
}

// newEvent puts an event for the next run.
func newEvent(t *testing.T, r *recorded) {
	t.Helper()
	r.put(t, r.outputs, "sale_events/dt="+time.Now().UTC().Format(time.DateOnly)+"/new.json", `{"request_id":"new"}`)
}

// jsonColumn restores the column's former type, and stores an event that it refuses.
func jsonColumn(t *testing.T, r *recorded) {
	t.Helper()
	_, err := r.database(t, r.outputs).ExecContext(t.Context(), "ALTER TABLE sales_txns_tbl MODIFY extra json")
	require.NoError(t, err)
	r.put(t, r.outputs, "sale_events/dt="+time.Now().UTC().Format(time.DateOnly)+"/large.json", `{"request_id":"large","unknown":1e400}`)
}

// editZip creates a copy of a zip file with a part of one file replaced.
func editZip(dir, archive, file, old, with string) (string, error) {
	from, err := zip.OpenReader(archive)
	if err != nil {
		return "", err
	}
	defer func() { _ = from.Close() }()
	var edited bytes.Buffer
	to := zip.NewWriter(&edited)
	found := false
	for _, f := range from.File {
		content, err := readEntry(f)
		if err != nil {
			return "", err
		}
		if f.Name == file {
			found = strings.Contains(content, old)
			content = strings.ReplaceAll(content, old, with)
		}
		w, err := to.Create(f.Name)
		if err != nil {
			return "", err
		}
		if _, err := io.WriteString(w, content); err != nil {
			return "", err
		}
	}
	if !found {
		return "", fmt.Errorf("%s in %s does not contain %q", file, archive, old)
	}
	if err := to.Close(); err != nil {
		return "", err
	}
	path := filepath.Join(dir, filepath.Base(archive))
	return path, os.WriteFile(path, edited.Bytes(), 0o600)
}

func readEntry(f *zip.File) (string, error) {
	in, err := f.Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	content, err := io.ReadAll(in)
	return string(content), err
}
