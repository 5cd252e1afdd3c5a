package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const httpsPort = 443

// egress is how clients in the VPC reach the AWS APIs.
type egress struct {
	s3PrefixList pulumi.StringInput
	// endpoints reports whether the VPC has interface endpoints with a group.
	endpoints bool
	// anywhere describes the rule to every address by HTTPS, whose routes lead to the
	// APIs; empty means that there is no such rule. Their addresses are not fixed.
	anywhere string
}

// allowHTTPS lets the clients out of the VPC by HTTPS: to S3, and if there is no
// narrower way to the AWS APIs, to every address.
func (n *Network) allowHTTPS(s scope, out egress) error {
	clients := []struct {
		role  string
		group pulumi.IDOutput
	}{{"job", n.SecurityGroups.Job}, {"consumer", n.SecurityGroups.Consumer}, {"rotation", n.SecurityGroups.Rotation}}
	for _, client := range clients {
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
