package producerapi

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnswerHasTheOriginalsForm(t *testing.T) {
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

func TestFailedAnswer(t *testing.T) {
	r, err := Respond(Message{Error: "no", TotalSales: Cents(5)})
	require.NoError(t, err)
	require.Equal(t, 500, r.StatusCode)
	require.Contains(t, r.Body, `"status":false`)
	require.Contains(t, r.Body, `"tot_sales":0.05`)
	require.Contains(t, r.Body, `"error":"no"`)
}

func TestParseRefusesOtherAnswers(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"statusCode":200,"body":"oops"}`, `{"statusCode":200}`} {
		_, err := Parse([]byte(text))
		require.Error(t, err, text)
	}
}
