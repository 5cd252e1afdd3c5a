package original

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	vpcBlock   = "10.10.0.0/16"
	everywhere = "0.0.0.0/0"
)

type network struct {
	vpc *ec2.Vpc
	app []*ec2.Subnet
}

// newNetwork declares public, application and database subnets in two zones, and a NAT gateway for each zone.
func newNetwork(ctx *pulumi.Context) network {
	vpc := must(ec2.NewVpc(ctx, name, &ec2.VpcArgs{
		CidrBlock: pulumi.String(vpcBlock), EnableDnsSupport: pulumi.Bool(true), EnableDnsHostnames: pulumi.Bool(true),
	}))
	n := network{vpc: vpc}
	internet := must(ec2.NewInternetGateway(ctx, name, &ec2.InternetGatewayArgs{VpcId: vpc.ID()}))
	for i, zone := range []string{"eu-west-1a", "eu-west-1b"} {
		public := n.subnet(ctx, "public", i, zone)
		n.route(ctx, "public", i, public, &ec2.RouteArgs{GatewayId: internet.ID()})
		label := fmt.Sprintf("nat-%d", i)
		address := must(ec2.NewEip(ctx, label, &ec2.EipArgs{Domain: pulumi.String("vpc")}))
		nat := must(ec2.NewNatGateway(ctx, label, &ec2.NatGatewayArgs{AllocationId: address.ID(), SubnetId: public.ID()}))
		app := n.subnet(ctx, "app", i, zone)
		n.route(ctx, "app", i, app, &ec2.RouteArgs{NatGatewayId: nat.ID()})
		n.app = append(n.app, app)
		n.subnet(ctx, "db", i, zone) // Isolated and unused.
	}
	return n
}

func (n network) subnet(ctx *pulumi.Context, tier string, i int, zone string) *ec2.Subnet {
	third := map[string]int{"public": 0, "app": 2, "db": 4}[tier] + i
	return must(ec2.NewSubnet(ctx, fmt.Sprintf("%s-%d", tier, i), &ec2.SubnetArgs{
		VpcId: n.vpc.ID(), AvailabilityZone: pulumi.String(zone), CidrBlock: pulumi.Sprintf("10.10.%d.0/24", third),
		MapPublicIpOnLaunch: pulumi.Bool(tier == "public"),
	}))
}

func (n network) route(ctx *pulumi.Context, tier string, i int, subnet *ec2.Subnet, out *ec2.RouteArgs) {
	label := fmt.Sprintf("%s-%d", tier, i)
	table := must(ec2.NewRouteTable(ctx, label, &ec2.RouteTableArgs{VpcId: n.vpc.ID()}))
	must(ec2.NewRouteTableAssociation(ctx, label, &ec2.RouteTableAssociationArgs{RouteTableId: table.ID(), SubnetId: subnet.ID()}))
	out.RouteTableId, out.DestinationCidrBlock = table.ID(), pulumi.String(everywhere)
	must(ec2.NewRoute(ctx, label, out))
}

// group creates a security group that allows all egress.
func (n network) group(ctx *pulumi.Context, label string, in ec2.SecurityGroupIngressArgs) *ec2.SecurityGroup {
	return must(ec2.NewSecurityGroup(ctx, label, &ec2.SecurityGroupArgs{
		VpcId:   n.vpc.ID(),
		Ingress: ec2.SecurityGroupIngressArray{in},
		Egress: ec2.SecurityGroupEgressArray{ec2.SecurityGroupEgressArgs{
			Protocol: pulumi.String("-1"), FromPort: pulumi.Int(0), ToPort: pulumi.Int(0), CidrBlocks: pulumi.ToStringArray([]string{everywhere}),
		}},
	}))
}
