package network

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

var unknown = property.New(property.Computed)

// found returns the findings of a stack rule: resource, property and message.
func found(t *testing.T, r rule.Rule, example ...Res) []string {
	t.Helper()
	var texts []string
	for _, f := range r.CheckStack(Build(t, example, rule.DefaultSettings(rule.Prod))) {
		name := f.URN[strings.LastIndex(f.URN, ":")+1:]
		texts = append(texts, name+" "+f.Property+": "+f.Message)
	}
	return texts
}

// letsIn returns an ingress rule of the group "group".
func letsIn(name string, props Props) Res {
	props["securityGroupId"] = Ref("group")
	return R(aws.SecurityGroupIngress, name, props)
}

var theGroup = R(aws.SecurityGroup, "group", Props{})

// FSBP EC2.19, and the ports of WinRM, Redis, Redshift and MongoDB.
func TestPortsOfLogin(t *testing.T) {
	open := func(port int) bool {
		return Finds(t, noPublicLogin, ingressRule(tcp(port, port, Props{"cidrIpv4": "8.8.8.8/32"})))
	}
	for _, port := range []int{21, 22, 23, 445, 1433, 1434, 1521, 3306, 3389, 5432, 5439, 5985, 5986, 6379, 9200, 27017} {
		require.True(t, open(port), port)
	}
	require.False(t, Finds(t, noPublicLogin, ingressRule(tcp(22, 22, Props{"cidrIpv6": "fd00::1/128"}))), "a private address")
	for _, port := range []int{20, 24, 80, 443, 444, 446, 1432, 1435, 1520, 1522, 3305, 3307, 3388, 3390, 5431, 5433, 5438, 5440, 5984, 5987, 6378, 6380, 9199, 9201, 27016, 27018} {
		require.False(t, open(port), port)
	}
}

func TestPublicAddressesOfTheVPC(t *testing.T) {
	for vpc, outside := range map[any]bool{"8.8.0.0/16": false, "8.8.8.0/24": false, "8.8.8.0/28": true, "9.0.0.0/8": true, "": true} {
		require.Equal(t, outside, Finds(t, noPublicLogin, append(
			ingressRule(tcp(22, 22, Props{"cidrIpv4": "8.8.8.0/24"})), R(aws.Vpc, "vpc", Props{"cidrBlock": vpc}),
		)), vpc)
	}
}

func TestEgress(t *testing.T) {
	const longID = "pl-0123456789abcdef0"
	out := func(props Props) []Res { return []Res{R(aws.SecurityGroupEgress, "rule", props)} }
	toList := func(id any) []Res { return out(tcp(443, 443, Props{"prefixListId": id})) }
	for name, tc := range map[string]struct {
		example []Res
		refused bool
	}{
		"HTTPS by its number":        {out(Props{"ipProtocol": "6", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"}), false},
		"UDP on its port":            {out(Props{"ipProtocol": "udp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"}), true},
		"a list of AWS":              {toList("pl-6da54004"), false},
		"a list of a customer":       {toList(longID), true},
		"of the stack":               {append(toList(Ref("list")), R(aws.PrefixList, "list", Props{"id": longID})), false},
		"that of an endpoint":        {append(toList(longID), R(aws.VpcEndpoint, "s3", Props{"prefixListId": longID})), false},
		"that of an other endpoint":  {append(toList(longID), R(aws.VpcEndpoint, "s3", Props{"prefixListId": "pl-0123456789abcdef1"})), true},
		"from the default group":     {[]Res{R(aws.DefaultSecurityGroup, "default", Props{"egress": List{tcp(25, 25, Props{"cidrBlocks": List{"0.0.0.0/0"}})}})}, true},
		"by an old rule":             {oldRule("egress", tcp(25, 25, Props{"cidrBlocks": List{"0.0.0.0/0"}})), true},
		"let in, which is not asked": {oldRule("ingress", tcp(25, 25, Props{"cidrBlocks": List{"0.0.0.0/0"}})), false},
	} {
		require.Equal(t, tc.refused, Finds(t, noOpenEgress, tc.example), name)
	}
}

func TestGatewaysOfSubnets(t *testing.T) {
	require.Equal(t, []string{"nat subnetId: the NAT gateway is not in a public subnet of this stack"},
		found(t, natPerZone, R(aws.NatGateway, "nat", Props{"subnetId": Ref("subnet")}), R(aws.Subnet, "subnet", Props{})))
	cases := gatewayCases()
	require.Equal(t, []string{"nat subnetId: some availability zones use the NAT gateway of another zone"}, found(t, natPerZone, cases[0].Violating...))
	require.Empty(t, found(t, eipInUse, R(aws.Eip, "eip", Props{"networkInterface": "eni-1"})))
}

func TestGatewayEndpointOfS3(t *testing.T) {
	network := func(endpoint Props, more ...Res) []Res {
		return append([]Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("subnet")}}),
			R(aws.Subnet, "subnet", Props{}), R(aws.RouteTable, "table", Props{}),
			R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
			R(aws.VpcEndpoint, "endpoint", endpoint),
		}, more...)
	}
	const s3 = "com.amazonaws.eu-west-1.s3"
	tables := List{Ref("table")}
	beside := R(aws.EndpointRouteTable, "beside", Props{"vpcEndpointId": Ref("endpoint"), "routeTableId": Ref("table")})
	elsewhere := R(aws.EndpointRouteTable, "beside", Props{"vpcEndpointId": "vpce-1", "routeTableId": Ref("table")})
	for name, tc := range map[string]struct {
		example []Res
		refused bool
	}{
		"gateway":                 {network(Props{"serviceName": s3, "vpcEndpointType": "Gateway", "routeTableIds": tables}), false},
		"of the default type":     {network(Props{"serviceName": s3, "routeTableIds": tables}), false},
		"interface":               {network(Props{"serviceName": s3, "vpcEndpointType": "Interface", "routeTableIds": tables}), true},
		"of DynamoDB":             {network(Props{"serviceName": "com.amazonaws.eu-west-1.dynamodb", "vpcEndpointType": "Gateway", "routeTableIds": tables}), true},
		"of an unknown service":   {network(Props{"serviceName": unknown, "vpcEndpointType": "Gateway", "routeTableIds": tables}), true},
		"associated separately":   {network(Props{"serviceName": s3, "vpcEndpointType": "Gateway"}, beside), false},
		"of another, separately":  {network(Props{"serviceName": s3, "vpcEndpointType": "Gateway"}, elsewhere), true},
		"associated with nothing": {network(Props{"serviceName": s3, "vpcEndpointType": "Gateway"}), true},
	} {
		require.Equal(t, tc.refused, Finds(t, s3GatewayEndpoint, tc.example), name)
	}
}

func TestMissingEndpointsAreListed(t *testing.T) {
	network := []Res{
		R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("subnet")}}),
		R(aws.Subnet, "subnet", Props{}), R(aws.VpcEndpoint, "glue", Props{"serviceName": "com.amazonaws.eu-west-1.glue", "vpcEndpointType": "Interface"}),
	}
	const message = "connection physicalConnectionRequirements.subnetId: the subnet has neither NAT nor endpoints for secretsmanager, "
	require.Equal(t, []string{message + "logs, kms"}, found(t, apiEndpoints, network...))
	require.Equal(t, []string{message + "glue, logs, kms"}, found(t, apiEndpoints, network[:2]...))
}

func TestPortsAreCountedOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		ranges []ports
		want   float64
	}{
		"none":        {nil, 0},
		"zero":        {[]ports{{0, 0}}, 1},
		"one":         {[]ports{{1, 1}}, 1},
		"a range":     {[]ports{{10, 19}}, 10},
		"apart":       {[]ports{{30, 39}, {10, 19}}, 20},
		"overlapping": {[]ports{{10, 19}, {15, 24}}, 15},
		"one port of": {[]ports{{10, 19}, {19, 19}, {19, 20}}, 11},
		"within":      {[]ports{{10, 19}, {12, 13}, {12, 22}}, 13},
		"side by":     {[]ports{{10, 19}, {20, 20}, {21, 21}}, 12},
		"the same":    {[]ports{{10, 19}, {10, 19}}, 10},
	} {
		require.InDelta(t, tc.want, countPorts(tc.ranges), 0, name)
	}
}

func TestManyPorts(t *testing.T) {
	const one, together = "ingress to more than 1000 ports is allowed", "the rules together allow ingress to more than 1000 ports"
	for name, tc := range map[string]struct {
		rules []Res
		want  []string
	}{
		"a thousand":            {[]Res{letsIn("a", tcp(1, 1000, nil))}, nil},
		"one more":              {[]Res{letsIn("a", tcp(1, 1001, nil))}, []string{"a ipProtocol: " + one}},
		"a thousand in two":     {[]Res{letsIn("a", tcp(1, 500, nil)), letsIn("b", tcp(501, 1000, nil))}, nil},
		"one more in two":       {[]Res{letsIn("a", tcp(1, 500, nil)), letsIn("b", tcp(502, 1002, nil))}, []string{"a : " + together}},
		"the same twice":        {[]Res{letsIn("a", tcp(1, 900, nil)), letsIn("b", tcp(101, 1000, nil))}, nil},
		"not known":             {[]Res{letsIn("a", Props{"ipProtocol": "tcp", "fromPort": unknown, "toPort": 1})}, []string{"a fromPort: not known yet"}},
		"all ICMP by number":    {[]Res{letsIn("a", Props{"ipProtocol": "1", "fromPort": 8, "toPort": 8})}, nil},
		"ICMP":                  {[]Res{letsIn("a", Props{"ipProtocol": "icmp", "fromPort": 8, "toPort": 8})}, nil},
		"ICMP of IPv6":          {[]Res{letsIn("a", Props{"ipProtocol": "icmpv6", "fromPort": 8, "toPort": 8})}, nil},
		"ICMP of IPv6 by it":    {[]Res{letsIn("a", Props{"ipProtocol": "58", "fromPort": 8, "toPort": 8})}, nil},
		"UDP":                   {[]Res{letsIn("a", Props{"ipProtocol": "UDP", "fromPort": 53, "toPort": 53})}, nil},
		"UDP by number":         {[]Res{letsIn("a", Props{"ipProtocol": "17", "fromPort": 53, "toPort": 53})}, nil},
		"TCP by number":         {[]Res{letsIn("a", Props{"ipProtocol": "6", "fromPort": 22, "toPort": 22})}, nil},
		"a protocol of no port": {[]Res{letsIn("a", Props{"ipProtocol": "50", "fromPort": 22, "toPort": 22})}, []string{"a ipProtocol: " + one}},
	} {
		require.Equal(t, tc.want, found(t, portsBounded, append(tc.rules, theGroup)...), name)
	}
	require.Equal(t, []string{"old protocol: " + one}, found(t, portsBounded,
		R(aws.SecurityGroupRule, "old", Props{"type": "ingress", "protocol": "-1", "securityGroupId": Ref("group")}), theGroup))
}

func TestMeaninglessDescriptions(t *testing.T) {
	messages := func(example []Res) (texts []string) {
		for _, f := range descriptions.Resource(Build(t, example, rule.DefaultSettings(rule.Prod)).Resources[0]) {
			texts = append(texts, f.Property+": "+f.Message)
		}
		return texts
	}
	for _, text := range []string{"", "Managed by Pulumi", "Managed by Terraform"} {
		about := Props{"description": text}
		require.Equal(t, []string{"description: the description is missing or a default"}, messages(ingressRule(tcp(443, 443, about))), text)
		for _, d := range []string{"ingress", "egress"} {
			require.Equal(t, []string{d + "[0].description: the rule's description is missing or a default"}, messages(inGroup(d, tcp(443, 443, about))), text)
		}
	}
	umlaut := tcp(443, 443, Props{"description": "für alle"})
	require.Equal(t, []string{"description: EC2 rejects the description"}, messages(ingressRule(umlaut)))
	require.Equal(t, []string{"ingress[0].description: EC2 rejects the rule's description"}, messages(inGroup("ingress", umlaut)))
	require.Empty(t, messages(inGroup("ingress", tcp(443, 443, nil))))
}

func TestRulesInTheGroupAndBesideIt(t *testing.T) {
	for _, d := range []string{"ingress", "egress"} {
		kind := map[string]string{"ingress": aws.SecurityGroupIngress, "egress": aws.SecurityGroupEgress}[d]
		beside := R(kind, "beside", tcp(1, 1, Props{"securityGroupId": Ref("group")}))
		group := inGroup(d, tcp(1, 1, nil))
		require.Equal(t, []string{"group " + d + ": the security group has inline and separate rules"}, found(t, noInlineAndStandaloneMix, group[0], beside))
		require.Empty(t, found(t, noInlineAndStandaloneMix, group[0]))
		require.Empty(t, found(t, noInlineAndStandaloneMix, theGroup, beside))
	}
}

func TestNetworkACLs(t *testing.T) {
	entry := func(props Props) Props {
		all := Props{"networkAclId": "acl-1", "ruleAction": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"}
		for key, v := range props {
			all[key] = v
		}
		return all
	}
	for name, tc := range map[string]struct {
		props   Props
		refused bool
	}{
		"Allow":                   {Props{"ruleAction": "Allow"}, true},
		"ALLOW":                   {Props{"ruleAction": "ALLOW"}, true},
		"by its number":           {Props{"protocol": "6"}, true},
		"every protocol":          {Props{"protocol": "all", "fromPort": 0, "toPort": 0}, true},
		"UDP":                     {Props{"protocol": "17"}, false},
		"RDP":                     {Props{"fromPort": 3389, "toPort": 3389}, true},
		"next to RDP":             {Props{"fromPort": 3390, "toPort": 3390}, false},
		"answers":                 {Props{"fromPort": 1024, "toPort": 65535}, false},
		"answers to Linux":        {Props{"fromPort": 1024, "toPort": 60999}, false},
		"answers to some":         {Props{"fromPort": 1024, "toPort": 60998}, true},
		"answers and more":        {Props{"fromPort": 1023, "toPort": 65535}, true},
		"answers next to RDP":     {Props{"fromPort": 32768, "toPort": 60999}, false},
		"all ports":               {Props{"fromPort": 0, "toPort": 65535}, true},
		"only ports from SSH on":  {Props{"fromPort": 22, "toPort": 65535}, true},
		"only ports above Telnet": {Props{"fromPort": 24, "toPort": 134}, false},
		"a wide private block":    {Props{"cidrBlock": "10.0.0.0/8"}, false},
		"a block of a provider":   {Props{"cidrBlock": "8.8.8.0/24"}, false},
		"a half of the internet":  {Props{"cidrBlock": "0.0.0.0/1"}, true},
		"the internet, by IPv6":   {Props{"cidrBlock": "", "ipv6CidrBlock": "::/0"}, true},
		"what is not an address":  {Props{"cidrBlock": "all"}, true},
		"what is not known":       {Props{"cidrBlock": unknown}, true},
		"ports that are unknown":  {Props{"fromPort": unknown}, true},
		"outward":                 {Props{"egress": true}, false},
		"what is not let through": {Props{"ruleAction": "deny"}, false},
	} {
		require.Equal(t, tc.refused, Finds(t, noWorldAdminByACL, []Res{R(aws.NetworkACLRule, "rule", entry(tc.props))}), name)
	}
}

func TestGroupsOfDatabases(t *testing.T) {
	const groups = "vpcSecurityGroupIds"
	database := func(props Props, rules ...Res) []Res {
		all := Props{groups: List{Ref("group")}}
		for key, v := range props {
			all[key] = v
		}
		return append([]Res{R(aws.DBInstance, "db", all), theGroup, R(aws.SecurityGroup, "client", Props{})}, rules...)
	}
	from := func(port int) Res {
		return letsIn("rule", tcp(port, port, Props{"referencedSecurityGroupId": Ref("client")}))
	}
	const others = "rule : ingress to ports other than the database's is allowed"
	for name, tc := range map[string]struct {
		example []Res
		want    []string
	}{
		"no group":        {database(Props{groups: List{"sg-1"}}), []string{"db " + groups + ": the database has no security group of this stack"}},
		"not known":       {database(Props{groups: unknown}), []string{"db " + groups + ": not known yet"}},
		"MySQL":           {database(Props{"engine": "mysql"}, from(3306)), nil},
		"MariaDB":         {database(Props{"engine": "mariadb"}, from(3306)), nil},
		"PostgreSQL":      {database(Props{"engine": "postgres"}, from(5432)), nil},
		"MySQL's other":   {database(Props{"engine": "mysql"}, from(3307)), []string{others}},
		"MariaDB's":       {database(Props{"engine": "mariadb"}, from(3307)), []string{others}},
		"PostgreSQL's":    {database(Props{"engine": "postgres"}, from(5433)), []string{others}},
		"its own port":    {database(Props{"engine": "mysql", "port": 4000}, from(4000)), nil},
		"the default":     {database(Props{"engine": "mysql", "port": 4000}, from(3306)), []string{others}},
		"port one":        {database(Props{"engine": "mysql", "port": 1}, from(3306)), []string{others}},
		"another engine":  {database(Props{"engine": "db2"}, from(50000)), nil},
		"unknown port":    {database(Props{"engine": "mysql", "port": unknown}, from(3306)), []string{"rule port: not known yet"}},
		"unknown engine":  {database(Props{"engine": unknown}, from(3306)), []string{"rule engine: not known yet"}},
		"and its port is": {database(Props{"engine": unknown, "port": 3306}, from(3306)), []string{"rule engine: not known yet"}},
	} {
		require.Equal(t, tc.want, found(t, rdsIngressKnownGroups, tc.example...), name)
	}
}
