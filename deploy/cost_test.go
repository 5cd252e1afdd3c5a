package deploy

import (
	"math"
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"

	"store-events/policy/rules/cost"
	"store-events/policy/state"
)

func planning(op apitype.OpType, kind, name string, inputs map[string]any) events.EngineEvent {
	urn := "urn:pulumi:dev::store-events::" + kind + "::" + name
	m := apitype.StepEventMetadata{Op: op, URN: urn, Type: kind}
	state := &apitype.StepEventStateMetadata{URN: urn, Type: kind, Custom: true, Inputs: inputs}
	if op == apitype.OpDelete {
		m.Old = state
	} else {
		m.New = state
	}
	return events.EngineEvent{EngineEvent: apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: m, Planning: true}}}
}

func TestPreviewEstimatesCosts(t *testing.T) {
	unknown := plugin.UnknownStringValue
	key := func(op apitype.OpType) events.EngineEvent { return planning(op, "aws:kms/key:Key", "key", nil) }
	c := newCollector("dev", "preview", nil)
	for _, e := range []events.EngineEvent{
		key(apitype.OpCreateReplacement), key(apitype.OpReplace),
		planning(apitype.OpRefresh, "aws:kms/key:Key", "deleted", nil),
		planning(apitype.OpDelete, "aws:kms/key:Key", "old", nil),
		planning(apitype.OpSame, "aws:ec2/vpcEndpoint:VpcEndpoint", "glue", map[string]any{
			"vpcEndpointType": "Interface", "subnetIds": []any{unknown, unknown},
		}),
		planning(apitype.OpCreate, "aws:rds/instance:Instance", "db", map[string]any{
			"engine": "mysql", "instanceClass": "db.t4g.micro", "allocatedStorage": 20.0, "storageType": "gp3",
			"password": map[string]any{resource.SigKey: resource.SecretSig, "ciphertext": "v1:abc"},
		}),
		planning(apitype.OpCreate, "aws:ec2/instance:Instance", "consumer", map[string]any{"instanceType": unknown}),
	} {
		c.event(e)
	}
	got := c.plan.cost()
	for i := range got.Items {
		got.Items[i].USD = math.Round(got.Items[i].USD*100) / 100
	}
	require.Equal(t, []cost.Item{
		{Group: "interface endpoints", Name: "glue", What: "2 zones", USD: 14.6},
		{Group: "database", Name: "db", What: "db.t4g.micro", USD: 11.68},
		{Group: "database storage", Name: "db", What: "20 GiB", USD: 2.3},
		{Group: "keys", Name: "key", USD: 1},
		{Group: "volumes", Name: "consumer", What: "8 GiB", USD: 0.8},
	}, got.Items)
	require.InDelta(t, 30.38, got.MonthlyUSD, 0.001)
	require.Len(t, got.Unpriced, 1, "an unknown instance type has no price: %s", got.Unpriced)
	require.Contains(t, got.Unpriced[0], "consumer: ")
	require.Nil(t, newCollector("dev", "up", nil).plan.cost(), "an update has no plan")
}

func TestReadingDriftIsNotAChange(t *testing.T) {
	for op, changes := range map[apitype.OpType]bool{apitype.OpRefresh: false, apitype.OpSame: false, apitype.OpUpdate: true, apitype.OpCreate: true} {
		require.Equal(t, changes, Step{Op: string(op)}.Changes(), op)
	}
}

func TestCostOfAnExportedState(t *testing.T) {
	exported, err := os.ReadFile("../policy/state/testdata/deployment.json")
	require.NoError(t, err)
	resources, err := state.Read(exported)
	require.NoError(t, err)
	c := CostOf(resources)
	require.Positive(t, c.MonthlyUSD)
	require.NotEmpty(t, c.Items)
	require.Nil(t, CostOf(nil))
}
