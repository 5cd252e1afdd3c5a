package ops

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/lambda/producerapi"
)

func answer(t *testing.T, m producerapi.Message) any {
	r, err := producerapi.Respond(m)
	require.NoError(t, err)
	return document{"statusCode": r.StatusCode, "body": r.Body}
}

func TestProduce(t *testing.T) {
	f, o := newFake(t)
	var payload document
	f.on["Invoke"] = func(in document) any {
		payload = in
		return answer(t, producerapi.Message{Status: true, TotalMessages: 28, Incomplete: 4, SaleEvents: 12, InventoryEvents: 16, TotalSales: "1253.17"})
	}
	share, zip := 0.5, false
	r, err := o.Produce(t.Context(), ProduceRequest{Events: 28, IncompleteShare: &share, Gzip: &zip})
	require.NoError(t, err)
	require.Equal(t, document{"events": 28.0, "incomplete_share": 0.5, "gzip": false}, payload)
	r.Seconds = 0
	require.Equal(t, ProduceResult{Messages: 28, Incomplete: 4, SaleEvents: 12, InventoryEvents: 16, TotalSales: json.Number("1253.17")}, r)
}

func TestProduceFailures(t *testing.T) {
	f, o := newFake(t)
	f.answers("Invoke", document{"statusCode": 500, "body": `{"message":{"error":"denied"}}`})
	_, err := o.Produce(t.Context(), ProduceRequest{})
	require.ErrorContains(t, err, "could not store all events")

	f.answers("Invoke", document{"FunctionError": "Unhandled", "errorMessage": "only 7 events are stored: denied"})
	_, err = o.Produce(t.Context(), ProduceRequest{})
	require.EqualError(t, err, "the producer producer failed: only 7 events are stored: denied")

	calls := f.called("Invoke")
	f.answers("Invoke", awsError{"TooManyRequestsException", "slow down"})
	_, err = o.Produce(t.Context(), ProduceRequest{})
	require.ErrorContains(t, err, "slow down")
	require.Equal(t, calls+1, f.called("Invoke"), "a call is not retried")
}
