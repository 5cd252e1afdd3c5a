package cost

import (
	"math"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

var unknown = property.New(property.Computed)

// estimate returns a stack's items, with cents, and the undecided ones.
func estimate(t *testing.T, example ...Res) ([]Item, []rule.Finding) {
	t.Helper()
	e := Of(Build(t, example, rule.DefaultSettings(rule.Prod)))
	for i, item := range e.Items {
		e.Items[i].USD = math.Round(item.USD*100) / 100
	}
	return e.Items, e.Undecided
}

// The amounts were computed by hand from AWS's price lists: a month has 730 hours.
func TestCostsOfResources(t *testing.T) {
	query := func(id string) Props { return Props{"id": id, "metric": Props{"metricName": id}} }
	for name, tc := range map[string]struct {
		of   Res
		want []Item
	}{
		"key":             {R(aws.Key, "r", Props{}), []Item{{"keys", "r", "", 1}}},
		"secret":          {R(aws.Secret, "r", Props{}), []Item{{"secrets", "r", "", 0.40}}},
		"alarm":           {R(aws.MetricAlarm, "r", Props{"metricQueries": List{}}), []Item{{"alarms", "r", "", 0.10}}},
		"composite alarm": {R(aws.CompositeAlarm, "r", Props{}), []Item{{"composite alarms", "r", "", 0.50}}},
		"dashboard":       {R(dashboard, "r", Props{}), []Item{{"dashboards", "r", "", 3}}},
		"NAT gateway":     {R(aws.NatGateway, "r", Props{}), []Item{{"NAT gateways", "r", "", 32.85}}},
		"address":         {R(aws.Eip, "r", Props{}), []Item{{"public addresses", "r", "", 3.65}}},
		"alarm on an expression of two metrics": {
			R(aws.MetricAlarm, "r", Props{"metricQueries": List{Props{"id": "value", "expression": "a / b"}, query("a"), query("b")}}),
			[]Item{{"alarms", "r", "", 0.20}},
		},
		"interface endpoint": {
			R(aws.VpcEndpoint, "r", Props{"vpcEndpointType": "Interface", "subnetIds": List{"a", "b", "c"}}),
			[]Item{{"interface endpoints", "r", "3 zones", 21.90}},
		},
		"gateway endpoint":               {R(aws.VpcEndpoint, "r", Props{"vpcEndpointType": "Gateway", "subnetIds": List{"a"}}), nil},
		"endpoint of the default type":   {R(aws.VpcEndpoint, "r", Props{"subnetIds": List{"a"}}), nil},
		"identity provider":              {R("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "r", Props{}), nil},
		"another provider":               {R("random:index/randomPassword:RandomPassword", "r", Props{}), nil},
		"database":                       {db("db.t4g.micro", false), []Item{{"database", "db", "db.t4g.micro", 11.68}, {"database storage", "db", "20 GiB", 2.30}}},
		"database with a standby":        {db("db.t4g.micro", true), []Item{{"database", "db", "db.t4g.micro, in two zones", 23.36}, {"database storage", "db", "20 GiB, in two zones", 4.60}}},
		"database with storage unstated": {R(aws.DBInstance, "db", Props{"engine": "mysql", "instanceClass": "db.t4g.micro", "allocatedStorage": 100}), []Item{{"database", "db", "db.t4g.micro", 11.68}, {"database storage", "db", "100 GiB", 11.50}}},
		"machine with its image's volume": {
			R(aws.Instance, "r", Props{"instanceType": "t4g.nano"}), []Item{{"instances", "r", "t4g.nano", 3.07}, {"volumes", "r", "8 GiB", 0.80}},
		},
		"machine in public": {
			R(aws.Instance, "r", Props{
				"instanceType": "t4g.nano", "associatePublicIpAddress": true,
				"rootBlockDevice": Props{"volumeSize": 1, "volumeType": "gp3"}, "ebsBlockDevices": List{Props{"volumeSize": 100, "volumeType": "gp2"}},
			}),
			[]Item{{"volumes", "r", "100 GiB", 10}, {"public addresses", "r", "", 3.65}, {"instances", "r", "t4g.nano", 3.07}, {"volumes", "r", "1 GiB", 0.08}},
		},
	} {
		items, undecided := estimate(t, tc.of)
		require.Equal(t, tc.want, items, name)
		require.Empty(t, undecided, name)
	}
}

// Signer has no rules, and costs nothing.
func TestSigningOfCodeIsFree(t *testing.T) {
	items, undecided := estimate(t, R("aws:lambda/codeSigningConfig:CodeSigningConfig", "signing", Props{}))
	require.Empty(t, items)
	require.Empty(t, undecided)
}

func TestMostExpensiveItemIsFirst(t *testing.T) {
	items, _ := estimate(t, R(aws.Secret, "b", Props{}), R(aws.NatGateway, "nat", Props{}), R(aws.Secret, "a", Props{}))
	require.Equal(t, []string{"nat", "a", "b"}, []string{items[0].Name, items[1].Name, items[2].Name})
}

// Unknown is not free.
func TestUnpricedIsUndecided(t *testing.T) {
	const notListed, notKnown = "it is not in the price list", "not known yet"
	with := func(r Res, property string, v any) Res {
		props := Props{}
		for key, old := range r.Props {
			props[key] = old
		}
		props[property] = v
		return R(r.Type, r.Name, props)
	}
	small, host := db("db.t4g.micro", false), R(aws.Instance, "i", Props{"instanceType": "t4g.nano"})
	for name, tc := range map[string]struct {
		of                Res
		property, message string
		groups            []string // The sum of the decided items.
	}{
		"type":               {R("aws:dynamodb/table:Table", "table", Props{}), "", "the price of aws:dynamodb/table:Table is not known", nil},
		"class":              {db("db.x99.metal", false), "instanceClass", notListed, []string{"database storage"}},
		"engine":             {with(small, "engine", "db2"), "instanceClass", notListed, []string{"database storage"}},
		"storage":            {with(small, "storageType", "io2"), "storageType", notListed, []string{"database"}},
		"unknown class":      {with(small, "instanceClass", unknown), "instanceClass", notKnown, nil},
		"unknown engine":     {with(small, "engine", unknown), "engine", notKnown, nil},
		"unknown size":       {with(small, "allocatedStorage", unknown), "allocatedStorage", notKnown, nil},
		"unknown storage":    {with(small, "storageType", unknown), "storageType", notKnown, nil},
		"unknown standby":    {with(small, "multiAz", unknown), "multiAz", notKnown, nil},
		"machine":            {with(host, "instanceType", "p99.metal"), "instanceType", notListed, []string{"volumes"}},
		"unknown machine":    {with(host, "instanceType", unknown), "instanceType", notKnown, []string{"volumes"}},
		"unknown address":    {with(host, "associatePublicIpAddress", unknown), "associatePublicIpAddress", notKnown, []string{"instances", "volumes"}},
		"volume":             {with(host, "rootBlockDevice", Props{"volumeType": "io9"}), "rootBlockDevice.volumeType", notListed, []string{"instances"}},
		"unknown volume":     {with(host, "rootBlockDevice", Props{"volumeType": unknown}), "rootBlockDevice.volumeType", notKnown, []string{"instances"}},
		"unknown size of it": {with(host, "rootBlockDevice", Props{"volumeSize": unknown}), "rootBlockDevice.volumeSize", notKnown, []string{"instances"}},
		"unknown endpoint":   {R(aws.VpcEndpoint, "e", Props{"vpcEndpointType": unknown, "subnetIds": List{"a"}}), "vpcEndpointType", notKnown, nil},
	} {
		items, undecided := estimate(t, tc.of)
		require.Len(t, undecided, 1, name)
		require.Equal(t, rule.Finding{Kind: rule.Undecided, URN: undecided[0].URN, Property: tc.property, Message: tc.message}, undecided[0], name)
		require.Contains(t, undecided[0].URN, tc.of.Name, name)
		var groups []string
		for _, item := range items {
			groups = append(groups, item.Group)
		}
		require.Equal(t, tc.groups, groups, name)
	}
}
