package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func newVpc(s scope, args *NetworkArgs) (*ec2.Vpc, error) {
	vpc, err := ec2.NewVpc(s.ctx, s.label("vpc"), &ec2.VpcArgs{
		CidrBlock: pulumi.String(args.Settings.VpcCidr),
		// The private names of interface endpoints and of the database need both.
		EnableDnsSupport:   pulumi.Bool(true),
		EnableDnsHostnames: pulumi.Bool(true),
		Tags:               tagged(s.name),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("vpc: %w", err)
	}
	// The default group has no rules, so that nothing is reachable by default.
	_, err = ec2.NewDefaultSecurityGroup(s.ctx, s.label("default-group"), &ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.ID(),
		Tags:  tagged(s.label("closed")),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("default security group: %w", err)
	}
	return vpc, newFlowLog(s, args, vpc)
}

// subnets are the subnets of the VPC by layer, one per zone.
type subnets struct{ public, app, db []*ec2.Subnet }

func (n *Network) newSubnets(s scope, args *NetworkArgs) (all subnets, err error) {
	for _, layer := range []struct {
		role    string
		cidrs   []string
		subnets *[]*ec2.Subnet
	}{
		{"public", args.Settings.PublicSubnetCidrs, &all.public},
		{"app", args.Settings.AppSubnetCidrs, &all.app},
		{"db", args.Settings.DbSubnetCidrs, &all.db},
	} {
		if *layer.subnets, err = n.newLayer(s.within(layer.role), args.Environment, layer.cidrs); err != nil {
			return subnets{}, err
		}
	}
	for _, subnet := range all.app {
		n.AppSubnetIDs = append(n.AppSubnetIDs, subnet.ID())
		n.AppZones = append(n.AppZones, subnet.AvailabilityZone)
	}
	for _, subnet := range all.db {
		n.DbSubnetIDs = append(n.DbSubnetIDs, subnet.ID())
	}
	return all, nil
}

// newLayer creates one subnet per zone, without public addresses: NAT gateways have
// their own.
//
// Moving a subnet to another zone would replace it with everything in it. So zones
// that the program chose apply to new subnets only, even if the region opens or closes a zone.
func (n *Network) newLayer(s scope, env Environment, cidrs []string) ([]*ec2.Subnet, error) {
	if !env.ZonesPinned {
		s = s.with(pulumi.IgnoreChanges([]string{"availabilityZone"}))
	}
	made := make([]*ec2.Subnet, len(cidrs))
	for i, cidr := range cidrs {
		label := fmt.Sprintf("%s-%d", s.name, i+1)
		subnet, err := ec2.NewSubnet(s.ctx, label, &ec2.SubnetArgs{
			VpcId:               n.VpcID,
			CidrBlock:           pulumi.String(cidr),
			AvailabilityZone:    pulumi.String(env.Zones[i]),
			MapPublicIpOnLaunch: pulumi.Bool(false),
			Tags:                tagged(label),
		}, s.parent)
		if err != nil {
			return nil, fmt.Errorf("subnet %s: %w", label, err)
		}
		made[i] = subnet
	}
	return made, nil
}
