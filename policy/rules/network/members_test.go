package network

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
	"store-events/policy/value"
)

func TestGroupsOfGlue(t *testing.T) {
	const groups = "physicalConnectionRequirements.securityGroupIdLists"
	connection := func(group any, rules ...Res) []Res {
		return append([]Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"securityGroupIdLists": group}}),
			theGroup, R(aws.SecurityGroup, "client", Props{}),
		}, rules...)
	}
	group, self := List{Ref("group")}, Props{"referencedSecurityGroupId": Ref("group")}
	const closed = "connection " + groups + ": no security group of the connection allows ingress from itself on all TCP ports"
	for name, tc := range map[string]struct {
		example []Res
		want    []string
	}{
		"all ports":        {connection(group, letsIn("rule", tcp(0, 65535, self))), nil},
		"of any protocol":  {connection(group, letsIn("rule", Props{"ipProtocol": "-1", "referencedSecurityGroupId": Ref("group")})), nil},
		"all but the last": {connection(group, letsIn("rule", tcp(0, 65534, self))), []string{closed}},
		"all but port 0":   {connection(group, letsIn("rule", tcp(1, 65535, self))), []string{closed}},
		"from a client":    {connection(group, letsIn("rule", tcp(0, 65535, Props{"referencedSecurityGroupId": Ref("client")}))), []string{closed}},
		"unknown protocol": {connection(group, letsIn("rule", Props{"ipProtocol": unknown, "fromPort": 0, "toPort": 65535, "referencedSecurityGroupId": Ref("group")})), []string{closed}},
		"unknown ports":    {connection(group, letsIn("rule", tcp(0, 65535, Props{"toPort": unknown, "referencedSecurityGroupId": Ref("group")}))), []string{closed}},
		"an old rule": {connection(group, R(aws.SecurityGroupRule, "rule", tcp(0, 65535, Props{
			"type": "ingress", "securityGroupId": Ref("group"), "sourceSecurityGroupId": Ref("group"),
		}))), nil},
		"unknown group": {connection(unknown), []string{"connection " + groups + ": not known yet"}},
	} {
		require.Equal(t, tc.want, found(t, glueSelfRulePresent, tc.example...), name)
	}
	client := Props{"referencedSecurityGroupId": Ref("client")}
	require.Empty(t, found(t, glueSelfRuleOnlySelf, connection(group, letsIn("rule", tcp(1, 1000, client)))...))
	require.Equal(t, []string{"rule ipProtocol: ingress to more than 1000 ports is allowed"},
		found(t, glueSelfRuleOnlySelf, connection(group, letsIn("rule", tcp(1, 1001, client)))...))
	require.Empty(t, found(t, glueSelfRuleOnlySelf, connection(List{"sg-1"}, letsIn("rule", tcp(0, 65535, client)))...), "Glue does not use the group")
	db := R(aws.DBInstance, "db", Props{"vpcSecurityGroupIds": List{Ref("group")}})
	require.Equal(t, []string{"db vpcSecurityGroupIds: the database uses the security group of a Glue connection"}, found(t, glueSelfRuleOnlySelf, connection(group, db)...))
	db = R(aws.DBInstance, "db", Props{"vpcSecurityGroupIds": List{Ref("client")}})
	require.Empty(t, found(t, glueSelfRuleOnlySelf, connection(group, db)...))
}

// A group is reported once, not once for each database or endpoint that uses it.
func TestSharedGroupsAreReportedOnce(t *testing.T) {
	group := R(aws.SecurityGroup, "group", Props{"ingress": List{tcp(443, 443, Props{"cidrBlocks": List{"10.0.0.0/28"}})}})
	endpoint := Props{"vpcEndpointType": "Interface", "privateDnsEnabled": true, "securityGroupIds": List{Ref("group")}}
	require.Equal(t, []string{"group ingress[0].cidrBlocks[0]: ingress from an address block is allowed"},
		found(t, endpointPrivateDNS, R(aws.VpcEndpoint, "logs", endpoint), R(aws.VpcEndpoint, "kms", endpoint), group))
}

// An inline rule may let in others besides the group itself.
func TestGroupsOfGlueThatAlsoLetInOthers(t *testing.T) {
	const many = "group ingress[0].protocol: ingress to more than 1000 ports is allowed"
	for name, tc := range map[string]struct {
		more Props
		want []string
	}{
		"itself":                {Props{}, nil},
		"empty sources":         {Props{"cidrBlocks": List{}, "ipv6CidrBlocks": List{}, "prefixListIds": List{}, "securityGroups": List{}}, nil},
		"a block":               {Props{"cidrBlocks": List{"10.0.0.0/16"}}, []string{many}},
		"a block of IPv6":       {Props{"ipv6CidrBlocks": List{"fd00::/64"}}, []string{many}},
		"a list":                {Props{"prefixListIds": List{"pl-1"}}, []string{many}},
		"a group":               {Props{"securityGroups": List{Ref("client")}}, []string{many}},
		"one that is not known": {Props{"securityGroups": List{unknown}}, []string{many}},
	} {
		rules := tcp(0, 65535, Props{"self": true})
		for key, v := range tc.more {
			rules[key] = v
		}
		example := []Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"securityGroupIdLists": List{Ref("group")}}}),
			R(aws.SecurityGroup, "group", Props{"ingress": List{rules}}), R(aws.SecurityGroup, "client", Props{}),
		}
		require.Equal(t, tc.want, found(t, portsBounded, example...), name)
		require.Equal(t, tc.want, found(t, glueSelfRuleOnlySelf, example...), name)
		require.Empty(t, found(t, glueSelfRulePresent, example...), name)
	}
}

func TestDatabaseMustNotOpenConnections(t *testing.T) {
	db := R(aws.DBInstance, "db", Props{"vpcSecurityGroupIds": List{Ref("group")}})
	const open = ": the database's security group has an egress rule"
	out := Props{"type": "egress", "securityGroupId": Ref("group"), "cidrBlocks": List{"10.0.0.0/28"}}
	require.Equal(t, []string{"old " + open}, found(t, rdsNoEgress, db, theGroup, R(aws.SecurityGroupRule, "old", out)))
	require.Equal(t, []string{"group egress[0]" + open}, found(t, rdsNoEgress, db, R(aws.SecurityGroup, "group", Props{"egress": List{Props{}}})))
	require.Empty(t, found(t, rdsNoEgress, db, theGroup, letsIn("in", tcp(3306, 3306, nil))))
}

// The source and target of a rule are read from each of the provider's three types of rules.
func TestSourcesAndTargetsOfRules(t *testing.T) {
	groups := func(r Res) []string {
		t.Helper()
		s := Build(t, []Res{r}, rule.DefaultSettings(rule.Prod))
		var texts []string
		for _, d := range []direction{ingress, egress} {
			for _, p := range permissions(s.Resources[0], d) {
				protocol, err := p.protocol().Text()
				require.NoError(t, err)
				for _, list := range [][]value.Value{p.groups(), p.cidrs(), p.prefixLists()} {
					for _, v := range list {
						text, err := v.Text()
						require.NoError(t, err)
						texts = append(texts, text)
					}
				}
				texts = append(texts, protocol, string(d))
			}
		}
		return texts
	}
	old := Props{"protocol": "tcp", "sourceSecurityGroupId": "sg", "cidrBlocks": List{"a"}, "ipv6CidrBlocks": List{"b"}, "prefixListIds": List{"pl"}}
	now := Props{"ipProtocol": "tcp", "referencedSecurityGroupId": "sg", "cidrIpv4": "a", "cidrIpv6": "b", "prefixListId": "pl"}
	inline := Props{"protocol": "tcp", "securityGroups": List{"sg"}, "cidrBlocks": List{"a"}, "ipv6CidrBlocks": List{"b"}, "prefixListIds": List{"pl"}}
	for _, d := range []string{"ingress", "egress"} {
		want := []string{"sg", "a", "b", "pl", "tcp", d}
		old["type"] = d
		require.Equal(t, want, groups(R(aws.SecurityGroupRule, "rule", old)), d)
		require.Equal(t, want, groups(R(aws.SecurityGroup, "group", Props{d: List{inline}})), d)
		require.Equal(t, want, groups(R(aws.DefaultSecurityGroup, "group", Props{d: List{inline}})), d)
	}
	require.Equal(t, []string{"sg", "a", "b", "pl", "tcp", "ingress"}, groups(R(aws.SecurityGroupIngress, "rule", now)))
	require.Equal(t, []string{"sg", "a", "b", "pl", "tcp", "egress"}, groups(R(aws.SecurityGroupEgress, "rule", now)))
	old["type"] = unknown
	require.True(t, Finds(t, noWorldIngress, []Res{R(aws.SecurityGroupRule, "rule", old)}), "it may let in")
}

// A /7 of IPv4 and a /15 of IPv6 count as the internet.
func TestBlocksThatCoverTheInternet(t *testing.T) {
	for block, all := range map[string]bool{
		"16.0.0.0/7": true, "16.0.0.0/8": false, "2400::/15": true, "2400::/16": false, "10.0.0.0/7": true, "10.0.0.0/8": false, "fc00::/15": true, "fc00::/16": false,
		"::ffff:16.0.0.0/103": true, "::ffff:16.0.0.0/104": false, "2400::/111": false,
		"::/64": true, "::ffff:0:0/95": true, "64:ff9b::/96": true, "64:ff9b::16.0.0.0/104": false, "::/1": true, "2000::/3": true,
	} {
		require.Equal(t, all, Finds(t, noWorldIngress, ingressRule(tcp(443, 443, Props{"cidrIpv4": block}))), block)
	}
	two := func(a, b string) bool {
		return reachWorld([]netip.Prefix{netip.MustParsePrefix(a), netip.MustParsePrefix(b)})
	}
	require.False(t, reachWorld([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/7")}), "a half of it is private")
	require.True(t, two("2400::/16", "2402::/16"), "two of a /16 are a /15")
	require.False(t, two("2400::/17", "2402::/16"))
	require.False(t, two("16.0.0.0/9", "17.0.0.0/8"))
	require.True(t, two("16.0.0.0/8", "18.0.0.0/8"))
	require.InDelta(t, 1<<16, total([]netip.Prefix{netip.MustParsePrefix("10.0.1.0/24"), netip.MustParsePrefix("10.0.0.0/16")}), 0, "the narrower one first")
	require.InDelta(t, 256, total([]netip.Prefix{netip.MustParsePrefix("2400::/16"), netip.MustParsePrefix("10.0.0.0/24")}), 0, "IPv4 only")
	_, _, err := readBlock(value.Of(Build(t, ingressRule(Props{"cidrIpv4": "all"}), rule.DefaultSettings(rule.Prod)).Resources[0].Inputs).Get("cidrIpv4"))
	require.Equal(t, &value.Error{Path: "cidrIpv4", Want: "an address block", Got: "another string"}, err)
}

func TestMainRouteTables(t *testing.T) {
	const message = ": the main route table leads to an internet gateway"
	igw, vpc := R(aws.InternetGateway, "igw", Props{}), R(aws.Vpc, "vpc", Props{})
	main := R(aws.DefaultRouteTable, "main", Props{"routes": List{Props{"gatewayId": Ref("igw")}}})
	require.Equal(t, []string{"main routes[0].gatewayId" + message}, found(t, privateNoInternetGateway, main, igw))
	route := func(table, gateway any) Res {
		return R(aws.Route, "route", Props{"routeTableId": table, "gatewayId": gateway})
	}
	empty := R(aws.DefaultRouteTable, "main", Props{})
	require.Equal(t, []string{"route gatewayId" + message}, found(t, privateNoInternetGateway, route(Ref("main"), Ref("igw")), empty, igw))
	require.Empty(t, found(t, privateNoInternetGateway, route(Ref("main"), "local"), empty, igw), "it has no target")
	require.Empty(t, found(t, privateNoInternetGateway, route(Ref("table"), Ref("igw")), R(aws.RouteTable, "table", Props{}), empty, igw, vpc), "not the main table")
	fresh := func(from string) []Res { // The table is known once its VPC exists.
		return []Res{route(Attr(from, "mainRouteTableId"), Ref("igw")), igw, vpc, R(aws.RouteTable, "table", Props{"vpcId": Ref("vpc")})}
	}
	preview := func(from string) []rule.Finding {
		var all []rule.Finding
		s := Build(t, fresh(from), rule.DefaultSettings(rule.Prod))
		for i := range s.Resources {
			if s.Resources[i].Type == aws.Route {
				s.Resources[i].Inputs = s.Resources[i].Inputs.Set("routeTableId", unknown)
			}
		}
		all = append(all, privateNoInternetGateway.CheckStack(s)...)
		return all
	}
	require.Len(t, preview("vpc"), 1, "a table that comes from a VPC is its main table")
	require.Empty(t, preview("table"))
}

// Only those routes of a table outside of the stack are known that the stack adds.
func TestRouteTablesOutside(t *testing.T) {
	const elsewhere = "rtb-0123456789abcdef0"
	with := func(table any, routes ...Res) []Res {
		example := routed("local")
		example[3].Props["routeTableId"] = table
		return append(example, routes...)
	}
	const message = "association routeTableId: the route table is not in this stack"
	require.Equal(t, []string{message}, found(t, routeKnownTargets, with(elsewhere)...))
	require.Empty(t, found(t, routeKnownTargets, with(Ref("table"))...))
	require.Empty(t, found(t, routeKnownTargets, with(Ref("main"), R(aws.DefaultRouteTable, "main", Props{}))...))
	require.Empty(t, found(t, routeKnownTargets, with(Attr("vpc", "mainRouteTableId"), R(aws.Vpc, "vpc", Props{}))...))
	configured := rule.DefaultSettings(rule.Prod).WithConfigured(map[string]string{"a:table": elsewhere})
	require.Empty(t, routeKnownTargets.CheckStack(Build(t, with(elsewhere), configured)))
	added := R(aws.Route, "added", Props{"routeTableId": elsewhere, "gatewayId": Ref("igw")})
	require.Equal(t, []string{"added gatewayId: the route leads the subnet subnet, which is in use, to an internet gateway"},
		found(t, privateNoInternetGateway, with(elsewhere, added)...))
	require.Empty(t, found(t, privateNoInternetGateway, with("rtb-0fedcba9876543210", added)...), "another table")
}

// A table looked up by the ID of the stack's VPC depends on the VPC, but is not its main table.
func TestLookedUpRouteTables(t *testing.T) {
	looked := func(of, key string, table property.Value, example ...Res) rule.Stack {
		s := Build(t, example, rule.DefaultSettings(rule.Prod))
		for i, r := range s.Resources {
			if r.Type == of {
				s.Resources[i].Inputs = r.Inputs.Set(key, table)
			}
		}
		return s
	}
	elsewhere := property.New("rtb-0123456789abcdef0")
	main := Attr("vpc", "mainRouteTableId")
	vpc, igw := R(aws.Vpc, "vpc", Props{}), R(aws.InternetGateway, "igw", Props{})
	subnet := R(aws.Subnet, "subnet", Props{"vpcId": Ref("vpc")})
	association := R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": main})
	route := R(aws.Route, "route", Props{"routeTableId": main, "gatewayId": Ref("igw")})
	instance := R(aws.Instance, "instance", Props{"subnetId": Ref("subnet")})
	connection := R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("subnet")}})
	endpoint := R(aws.VpcEndpoint, "s3", Props{"serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": List{main}})

	require.Len(t, routeKnownTargets.CheckStack(looked(aws.RouteTableAssociation, "routeTableId", elsewhere, instance, subnet, association, vpc)), 1)
	require.Empty(t, found(t, s3GatewayEndpoint, connection, subnet, endpoint, vpc))
	require.Len(t, s3GatewayEndpoint.CheckStack(looked(aws.VpcEndpoint, "routeTableIds", property.New([]property.Value{elsewhere}), connection, subnet, endpoint, vpc)), 1)
	require.Len(t, found(t, privateNoInternetGateway, instance, subnet, route, igw, vpc), 2, "of the subnet, and of the main table")
	require.Empty(t, privateNoInternetGateway.CheckStack(looked(aws.Route, "routeTableId", elsewhere, instance, subnet, route, igw, vpc)))
	require.Len(t, privateNoInternetGateway.CheckStack(looked(aws.RouteTableAssociation, "routeTableId", elsewhere, instance, subnet, association, route, igw, vpc)), 1, "of the main table only")
}

func TestSubnetIsReportedOnce(t *testing.T) {
	example := routed(Ref("igw"))
	example = append(example, R(aws.Function, "function", Props{"vpcConfig": Props{"subnetIds": List{Ref("subnet")}}}))
	require.Equal(t, []string{"route gatewayId: the route leads the subnet subnet, which is in use, to an internet gateway"}, found(t, privateNoInternetGateway, example...))
}

func TestFlowLogs(t *testing.T) {
	logs, role := R(aws.LogGroup, "logs", Props{}), R(aws.Role, "role", Props{})
	flow := func(more Props) []Res {
		props := Props{"logDestination": Arn("logs"), "iamRoleArn": Arn("role")}
		for key, v := range more {
			props[key] = v
		}
		return []Res{R(aws.FlowLog, "flow", props), logs, role, R(aws.Bucket, "bucket", Props{})}
	}
	require.Equal(t, []string{"flow deliverCrossAccountRole: the logs are delivered to another account"},
		found(t, flowLogDestination, flow(Props{"deliverCrossAccountRole": "arn:aws:iam::1:role/x"})...))
	const strange = "flow iamRoleArn: the role is not in this stack"
	other := Props{"iamRoleArn": "arn:aws:iam::1:role/x"}
	require.Equal(t, []string{strange}, found(t, flowLogDestination, flow(other)...), "log groups are the default")
	other["logDestinationType"] = "cloud-watch-logs"
	require.Equal(t, []string{strange}, found(t, flowLogDestination, flow(other)...))
	other["logDestinationType"], other["logDestination"] = "s3", Arn("bucket")
	require.Empty(t, found(t, flowLogDestination, flow(other)...), "a bucket needs no role")
	other["logDestination"] = Sub("%s/vpc/", "bucket", "arn")
	require.Empty(t, found(t, flowLogDestination, flow(other)...), "a folder of the bucket")
	other["logDestination"] = "arn:aws:s3:::another/vpc/"
	require.Equal(t, []string{"flow logDestination: the destination is not in this stack"}, found(t, flowLogDestination, flow(other)...))
}

func TestRulesOfDefaultGroups(t *testing.T) {
	vpc := R(aws.Vpc, "vpc", Props{})
	closed := R(aws.DefaultSecurityGroup, "default", Props{"vpcId": Ref("vpc")})
	const open = "rule securityGroupId: the rule opens the default security group of a VPC"
	for _, kind := range []string{aws.SecurityGroupRule, aws.SecurityGroupIngress, aws.SecurityGroupEgress} {
		for group, refused := range map[string]bool{"default": true, "group": false} {
			require.Equal(t, refused, slices.Contains(found(t, defaultGroupClosed, vpc, closed, theGroup, R(kind, "rule", Props{"securityGroupId": Ref(group)})), open), "%s of %s", kind, group)
		}
		require.Equal(t, []string{open}, found(t, defaultGroupClosed, vpc, closed, R(kind, "rule", Props{"securityGroupId": Attr("vpc", "defaultSecurityGroupId")})))
	}
}

func TestPublicAddressesOfIPv6(t *testing.T) {
	require.True(t, Finds(t, noAutoPublicIP, []Res{R(aws.Subnet, "subnet", Props{"assignIpv6AddressOnCreation": true})}))
	require.False(t, Finds(t, noAutoPublicIP, []Res{R(aws.Subnet, "subnet", Props{"assignIpv6AddressOnCreation": false})}))
}

func TestUsesOfGroups(t *testing.T) {
	for kind, path := range map[string]string{
		aws.Instance: "vpcSecurityGroupIds", aws.Function: "vpcConfig securityGroupIds", aws.VpcEndpoint: "securityGroupIds", aws.DBInstance: "vpcSecurityGroupIds",
		aws.GlueConnection: "physicalConnectionRequirements securityGroupIdLists",
	} {
		with := func(group any) Res {
			keys := strings.Fields(path)
			props := Props{keys[len(keys)-1]: List{group}}
			if len(keys) == 2 {
				props = Props{keys[0]: props}
			}
			return R(kind, "user", props)
		}
		at := "user " + strings.ReplaceAll(path, " ", ".") + "[0]"
		require.Equal(t, []string{at + ": the security group is not in this stack"}, found(t, groupsOfStack, with("sg-1")), kind)
		require.Empty(t, found(t, groupsOfStack, with(Ref("group")), theGroup), kind)
		require.Empty(t, found(t, groupInUse, with(Ref("group")), theGroup), kind)
		require.Equal(t, []string{"group : no resource uses the security group"}, found(t, groupInUse, with("sg-1"), theGroup), kind)
		require.Equal(t, []string{"group id: the security groups of some resources are not known yet"}, found(t, groupInUse, with(unknown), theGroup), kind)
	}
}

// Other resources, such as a load balancer, use the groups in any of their properties.
func TestGroupsOfOtherTypes(t *testing.T) {
	balancer := func(props Props) Res { return R("aws:lb/loadBalancer:LoadBalancer", "balancer", props) }
	unused := []string{"group : no resource uses the security group"}
	for name, tc := range map[string]struct {
		props Props
		want  []string
	}{
		"by reference":   {Props{"securityGroups": List{Ref("group")}}, nil},
		"in a list":      {Props{"securityGroups": List{"sg-1", "group-id"}}, nil},
		"in an object":   {Props{"listener": Props{"a": "sg-1", "b": "group-id"}}, nil},
		"another":        {Props{"securityGroups": List{"sg-1"}, "listener": Props{"a": "sg-1"}}, unused},
		"a longer name":  {Props{"name": "group-id-2"}, unused},
		"of another one": {Props{"subnets": List{Ref("subnet")}}, unused},
	} {
		require.Equal(t, tc.want, found(t, groupInUse, balancer(tc.props), theGroup, R(aws.Subnet, "subnet", Props{})), name)
	}
	require.Equal(t, unused, found(t, groupInUse, balancer(Props{"name": ""}), R(aws.SecurityGroup, "group", Props{"id": unknown})), "its ID is not known yet")
}

func TestWideBlocks(t *testing.T) {
	const group = ": the address blocks of the security group together have more than 1024 addresses"
	wide := func(blocks ...any) []string {
		return found(t, noWideIngress, R(aws.SecurityGroup, "group", Props{"ingress": List{tcp(1, 1, Props{"cidrBlocks": blocks})}}))
	}
	require.Empty(t, wide("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"), "1024 addresses")
	require.Equal(t, []string{"group ingress[0]" + group}, wide("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/32"))
	require.Equal(t, []string{"group ingress[0].cidrBlocks[0]: the block is wider than /24 (IPv6: /64)"}, wide("10.0.0.0/23"))
	require.Len(t, wide("10.0.0.0/20"), 1, "a block that is too wide is reported once")
	ofVpc := func(block, vpc any) []string {
		return found(t, noWideIngress, append(ingressRule(tcp(1, 1, Props{"cidrIpv4": block})), R(aws.Vpc, "vpc", Props{"cidrBlock": vpc}))...)
	}
	const whole = "rule cidrIpv4: the block covers the whole VPC"
	require.Equal(t, []string{whole}, ofVpc("10.0.0.0/26", "10.0.0.0/26"))
	require.Equal(t, []string{whole}, ofVpc("10.0.0.0/24", "10.0.0.128/28"))
	require.Empty(t, ofVpc("10.0.0.0/27", "10.0.0.0/26"), "a half of it")
	require.Empty(t, ofVpc("10.0.1.0/26", "10.0.0.0/26"), "another")
	require.Empty(t, ofVpc("10.0.0.0/26", ""), "a VPC whose block is not known")
}

func TestGroupsOfOthersAreRefused(t *testing.T) {
	example := func(of string) []Res {
		return append(ingressRule(tcp(443, 443, Props{"referencedSecurityGroupId": of})), R(aws.Key, "key", Props{"arn": "arn:aws:kms:eu-west-1:123456789012:key/1"}))
	}
	require.Equal(t, []string{"rule referencedSecurityGroupId: the security group belongs to another account"}, found(t, noWideIngress, example("210987654321/sg-1")...))
	require.Empty(t, found(t, noWideIngress, example("sg-1")...))
}

func TestEntriesOfPrefixLists(t *testing.T) {
	const together = "rule : the rules of the security group together allow egress to the internet"
	list := R(aws.PrefixList, "list", Props{"entries": List{Props{"cidr": "16.0.0.0/8"}}})
	out := R(aws.SecurityGroupEgress, "rule", Props{"ipProtocol": "-1", "securityGroupId": Ref("group"), "prefixListId": Ref("list")})
	entry := func(of any, block string) Res {
		return R(aws.PrefixListEntry, "entry", Props{"prefixListId": of, "cidr": block})
	}
	require.Equal(t, []string{together}, found(t, groupReach, out, list, theGroup, entry(Ref("list"), "17.0.0.0/8")))
	require.Empty(t, found(t, groupReach, out, list, theGroup, entry("pl-1", "17.0.0.0/8")), "of another list")
	require.Empty(t, found(t, groupReach, out, list, theGroup))
}

// Together the rules allow HTTPS to every address, which a single rule may do.
func TestOnlyHTTPSMayReachEverything(t *testing.T) {
	list := R(aws.PrefixList, "list", Props{"entries": List{Props{"cidr": "16.0.0.0/8"}, Props{"cidr": "17.0.0.0/8"}}})
	for name, tc := range map[string]struct {
		protocol string
		from, to any
		refused  bool
	}{
		"HTTPS": {"tcp", 443, 443, false}, "by number": {"6", 443, 443, false}, "UDP": {"udp", 443, 443, true}, "HTTP": {"tcp", 80, 80, true}, "more": {"tcp", 443, 444, true},
		"unknown": {"tcp", 443, unknown, true},
	} {
		out := R(aws.SecurityGroupEgress, "rule", Props{"ipProtocol": tc.protocol, "fromPort": tc.from, "toPort": tc.to, "prefixListId": Ref("list")})
		require.Equal(t, tc.refused, Finds(t, groupReach, []Res{out, list}), name)
	}
}

// Rules belong to one group if they reference it in the same way, even a group outside of the stack.
func TestRulesAreCheckedByGroup(t *testing.T) {
	half := func(name string, group any, block string) Res {
		return R(aws.SecurityGroupIngress, name, tcp(443, 443, Props{"securityGroupId": group, "cidrIpv4": block}))
	}
	for name, tc := range map[string]struct {
		group    any
		together bool
	}{"of the stack": {Ref("group"), true}, "default": {Ref("default"), true}, "existing": {"sg-1", true}, "not known": {unknown, false}, "missing": {"", false}} {
		example := []Res{half("low", tc.group, "16.0.0.0/8"), half("high", tc.group, "17.0.0.0/8"), theGroup, R(aws.DefaultSecurityGroup, "default", Props{})}
		require.Equal(t, tc.together, len(found(t, groupReach, example...)) == 1, name)
	}
	inline := R(aws.DefaultSecurityGroup, "default", Props{"ingress": List{tcp(443, 443, Props{"cidrBlocks": List{"16.0.0.0/8"}})}})
	require.Len(t, found(t, groupReach, inline, half("high", Ref("default"), "17.0.0.0/8")), 1, "in the group and separately")
}
