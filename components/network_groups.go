package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Groups are the security groups of the VPC. They are all made here, so that
// who may speak to whom can be read in one place.
type Groups struct {
	Job       *ec2.SecurityGroup
	Consumer  *ec2.SecurityGroup
	Rotation  *ec2.SecurityGroup
	Database  *ec2.SecurityGroup
	Endpoints *ec2.SecurityGroup // nil without interface endpoints
}

// rule is one permitted connection between two groups. EC2 takes descriptions of
// at most 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
type rule struct {
	name, description string
	from, to          *ec2.SecurityGroup
	port, lastPort    int
}

func (n *Network) groups(ctx *pulumi.Context, name string, args *NetworkArgs, s3 pulumi.StringInput, child pulumi.ResourceOption) (Groups, error) {
	var g Groups
	for _, wanted := range []struct {
		group             **ec2.SecurityGroup
		name, description string
		exists            bool
	}{
		{&g.Job, "job", "Workers of the Glue job", true},
		{&g.Consumer, "consumer", "The consumer instance", true},
		{&g.Rotation, "rotation", "The function that makes the users of the database and changes their passwords", true},
		{&g.Database, "database", "The store events database", true},
		{&g.Endpoints, "endpoints", "Interface endpoints of the AWS APIs", args.Network.InterfaceEndpoints},
	} {
		if !wanted.exists {
			continue
		}
		made, err := n.group(ctx, name+"-"+wanted.name, wanted.description, child)
		if err != nil {
			return g, err
		}
		*wanted.group = made
	}
	for _, r := range g.rules(args.Database.Port) {
		if err := n.connect(ctx, name, r, child); err != nil {
			return g, fmt.Errorf("rule %s: %w", r.name, err)
		}
	}
	return g, n.leave(ctx, name, args.Network.NatGateways > 0, g, s3, child)
}

// rules are all permitted connections between groups that exist.
func (g Groups) rules(port int) []rule {
	all := []rule{
		{"job-workers", "Glue requires that the workers of a job reach each other on all TCP ports", g.Job, g.Job, 0, 65535},
		{"job-database", "The job loads the database", g.Job, g.Database, port, port},
		{"consumer-database", "The consumer queries the database", g.Consumer, g.Database, port, port},
		{"rotation-database", "The rotation makes users and changes their passwords", g.Rotation, g.Database, port, port},
		{"job-endpoints", "The job calls AWS APIs", g.Job, g.Endpoints, 443, 443},
		{"consumer-endpoints", "The consumer calls AWS APIs", g.Consumer, g.Endpoints, 443, 443},
		{"rotation-endpoints", "The rotation calls AWS APIs", g.Rotation, g.Endpoints, 443, 443},
	}
	return slices.DeleteFunc(all, func(r rule) bool { return r.from == nil || r.to == nil })
}

// group makes a group without rules; the provider removes the one to everywhere
// that AWS adds to a new group.
func (n *Network) group(ctx *pulumi.Context, name, description string, child pulumi.ResourceOption) (*ec2.SecurityGroup, error) {
	g, err := ec2.NewSecurityGroup(ctx, name+"-group", &ec2.SecurityGroupArgs{
		VpcId:       n.VpcID,
		Description: pulumi.String(description),
		Tags:        tagged(name),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("security group %s: %w", name, err)
	}
	return g, nil
}

// connect lets a connection out of the one group and into the other.
func (n *Network) connect(ctx *pulumi.Context, name string, r rule, child pulumi.ResourceOption) error {
	out, err := vpc.NewSecurityGroupEgressRule(ctx, fmt.Sprintf("%s-%s-out", name, r.name), &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           r.from.ID(),
		ReferencedSecurityGroupId: r.to.ID(),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(r.port),
		ToPort:                    pulumi.Int(r.lastPort),
		Description:               pulumi.String(r.description),
	}, child)
	if err != nil {
		return err
	}
	in, err := vpc.NewSecurityGroupIngressRule(ctx, fmt.Sprintf("%s-%s-in", name, r.name), &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           r.to.ID(),
		ReferencedSecurityGroupId: r.from.ID(),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(r.port),
		ToPort:                    pulumi.Int(r.lastPort),
		Description:               pulumi.String(r.description),
	}, child)
	n.waysOut = append(n.waysOut, out, in)
	return err
}

// leave lets out by HTTPS: to S3, and with a NAT gateway to the AWS APIs, whose
// addresses are not fixed.
func (n *Network) leave(ctx *pulumi.Context, name string, nat bool, g Groups, s3 pulumi.StringInput, child pulumi.ResourceOption) error {
	out := func(label, description string, from *ec2.SecurityGroup, to vpc.SecurityGroupEgressRuleArgs) error {
		to.SecurityGroupId = from.ID()
		to.IpProtocol = pulumi.String("tcp")
		to.FromPort, to.ToPort = pulumi.Int(443), pulumi.Int(443)
		to.Description = pulumi.String(description)
		rule, err := vpc.NewSecurityGroupEgressRule(ctx, name+"-"+label+"-out", &to, child)
		if err != nil {
			return fmt.Errorf("rule %s: %w", label, err)
		}
		n.waysOut = append(n.waysOut, rule)
		return nil
	}
	clients := map[string]*ec2.SecurityGroup{"job": g.Job, "consumer": g.Consumer, "rotation": g.Rotation}
	for label, group := range clients {
		if err := out(label+"-s3", "S3 through the gateway endpoint", group, vpc.SecurityGroupEgressRuleArgs{PrefixListId: s3}); err != nil {
			return err
		}
	}
	if !nat {
		return nil
	}
	for label, group := range clients {
		if err := out(label+"-https", "AWS APIs through the NAT gateway", group, vpc.SecurityGroupEgressRuleArgs{CidrIpv4: pulumi.String(everywhere)}); err != nil {
			return err
		}
	}
	return nil
}
