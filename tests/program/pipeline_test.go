package program

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/program/output"
	"store-events/schema"
)

// objects returns the uploaded files: URL in the bucket to local path.
func (s stack) objects(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range s.all("aws:s3/bucketObjectv2:BucketObjectv2") {
		address := fmt.Sprintf("s3://%s/%s", o.Get(t, "bucket"), o.Get(t, "key"))
		out[address] = o.Path(t, "source")
	}
	return out
}

func TestJobRunsTheUploadedFiles(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		job := s.one("aws:glue/job:Job", "")
		uploaded := s.objects(t)
		scriptURL := job.Get(t, "command", "scriptLocation").(string)
		require.Equal(t, "s3_to_rds_ingestor.py", path.Base(uploaded[scriptURL]))
		arguments := job.Get(t, "defaultArguments").(map[string]any)
		libraries := strings.Split(arguments["--extra-py-files"].(string), ",")
		require.Len(t, libraries, 2)
		require.True(t, strings.HasSuffix(uploaded[libraries[0]], "/bin/store_events.zip"))
		require.Regexp(t, `/bin/pymysql-.*\.zip$`, uploaded[libraries[1]])
		for _, library := range libraries {
			require.Equal(t, ".zip", path.Ext(library), "executors import only zip files")
		}
		require.Len(t, uploaded, 4)
		authorities := arguments["--"+schema.Load().JobArguments.Authorities].(string)
		require.Equal(t, s.Outputs[output.DatabaseCA], authorities)
		require.True(t, strings.HasSuffix(uploaded[authorities], "/amazon-rds.pem"), uploaded[authorities])
	})
}

func TestConnectionUsesTheLoadersSecret(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		c := s.one("aws:glue/connection:Connection", "")
		properties := c.Get(t, "connectionProperties")
		if hidden, ok := properties.(pulumitest.Secret); ok {
			properties = hidden.Value
		}
		require.Equal(t, map[string]any{
			"SECRET_ID":           s.secretArn("loader"),
			"JDBC_ENFORCE_SSL":    "true",
			"JDBC_CONNECTION_URL": "jdbc:mysql://db.internal:3306/store_events",
		}, properties)
		subnet := s.one("aws:ec2/subnet:Subnet", "-app-1")
		require.Equal(t, map[string]any{
			"subnetId":             subnet.ID(),
			"availabilityZone":     subnet.Get(t, "availabilityZone"),
			"securityGroupIdLists": []any{s.one("aws:ec2/securityGroup:SecurityGroup", "-job-group").ID()},
		}, c.Get(t, "physicalConnectionRequirements"))
	})
}

func TestExtraColumnsReachJobAndTable(t *testing.T) {
	settings, err := readStack("dev")
	require.NoError(t, err)
	settings["extraColumns"] = "x_channel=string(32),tax=decimal(12,2)"
	settings["jobCommitRows"], settings["jobMaxInvalidShare"] = "2000", "0.25"
	s, err := deploy("dev", settings)
	require.NoError(t, err)
	s.t = t
	options := schema.Load().JobOptions
	arguments := s.one("aws:glue/job:Job", "").Get(t, "defaultArguments").(map[string]any)
	require.Equal(t, settings["extraColumns"], arguments["--"+options.ExtraColumns])
	require.Equal(t, "2000", arguments["--"+options.CommitRows])
	require.Equal(t, "0.25", arguments["--"+options.MaxInvalidShare])
	columns := s.one("aws:glue/catalogTable:CatalogTable", "-curated").Get(t, "storageDescriptor", "columns").([]any)
	last := columns[len(columns)-3:]
	for i, want := range [][2]string{{"x_channel", "string"}, {"tax", "decimal(12,2)"}, {"extra", "string"}} {
		column := last[i].(map[string]any)
		require.Equal(t, want[0], column["name"])
		require.Equal(t, want[1], column["type"])
	}
}
