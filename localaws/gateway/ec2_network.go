package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"

	"github.com/beevik/etree"
)

// flattenInterface moves the settings of the first network interface, which the emulator does not read, to where
// it reads them.
func flattenInterface(x *exchange) {
	const first = "NetworkInterface.1."
	for _, name := range []string{"SubnetId", "PrivateIpAddress"} {
		if v := x.get(first + name); v != "" {
			x.form.Set(name, v)
		}
	}
	for i, id := range x.list(first + "SecurityGroupId") {
		x.form.Set(fmt.Sprintf("SecurityGroupId.%d", i+1), id)
	}
}

// place sets the instance's zone to its subnet's, and assigns an address in the subnet. The emulator would place
// every instance alike.
func (s *ec2) place(ctx context.Context, x *exchange, in *instance) error {
	in.PublicAddress = x.get("NetworkInterface.1.AssociatePublicIpAddress") == "true"
	id := x.get("SubnetId")
	if id == "" {
		in.PublicAddress = true // The default subnet assigns public addresses.
		return nil
	}
	a, err := x.ask(ctx, "DescribeSubnets", url.Values{"SubnetId.1": {id}})
	if err != nil {
		return &queryError{"InvalidSubnetID.NotFound", fmt.Sprintf("The subnet ID '%s' does not exist", id)}
	}
	subnet := a.root().FindElement("subnetSet/item")
	if subnet == nil {
		return &queryError{"InvalidSubnetID.NotFound", fmt.Sprintf("The subnet ID '%s' does not exist", id)}
	}
	in.Zone, in.VpcID = text(subnet, "availabilityZone"), text(subnet, "vpcId")
	if !x.form.Has("NetworkInterface.1.AssociatePublicIpAddress") {
		in.PublicAddress = text(subnet, "mapPublicIpOnLaunch") == "true"
	}
	if x.get("PrivateIpAddress") == "" {
		x.form.Set("PrivateIpAddress", addressIn(text(subnet, "cidrBlock")))
	}
	return nil
}

// addressIn returns an address of an IPv4 block that AWS does not reserve: not the first four and not the last.
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
		set(child(item, "placement"), "availabilityZone", in.Zone)
		set(item, "vpcId", in.VpcID)
	}
	if !in.PublicAddress {
		remove(item, "ipAddress")
		set(item, "dnsName", "")
	}
	remove(item, "networkInterfaceSet")
	e := item.CreateElement("networkInterfaceSet").CreateElement("item")
	id := text(item, "instanceId")
	set(e, "networkInterfaceId", interfaceOf(id))
	for _, name := range []string{"subnetId", "vpcId", "privateIpAddress"} {
		set(e, name, text(item, name))
	}
	set(e, "status", "in-use")
	set(e, "sourceDestCheck", or(text(item, "sourceDestCheck"), "true"))
	attachment := child(e, "attachment")
	set(attachment, "attachmentId", "eni-attach-"+strings.TrimPrefix(id, "i-"))
	set(attachment, "deviceIndex", "0")
	set(attachment, "networkCardIndex", "0")
	set(attachment, "status", "attached")
	set(attachment, "deleteOnTermination", "true")
	if groups := item.SelectElement("groupSet"); groups != nil {
		e.AddChild(groups.Copy())
	}
	address := child(e, "privateIpAddressesSet").CreateElement("item")
	set(address, "privateIpAddress", text(item, "privateIpAddress"))
	set(address, "primary", "true")
	if in.PublicAddress {
		set(child(e, "association"), "publicIp", text(item, "ipAddress"))
	}
}

func remove(parent *etree.Element, name string) {
	for _, e := range parent.SelectElements(name) {
		parent.RemoveChild(e)
	}
}
