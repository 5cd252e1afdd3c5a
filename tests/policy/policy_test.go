package policy_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

type inputs = map[string]pulumi.Map

func TestCompliantPreviewPasses(t *testing.T) {
	t.Parallel()
	o := preview(t, "dev", pipeline(nil))
	require.NoError(t, o.Err)
	require.Empty(t, o.mandatory())
	require.Contains(t, o.Log, "9 to create", "all resources were judged")
}

func TestBrokenControlFailsPreview(t *testing.T) {
	t.Parallel()
	set := func(resource, property string, v pulumi.Input) func(inputs) {
		return func(in inputs) { in[resource][property] = v }
	}
	tests := map[string]struct {
		change func(inputs)
		want   string
	}{
		"database storage in clear":  {set("database", "storageEncrypted", pulumi.Bool(false)), "rds-storage-encrypted database"},
		"database public":            {set("database", "publiclyAccessible", pulumi.Bool(true)), "rds-not-public database"},
		"bucket without block":       {func(in inputs) { in["block"] = nil }, "s3-public-access-block-present bucket"},
		"block with a gap":           {set("block", "blockPublicPolicy", pulumi.Bool(false)), "s3-public-access-block-complete block"},
		"bucket without encryption":  {func(in inputs) { in["encryption"] = nil }, "s3-encryption-present bucket"},
		"password in the connection": {func(in inputs) { properties(in)["PASSWORD"] = pulumi.String("hunter2") }, "glue-connection-secret-id connection"},
		"connection without secret":  {func(in inputs) { delete(properties(in), "SECRET_ID") }, "glue-connection-secret-id connection"},
		"credentials in the URL":     {func(in inputs) { properties(in)["JDBC_CONNECTION_URL"] = pulumi.String("jdbc:mysql://u:p@db/x") }, "glue-connection-url-clean connection"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := preview(t, "dev", pipeline(test.change))
			require.Error(t, o.Err)
			require.Equal(t, []string{test.want}, o.mandatory(), o.Log)
			require.NotContains(t, o.Log, "hunter2", "a message never holds a value")
		})
	}
}

func properties(in inputs) pulumi.Map {
	return in["connection"]["connectionProperties"].(pulumi.Map)
}

func TestUnknownValueIsToldNotPassed(t *testing.T) {
	t.Parallel()
	o := preview(t, "dev", func(ctx *pulumi.Context) error {
		p := &registry{ctx: ctx}
		computed := p.add("random:index/randomPassword:RandomPassword", "password", pulumi.Map{"length": pulumi.Int(32)})
		public := computed.Result.ApplyT(func(s string) bool { return s == "" })
		p.add("aws:rds/instance:Instance", "database", pulumi.Map{
			"instanceClass": pulumi.String("db.t4g.micro"), "storageEncrypted": pulumi.Bool(true), "publiclyAccessible": public,
		})
		return p.err
	})
	require.NoError(t, o.Err, o.Log)
	require.Contains(t, o.Reports, report{
		Policy: "not-decided-at-preview", Level: "advisory", Resource: "database",
		Message: "A rule could not decide yet\n[critical] not decided at preview, the update decides: publiclyAccessible: not known yet (rds-not-public)\n",
	})
}

// The message is what a user sees: it must name everything needed to act on it.
func TestMessageTellsWhatWhyAndHow(t *testing.T) {
	t.Parallel()
	o := preview(t, "prod", pipeline(func(in inputs) { in["database"]["storageEncrypted"] = pulumi.Bool(false) }))
	require.Error(t, o.Err)
	for _, part := range []string{
		"rds-storage-encrypted", "[high]", "aws:rds/instance:Instance database", "property: storageEncrypted", "why: ", "fix: Set StorageEncrypted",
		"FSBP RDS.3", "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-3",
	} {
		require.Contains(t, o.Log, part)
	}
}
