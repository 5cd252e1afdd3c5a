package results

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func sample() *Results {
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	return &Results{
		Load: Load{Ways: []Way{
			{Name: Job, Rate: 100, Processor: map[string]float64{"workers": 4, "database": 5}},
			{Name: TwoStep, Rate: 50, Processor: map[string]float64{"spark": 6, "database": 10}},
			{Name: DLT, Rate: 10},
		}},
		Curves: Curves{Points: []Point{
			{Curve: ByRows, X: 100, Way: Job, Rate: 80},
			{Curve: ByRows, X: 10, Way: Job, Rate: 20},
			{Curve: ByObjects, X: 10, Way: Job, Rate: 30},
			{Curve: ByObjects, X: 5, Way: Plain, Rate: 3},
			{Curve: ByDelay, X: 0, Way: Job, Rate: 8},
			{Curve: ByDelay, X: 5, Way: Job, Rate: 4},
		}},
		Growth: Growth{Steps: []map[string]json.RawMessage{
			{"rows": raw("10"), Present: raw(`{"rows_per_second": 10}`)},
			{"rows": raw("20"), Present: raw(`{"rows_per_second": 7}`)},
		}},
	}
}

func TestRatiosAreOfOneRun(t *testing.T) {
	require.Equal(t, []Ratio{
		{"rate of the job over two-step", 2},
		{"rate of the job over dlt", 10},
		{"processor time of two-step's Spark over the job's workers", 1.5},
		{"processor time of two-step's database over the job's", 2},
		{"rows: rate at 100 over 10", 4},
		{"objects: rate of the job over Spark's plain reading", 10},
		{"0 ms to the database: rate over that at 0 ms", 1},
		{"5 ms to the database: rate over that at 0 ms", 0.5},
		{"table with 20 rows: rate over the empty table's", 0.7},
	}, sample().Ratios(), "ways that were not measured have no ratios")
}

func TestCompareNamesWhatIsSlower(t *testing.T) {
	slow := sample()
	slow.Load.Ways[0].Rate = 70
	worse, compared := Compare(sample().Ratios(), slow.Ratios(), 0.25)
	require.Equal(t, 9, compared)
	require.Equal(t, []Slower{
		{"rate of the job over two-step", 2, 1.4},
		{"rate of the job over dlt", 10, 7},
	}, worse)
	var text strings.Builder
	require.EqualError(t, Report(&text, worse, compared, 0.25), "2 of 9 ratios are worse by more than 25 %")
	require.Equal(t, "slower: rate of the job over two-step: 1.40, before 2.00\nslower: rate of the job over dlt: 7.00, before 10.00\n", text.String())

	worse, compared = Compare(sample().Ratios(), slow.Ratios(), 0.31)
	require.Empty(t, worse, "within the tolerance")
	require.NoError(t, Report(&text, worse, compared, 0.31))
	// On a slower machine all ways are slower, and the ratios stay the same.
	for i := range slow.Load.Ways {
		slow.Load.Ways[i].Rate = sample().Load.Ways[i].Rate / 3
	}
	worse, _ = Compare(sample().Ratios(), slow.Ratios(), 0.05)
	require.Empty(t, worse)
}

func TestCompareFailsWithNothingToCompare(t *testing.T) {
	worse, compared := Compare(sample().Ratios(), (&Results{}).Ratios(), 0.25)
	require.Error(t, Report(&strings.Builder{}, worse, compared, 0.25))
}
