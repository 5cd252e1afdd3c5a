package config

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	app1, app2 = "subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"
	vpc1       = "vpc-0123456789abcdef0"
)

func inVpc(more Map) Map {
	settings := Map{"vpcId": vpc1, "appSubnetIds": `["` + app1 + `","` + app2 + `"]`}
	maps.Copy(settings, more)
	return settings
}

func TestExistingVpcIsAccepted(t *testing.T) {
	for _, more := range []Map{
		nil,
		{"dbSubnetIds": `["subnet-0bbbbbbbbbbbbbbb1","subnet-0bbbbbbbbbbbbbbb2"]`},
		{"endpointGroupId": "sg-0123456789abcdef0"},
		{"natGateways": "0", "vpcCidr": "10.10.0.0/16", "interfaceEndpoints": "false", "availabilityZones": "[]"}, // The engine passes defaults as well.
	} {
		c, err := Load("dev", inVpc(more))
		require.NoError(t, err)
		require.True(t, c.Network.Existing())
		require.Equal(t, []string{app1, app2}, c.Network.AppSubnetIDs)
	}
	c, err := Load("dev", inVpc(nil))
	require.NoError(t, err)
	require.Equal(t, []string{app1, app2}, c.Network.DatabaseSubnetIDs())
	c, err = Load("dev", Map{})
	require.NoError(t, err)
	require.False(t, c.Network.Existing())
}

// Each case is refused for its key.
func TestInvalidExistingVpc(t *testing.T) {
	for name, tc := range map[string]struct {
		settings     Map
		key, allowed string
	}{
		"no VPC":                 {Map{"appSubnetIds": `["` + app1 + `","` + app2 + `"]`}, "appSubnetIds", "set vpcId"},
		"no VPC, db":             {Map{"dbSubnetIds": `["` + app1 + `","` + app2 + `"]`}, "dbSubnetIds", "set vpcId"},
		"no VPC, endpoints":      {Map{"endpointGroupId": "sg-0123456789abcdef0"}, "endpointGroupId", "set vpcId"},
		"no subnets":             {Map{"vpcId": vpc1}, "appSubnetIds", "2 different subnets"},
		"one subnet":             {inVpc(Map{"appSubnetIds": `["` + app1 + `"]`}), "appSubnetIds", "2 different subnets"},
		"the same subnet twice":  {inVpc(Map{"dbSubnetIds": `["` + app1 + `","` + app1 + `"]`}), "dbSubnetIds", "2 different subnets"},
		"not a subnet":           {inVpc(Map{"appSubnetIds": `["a","` + app2 + `"]`}), "appSubnetIds", "IDs of subnets"},
		"not a list":             {inVpc(Map{"appSubnetIds": app1}), "appSubnetIds", "a list of strings"},
		"not a VPC":              {inVpc(Map{"vpcId": "my-vpc"}), "vpcId", "the ID of a VPC"},
		"not a group":            {inVpc(Map{"endpointGroupId": "default"}), "endpointGroupId", "the ID of a security group"},
		"with a block":           {inVpc(Map{"vpcCidr": "10.11.0.0/16"}), "vpcCidr", "no value together with vpcId"},
		"with blocks of subnets": {inVpc(Map{"dbSubnetCidrs": `["10.0.0.0/24","10.0.1.0/24"]`}), "dbSubnetCidrs", "no value together with vpcId"},
		"with zones":             {inVpc(Map{"availabilityZones": `["us-east-1a","us-east-1b"]`}), "availabilityZones", "no value together with vpcId"},
		"one subnet, db":         {inVpc(Map{"dbSubnetIds": `["` + app1 + `"]`}), "dbSubnetIds", "2 different subnets"},
		"with public blocks":     {inVpc(Map{"publicSubnetCidrs": `["10.0.0.0/24","10.0.1.0/24"]`}), "publicSubnetCidrs", "no value together with vpcId"},
		"with blocks of apps":    {inVpc(Map{"appSubnetCidrs": `["10.0.0.0/24","10.0.1.0/24"]`}), "appSubnetCidrs", "no value together with vpcId"},
		"with a NAT instance":    {inVpc(Map{"natInstance": "true"}), "natInstance", "no value together with vpcId"},
		"with NAT":               {inVpc(Map{"natGateways": "1"}), "natGateways", "no value together with vpcId"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("dev", tc.settings)
			require.Error(t, err)
			for _, p := range problems(t, err) {
				require.Equal(t, tc.key, p.Key)
			}
			require.ErrorContains(t, err, tc.allowed)
		})
	}
}

func TestExistingBucket(t *testing.T) {
	c, err := Load("dev", Map{"existingBucket": "my.events", "existingBucketKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"})
	require.NoError(t, err)
	require.True(t, c.Storage.Existing())
	_, err = Load("dev", Map{"existingBucket": "events", "bucketName": "other"})
	require.ErrorContains(t, err, `store-events:bucketName: "other" is not allowed: use no value together with existingBucket`)
	_, err = Load("dev", Map{"existingBucket": "events", "existingBucketKeyArn": "alias/aws/s3"})
	require.ErrorContains(t, err, `store-events:existingBucketKeyArn: "alias/aws/s3" is not allowed: use the ARN of a KMS key, or no value`)
}

func TestSubnetsMustFitTheVpc(t *testing.T) {
	a, b := Subnet{app1, vpc1, "us-east-1a"}, Subnet{app2, vpc1, "us-east-1b"}
	require.NoError(t, CheckSubnets("appSubnetIds", vpc1, []Subnet{a, b}))
	require.EqualError(t, CheckSubnets("appSubnetIds", "vpc-2", []Subnet{a, b}),
		`store-events:appSubnetIds: "subnet-0aaaaaaaaaaaaaaa1" is not allowed: use subnets of vpcId vpc-2: this one is in vpc-0123456789abcdef0`)
	b.Zone = a.Zone
	require.EqualError(t, CheckSubnets("dbSubnetIds", vpc1, []Subnet{a, b}),
		`store-events:dbSubnetIds: "subnet-0aaaaaaaaaaaaaaa1, subnet-0aaaaaaaaaaaaaaa2" is not allowed: use subnets in 2 zones: all of these are in us-east-1a`)
}
