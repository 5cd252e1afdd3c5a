package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Environment is shared by all components of a stack: the account, region and zones
// that it is deployed to, and the common settings.
type Environment struct {
	config.Common

	Account   string
	Region    string
	Partition string
	// Zones are the availability zones that the stack spans.
	Zones []string
	// ZonesPinned reports whether the configuration sets the zones.
	ZonesPinned bool
}

// LookupEnvironment looks up the provider's account, region and zones.
func LookupEnvironment(ctx *pulumi.Context, cfg config.Config) (Environment, error) {
	caller, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return Environment{}, fmt.Errorf("look up account: %w", err)
	}
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return Environment{}, fmt.Errorf("look up region: %w", err)
	}
	partition, err := aws.GetPartition(ctx, nil)
	if err != nil {
		return Environment{}, fmt.Errorf("look up partition: %w", err)
	}
	// In other partitions the endpoints of some services have other names, such as cn.com.amazonaws.cn-north-1.sts, and
	// hosts end with amazonaws.com.cn or amazonaws.eu: an update would fail halfway, and the conditions of policies would
	// not match.
	if p := partition.Partition; p != "aws" && p != "aws-us-gov" {
		return Environment{}, fmt.Errorf("aws:region %s is not supported: services have other names in the partition %s", region.Name, p)
	}
	// AWS Budgets has no endpoint there: an account of GovCloud is billed through a standard account.
	// https://docs.aws.amazon.com/general/latest/gr/billing.html
	if limit := cfg.Alerts.MonthlyBudgetUSD; partition.Partition == "aws-us-gov" && limit > 0 {
		return Environment{}, config.Problem{Key: "monthlyBudgetUsd", Value: strconv.Itoa(limit), Allowed: "0 in AWS GovCloud, which has no budgets"}
	}
	zones, err := lookupZones(ctx, region.Name, cfg.Network.Zones)
	if err != nil {
		return Environment{}, err
	}
	return Environment{
		Common:      cfg.Common,
		Account:     caller.AccountId,
		Region:      region.Name,
		Partition:   partition.Partition,
		Zones:       zones,
		ZonesPinned: len(cfg.Network.Zones) > 0,
	}, nil
}

// kept returns the option for resources that contain or protect data. With
// protectData they stay when the stack is destroyed, and the engine refuses to
// delete or replace them.
func (e Environment) kept() pulumi.ResourceOption {
	return pulumi.Composite(pulumi.Protect(e.ProtectData), pulumi.RetainOnDelete(e.ProtectData))
}

// classified returns the tags of a resource that stores data.
func (e Environment) classified(name string) pulumi.StringMap {
	return pulumi.StringMap{
		"Name":               pulumi.String(name),
		"DataClassification": pulumi.String(e.DataClassification),
	}
}

// arn returns the ARN of a resource in the stack's account and region.
func (e Environment) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", e.Partition, service, e.Region, e.Account, resource)
}

// arnOf returns the ARN of a resource whose name is an output; format has one verb, %s.
func (e Environment) arnOf(service, format string, name pulumi.StringInput) pulumi.StringOutput {
	return pulumi.Sprintf(e.arn(service, format), name)
}

// logGroupArns returns the ARN of a log group with and without ":*". The former
// matches CreateLogGroup and actions on streams (log-group:NAME:log-stream:STREAM).
func (e Environment) logGroupArns(name pulumi.StringInput) pulumi.StringArray {
	return pulumi.StringArray{e.arnOf("logs", "log-group:%s", name), e.arnOf("logs", "log-group:%s:*", name)}
}

// bucketArn returns the ARN of a bucket, or with a suffix such as "/*" of objects
// in it.
func (e Environment) bucketArn(bucket pulumi.StringInput, suffix string) pulumi.StringOutput {
	return pulumi.Sprintf("arn:%s:s3:::%s%s", e.Partition, bucket, suffix)
}
