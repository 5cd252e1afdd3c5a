package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/components/queries"
	"store-events/config"
	"store-events/schema"
)

// Analytics is the Athena workgroup with its named queries.
type Analytics struct {
	pulumi.ResourceState

	Workgroup pulumi.StringOutput `pulumi:"workgroup"`
	// Queries maps the names of the named queries to their IDs.
	Queries pulumi.StringMap `pulumi:"queries"`
}

// AnalyticsArgs are the inputs of Analytics.
type AnalyticsArgs struct {
	Environment Environment
	Settings    config.Analytics
	Storage     *Storage
	Catalog     *Catalog
}

// NewAnalytics creates Analytics.
func NewAnalytics(ctx *pulumi.Context, name string, args *AnalyticsArgs, opts ...pulumi.ResourceOption) (*Analytics, error) {
	a := &Analytics{Queries: pulumi.StringMap{}}
	s, err := open(ctx, name, a, pulumi.Map{
		"scanLimitMiB": pulumi.Int(args.Settings.ScanLimitMiB),
		"database":     args.Catalog.Database,
	}, opts)
	if err != nil {
		return nil, err
	}
	group, err := newWorkgroup(s, args)
	if err != nil {
		return nil, err
	}
	a.Workgroup = group.Name
	for _, q := range queries.All() {
		query, err := athena.NewNamedQuery(ctx, s.label(q.Name), &athena.NamedQueryArgs{
			Name:        pulumi.String(q.Name),
			Description: pulumi.String(q.Description),
			Database:    args.Catalog.Database,
			Workgroup:   group.Name,
			Query:       pulumi.String(q.SQL),
		}, s.parent)
		if err != nil {
			return nil, fmt.Errorf("named query %s: %w", q.Name, err)
		}
		a.Queries[q.Name] = query.ID().ToStringOutput()
	}
	return a, s.close(a)
}

func newWorkgroup(s scope, args *AnalyticsArgs) (*athena.Workgroup, error) {
	group, err := athena.NewWorkgroup(s.ctx, s.label("workgroup"), &athena.WorkgroupArgs{
		Name:         pulumi.String(s.name),
		Description:  pulumi.String("Queries of the store events, with a limit on the data that a query scans"),
		ForceDestroy: pulumi.Bool(true), // Deletes queries and their history; results stay in the bucket.
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration:   pulumi.Bool(true),
			PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			BytesScannedCutoffPerQuery:      pulumi.Int(args.Settings.ScanLimitMiB << 20),
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation:      pulumi.Sprintf("s3://%s/%s/", args.Storage.Bucket, schema.Load().Prefixes.AthenaResults),
				ExpectedBucketOwner: pulumi.String(args.Environment.Account),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{
					EncryptionOption: pulumi.String("SSE_KMS"),
					KmsKeyArn:        args.Storage.KeyArn,
				},
			},
		},
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("athena workgroup: %w", err)
	}
	return group, nil
}
