package ec2

import (
	"context"
	"fmt"
	"localaws/gateway/query"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"

	"github.com/beevik/etree"
)

// flattenInterface copies the settings of the first network interface, which the emulator ignores, to the parameters of
// the instance.
func flattenInterface(x *query.Exchange) {
	const first = "NetworkInterface.1."
	for _, name := range []string{"SubnetId", "PrivateIpAddress"} {
		if v := x.Get(first + name); v != "" {
			x.Form.Set(name, v)
		}
	}
	for i, id := range x.List(first + "SecurityGroupId") {
		x.Form.Set(fmt.Sprintf("SecurityGroupId.%d", i+1), id)
	}
}

// place sets the instance's zone to its subnet's, and assigns an address in the subnet. The emulator uses the same zone
// for every instance.
func (s *Service) place(ctx context.Context, x *query.Exchange, in *instance) error {
	in.PublicAddress = x.Get("NetworkInterface.1.AssociatePublicIpAddress") == "true"
	id := x.Get("SubnetId")
	if id == "" {
		in.PublicAddress = true // The default subnet assigns public addresses.
		return nil
	}
	a, err := x.Call(ctx, "DescribeSubnets", url.Values{"SubnetId.1": {id}})
	if err != nil {
		return &query.Error{Code: "InvalidSubnetID.NotFound", Message: fmt.Sprintf("The subnet ID '%s' does not exist", id)}
	}
	subnet := a.Root().FindElement("subnetSet/item")
	if subnet == nil {
		return &query.Error{Code: "InvalidSubnetID.NotFound", Message: fmt.Sprintf("The subnet ID '%s' does not exist", id)}
	}
	in.Zone, in.VpcID = query.Text(subnet, "availabilityZone"), query.Text(subnet, "vpcId")
	if !x.Form.Has("NetworkInterface.1.AssociatePublicIpAddress") {
		in.PublicAddress = query.Text(subnet, "mapPublicIpOnLaunch") == "true"
	}
	if x.Get("PrivateIpAddress") == "" {
		x.Form.Set("PrivateIpAddress", addressIn(query.Text(subnet, "cidrBlock")))
	}
	return nil
}

// addressIn returns a random address of an IPv4 block, without those that AWS reserves: the first four and the last.
func addressIn(block string) string {
	prefix, err := netip.ParsePrefix(block)
	if err != nil || !prefix.Addr().Is4() || prefix.Bits() > 28 {
		return ""
	}
	hosts := 1<<(32-prefix.Bits()) - 5
	n := 4 + rand.IntN(hosts) //nolint:gosec // not a secret
	b := prefix.Masked().Addr().As4()
	for i := 3; i >= 0 && n > 0; i-- {
		n += int(b[i])
		b[i] = byte(n & 0xff)
		n >>= 8
	}
	return netip.AddrFrom4(b).String()
}

func (in instance) correctNetwork(item *etree.Element) {
	if in.Zone != "" {
		query.Set(query.Child(item, "placement"), "availabilityZone", in.Zone)
		query.Set(item, "vpcId", in.VpcID)
	}
	if !in.PublicAddress {
		remove(item, "ipAddress")
		query.Set(item, "dnsName", "")
	}
	remove(item, "networkInterfaceSet")
	e := item.CreateElement("networkInterfaceSet").CreateElement("item")
	id := query.Text(item, "instanceId")
	query.Set(e, "networkInterfaceId", interfaceOf(id))
	for _, name := range []string{"subnetId", "vpcId", "privateIpAddress"} {
		query.Set(e, name, query.Text(item, name))
	}
	query.Set(e, "status", "in-use")
	query.Set(e, "sourceDestCheck", or(query.Text(item, "sourceDestCheck"), "true"))
	attachment := query.Child(e, "attachment")
	query.Set(attachment, "attachmentId", "eni-attach-"+strings.TrimPrefix(id, "i-"))
	query.Set(attachment, "deviceIndex", "0")
	query.Set(attachment, "networkCardIndex", "0")
	query.Set(attachment, "status", "attached")
	query.Set(attachment, "deleteOnTermination", "true")
	if groups := item.SelectElement("groupSet"); groups != nil {
		e.AddChild(groups.Copy())
	}
	address := query.Child(e, "privateIpAddressesSet").CreateElement("item")
	query.Set(address, "privateIpAddress", query.Text(item, "privateIpAddress"))
	query.Set(address, "primary", "true")
	if in.PublicAddress {
		query.Set(query.Child(e, "association"), "publicIp", query.Text(item, "ipAddress"))
	}
}

func remove(parent *etree.Element, name string) {
	for _, e := range parent.SelectElements(name) {
		parent.RemoveChild(e)
	}
}
