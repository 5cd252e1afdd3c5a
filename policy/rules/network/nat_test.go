package network

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// The stack's NAT instance is an accepted target outside of prod, and may be in a public subnet.
func TestRoutesToANATInstance(t *testing.T) {
	for environment, allowed := range map[rule.Environment]bool{rule.Dev: true, rule.Prod: false} {
		for check, forwards := range map[bool]bool{false: true, true: false} {
			s := Build(t, []Res{
				R(aws.Subnet, "subnet", Props{}), R(aws.RouteTable, "table", Props{}), R(aws.InternetGateway, "igw", Props{}),
				R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
				R(aws.Route, "route", Props{"routeTableId": Ref("table"), "gatewayId": Ref("igw")}),
				R(aws.Instance, "nat", Props{"sourceDestCheck": check, "subnetId": Ref("subnet")}),
				R(aws.Route, "out", Props{"destinationCidrBlock": "0.0.0.0/0", "networkInterfaceId": Attr("nat", "primaryNetworkInterfaceId")}),
			}, rule.DefaultSettings(environment))
			for _, one := range []rule.Rule{routeKnownTargets, privateNoInternetGateway} {
				require.Equal(t, allowed && forwards, len(one.CheckStack(s)) == 0, "%s in %s, check %t", one.ID, environment, check)
			}
		}
	}
}
