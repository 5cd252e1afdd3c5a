package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const httpsPort = 443

// allowHTTPS lets the clients out of the VPC by HTTPS: to S3, and with a NAT
// gateway to the AWS APIs, whose addresses are not fixed.
func (n *Network) allowHTTPS(s scope, nat bool, s3PrefixList pulumi.StringInput) error {
	clients := []struct {
		role  string
		group pulumi.IDOutput
	}{{"job", n.SecurityGroups.Job}, {"consumer", n.SecurityGroups.Consumer}, {"rotation", n.SecurityGroups.Rotation}}
	for _, client := range clients {
		err := n.allowOut(s, client.role+"-s3", &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: client.group,
			PrefixListId:    s3PrefixList,
			Description:     pulumi.String("S3 through the gateway endpoint"),
		})
		if err != nil {
			return err
		}
		if !nat {
			continue
		}
		err = n.allowOut(s, client.role+"-https", &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: client.group,
			CidrIpv4:        pulumi.String(everywhere),
			Description:     pulumi.String("AWS APIs through the NAT gateway"),
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
