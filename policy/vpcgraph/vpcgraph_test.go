package vpcgraph

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// stack builds an example, and returns the stack and its resources by name.
func stack(t *testing.T, example ...Res) (rule.Stack, map[string]rule.Resource) {
	t.Helper()
	s, named := Build(t, example, rule.DefaultSettings(rule.Dev)), map[string]rule.Resource{}
	for _, r := range s.Resources {
		named[r.Name] = r
	}
	return s, named
}

var (
	vpc     = R(aws.Vpc, "vpc", Props{})
	gateway = R(aws.InternetGateway, "igw", Props{})
	subnet  = R(aws.Subnet, "subnet", Props{"vpcId": Ref("vpc"), "availabilityZone": "a"})
)

func associated(table any) Res {
	return R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": table})
}

func route4(name string, table any, to Props) Res {
	props := Props{"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0"}
	for key, v := range to {
		props[key] = v
	}
	return R(aws.Route, name, props)
}

var toInternet = Props{"gatewayId": Ref("igw")}

func TestRoutesOfASubnet(t *testing.T) {
	table, other := R(aws.RouteTable, "table", Props{}), R(aws.RouteTable, "other", Props{})
	for name, test := range map[string]struct {
		example []Res
		from    string // The resource with the route, if any.
	}{
		"none":                                    {nil, ""},
		"a separate route":                        {[]Res{table, associated(Ref("table")), route4("out", Ref("table"), toInternet)}, "out"},
		"in the table":                            {[]Res{R(aws.RouteTable, "table", Props{"routes": List{toInternet}}), associated(Ref("table"))}, "table"},
		"of another table":                        {[]Res{table, other, associated(Ref("table")), route4("out", Ref("other"), toInternet)}, ""},
		"a gateway from outside":                  {[]Res{table, associated(Ref("table")), route4("out", Ref("table"), Props{"gatewayId": "igw-1"})}, "out"},
		"a virtual private gateway":               {[]Res{table, associated(Ref("table")), route4("out", Ref("table"), Props{"gatewayId": "vgw-1"})}, ""},
		"of the default table":                    {[]Res{R(aws.DefaultRouteTable, "main", Props{}), route4("out", Ref("main"), toInternet)}, "out"},
		"in the default table":                    {[]Res{R(aws.DefaultRouteTable, "main", Props{"routes": List{toInternet}})}, "main"},
		"of the VPC's main table":                 {[]Res{route4("out", Attr("vpc", "mainRouteTableId"), toInternet)}, "out"},
		"of the VPC's default table":              {[]Res{route4("out", Attr("vpc", "defaultRouteTableId"), toInternet)}, "out"},
		"the main table, by name":                 {[]Res{associated(Attr("vpc", "mainRouteTableId")), route4("out", Attr("vpc", "mainRouteTableId"), toInternet)}, "out"},
		"a separate table overrides the main one": {[]Res{table, associated(Ref("table")), route4("out", Attr("vpc", "mainRouteTableId"), toInternet)}, ""},
		"an existing table":                       {[]Res{associated("rtb-1"), route4("out", "rtb-1", toInternet)}, "out"},
		"another existing table":                  {[]Res{associated("rtb-1"), route4("out", "rtb-2", toInternet)}, ""},
		"no table":                                {[]Res{associated(""), route4("out", "", toInternet)}, ""},
	} {
		s, named := stack(t, append(test.example, vpc, gateway, subnet)...)
		of, v, found := InternetRoute(s, named["subnet"])
		require.Equal(t, test.from, of.Name, name)
		require.Equal(t, test.from != "", found, name)
		require.Equal(t, found, v.Path() != "", name)
	}
}

func TestTablesOfASubnet(t *testing.T) {
	s, named := stack(t, vpc, subnet, R(aws.RouteTable, "table", Props{}), R(aws.RouteTable, "other", Props{}), associated(Ref("table")))
	tables := RouteTables(s, named["subnet"])
	require.Len(t, tables, 1)
	require.Equal(t, "table", tables[0].Name)
	s, named = stack(t, vpc, subnet, R(aws.DefaultRouteTable, "main", Props{}), associated(Ref("main")))
	require.Len(t, RouteTables(s, named["subnet"]), 1)
}

func TestTableOfTheStackIsRequired(t *testing.T) {
	for name, test := range map[string]struct {
		table any
		kinds []rule.Kind
	}{
		"of the stack":   {Ref("table"), nil},
		"the VPC's main": {Attr("vpc", "mainRouteTableId"), nil},
		"configured":     {"rtb-chosen", nil},
		"elsewhere":      {"rtb-1", []rule.Kind{rule.Violation}},
		"not known":      {property.New(property.Computed), []rule.Kind{rule.Undecided}},
	} {
		s, _ := stack(t, vpc, subnet, R(aws.RouteTable, "table", Props{}), associated(test.table))
		s.Settings = s.Settings.WithConfigured(map[string]string{"a:table": "rtb-chosen"})
		var kinds []rule.Kind
		for _, f := range RequireTable(s, s.Of(aws.RouteTableAssociation)[0]) {
			kinds = append(kinds, f.Kind)
		}
		require.Equal(t, test.kinds, kinds, name)
	}
}

func TestEgressOfASubnet(t *testing.T) {
	for name, test := range map[string]struct {
		to  Props
		nat bool
	}{
		"a NAT gateway":       {Props{"natGatewayId": "nat-1"}, true},
		"an interface":        {Props{"networkInterfaceId": "eni-1"}, true},
		"an internet gateway": {toInternet, false},
	} {
		s, named := stack(t, vpc, gateway, subnet, R(aws.RouteTable, "table", Props{}), associated(Ref("table")), route4("out", Ref("table"), test.to))
		require.Equal(t, test.nat, HasNAT(s, named["subnet"]), name)
	}
}

func TestNATInstances(t *testing.T) {
	through := Props{"networkInterfaceId": Attr("nat", "primaryNetworkInterfaceId")}
	for name, test := range map[string]struct {
		check       any
		to          Res
		environment rule.Environment
		is, leads   bool
	}{
		"it forwards":           {false, route4("out", "rtb-1", through), rule.Dev, true, true},
		"as a string":           {"false", route4("out", "rtb-1", through), rule.Dev, true, true},
		"in prod":               {false, route4("out", "rtb-1", through), rule.Prod, false, false},
		"it does not forward":   {true, route4("out", "rtb-1", through), rule.Dev, false, false},
		"not by default either": {nil, route4("out", "rtb-1", through), rule.Dev, false, false},
		"unknown":               {property.New(property.Computed), route4("out", "rtb-1", through), rule.Dev, false, false},
		"no route":              {false, route4("out", "rtb-1", toInternet), rule.Dev, false, false},
		"a part of the network": {false, R(aws.Route, "out", Props{"destinationCidrBlock": "10.0.0.0/8", "networkInterfaceId": Attr("nat", "primaryNetworkInterfaceId")}), rule.Dev, false, false},
	} {
		s, named := stack(t, gateway, R(aws.Instance, "nat", Props{"sourceDestCheck": test.check}), R(aws.Instance, "other", Props{}), test.to)
		s.Settings.Environment = test.environment
		require.Equal(t, test.is, IsNATInstance(s, named["nat"]), name)
		require.Equal(t, test.leads, LeadsToNATInstance(s, named["out"]), name)
		require.False(t, IsNATInstance(s, named["other"]), name)
		require.False(t, LeadsToNATInstance(s, named["nat"]), name)
	}
}

// placed returns a resource in the subnets, together with them.
func placed(subnets any) []Res {
	return []Res{
		R(aws.Function, "user", Props{"subnets": subnets}), vpc, gateway, subnet,
		R(aws.Subnet, "second", Props{"availabilityZone": "b"}), R(aws.Subnet, "byId", Props{"availabilityZoneId": "use1-az2"}),
		R(aws.Subnet, "same", Props{"availabilityZone": "a"}), R(aws.Subnet, "anywhere", Props{"availabilityZone": property.New(property.Computed)}),
		R(aws.Subnet, "public", Props{"availabilityZone": "b"}), R(aws.RouteTable, "table", Props{"routes": List{toInternet}}),
		R(aws.RouteTableAssociation, "to the internet", Props{"subnetId": Ref("public"), "routeTableId": Ref("table")}),
	}
}

func TestPrivateSubnetsInTwoZones(t *testing.T) {
	unknown := property.New(property.Computed)
	none, violated, undecided := []rule.Kind(nil), []rule.Kind{rule.Violation}, []rule.Kind{rule.Undecided}
	for name, test := range map[string]struct {
		subnets        any
		private, zones []rule.Kind
	}{
		"two":                 {List{Ref("subnet"), Ref("second")}, none, none},
		"by the ID of a zone": {List{Ref("subnet"), Ref("byId")}, none, none},
		"in one zone":         {List{Ref("subnet"), Ref("same")}, none, violated},
		"one":                 {Ref("subnet"), none, violated},
		"somewhere":           {List{Ref("subnet"), Ref("anywhere")}, none, undecided},
		"one is public":       {List{Ref("subnet"), Ref("public")}, violated, none},
		"one is elsewhere":    {List{Ref("subnet"), Ref("second"), "subnet-1"}, violated, none},
		"all are elsewhere":   {List{"subnet-1", "subnet-2"}, violated, violated},
		"none":                {List{}, violated, violated},
		"not known":           {unknown, undecided, undecided},
		"one is not known":    {List{Ref("subnet"), unknown}, none, violated},
		"configured":          {List{"subnet-a", "subnet-b"}, none, none},
		"one is configured":   {List{"subnet-a"}, none, violated},
		"configured, no list": {"subnet-a", none, violated},
	} {
		s, named := stack(t, placed(test.subnets)...)
		s.Settings = s.Settings.WithConfigured(map[string]string{"a:subnets": `["subnet-a","subnet-b"]`})
		of := func(findings []rule.Finding) (kinds []rule.Kind) {
			for _, f := range findings {
				kinds = append(kinds, f.Kind)
			}
			return kinds
		}
		user := named["user"]
		require.Equal(t, test.private, of(RequirePrivate(s, user, user.Get("subnets"))), "%s: private", name)
		require.Equal(t, test.zones, of(RequireTwoZones(s, user, user.Get("subnets"))), "%s: zones", name)
	}
}

func TestSubnetsOfAProperty(t *testing.T) {
	for name, test := range map[string]struct {
		subnets any
		found   int
		kinds   []rule.Kind
	}{
		"two":       {List{Ref("subnet"), Ref("second")}, 2, nil},
		"one":       {Ref("subnet"), 1, nil},
		"elsewhere": {List{"subnet-1"}, 0, nil},
		"by name":   {"subnet-1", 0, nil},
		"unknown":   {property.New(property.Computed), 0, []rule.Kind{rule.Undecided}},
		"an object": {Props{"a": "b"}, 0, []rule.Kind{rule.Failed}},
	} {
		s, named := stack(t, placed(test.subnets)...)
		found, findings := Subnets(s, named["user"], named["user"].Get("subnets"))
		require.Len(t, found, test.found, name)
		var kinds []rule.Kind
		for _, f := range findings {
			kinds = append(kinds, f.Kind)
		}
		require.Equal(t, test.kinds, kinds, name)
	}
}

func TestLocations(t *testing.T) {
	for name, test := range map[string]struct {
		location any
		kinds    []rule.Kind
	}{
		"of the stack":                {Sub("s3://%s/a", "bucket", "id"), nil},
		"a list":                      {"s3://bucket-id/a, s3a://bucket-id/b", nil},
		"configured":                  {"s3://mine/a", nil},
		"missing":                     {nil, nil},
		"empty":                       {"", nil},
		"elsewhere":                   {"s3://other/a", []rule.Kind{rule.Violation}},
		"one is elsewhere":            {"s3://bucket-id/a,s3://other/a", []rule.Kind{rule.Violation}},
		"no location":                 {"bucket-id", []rule.Kind{rule.Violation}},
		"an object":                   {Props{"a": "b"}, []rule.Kind{rule.Failed}},
		"of a web site":               {"https://bucket-id/a", []rule.Kind{rule.Violation}},
		"not known, without a source": {property.New(property.Computed), []rule.Kind{rule.Undecided}},
	} {
		s, named := stack(t, R(aws.GlueJob, "job", Props{"at": test.location}), R(aws.Bucket, "bucket", Props{}))
		s.Settings = s.Settings.WithConfigured(map[string]string{"a:bucket": "mine"})
		var kinds []rule.Kind
		for _, f := range RequireInStack(s, named["job"], named["job"].Get("at")) {
			kinds = append(kinds, f.Kind)
		}
		require.Equal(t, test.kinds, kinds, name)
	}
}

// Before resources exist, a location must come from a bucket of the stack or an object in one.
func TestLocationsByOrigin(t *testing.T) {
	for origin, violates := range map[string]bool{"bucket": false, "object": false, "key": true} {
		s, named := stack(t, R(aws.GlueJob, "job", Props{"at": property.New(property.Computed)}),
			R(aws.Bucket, "bucket", Props{}), R(aws.BucketObject, "object", Props{}), R(aws.Key, "key", Props{}))
		job := named["job"]
		job.PropertyDependencies = map[string][]string{"at": {named[origin].URN}}
		findings := RequireInStack(s, job, job.Get("at"))
		require.Equal(t, violates, len(findings) == 1 && findings[0].Kind == rule.Violation, origin)
		require.Equal(t, violates, len(findings) > 0, origin)
	}
}
