package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

const httpsPort = 443

// egress is how clients in the VPC reach the AWS APIs.
type egress struct {
	s3PrefixList pulumi.StringInput
	// endpoints reports whether the VPC has interface endpoints with a group.
	endpoints bool
	// anywhere is the description of a rule that allows HTTPS to every address, because
	// the APIs' addresses are not fixed; empty for no such rule.
	anywhere string
}

// client is what opens connections in the VPC.
type client struct {
	role  string
	group pulumi.IDOutput
}

func (n *Network) clients() []client {
	return []client{{"job", n.SecurityGroups.Job}, {"consumer", n.SecurityGroups.Consumer}, {"rotation", n.SecurityGroups.Rotation}}
}

// allowDatabase connects the clients to an existing server, by its security group, which
// other rules then refer to, or by its addresses.
func (n *Network) allowDatabase(s scope, database config.Database) error {
	if database.GroupID != "" {
		n.SecurityGroups.Database = pulumi.ID(database.GroupID).ToIDOutput()
	}
	if database.Cidr == "" {
		return nil
	}
	for _, client := range n.clients() {
		made, err := vpc.NewSecurityGroupEgressRule(s.ctx, s.label(client.role+"-database-out"), &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: client.group,
			CidrIpv4:        pulumi.String(database.Cidr),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(database.Port),
			ToPort:          pulumi.Int(database.Port),
			Description:     pulumi.String("The existing database"),
		}, s.parent)
		if err != nil {
			return fmt.Errorf("rule to the database: %w", err)
		}
		n.egressDependencies = append(n.egressDependencies, made)
	}
	return nil
}

// allowHTTPS allows the clients HTTPS to S3 and, if no narrower egress to the AWS APIs
// exists, to every address.
func (n *Network) allowHTTPS(s scope, out egress) error {
	for _, client := range n.clients() {
		err := n.allowOut(s, client.role+"-s3", &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: client.group,
			PrefixListId:    out.s3PrefixList,
			Description:     pulumi.String("S3 through the gateway endpoint"),
		})
		if err != nil {
			return err
		}
		if out.anywhere == "" {
			continue
		}
		err = n.allowOut(s, client.role+"-https", &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: client.group,
			CidrIpv4:        pulumi.String(everywhere),
			Description:     pulumi.String(out.anywhere),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *Network) allowOut(s scope, name string, rule *vpc.SecurityGroupEgressRuleArgs) error {
	rule.IpProtocol = pulumi.String("tcp")
	rule.FromPort, rule.ToPort = pulumi.Int(httpsPort), pulumi.Int(httpsPort)
	made, err := vpc.NewSecurityGroupEgressRule(s.ctx, s.label(name+"-out"), rule, s.parent)
	if err != nil {
		return fmt.Errorf("rule %s: %w", name, err)
	}
	n.egressDependencies = append(n.egressDependencies, made)
	return nil
}
