// Package results reads what the benchmarks measured, draws it for
// docs/benchmarks.md, and compares it with an earlier measurement.
package results

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Names of the ways to load, as the benchmarks print them.
const (
	Job         = "guaranteed"
	Committed   = "guaranteed, rows"
	TwoStep     = "two-step"
	Append      = "append"
	Rewrite     = "append-rewrite"
	AWSWrangler = "awswrangler"
	DLT         = "dlt"
	Plain       = "Spark's plain reading"
)

// Names of curves.
const (
	ByRows      = "rows"
	ByObject    = "one object"
	ByOneCore   = "one object, one core"
	ByObjects   = "objects"
	ByObjectsS3 = "objects, S3 15 ms away"
	ByDelay     = "database away"
)

// Results are all that one run of the benchmarks measured.
type Results struct {
	Command string // The command that measured this.
	Date    string // When the measurement ended, such as 2026-11-28.
	Size    string // tiny, small or full.
	Load    Load
	Curves  Curves
	Growth  Growth
}

// Load is the output of bench/load.
type Load struct {
	Repeats int            `json:"repeats"`
	Objects int            `json:"objects"`
	Bytes   int            `json:"compressed_bytes"`
	Ways    []Way          `json:"ways"`
	Machine map[string]any `json:"machine"`
}

// Way is one way to load. Processor has seconds for a million rows, by process.
type Way struct {
	Name      string             `json:"way"`
	Rows      int                `json:"rows"`
	Seconds   []float64          `json:"seconds"`
	Rate      float64            `json:"rows_per_second"`
	Ratio     float64            `json:"ratio"`
	Processor map[string]float64 `json:"processor_seconds"`
	WorkerMB  float64            `json:"worker_mb"`
	Versions  map[string]string  `json:"versions"`
}

// Curves is the output of bench/curves.
type Curves struct {
	Repeats int     `json:"repeats"`
	Points  []Point `json:"points"`
}

// Point is one load of a curve. X is its position on the horizontal axis.
type Point struct {
	Curve         string  `json:"curve"`
	X             float64 `json:"x"`
	Way           string  `json:"way"`
	Rows          int     `json:"rows"`
	Objects       int     `json:"objects"`
	Bytes         int     `json:"bytes"`
	Rate          float64 `json:"rows_per_second"`
	WorkerMB      float64 `json:"worker_mb"`
	WorkerSeconds float64 `json:"worker_seconds_per_million"`
}

// Growth is the part of bench/growth's output that is used here: steps have rows
// and a measurement for each layout of the table.
type Growth struct {
	Engine string                       `json:"engine"`
	Steps  []map[string]json.RawMessage `json:"steps"`
}

// Tiny is the size of results that only show that the benchmark works.
const Tiny = "tiny"

// Layouts of the table in Growth: the present one, and that of earlier releases.
const (
	Present = "by batch and position"
	Former  = "by key"
)

// Read reads what Write wrote.
func Read(path string) (*Results, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	var r Results
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &r, nil
}

// Write writes the results as JSON.
func (r *Results) Write(path string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode results: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// way returns a way's result, and whether it was measured.
func (r *Results) way(name string) (Way, bool) {
	i := slices.IndexFunc(r.Load.Ways, func(w Way) bool { return w.Name == name })
	if i < 0 {
		return Way{}, false
	}
	return r.Load.Ways[i], true
}

// Way returns a way's result; the zero Way if it was not measured.
func (r *Results) Way(name string) Way {
	w, _ := r.way(name)
	return w
}

// faster returns how many times as fast one way is as another; 0 if one was not measured.
func (r *Results) faster(one, than string) float64 {
	a, _ := r.way(one)
	b, ok := r.way(than)
	if !ok || b.Rate == 0 {
		return 0
	}
	return a.Rate / b.Rate
}

// points returns a way's points in a curve, sorted by X.
func (r *Results) points(curve, way string) []Point {
	var found []Point
	for _, p := range r.Curves.Points {
		if p.Curve == curve && p.Way == way {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Point) int { return int(a.X - b.X) })
	return found
}

// last returns the point with the largest X.
func (r *Results) last(curve, way string) Point {
	found := r.points(curve, way)
	if len(found) == 0 {
		return Point{}
	}
	return found[len(found)-1]
}

// point returns a way's point at an X of a curve; the zero Point if it was not measured.
func (r *Results) point(curve, way string, x float64) Point {
	for _, p := range r.points(curve, way) {
		if p.X == x {
			return p
		}
	}
	return Point{}
}

// at returns the rate of a way at an X of a curve; 0 if it was not measured.
func (r *Results) at(curve, way string, x float64) float64 { return r.point(curve, way, x).Rate }

// growth returns the rows and the rate of a layout at each step.
func (r *Results) growth(layout string) (found []Point) {
	for _, step := range r.Growth.Steps {
		var p Point
		var measured struct {
			Rate float64 `json:"rows_per_second"`
		}
		if json.Unmarshal(step["rows"], &p.X) != nil || json.Unmarshal(step[layout], &measured) != nil {
			continue
		}
		p.Rate = measured.Rate
		found = append(found, p)
	}
	return found
}

// Measured is the file of the results in docs/benchmarks.md, and Baseline that of the
// results that `make bench-check` compares with.
const (
	Measured = "bench/results/measured.json"
	Baseline = "bench/results/baseline.json"
)
