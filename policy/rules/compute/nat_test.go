package compute

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// An instance is a NAT instance if it forwards and is the target of a default route, outside
// of prod. Then it may be public, forward, and have no role.
func TestNATInstance(t *testing.T) {
	for name, c := range map[string]struct {
		environment rule.Environment
		destination string
		check       bool
		allowed     bool
	}{
		"NAT instance":        {rule.Dev, "0.0.0.0/0", false, true},
		"in prod":             {rule.Prod, "0.0.0.0/0", false, false},
		"does not forward":    {rule.Dev, "0.0.0.0/0", true, false},
		"not a default route": {rule.Dev, "10.9.0.0/16", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := Build(t, []Res{
				R(aws.Subnet, "subnet", Props{}), R(aws.RouteTable, "table", Props{}), R(aws.InternetGateway, "igw", Props{}),
				R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
				R(aws.Route, "route", Props{"routeTableId": Ref("table"), "gatewayId": Ref("igw")}),
				R(aws.Instance, "nat", Props{"sourceDestCheck": c.check, "associatePublicIpAddress": true, "subnetId": Ref("subnet")}),
				R(aws.Route, "out", Props{"destinationCidrBlock": c.destination, "networkInterfaceId": Attr("nat", "primaryNetworkInterfaceId")}),
			}, rule.DefaultSettings(c.environment))
			for _, one := range []rule.Rule{noPublicIP, privateSubnet, instanceProfile} {
				require.Equal(t, c.allowed, len(one.CheckStack(s)) == 0, one.ID)
			}
			require.Equal(t, c.allowed || c.check, len(singleInterface.CheckStack(s)) == 0)
		})
	}
}
