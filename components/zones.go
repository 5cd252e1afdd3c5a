package components

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// constrainedZones are old zones, by the ID that is the same in every account,
// which lack instance types and endpoint services. EKS does not use them either:
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
var constrainedZones = []string{"use1-az3", "usw1-az2", "cac1-az3"}

// lookupZones returns the availability zones that a stack spans: those of the
// configuration, which must exist, else the first ones by name that are available
// to everyone and not constrained. Names of zones mean other places in other
// accounts, so the choice holds for one account.
func lookupZones(ctx *pulumi.Context, region string, wanted []string) ([]string, error) {
	// Local Zones and Wavelength Zones have neither RDS nor Glue, and need an opt-in.
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State:          pulumi.StringRef("available"),
		Filters:        []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
		ExcludeZoneIds: constrainedZones,
	})
	if err != nil {
		return nil, fmt.Errorf("look up availability zones: %w", err)
	}
	return chooseZones(region, zones.Names, wanted)
}

func chooseZones(region string, available, wanted []string) ([]string, error) {
	available = slices.Sorted(slices.Values(available))
	for _, zone := range wanted {
		if !slices.Contains(available, zone) {
			return nil, config.Problem{
				Key: "availabilityZones", Value: fmt.Sprintf("%q", zone),
				Allowed: fmt.Sprintf("%d of the zones of %s: %s", config.Zones, region, strings.Join(available, ", ")),
			}
		}
	}
	if len(wanted) > 0 {
		return wanted, nil
	}
	if len(available) < config.Zones {
		return nil, fmt.Errorf("region %s has %d availability zones, %d are needed: choose another aws:region", region, len(available), config.Zones)
	}
	return available[:config.Zones], nil
}
