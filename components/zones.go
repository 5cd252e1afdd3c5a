package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// lookupZones returns the availability zones of a stack: the configured zones, which
// must exist, or the first ones by name that need no opt-in and are not constrained.
// AWS maps zone names to locations per account, so the choice is valid for one account.
func lookupZones(ctx *pulumi.Context, region string, wanted []string) ([]string, error) {
	// Local Zones and Wavelength Zones have neither RDS nor Glue, and need an opt-in.
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State:          pulumi.StringRef("available"),
		Filters:        []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
		ExcludeZoneIds: config.ConstrainedZones(),
	})
	if err != nil {
		return nil, fmt.Errorf("look up availability zones: %w", err)
	}
	return config.ChooseZones(region, zones.Names, wanted)
}
