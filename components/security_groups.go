package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// SecurityGroups are the IDs of the VPC's security groups. This file creates all of
// them, so that it shows who may connect to whom.
type SecurityGroups struct {
	Job, Consumer, Rotation, Database pulumi.IDOutput
	Endpoints                         pulumi.IDOutput // Unset without interface endpoints.
}

// securityRule permits one kind of connection from one group to another. EC2 accepts descriptions
// of at most 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
type securityRule struct {
	name, description string
	from, to          pulumi.IDOutput
	port, lastPort    int
}

// newSecurityGroups creates the groups and all their rules.
func (n *Network) newSecurityGroups(s scope, args *NetworkArgs, out egress) error {
	g := &n.SecurityGroups
	type group struct {
		id                *pulumi.IDOutput
		role, description string
	}
	groups := []group{
		{&g.Job, "job", "Workers of the Glue job"},
		{&g.Consumer, "consumer", "The consumer instance"},
		{&g.Rotation, "rotation", "The function that creates the database users and rotates their passwords"},
	}
	if !args.Database.Existing() {
		groups = append(groups, group{&g.Database, "database", "The store events database"})
	}
	if out.endpoints && !args.Settings.Existing() {
		groups = append(groups, group{&g.Endpoints, "endpoints", "Interface endpoints of the AWS APIs"})
	}
	for _, group := range groups {
		made, err := n.newSecurityGroup(s.within(group.role), group.description)
		if err != nil {
			return err
		}
		*group.id = made.ID()
	}
	if err := n.allowDatabase(s, args.Database); err != nil {
		return err
	}
	for _, r := range g.rules(args.Database, out.endpoints) {
		if err := n.connect(s, r); err != nil {
			return fmt.Errorf("rule %s: %w", r.name, err)
		}
	}
	return n.allowHTTPS(s, out)
}

// rules returns all permitted connections between groups.
func (g SecurityGroups) rules(database config.Database, endpoints bool) []securityRule {
	all := []securityRule{
		{"job-workers", "Glue requires that the workers of a job reach each other on all TCP ports", g.Job, g.Job, 0, 65535},
	}
	if port := database.Port; database.Cidr == "" { // Otherwise allowDatabase creates the rules.
		all = append(all,
			securityRule{"job-database", "The job loads the database", g.Job, g.Database, port, port},
			securityRule{"consumer-database", "The consumer queries the database", g.Consumer, g.Database, port, port},
			securityRule{"rotation-database", "The rotation function creates users and rotates their passwords", g.Rotation, g.Database, port, port},
		)
	}
	if !endpoints {
		return all
	}
	return append(all,
		securityRule{"job-endpoints", "The job calls AWS APIs", g.Job, g.Endpoints, httpsPort, httpsPort},
		securityRule{"consumer-endpoints", "The consumer calls AWS APIs", g.Consumer, g.Endpoints, httpsPort, httpsPort},
		securityRule{"rotation-endpoints", "The rotation function calls AWS APIs", g.Rotation, g.Endpoints, httpsPort, httpsPort},
	)
}

// newSecurityGroup creates a group without rules; the provider removes AWS's default egress rule.
func (n *Network) newSecurityGroup(s scope, description string) (*ec2.SecurityGroup, error) {
	g, err := ec2.NewSecurityGroup(s.ctx, s.label("group"), &ec2.SecurityGroupArgs{
		VpcId:       n.VpcID,
		Description: pulumi.String(description),
		Tags:        tagged(s.name),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("security group %s: %w", s.name, err)
	}
	return g, nil
}

// connect creates the rules of a connection in both groups.
func (n *Network) connect(s scope, r securityRule) error {
	out, err := vpc.NewSecurityGroupEgressRule(s.ctx, s.label(r.name+"-out"), &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           r.from,
		ReferencedSecurityGroupId: r.to,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(r.port),
		ToPort:                    pulumi.Int(r.lastPort),
		Description:               pulumi.String(r.description),
	}, s.parent)
	if err != nil {
		return err
	}
	in, err := vpc.NewSecurityGroupIngressRule(s.ctx, s.label(r.name+"-in"), &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           r.to,
		ReferencedSecurityGroupId: r.from,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(r.port),
		ToPort:                    pulumi.Int(r.lastPort),
		Description:               pulumi.String(r.description),
	}, s.parent)
	n.egressDependencies = append(n.egressDependencies, out, in)
	return err
}
