package preflight

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOtherZones(t *testing.T) {
	all := []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}
	offered := map[string][]string{"instance type t3.micro": all[1:], "endpoint service glue": all}
	require.Equal(t, "set store-events:availabilityZones to 2 of eu-west-1b, eu-west-1c, which offer everything", otherZones(all, offered))
	offered["endpoint service sts"] = all[:2]
	require.Equal(t, "choose another instance type or another aws:region: no two zones offer everything", otherZones(all, offered))
}

func TestClassInZones(t *testing.T) {
	zones := []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}
	db := func(multi bool) Resource {
		return Resource{Inputs: map[string]any{"engine": "mysql", "engineVersion": "8.4", "instanceClass": "db.m7g.large", "multiAz": multi}}
	}
	require.Nil(t, classIn(db(true), zones[:2], zones[:2]))
	require.Equal(t, Warning, classIn(db(false), zones[:2], zones[1:]).Status)
	standby := classIn(db(true), zones[:2], zones[1:])
	require.Equal(t, Problem, standby.Status)
	require.Contains(t, standby.Do, "store-events:availabilityZones to zones that offer it: eu-west-1b, eu-west-1c")
	require.Equal(t, Problem, classIn(db(false), zones[:2], nil).Status)
}

func TestSizes(t *testing.T) {
	plan := Plan{Resources: []Resource{
		{Type: "aws:ec2/instance:Instance", Inputs: map[string]any{"instanceType": "t3.micro"}},
		{Type: "aws:ec2/instance:Instance", Inputs: map[string]any{"instanceType": "m7i.xlarge"}},
		{Type: "aws:ec2/instance:Instance", Inputs: map[string]any{"instanceType": "r5.8xlarge"}},
		{Type: "aws:glue/job:Job", Inputs: map[string]any{"workerType": "G.2X", "numberOfWorkers": 5.0}},
	}}
	require.Equal(t, 2+4+32, vcpus(plan))
	require.Equal(t, 10, dpus(plan))
}

func TestInstancesWithinTheQuotaOfStandardTypes(t *testing.T) {
	for _, kind := range []string{"a1.large", "c7gn.large", "d3en.xlarge", "h1.2xlarge", "i7ie.large", "im4gn.large", "is4gen.large", "m7i.large", "r8g.large", "t4g.nano", "z1d.large"} {
		require.True(t, standard.MatchString(kind), kind)
	}
	for _, kind := range []string{"dl1.24xlarge", "f2.6xlarge", "g5.xlarge", "gr6.4xlarge", "hpc7a.96xlarge", "inf2.xlarge", "mac2.metal", "p5.48xlarge", "trn1.2xlarge", "u-6tb1.metal", "vt1.3xlarge", "x2gd.large"} {
		require.False(t, standard.MatchString(kind), kind)
	}
}

// A gateway endpoint has no private names.
func TestPrivateNamesOfEndpointsNeedAPermission(t *testing.T) {
	endpoint := Resource{Type: "aws:ec2/vpcEndpoint:VpcEndpoint", Inputs: map[string]any{"vpcEndpointType": "Gateway"}}
	require.NotContains(t, needed(Plan{Resources: []Resource{endpoint}}), "route53:AssociateVPCWithHostedZone")
	endpoint.Inputs = map[string]any{"vpcEndpointType": "Interface", "privateDnsEnabled": true}
	require.Contains(t, needed(Plan{Resources: []Resource{endpoint}}), "route53:AssociateVPCWithHostedZone")
}
