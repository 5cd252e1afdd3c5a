package ec2

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/beevik/etree"

	"localaws/gateway/query"
	"localaws/store"
)

const endpointRecords = "ec2-vpc-endpoints"

// fullAccess is the default policy of an endpoint.
const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

// endpoint contains the properties of a VPC endpoint that the emulator does not store.
type endpoint struct {
	PrivateDNS     bool
	SecurityGroups []string
	Policy         string
	IPAddressType  string
	DNSRecordType  string
}

// EndpointPolicy returns the policy of a VPC endpoint, which the emulator does not store. It is empty for the default
// policy.
func EndpointPolicy(st *store.Store, id string) (string, error) {
	var e endpoint
	if err := st.Get(endpointRecords, id, &e); err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("policy of endpoint %s: %w", id, err)
	}
	return e.Policy, nil
}

func (s *Service) endpointHandlers() query.Handlers {
	return query.Handlers{
		"ec2:CreateVpcEndpoint":    s.createEndpoint,
		"ec2:ModifyVpcEndpoint":    s.modifyEndpoint,
		"ec2:DescribeVpcEndpoints": s.describeEndpoints,
		"ec2:DeleteVpcEndpoints":   s.deleteEndpoints,
	}
}

func (s *Service) createEndpoint(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if err := checkZones(ctx, x, x.List("SubnetId")); err != nil {
		return nil, err
	}
	e := endpoint{
		PrivateDNS:     x.Get("PrivateDnsEnabled") == "true",
		SecurityGroups: x.List("SecurityGroupId"),
		Policy:         x.Get("PolicyDocument"),
		IPAddressType:  x.Get("IpAddressType"),
		DNSRecordType:  x.Get("DnsOptions.DnsRecordIpType"),
	}
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		item := root.SelectElement("vpcEndpoint")
		if item == nil {
			return errors.New("the emulator's response has no VPC endpoint")
		}
		e.correct(item)
		return s.Store.Put(endpointRecords, query.Text(item, "vpcEndpointId"), e)
	})
}

func (s *Service) describeEndpoints(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	return records[endpoint]{endpointRecords, "vpcEndpointId", "vpcEndpointSet/item", (*endpoint).correct}.describe(ctx, x, s.Store)
}

func (s *Service) modifyEndpoint(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if added := x.List("AddSubnetId"); len(added) > 0 {
		a, err := x.Call(ctx, "DescribeVpcEndpoints", url.Values{"VpcEndpointId.1": {x.Get("VpcEndpointId")}})
		if err != nil {
			return nil, err
		}
		var present []string // Subnets that the same call removes count too.
		for _, item := range a.Root().FindElements("vpcEndpointSet/item/subnetIdSet/item") {
			present = append(present, item.Text())
		}
		if err := checkZones(ctx, x, append(present, added...)); err != nil {
			return nil, err
		}
	}
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	var e endpoint
	if err := s.Store.Get(endpointRecords, x.Get("VpcEndpointId"), &e); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	e.modify(x)
	return a, s.Store.Put(endpointRecords, x.Get("VpcEndpointId"), e)
}

// checkZones refuses two subnets in one zone.
func checkZones(ctx context.Context, x *query.Exchange, subnets []string) error {
	used := map[string]string{}
	for _, id := range subnets {
		a, err := x.Call(ctx, "DescribeSubnets", url.Values{"SubnetId.1": {id}})
		if err != nil || a.Root().FindElement("subnetSet/item") == nil {
			return &query.Error{Code: "InvalidSubnetId.NotFound", Message: fmt.Sprintf("The subnet ID '%s' does not exist", id)}
		}
		zone := query.Text(a.Root(), "subnetSet/item/availabilityZone")
		if other := used[zone]; other != "" && other != id {
			return &query.Error{Code: "DuplicateSubnetsInSameZone", Message: fmt.Sprintf("Found another VPC endpoint subnet in the availability zone of %s. "+
				"VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.", id)}
		}
		used[zone] = id
	}
	return nil
}

func (s *Service) deleteEndpoints(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	for _, id := range x.List("VpcEndpointId") {
		if err := s.Store.Delete(endpointRecords, id); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (e *endpoint) modify(x *query.Exchange) {
	if v := x.Get("PrivateDnsEnabled"); v != "" {
		e.PrivateDNS = v == "true"
	}
	if v := x.Get("PolicyDocument"); v != "" {
		e.Policy = v
	}
	if x.Get("ResetPolicy") == "true" {
		e.Policy = ""
	}
	if v := x.Get("IpAddressType"); v != "" {
		e.IPAddressType = v
	}
	if v := x.Get("DnsOptions.DnsRecordIpType"); v != "" {
		e.DNSRecordType = v
	}
	removed := x.List("RemoveSecurityGroupId")
	e.SecurityGroups = slices.DeleteFunc(e.SecurityGroups, func(id string) bool { return slices.Contains(removed, id) })
	for _, id := range x.List("AddSecurityGroupId") {
		if !slices.Contains(e.SecurityGroups, id) {
			e.SecurityGroups = append(e.SecurityGroups, id)
		}
	}
}

func (e *endpoint) correct(item *etree.Element) {
	query.Set(item, "privateDnsEnabled", strconv.FormatBool(e.PrivateDNS))
	query.Set(item, "requesterManaged", "false")
	policy := e.Policy
	if policy == "" {
		policy = fullAccess
	}
	query.Set(item, "policyDocument", policy)
	if query.Text(item, "vpcEndpointType") != "Interface" {
		return
	}
	query.Set(item, "ipAddressType", or(e.IPAddressType, "ipv4"))
	query.Set(query.Child(item, "dnsOptions"), "dnsRecordIpType", or(e.DNSRecordType, "ipv4"))
	groups := query.Child(item, "groupSet")
	groups.Child = nil
	for _, id := range e.SecurityGroups {
		query.Set(groups.CreateElement("item"), "groupId", id)
	}
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
