package gateway

import (
	"context"
	"fmt"
	"slices"

	"github.com/beevik/etree"
)

func (s *ec2) offeringHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:DescribeInstanceTypeOfferings": s.instanceTypeOfferings,
		"ec2:DescribeVpcEndpointServices":   s.endpointServices,
	}
}

// instanceTypeOfferings, which the emulator does not know, for the instance types
// that the request's filter names:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
func (s *ec2) instanceTypeOfferings(_ context.Context, x *exchange) (*answer, error) {
	doc := document("DescribeInstanceTypeOfferingsResponse", ec2Namespace)
	set := doc.Root().CreateElement("instanceTypeOfferingSet")
	for _, kind := range filtered(x, "instance-type") {
		if !instanceTypes.MatchString(kind) {
			continue
		}
		places := []string{s.limits.region}
		if x.get("LocationType") == "availability-zone" {
			var err error
			if places, err = s.limits.zones(kind); err != nil {
				return nil, err
			}
		}
		for _, place := range places {
			offer(set, kind, or(x.get("LocationType"), "region"), place)
		}
	}
	return documentAnswer(doc)
}

func offer(parent *etree.Element, kind, locationType, place string) {
	item := parent.CreateElement("item")
	set(item, "instanceType", kind)
	set(item, "locationType", locationType)
	set(item, "location", place)
}

// missingServices are endpoint services that AWS has and the emulator does not.
var missingServices = []string{"glue"}

// endpointServices adds those that the emulator lacks, and leaves out the zones
// that do not have a service.
func (s *ec2) endpointServices(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	wanted := append(filtered(x, "service-name"), x.list("ServiceName")...)
	return a, a.edit(func(root *etree.Element) error {
		for _, name := range missingServices {
			if name = "com.amazonaws." + s.limits.region + "." + name; len(wanted) == 0 || slices.Contains(wanted, name) {
				addService(root, name)
			}
		}
		for _, item := range root.FindElements("serviceDetailSet/item") {
			zones, err := s.limits.zones(text(item, "serviceName"))
			if err != nil {
				return err
			}
			setList(item, "availabilityZoneSet", "item", zones)
		}
		return nil
	})
}

func addService(root *etree.Element, name string) {
	child(root, "serviceNameSet").CreateElement("item").SetText(name)
	item := child(root, "serviceDetailSet").CreateElement("item")
	set(item, "serviceName", name)
	set(child(child(item, "serviceType"), "item"), "serviceType", "Interface")
	set(item, "owner", "amazon")
	set(item, "vpcEndpointPolicySupported", "true")
}

// filtered are the values of a filter of EC2's.
func filtered(x *exchange, name string) []string {
	var values []string
	for i := 1; x.get(fmt.Sprintf("Filter.%d.Name", i)) != ""; i++ {
		if x.get(fmt.Sprintf("Filter.%d.Name", i)) == name {
			values = slices.Concat(values, x.list(fmt.Sprintf("Filter.%d.Value", i)))
		}
	}
	return values
}
