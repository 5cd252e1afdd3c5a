// Package scale computes from measured constants what each part of the pipeline
// needs for a number of events a day, for docs/scale.md. It extrapolates: the
// constants were measured with up to 50 million rows.
package scale

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
)

//go:embed measured.json
var measuredJSON []byte

// Constants are the measured costs of one event, from measured.json.
type Constants struct {
	StoredBytes, ParquetBytes, TableBytes, IndexBytes measured
	WorkerSeconds, DatabaseSeconds, WrittenMB         measured
	ListedObjectMicroseconds, VerifyBytes             measured
}

type measured struct {
	Value        float64
	Unit, Source string
}

// Measured returns the constants.
func Measured() (Constants, error) {
	var c Constants
	if err := json.Unmarshal(measuredJSON, &c); err != nil {
		return c, fmt.Errorf("measured.json: %w", err)
	}
	return c, nil
}

const (
	secondsPerDay   = 24 * 60 * 60
	eventsPerObject = 10_000
	keptDays        = 30
	gib             = 1 << 30
	million         = 1_000_000

	// Processors of a G.1X worker, which is one DPU:
	// https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
	processorsPerDPU = 4
)

// Needs are what the pipeline needs for a number of events a day.
type Needs struct {
	PerSecond            float64 // Events, on average.
	WorkerProcessors     float64 // Busy on average.
	DatabaseProcessors   float64
	WrittenMBPerSecond   float64 // Written by the database.
	TableGiBPerDay       float64
	IndexGiB             float64 // Index over the hash, after 30 days.
	ListingSeconds       float64 // Listing of each run, after 30 days.
	VerifyGiB            float64 // To verify a day.
	WorkerUSDPerMillion  float64
	StorageUSDPerMillion float64 // In the database, for a month.
}

// Prices are in USD: of a DPU for an hour, and of a GiB of database storage for a month.
type Prices struct{ DPUHour, StorageGiBMonth float64 }

// Of returns the needs of a number of events a day.
func (c Constants) Of(perDay float64, p Prices) Needs {
	rate := perDay / secondsPerDay
	return Needs{
		PerSecond:            rate,
		WorkerProcessors:     rate * c.WorkerSeconds.Value / million,
		DatabaseProcessors:   rate * c.DatabaseSeconds.Value / million,
		WrittenMBPerSecond:   rate * c.WrittenMB.Value / million,
		TableGiBPerDay:       perDay * c.TableBytes.Value / gib,
		IndexGiB:             perDay * keptDays * c.IndexBytes.Value / gib,
		ListingSeconds:       perDay * keptDays / eventsPerObject * c.ListedObjectMicroseconds.Value / million,
		VerifyGiB:            perDay * c.VerifyBytes.Value / gib,
		WorkerUSDPerMillion:  c.WorkerSeconds.Value / processorsPerDPU / 3600 * p.DPUHour,
		StorageUSDPerMillion: million * c.TableBytes.Value / gib * p.StorageGiBMonth,
	}
}

// RowsPerSecond returns the rate of a load that is limited only by a number of
// processors, shared by workers and database.
func RowsPerSecond(processors, workerSeconds, databaseSeconds float64) float64 {
	return math.Round(processors * million / (workerSeconds + databaseSeconds))
}
