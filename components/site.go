package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Site is where a stack is deployed.
type Site struct {
	Account   string
	Region    string
	Partition string
	// Zones are the availability zones that the stack spans.
	Zones []string
	// ZonesPinned reports whether the configuration names the zones.
	ZonesPinned bool
}

// LookupSite asks the provider where it deploys to.
func LookupSite(ctx *pulumi.Context, network config.Network) (Site, error) {
	caller, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return Site{}, fmt.Errorf("look up account: %w", err)
	}
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return Site{}, fmt.Errorf("look up region: %w", err)
	}
	partition, err := aws.GetPartition(ctx, nil)
	if err != nil {
		return Site{}, fmt.Errorf("look up partition: %w", err)
	}
	zones, err := lookupZones(ctx, region.Name, network.Zones)
	if err != nil {
		return Site{}, err
	}
	return Site{
		Account:     caller.AccountId,
		Region:      region.Name,
		Partition:   partition.Partition,
		Zones:       zones,
		ZonesPinned: len(network.Zones) > 0,
	}, nil
}

// arn is the ARN of a resource of the stack's account and region.
func (s Site) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", s.Partition, service, s.Region, s.Account, resource)
}

// arnOf is arn for a resource whose name is known only later.
func (s Site) arnOf(service, format string, name pulumi.StringInput) pulumi.StringOutput {
	return pulumi.Sprintf(s.arn(service, format), name)
}

// logGroup are the ARNs of a log group: as it is, for what concerns the group, and
// followed by ":*", with which CreateLogGroup and everything on streams are
// checked (log-group:NAME:log-stream:STREAM).
func (s Site) logGroup(name pulumi.StringInput) pulumi.StringArray {
	return pulumi.StringArray{s.arnOf("logs", "log-group:%s", name), s.arnOf("logs", "log-group:%s:*", name)}
}

// bucketArn is the ARN of a bucket, or with a suffix that of objects in it.
func (s Site) bucketArn(bucket pulumi.StringInput, suffix string) pulumi.StringOutput {
	return pulumi.Sprintf("arn:%s:s3:::%s%s", s.Partition, bucket, suffix)
}
