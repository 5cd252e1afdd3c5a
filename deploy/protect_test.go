package deploy

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func TestUnprotect(t *testing.T) {
	d := updated(t, localOptions(t, func(ctx *pulumi.Context) error {
		return ctx.RegisterComponentResource("store-events:index:Storage", "storage", &struct{ pulumi.ResourceState }{}, pulumi.Protect(true))
	}))
	p, err := d.Protection(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"storage"}, p.Protected)
	require.NoError(t, d.Unprotect(t.Context()))
	p, err = d.Protection(t.Context())
	require.NoError(t, err)
	require.Empty(t, p)
}

func TestProtectionOfAState(t *testing.T) {
	p, err := protectionOf([]byte(`{"resources":[
		{"urn":"` + urnOfBucket + `","type":"` + bucketType + `","protect":true,"retainOnDelete":true},
		{"urn":"` + urnOfBucket + `2","type":"` + bucketType + `","retainOnDelete":true},
		{"urn":"` + urnOfBucket + `3","type":"` + bucketType + `"},
		{"urn":"` + urnOfBucket + `4","type":"aws:kms/key:Key"}],
		"pending_operations":[{"type":"creating","resource":{"urn":"` + urnOfBucket + `5"}},{"type":"updating","resource":{"urn":"` + urnOfBucket + `"}}]}`))
	require.NoError(t, err)
	require.Equal(t, Protection{Protected: []string{"storage-events"}, Deleted: []string{"storage-events3"}, Pending: []string{"storage-events5"}}, p)
	p, err = protectionOf([]byte(`{}`))
	require.NoError(t, err)
	require.Empty(t, p)
}

func etl(table string) *apitype.StepEventStateMetadata {
	return &apitype.StepEventStateMetadata{Inputs: map[string]any{"targetTable": table}}
}

func existing(host, name string) *apitype.StepEventStateMetadata {
	return &apitype.StepEventStateMetadata{Inputs: map[string]any{"host": host, "database": name}}
}

func TestDataLossIsReported(t *testing.T) {
	const bucket = "aws:s3/bucketV2:BucketV2"
	old := &apitype.StepEventStateMetadata{}
	created := &apitype.StepEventStateMetadata{Inputs: map[string]any{"instanceClass": "db.t4g.micro"}}
	left := func(database string) []string {
		return []string{databaseType + " storage-events: events whose objects are no longer in the bucket stay in the database " + database + " only, and their Parquet is DELETED (a change of databaseName or databaseHost)"}
	}
	kept := &apitype.StepEventStateMetadata{RetainOnDelete: true}
	for name, tc := range map[string]struct {
		step apitype.StepEventMetadata
		want []string
	}{
		"replaced":                {apitype.StepEventMetadata{Op: apitype.OpReplace, Type: bucket, Old: old}, []string{bucket + " storage-events is replaced: its data is DELETED (a change of bucketName or existingBucket)"}},
		"deleted":                 {apitype.StepEventMetadata{Op: apitype.OpDelete, Type: bucket, Old: old}, []string{bucket + " storage-events is deleted with its data (a change of bucketName or existingBucket)"}},
		"kept":                    {apitype.StepEventMetadata{Op: apitype.OpDelete, Type: bucket, Old: kept}, nil},
		"with a final snapshot":   {apitype.StepEventMetadata{Op: apitype.OpDelete, Type: "aws:rds/instance:Instance", Old: &apitype.StepEventStateMetadata{Inputs: map[string]any{"skipFinalSnapshot": false}}}, nil},
		"restorable":              {apitype.StepEventMetadata{Op: apitype.OpDelete, Type: "aws:secretsmanager/secret:Secret", Old: &apitype.StepEventStateMetadata{Inputs: map[string]any{"recoveryWindowInDays": 30.0}}}, nil},
		"updated":                 {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: bucket, Old: old}, nil},
		"no data":                 {apitype.StepEventMetadata{Op: apitype.OpReplace, Type: "aws:s3/bucketPolicy:BucketPolicy", Old: old}, nil},
		"second report":           {apitype.StepEventMetadata{Op: apitype.OpDeleteReplaced, Type: bucket, Old: old}, nil},
		"another table":           {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: etlType, Old: etl("a"), New: etl("b")}, []string{etlType + " storage-events: events whose objects are no longer in the bucket stay in the table a only, and their Parquet is DELETED (a change of targetTable)"}},
		"another database":        {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: databaseType, Old: existing("h", "a"), New: existing("h", "b")}, left("a of h")},
		"another server":          {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: databaseType, Old: existing("h", "a"), New: existing("i", "a")}, left("a of h")},
		"the stack's server":      {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: databaseType, Old: existing("h", "a"), New: created}, left("a of h")},
		"no existing server":      {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: databaseType, Old: created, New: existing("h", "a")}, nil},
		"from an earlier release": {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: databaseType, Old: existing("h", ""), New: existing("h", "a")}, nil},
		"the same table":          {apitype.StepEventMetadata{Op: apitype.OpUpdate, Type: etlType, Old: etl("a"), New: etl("a")}, nil},
		"the first table":         {apitype.StepEventMetadata{Op: apitype.OpCreate, Type: etlType, New: etl("a")}, nil},
		"no table now":            {apitype.StepEventMetadata{Op: apitype.OpDelete, Type: etlType, Old: etl("a")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCollector("dev", "preview", nil)
			tc.step.URN = urnOfBucket
			c.event(events.EngineEvent{EngineEvent: apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: tc.step, Planning: true}}})
			require.Equal(t, tc.want, c.result.DataLoss)
		})
	}
}

// A destroy deletes the data whatever the settings are.
func TestDestroyIsNotBlamedOnSettings(t *testing.T) {
	c := newCollector("dev", destroyOperation, nil)
	c.step(apitype.StepEventMetadata{Op: apitype.OpDelete, Type: bucketType, URN: urnOfBucket, Old: &apitype.StepEventStateMetadata{}})
	require.Equal(t, []string{bucketType + " storage-events is deleted with its data"}, c.result.DataLoss)
}

// Every type that holds data is found in a state, and reported with the settings that
// replace it. No setting replaces the key.
func TestTypesThatHoldData(t *testing.T) {
	for _, kind := range dataStores {
		state, err := readState([]byte(`{"resources":[{"type":"aws:ec2/vpc:Vpc"},{"type":"` + kind + `"}]}`))
		require.NoError(t, err)
		require.True(t, state.holdsData(), kind)
		require.Equal(t, kind != "aws:kms/key:Key", because(kind) != "", kind)
	}
	for _, raw := range []string{`{}`, `{"resources":[{"type":"aws:ec2/vpc:Vpc"}]}`} {
		state, err := readState([]byte(raw))
		require.NoError(t, err)
		require.False(t, state.holdsData())
	}
	advice := advise("prod", []string{"unable to replace resource urn:pulumi:prod::store-events::aws:rds/instance:Instance::db as it is currently marked for protection"})
	require.Contains(t, strings.Join(advice, "\n"), "databaseName, databaseUser or databaseHost")
}

// The engine only warns, and creates the resource again.
func TestPendingCreationsAreExplained(t *testing.T) {
	c := newCollector("dev", "up", nil)
	warning := "Attempting to deploy or update resources with 1 pending operations from previous deployment.\n  * urn:pulumi:dev::store-events::aws:rds/instance:Instance::db, interrupted while creating\n"
	for _, text := range []string{warning, "using pulumi-resource-aws from $PATH"} {
		c.event(events.EngineEvent{EngineEvent: apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "warning", Message: text}}})
	}
	require.Equal(t, []string{strings.TrimSpace(warning)}, c.result.Notes)
	c.result.Errors = []string{"creating RDS DB Instance (db): DBInstanceAlreadyExists: DB instance already exists"}
	err := failure(c.result, errors.New("exit status 255"))
	require.ErrorContains(t, err, "db, interrupted while creating")
	require.ErrorContains(t, err, "import or dismiss them with `pulumi refresh --stack dev`, which prompts for each")
}

func TestTransientErrorsHaveAdvice(t *testing.T) {
	for text, want := range map[string]string{
		"operation error Glue: DeleteCrawler, CrawlerRunningException: Crawler x is running":                                                   "run the command again when the crawl has ended",
		"deleting Security Group (sg-1): DependencyViolation: resource sg-1 has a dependent object":                                            "run the command again then",
		"ResourceConflictException: The operation cannot be performed at this time. The function is currently in the following state: Pending": "run the command again in two minutes",
		"resource urn:… cannot be deleted because it is protected":                                                                             "docs/stack-lifecycle.md",
		"creating S3 Bucket: BucketAlreadyOwnedByYou":                                                                                          "choose another bucketName",
		"creating CloudWatch Logs Log Group: ResourceAlreadyExistsException":                                                                   "aws logs delete-log-group",
	} {
		err := failure(Result{Operation: "up", Stack: "dev", Errors: []string{text}}, errors.New("exit status 255"))
		require.ErrorContains(t, err, text)
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, failure(Result{Errors: []string{"other"}}, errors.New("x")).Error(), "again")
}
