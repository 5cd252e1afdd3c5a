package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"localaws/store"
)

const endpointRecords = "ec2-vpc-endpoints"

// fullAccess is the policy of an endpoint created without one.
const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

// endpoint holds what the emulator does not keep of a VPC endpoint.
type endpoint struct {
	PrivateDNS     bool
	SecurityGroups []string
	Policy         string
	IPAddressType  string
	DNSRecordType  string
}

// EndpointPolicy returns the policy of a VPC endpoint, which the emulator does not keep. It is empty if the
// endpoint was created without one.
func EndpointPolicy(st *store.Store, id string) (string, error) {
	var e endpoint
	if err := st.Get(endpointRecords, id, &e); err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("policy of endpoint %s: %w", id, err)
	}
	return e.Policy, nil
}

func (s *ec2) endpointHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:CreateVpcEndpoint":    s.createEndpoint,
		"ec2:ModifyVpcEndpoint":    s.modifyEndpoint,
		"ec2:DescribeVpcEndpoints": s.describeEndpoints,
		"ec2:DeleteVpcEndpoints":   s.deleteEndpoints,
	}
}

func (s *ec2) createEndpoint(ctx context.Context, x *exchange) (*answer, error) {
	e := endpoint{
		PrivateDNS:     x.get("PrivateDnsEnabled") == "true",
		SecurityGroups: x.list("SecurityGroupId"),
		Policy:         x.get("PolicyDocument"),
		IPAddressType:  x.get("IpAddressType"),
		DNSRecordType:  x.get("DnsOptions.DnsRecordIpType"),
	}
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		item := root.SelectElement("vpcEndpoint")
		if item == nil {
			return errors.New("the emulator's answer has no VPC endpoint")
		}
		e.correct(item)
		return s.store.Put(endpointRecords, text(item, "vpcEndpointId"), e)
	})
}

func (s *ec2) describeEndpoints(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		return correctRecorded(s.store, endpointRecords, root.FindElements("vpcEndpointSet/item"), "vpcEndpointId", (*endpoint).correct)
	})
}

func (s *ec2) modifyEndpoint(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	var e endpoint
	if err := s.store.Get(endpointRecords, x.get("VpcEndpointId"), &e); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	e.modify(x)
	return a, s.store.Put(endpointRecords, x.get("VpcEndpointId"), e)
}

func (s *ec2) deleteEndpoints(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	for _, id := range x.list("VpcEndpointId") {
		if err := s.store.Delete(endpointRecords, id); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (e *endpoint) modify(x *exchange) {
	if v := x.get("PrivateDnsEnabled"); v != "" {
		e.PrivateDNS = v == "true"
	}
	if v := x.get("PolicyDocument"); v != "" {
		e.Policy = v
	}
	if x.get("ResetPolicy") == "true" {
		e.Policy = ""
	}
	if v := x.get("IpAddressType"); v != "" {
		e.IPAddressType = v
	}
	if v := x.get("DnsOptions.DnsRecordIpType"); v != "" {
		e.DNSRecordType = v
	}
	gone := x.list("RemoveSecurityGroupId")
	e.SecurityGroups = slices.DeleteFunc(e.SecurityGroups, func(id string) bool { return slices.Contains(gone, id) })
	for _, id := range x.list("AddSecurityGroupId") {
		if !slices.Contains(e.SecurityGroups, id) {
			e.SecurityGroups = append(e.SecurityGroups, id)
		}
	}
}

func (e *endpoint) correct(item *etree.Element) {
	set(item, "privateDnsEnabled", boolText(e.PrivateDNS))
	set(item, "requesterManaged", "false")
	policy := e.Policy
	if policy == "" {
		policy = fullAccess
	}
	set(item, "policyDocument", policy)
	if text(item, "vpcEndpointType") != "Interface" {
		return
	}
	set(item, "ipAddressType", or(e.IPAddressType, "ipv4"))
	set(child(item, "dnsOptions"), "dnsRecordIpType", or(e.DNSRecordType, "ipv4"))
	groups := child(item, "groupSet")
	groups.Child = nil
	for _, id := range e.SecurityGroups {
		set(groups.CreateElement("item"), "groupId", id)
	}
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
