package components

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNatInstanceForwardsHTTPSOfTheAppSubnets(t *testing.T) {
	s := settings(t).Network
	s.NatInstance, s.InterfaceEndpoints = true, false
	r := buildNetwork(t, environment(), s)
	nat := r.one("aws:ec2/instance:Instance", "nat-instance")
	require.Equal(t, "t4g.nano", nat.Get(t, "instanceType"))
	require.Equal(t, false, nat.Get(t, "sourceDestCheck"))
	require.Equal(t, true, nat.Get(t, "associatePublicIpAddress"))
	require.Equal(t, r.one(subnetType, "public-1").ID(), nat.Get(t, "subnetId"))
	require.Equal(t, "required", nat.Get(t, "metadataOptions", "httpTokens"))
	require.Equal(t, true, nat.Get(t, "rootBlockDevice", "encrypted"))
	require.Nil(t, nat.Get(t, "keyName"))
	require.Nil(t, nat.Get(t, "iamInstanceProfile"), "it calls no API")
	require.True(t, nat.WaitsFor(r.one("aws:ec2/route:Route", "public-internet")), "it installs a package when it starts")

	var in, out []string
	for _, rule := range r.all(ingressType) {
		if group(rule.Get(t, "securityGroupId")) == "nat" {
			in = append(in, edge(t, rule, peer(t, rule), "nat"))
		}
	}
	for _, rule := range r.all(egressType) {
		if group(rule.Get(t, "securityGroupId")) == "nat" {
			out = append(out, edge(t, rule, "nat", peer(t, rule)))
		}
	}
	require.ElementsMatch(t, []string{"10.10.10.0/24 -> nat 443-443", "10.10.11.0/24 -> nat 443-443"}, in)
	require.Equal(t, []string{"nat -> 0.0.0.0/0 443-443"}, out)

	client := r.all("test:index:Client")[0]
	for _, zone := range []string{"1", "2"} {
		route := r.one("aws:ec2/route:Route", "app-"+zone+"-nat")
		require.Equal(t, "0.0.0.0/0", route.Get(t, "destinationCidrBlock"))
		require.True(t, route.WaitsFor(nat))
		require.True(t, client.WaitsFor(route))
	}
	require.Empty(t, r.all("aws:ec2/natGateway:NatGateway"))
	require.Empty(t, r.all("aws:ec2/eip:Eip"))
}

// The script is valid Bash, and forwards only for the app subnets.
func TestNatInstanceScript(t *testing.T) {
	s := settings(t).Network
	s.NatInstance, s.InterfaceEndpoints = true, false
	script := buildNetwork(t, environment(), s).one("aws:ec2/instance:Instance", "nat-instance").Get(t, "userData").(string)
	require.Equal(t, 2, strings.Count(script, "ip saddr { 10.10.10.0/24, 10.10.11.0/24 }"))
	require.NotContains(t, script, "@")
	check := exec.CommandContext(t.Context(), "bash", "-n")
	check.Stdin = strings.NewReader(script)
	out, err := check.CombinedOutput()
	require.NoError(t, err, string(out))
}
