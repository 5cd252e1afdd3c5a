package program

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
)

const (
	vpcID   = "vpc-0123456789abcdef0"
	app1    = "subnet-0aaaaaaaaaaaaaaa1"
	app2    = "subnet-0aaaaaaaaaaaaaaa2"
	db1     = "subnet-0bbbbbbbbbbbbbbb1"
	db2     = "subnet-0bbbbbbbbbbbbbbb2"
	otherID = "vpc-0fedcba9876543210"
)

// existingAccount is an account with a VPC of two zones, and a subnet of another VPC.
func existingAccount(name string) *stack {
	s := &stack{name: name, Recorder: pulumitest.New()}
	subnets := map[string][2]string{
		app1: {vpcID, region + "a"}, app2: {vpcID, region + "b"}, db1: {vpcID, region + "b"}, db2: {vpcID, region + "c"},
		"subnet-0ccccccccccccccc1": {otherID, region + "b"}, "subnet-0ccccccccccccccc2": {vpcID, region + "a"},
	}
	s.Functions = map[string]func(map[string]any) map[string]any{
		"aws:ec2/getSubnet:getSubnet": func(args map[string]any) map[string]any {
			found := subnets[args["id"].(string)]
			return map[string]any{"id": args["id"], "vpcId": found[0], "availabilityZone": found[1]}
		},
		"aws:ec2/getPrefixList:getPrefixList": func(args map[string]any) map[string]any {
			return map[string]any{"id": "pl-of-" + args["name"].(string)}
		},
	}
	return s
}

func existingVpc(more config.Map) config.Map {
	settings := config.Map{
		"vpcId": vpcID, "appSubnetIds": `["` + app1 + `","` + app2 + `"]`, "dbSubnetIds": `["` + db1 + `","` + db2 + `"]`,
	}
	for key, value := range more {
		settings[key] = value
	}
	return settings
}

// What makes a network is left to the owner of an existing VPC.
func TestAnExistingVpcGetsSecurityGroupsOnly(t *testing.T) {
	for name, more := range map[string]config.Map{
		"routes":    nil,
		"endpoints": {"endpointGroupId": "sg-0eeeeeeeeeeeeeeee"},
		"protected": {"protectData": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			s := existingAccount("test")
			s.t = t
			require.NoError(t, s.deploy(existingVpc(more)))
			for _, r := range s.Resources {
				if strings.HasPrefix(r.Type, "aws:ec2/") {
					require.Contains(t, []string{"aws:ec2/securityGroup:SecurityGroup", "aws:ec2/instance:Instance"}, r.Type)
				}
			}
			groups := s.all("aws:ec2/securityGroup:SecurityGroup")
			require.Len(t, groups, 4, "job, consumer, rotation, database")
			for _, g := range groups {
				require.Equal(t, vpcID, g.Get(t, "vpcId"))
			}
			connection := s.one("aws:glue/connection:Connection", "")
			require.Equal(t, app1, connection.Get(t, "physicalConnectionRequirements", "subnetId"))
			require.Equal(t, region+"a", connection.Get(t, "physicalConnectionRequirements", "availabilityZone"))
			require.Equal(t, []any{db1, db2}, s.one("aws:rds/subnetGroup:SubnetGroup", "").Get(t, "subnetIds"))
			require.Equal(t, []any{app1, app2}, s.one("aws:lambda/function:Function", "-rotation").Get(t, "vpcConfig", "subnetIds"))

			anywhere, endpoints := 0, 0
			for _, rule := range s.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") {
				if rule.Get(t, "cidrIpv4") == "0.0.0.0/0" {
					anywhere++
				}
				if rule.Get(t, "referencedSecurityGroupId") == "sg-0eeeeeeeeeeeeeeee" {
					endpoints++
				}
			}
			ingress := 0
			for _, rule := range s.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
				if rule.Get(t, "securityGroupId") == "sg-0eeeeeeeeeeeeeeee" {
					ingress++
				}
			}
			if more["endpointGroupId"] != "" {
				require.Equal(t, []int{0, 3, 3}, []int{anywhere, endpoints, ingress}, "to the endpoints only")
			} else {
				require.Equal(t, []int{3, 0, 0}, []int{anywhere, endpoints, ingress}, "where the routes lead")
			}
		})
	}
}

func TestDatabaseSubnetsDefaultToTheAppSubnets(t *testing.T) {
	s := existingAccount("test")
	s.t = t
	require.NoError(t, s.deploy(existingVpc(config.Map{"dbSubnetIds": ""})))
	require.Equal(t, []any{app1, app2}, s.one("aws:rds/subnetGroup:SubnetGroup", "").Get(t, "subnetIds"))
}

func TestWhatDoesNotFitTheVpcIsRefusedBeforeAnythingIsCreated(t *testing.T) {
	for name, tc := range map[string]struct {
		settings config.Map
		message  string
	}{
		"another VPC": {config.Map{"appSubnetIds": `["` + app1 + `","subnet-0ccccccccccccccc1"]`}, "store-events:appSubnetIds: "},
		"one zone":    {config.Map{"dbSubnetIds": `["` + app1 + `","subnet-0ccccccccccccccc2"]`}, "store-events:dbSubnetIds: "},
		"a block":     {config.Map{"vpcCidr": "10.0.0.0/16"}, "store-events:vpcCidr: "},
	} {
		t.Run(name, func(t *testing.T) {
			s := existingAccount("test")
			require.ErrorContains(t, s.deploy(existingVpc(tc.settings)), tc.message)
			require.Empty(t, s.Resources)
		})
	}
}
