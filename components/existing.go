package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Existing describes the existing resources that a stack uses. They are looked up and
// checked before any resource is registered.
type Existing struct {
	Network  ExistingNetwork
	Database ExistingDatabase
	// LineageKeyArn is the customer managed key of the lineage server's secret, if any.
	LineageKeyArn string
}

// ExistingNetwork is what AWS reports about an existing VPC.
type ExistingNetwork struct {
	// AppZones are the zones of the app subnets.
	AppZones []string
	// S3PrefixList is the ID of the region's prefix list of S3.
	S3PrefixList string
}

// LookupExisting looks up the existing resources of the configuration and refuses unsuitable ones.
func LookupExisting(ctx *pulumi.Context, env Environment, cfg config.Config) (found Existing, err error) {
	if cfg.Storage.Existing() {
		if err := lookupBucket(ctx, env, cfg.Storage.ExistingBucket); err != nil {
			return Existing{}, err
		}
	}
	if cfg.Network.Existing() {
		if found.Network, err = lookupNetwork(ctx, env, cfg.Network); err != nil {
			return Existing{}, err
		}
	}
	if cfg.Database.Existing() {
		if found.Database, err = lookupDatabase(ctx, env, cfg.Database); err != nil {
			return Existing{}, err
		}
	}
	if arn := cfg.Etl.LineageSecretARN; arn != "" {
		if found.LineageKeyArn, err = secretKey(ctx, env, "lineageSecretArn", arn); err != nil {
			return Existing{}, err
		}
	}
	return found, nil
}

// lookupBucket refuses a bucket that does not exist or is in another region: Glue
// and Athena would read it across regions.
func lookupBucket(ctx *pulumi.Context, env Environment, name string) error {
	b, err := s3.LookupBucket(ctx, &s3.LookupBucketArgs{Bucket: name})
	if err != nil {
		return fmt.Errorf("%s:existingBucket: look up bucket %s: %w", config.Namespace, name, err)
	}
	if b.Region != env.Region {
		return config.Problem{Key: "existingBucket", Value: fmt.Sprintf("%q", name), Allowed: fmt.Sprintf("a bucket in %s: this one is in %s", env.Region, b.Region)}
	}
	return nil
}

func lookupNetwork(ctx *pulumi.Context, env Environment, settings config.Network) (found ExistingNetwork, err error) {
	if found.AppZones, err = lookupSubnets(ctx, "appSubnetIds", settings.VpcID, settings.AppSubnetIDs); err != nil {
		return found, err
	}
	if len(settings.DbSubnetIDs) > 0 {
		if _, err = lookupSubnets(ctx, "dbSubnetIds", settings.VpcID, settings.DbSubnetIDs); err != nil {
			return found, err
		}
	}
	name := fmt.Sprintf("com.amazonaws.%s.s3", env.Region)
	s3, err := ec2.GetPrefixList(ctx, &ec2.GetPrefixListArgs{Name: &name})
	if err != nil {
		return found, fmt.Errorf("look up the prefix list of S3: %w", err)
	}
	found.S3PrefixList = s3.Id
	return found, nil
}

// lookupSubnets returns the zones of subnets, which must be in the VPC.
func lookupSubnets(ctx *pulumi.Context, key, vpc string, ids []string) ([]string, error) {
	var subnets []config.Subnet
	var zones []string
	for _, id := range ids {
		s, err := ec2.LookupSubnet(ctx, &ec2.LookupSubnetArgs{Id: &id})
		if err != nil {
			return nil, fmt.Errorf("%s:%s: look up subnet %s: %w", config.Namespace, key, id, err)
		}
		subnets = append(subnets, config.Subnet{ID: id, VpcID: s.VpcId, Zone: s.AvailabilityZone})
		zones = append(zones, s.AvailabilityZone)
	}
	return zones, config.CheckSubnets(key, vpc, subnets)
}
