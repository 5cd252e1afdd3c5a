package producerapi

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResponseFormat(t *testing.T) {
	m := Message{Status: true, TotalMessages: 28, Incomplete: 4, SaleEvents: 12, InventoryEvents: 16, TotalSales: Cents(125317)}
	r, err := Respond(m)
	require.NoError(t, err)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	want := `{"statusCode":200,"body":"{\"message\":{\"status\":true,\"tot_msgs\":28,\"bad_msgs\":4,\"sale_evnts\":12,\"inventory_evnts\":16,\"tot_sales\":1253.17}}"}`
	require.Equal(t, want, string(text))

	back, err := Parse(text)
	require.NoError(t, err)
	require.Equal(t, m, back)
}

func TestFormerFailedResponseIsAnError(t *testing.T) {
	_, err := Parse([]byte(`{"statusCode":500,"body":"{\"message\":{\"status\":false,\"tot_msgs\":7,\"error\":\"denied\"}}"}`))
	require.ErrorContains(t, err, "could not store all events")
	require.ErrorContains(t, err, "denied")
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"statusCode":200,"body":"oops"}`, `{"statusCode":200}`} {
		_, err := Parse([]byte(text))
		require.Error(t, err, text)
	}
}
