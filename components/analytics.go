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

	Workgroup pulumi.StringOutput
	// Queries are the ids of the named queries, by name.
	Queries pulumi.StringMap
}

// AnalyticsArgs are the inputs of an Analytics.
type AnalyticsArgs struct {
	Site      Site
	Common    config.Common
	Analytics config.Analytics
	Bucket    pulumi.StringInput
	KeyArn    pulumi.StringInput
	// Database of the catalog that the queries are for.
	Database pulumi.StringInput
}

// NewAnalytics makes an Analytics.
func NewAnalytics(ctx *pulumi.Context, name string, args *AnalyticsArgs, opts ...pulumi.ResourceOption) (*Analytics, error) {
	a := &Analytics{Queries: pulumi.StringMap{}}
	child, err := register(ctx, "Analytics", name, pulumi.Map{
		"scanLimitMiB": pulumi.Int(args.Analytics.ScanLimitMiB),
		"database":     args.Database,
	}, a, opts)
	if err != nil {
		return nil, err
	}
	group, err := athena.NewWorkgroup(ctx, name+"-workgroup", &athena.WorkgroupArgs{
		Name:         pulumi.String(name),
		Description:  pulumi.String("Queries of the store events, with a limit on what one may read"),
		ForceDestroy: pulumi.Bool(true), // Of queries and their history: results stay in the bucket.
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration:   pulumi.Bool(true),
			PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			BytesScannedCutoffPerQuery:      pulumi.Int(args.Analytics.ScanLimitMiB << 20),
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation:      pulumi.Sprintf("s3://%s/%s/", args.Bucket, schema.Load().Prefixes.AthenaResults),
				ExpectedBucketOwner: pulumi.String(args.Site.Account),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{
					EncryptionOption: pulumi.String("SSE_KMS"),
					KmsKeyArn:        args.KeyArn,
				},
			},
		},
	}, child)
	if err != nil {
		return nil, fmt.Errorf("athena workgroup: %w", err)
	}
	a.Workgroup = group.Name
	for _, q := range queries.All() {
		query, err := athena.NewNamedQuery(ctx, name+"-"+q.Name, &athena.NamedQueryArgs{
			Name:        pulumi.String(q.Name),
			Description: pulumi.String(q.Description),
			Database:    args.Database,
			Workgroup:   group.Name,
			Query:       pulumi.String(q.SQL),
		}, child)
		if err != nil {
			return nil, fmt.Errorf("named query %s: %w", q.Name, err)
		}
		a.Queries[q.Name] = query.ID().ToStringOutput()
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"workgroup": a.Workgroup, "queries": a.Queries})
}
