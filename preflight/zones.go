package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"store-events/config"
)

// zones finds instance types and endpoint services of the plan that are not available
// in a zone of the stack.
func zones(ctx context.Context, r *run) ([]Finding, error) {
	const id = "zones"
	available, err := r.available(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := r.wantedZones(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := config.ChooseZones(r.plan.Region, available, wanted)
	if err != nil {
		return []Finding{{ID: id, Status: Problem, What: err.Error(), Do: "set store-events:availabilityZones to zones of this account, or aws:region to another region"}}, nil
	}
	offered, err := r.offered(ctx)
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, what := range slices.Sorted(maps.Keys(offered)) {
		for _, zone := range chosen {
			if !slices.Contains(offered[what], zone) {
				found = append(found, Finding{ID: id, Status: Problem, What: fmt.Sprintf("zone %s does not offer %s", zone, what), Do: otherZones(available, offered)})
			}
		}
	}
	if len(offered) == 0 {
		return ok(id, list(chosen)+" are available, and the stack creates no instance or interface endpoint"), nil
	}
	return or(found, id, fmt.Sprintf("%s offer all %d of the instance types and endpoint services", list(chosen), len(offered))), nil
}

// wantedZones returns the plan's zones, or the zones of the existing subnets.
func (r *run) wantedZones(ctx context.Context) ([]string, error) {
	if r.plan.Network == nil {
		return r.plan.Zones, nil
	}
	subnets, err := r.subnets(ctx, r.plan.Network.all())
	if err != nil {
		return nil, err
	}
	var zones []string
	for _, s := range subnets {
		zones = append(zones, aws.ToString(s.AvailabilityZone))
	}
	slices.Sort(zones)
	return slices.Compact(zones), nil
}

// otherZones suggests zones that offer everything.
func otherZones(available []string, offered map[string][]string) string {
	var good []string
	for _, zone := range available {
		if all := slices.Collect(maps.Values(offered)); !slices.ContainsFunc(all, func(in []string) bool { return !slices.Contains(in, zone) }) {
			good = append(good, zone)
		}
	}
	if len(good) < config.Zones {
		return "choose another instance type or another aws:region: no two zones offer everything"
	}
	return fmt.Sprintf("set store-events:availabilityZones to %d of %s, which offer everything", config.Zones, list(good))
}

// available returns the zones that the program chooses from, sorted by name.
func (r *run) available(ctx context.Context) ([]string, error) {
	out, err := r.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []ec2types.Filter{
		filter("state", "available"), filter("opt-in-status", "opt-in-not-required"),
	}})
	if err != nil {
		return nil, fmt.Errorf("availability zones: %w", err)
	}
	var names []string
	for _, zone := range out.AvailabilityZones {
		if !slices.Contains(config.ConstrainedZones(), aws.ToString(zone.ZoneId)) {
			names = append(names, aws.ToString(zone.ZoneName))
		}
	}
	slices.Sort(names)
	return names, nil
}

// offered returns the zones of each instance type and endpoint service of the plan.
func (r *run) offered(ctx context.Context) (map[string][]string, error) {
	offered := map[string][]string{}
	for _, instance := range r.plan.all("aws:ec2/instance:Instance") {
		kind := instance.text("instanceType")
		out, err := r.ec2.DescribeInstanceTypeOfferings(ctx, &ec2.DescribeInstanceTypeOfferingsInput{
			LocationType: ec2types.LocationTypeAvailabilityZone, Filters: []ec2types.Filter{filter("instance-type", kind)},
		})
		if err != nil {
			return nil, fmt.Errorf("offerings of %s: %w", kind, err)
		}
		what := "instance type " + kind
		offered[what] = nil
		for _, o := range out.InstanceTypeOfferings {
			offered[what] = append(offered[what], aws.ToString(o.Location))
		}
	}
	var services []string
	for _, e := range r.plan.all("aws:ec2/vpcEndpoint:VpcEndpoint") {
		if e.text("vpcEndpointType") == "Interface" && e.text("serviceName") != "" {
			services = append(services, e.text("serviceName"))
			offered["endpoint service "+e.text("serviceName")] = nil
		}
	}
	if len(services) == 0 {
		return offered, nil
	}
	out, err := r.ec2.DescribeVpcEndpointServices(ctx, &ec2.DescribeVpcEndpointServicesInput{Filters: []ec2types.Filter{filter("service-name", services...)}})
	if err != nil {
		return nil, fmt.Errorf("endpoint services: %w", err)
	}
	for _, s := range out.ServiceDetails {
		// A service may also have a gateway endpoint, which lists other zones.
		if what := "endpoint service " + aws.ToString(s.ServiceName); slices.ContainsFunc(s.ServiceType, isInterface) {
			offered[what] = append(offered[what], s.AvailabilityZones...)
		}
	}
	return offered, nil
}

func isInterface(t ec2types.ServiceTypeDetail) bool {
	return t.ServiceType == ec2types.ServiceTypeInterface
}

func filter(name string, values ...string) ec2types.Filter {
	return ec2types.Filter{Name: &name, Values: values}
}
