package ec2

import (
	"context"
	"fmt"
	"localaws/gateway/account"
	"localaws/gateway/query"
	"maps"
	"slices"
	"strconv"

	"github.com/beevik/etree"
)

func (s *Service) offeringHandlers() query.Handlers {
	return query.Handlers{
		"ec2:DescribeInstanceTypes":         s.instanceTypes,
		"ec2:DescribeInstanceTypeOfferings": s.instanceTypeOfferings,
		"ec2:DescribeVpcEndpointServices":   s.endpointServices,
	}
}

// instanceTypes applies the filter instance-type, which the emulator ignores, and corrects freeTierEligible, for which
// the emulator returns the values of older accounts.
func (s *Service) instanceTypes(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	form := maps.Clone(x.Form)
	for i, kind := range filterValues(x, "instance-type") {
		form.Set(fmt.Sprintf("InstanceType.%d", i+1), kind)
	}
	a, err := x.Post(ctx, form)
	if err != nil || !a.OK() {
		return a, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		for _, item := range root.FindElements("instanceTypeSet/item") {
			query.Set(item, "freeTierEligible", strconv.FormatBool(slices.Contains(account.FreeTypes, query.Text(item, "instanceType"))))
		}
		return nil
	})
}

// instanceTypeOfferings returns the offerings of the instance types in the request's filter. The emulator does not
// implement the operation:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
func (s *Service) instanceTypeOfferings(_ context.Context, x *query.Exchange) (*query.Response, error) {
	doc := query.Document("DescribeInstanceTypeOfferingsResponse", namespace)
	set := doc.Root().CreateElement("instanceTypeOfferingSet")
	for _, kind := range filterValues(x, "instance-type") {
		if !account.InstanceTypes.MatchString(kind) {
			continue
		}
		locations := []string{s.Limits.Region}
		if x.Get("LocationType") == "availability-zone" {
			var err error
			if locations, err = s.Limits.Zones(kind); err != nil {
				return nil, err
			}
		}
		for _, location := range locations {
			addOffering(set, kind, or(x.Get("LocationType"), "region"), location)
		}
	}
	return query.DocumentResponse(doc)
}

func addOffering(parent *etree.Element, kind, locationType, location string) {
	item := parent.CreateElement("item")
	query.Set(item, "instanceType", kind)
	query.Set(item, "locationType", locationType)
	query.Set(item, "location", location)
}

// missingServices are AWS's endpoint services that the emulator lacks.
var missingServices = []string{"glue"}

// endpointServices adds missingServices to the emulator's response, and removes the zones that do not offer a service.
func (s *Service) endpointServices(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	wanted := append(filterValues(x, "service-name"), x.List("ServiceName")...)
	return a, a.Edit(func(root *etree.Element) error {
		for _, name := range missingServices {
			if name = "com.amazonaws." + s.Limits.Region + "." + name; len(wanted) == 0 || slices.Contains(wanted, name) {
				addService(root, name)
			}
		}
		for _, item := range root.FindElements("serviceDetailSet/item") {
			zones, err := s.Limits.Zones(query.Text(item, "serviceName"))
			if err != nil {
				return err
			}
			query.SetList(item, "availabilityZoneSet", "item", zones)
		}
		return nil
	})
}

func addService(root *etree.Element, name string) {
	query.Child(root, "serviceNameSet").CreateElement("item").SetText(name)
	item := query.Child(root, "serviceDetailSet").CreateElement("item")
	query.Set(item, "serviceName", name)
	query.Set(query.Child(query.Child(item, "serviceType"), "item"), "serviceType", "Interface")
	query.Set(item, "owner", "amazon")
	query.Set(item, "vpcEndpointPolicySupported", "true")
}

// filterValues returns the values of a filter in an EC2 request.
func filterValues(x *query.Exchange, name string) []string {
	var values []string
	for i := 1; x.Get(fmt.Sprintf("Filter.%d.Name", i)) != ""; i++ {
		if x.Get(fmt.Sprintf("Filter.%d.Name", i)) == name {
			values = slices.Concat(values, x.List(fmt.Sprintf("Filter.%d.Value", i)))
		}
	}
	return values
}
