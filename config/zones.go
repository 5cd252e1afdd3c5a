package config

import (
	"fmt"
	"slices"
	"strings"
)

// ConstrainedZones returns the IDs, the same in every account, of old zones that
// lack instance types and endpoint services. EKS does not use them either:
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
func ConstrainedZones() []string { return []string{"use1-az3", "usw1-az2", "cac1-az3"} }

// ChooseZones returns the availability zones of a stack: the wanted zones, which
// must be available, or the first ones by name.
func ChooseZones(region string, available, wanted []string) ([]string, error) {
	available = slices.Sorted(slices.Values(available))
	for _, zone := range wanted {
		if !slices.Contains(available, zone) {
			return nil, Problem{
				Key: "availabilityZones", Value: fmt.Sprintf("%q", zone),
				Allowed: fmt.Sprintf("%d of the zones of %s: %s", Zones, region, strings.Join(available, ", ")),
			}
		}
	}
	if len(wanted) > 0 {
		return wanted, nil
	}
	if len(available) < Zones {
		return nil, fmt.Errorf("region %s has %d availability zones, %d are needed: choose another aws:region", region, len(available), Zones)
	}
	return available[:Zones], nil
}

// EndpointServices returns the AWS APIs, besides S3, that job, rotation function and
// consumer call from the VPC; the last two are Session Manager's. ec2messages, its
// older channel, is not included: only agents before 3.3.40 need it, and regions opened
// since 2024 lack it:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
func EndpointServices() []string {
	return []string{"secretsmanager", "glue", "logs", "kms", "sts", "monitoring", "ssm", "ssmmessages"}
}
