package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Groups are the security groups of the VPC. They are all made here, so that
// who may speak to whom can be read in one place.
type Groups struct {
	Job       *ec2.SecurityGroup
	Consumer  *ec2.SecurityGroup
	Database  *ec2.SecurityGroup
	Endpoints *ec2.SecurityGroup // nil without interface endpoints
}

// rule is one permitted connection between two groups.
type rule struct {
	name, description string
	from, to          *ec2.SecurityGroup
	port              int
	lastPort          int // 0 is port
}

func (n *Network) groups(ctx *pulumi.Context, name string, args *NetworkArgs, s3 pulumi.StringInput, child pulumi.ResourceOption) (Groups, error) {
	var g Groups
	var err error
	if g.Job, err = n.group(ctx, name+"-job", "Workers of the Glue job", child); err != nil {
		return g, err
	}
	if g.Consumer, err = n.group(ctx, name+"-consumer", "The consumer instance", child); err != nil {
		return g, err
	}
	if g.Database, err = n.group(ctx, name+"-database", "The store events database", child); err != nil {
		return g, err
	}
	rules := []rule{
		{"job-workers", "Glue requires that a job's workers reach each other on all TCP ports", g.Job, g.Job, 0, 65535},
		{"job-database", "The job loads the database", g.Job, g.Database, args.DatabasePort, 0},
		{"consumer-database", "The consumer queries the database", g.Consumer, g.Database, args.DatabasePort, 0},
	}
	if args.Network.InterfaceEndpoints {
		if g.Endpoints, err = n.group(ctx, name+"-endpoints", "Interface endpoints of the AWS APIs", child); err != nil {
			return g, err
		}
		rules = append(rules,
			rule{"job-endpoints", "The job calls AWS APIs", g.Job, g.Endpoints, 443, 0},
			rule{"consumer-endpoints", "The consumer calls AWS APIs", g.Consumer, g.Endpoints, 443, 0})
	}
	for _, r := range rules {
		if err := n.connect(ctx, name, r, child); err != nil {
			return g, fmt.Errorf("rule %s: %w", r.name, err)
		}
	}
	return g, n.leave(ctx, name, args.Network.NatGateways > 0, g, s3, child)
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
	last := r.lastPort
	if last == 0 {
		last = r.port
	}
	out, err := vpc.NewSecurityGroupEgressRule(ctx, fmt.Sprintf("%s-%s-out", name, r.name), &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           r.from.ID(),
		ReferencedSecurityGroupId: r.to.ID(),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(r.port),
		ToPort:                    pulumi.Int(last),
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
		ToPort:                    pulumi.Int(last),
		Description:               pulumi.String(r.description),
	}, child)
	n.waysOut = append(n.waysOut, out, in)
	return err
}

// leave lets job and consumer out by HTTPS: to S3, and with a NAT gateway to
// the AWS APIs, whose addresses are not fixed.
func (n *Network) leave(ctx *pulumi.Context, name string, nat bool, g Groups, s3 pulumi.StringInput, child pulumi.ResourceOption) error {
	for label, group := range map[string]*ec2.SecurityGroup{"job": g.Job, "consumer": g.Consumer} {
		https := vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: group.ID(),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(443),
			ToPort:          pulumi.Int(443),
		}
		toS3 := https
		toS3.PrefixListId = s3
		toS3.Description = pulumi.String("S3 through the gateway endpoint")
		out, err := vpc.NewSecurityGroupEgressRule(ctx, fmt.Sprintf("%s-%s-s3-out", name, label), &toS3, child)
		if err != nil {
			return err
		}
		n.waysOut = append(n.waysOut, out)
		if !nat {
			continue
		}
		toAPIs := https
		toAPIs.CidrIpv4 = pulumi.String(everywhere)
		toAPIs.Description = pulumi.String("AWS APIs through the NAT gateway")
		if out, err = vpc.NewSecurityGroupEgressRule(ctx, fmt.Sprintf("%s-%s-https-out", name, label), &toAPIs, child); err != nil {
			return err
		}
		n.waysOut = append(n.waysOut, out)
	}
	return nil
}
