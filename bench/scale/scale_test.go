package scale

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/bench/results"
)

func TestNeeds(t *testing.T) {
	value := func(v float64) measured { return measured{Value: v} }
	c := Constants{
		TableBytes: value(1 << 10), IndexBytes: value(64), WorkerSeconds: value(4), DatabaseSeconds: value(8),
		WrittenMB: value(1000), ListedObjectMicroseconds: value(50), VerifyBytes: value(128),
	}
	n := c.Of(86_400_000_000, Prices{DPUHour: 0.9, StorageGiBMonth: 1})
	require.InDelta(t, 1_000_000, n.PerSecond, 0)
	require.InDelta(t, 4, n.WorkerProcessors, 1e-9)
	require.InDelta(t, 8, n.DatabaseProcessors, 1e-9)
	require.InDelta(t, 1000, n.WrittenMBPerSecond, 1e-9)
	require.InDelta(t, 86_400_000_000.0/(1<<20), n.TableGiBPerDay, 1e-6)
	require.InDelta(t, 86_400_000_000.0*30/(1<<24), n.IndexGiB, 1e-6)
	require.InDelta(t, 8_640_000*30*50e-6, n.ListingSeconds, 1e-6, "10,000 events an object")
	require.InDelta(t, 86_400_000_000.0/(1<<23), n.VerifyGiB, 1e-6)
	require.InDelta(t, 0.9/3600, n.WorkerUSDPerMillion, 1e-12, "a DPU has 4 processors")
	require.InDelta(t, 1_000_000.0/(1<<20), n.StorageUSDPerMillion, 1e-9)
}

// TestMeasured compares the model with a measured load: `make bench` with 1.2
// million rows into an empty table, until the last commit, on two processors that
// workers, database, Spark and S3 shared.
func TestMeasured(t *testing.T) {
	measured, err := results.Read(filepath.Join("..", "..", results.Measured))
	require.NoError(t, err)
	job := measured.Way(results.Job)
	require.InEpsilon(t, measured.Way(results.Committed).Rate, RowsPerSecond(2, job.Processor["workers"], job.Processor["database"]), 0.15)
}

func TestNumbers(t *testing.T) {
	for want, x := range map[string]float64{"0.0012": 0.00123, "0.12": 0.1234, "1.2": 1.234, "12": 12.34, "1,157,407": 1_157_407.4} {
		require.Equal(t, want, number(x))
	}
}
