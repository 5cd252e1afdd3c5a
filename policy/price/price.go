// Package price contains AWS list prices for the parts of a data pipeline that cost money even when idle.
package price

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"
)

// HoursPerMonth is AWS's length of a month in hours.
const HoursPerMonth = 730

//go:embed prices.csv
var list []byte

// Table is a dated price list of one region.
type Table struct {
	// Date is the day of the prices.
	Date   time.Time
	prices map[string]Price
}

// Price is the price of one unit: a month, an hour, or a GiB-month.
type Price struct {
	Item, Unit string
	USD        float64
	// Page is the URL of the price at AWS.
	Page string
}

// Monthly returns the price of the item for a whole month.
func (p Price) Monthly() float64 {
	if p.Unit == "hour" {
		return p.USD * HoursPerMonth
	}
	return p.USD
}

// Load reads the embedded price list.
func Load() (Table, error) {
	reader := csv.NewReader(bytes.NewReader(list))
	reader.Comment = '#'
	records, err := reader.ReadAll()
	if err != nil {
		return Table{}, fmt.Errorf("read the prices: %w", err)
	}
	t := Table{prices: map[string]Price{}}
	if t.Date, err = time.Parse(time.DateOnly, records[0][1]); err != nil {
		return Table{}, fmt.Errorf("date of the prices: %w", err)
	}
	for _, r := range records[2:] {
		usd, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			return Table{}, fmt.Errorf("price of %s: %w", r[0], err)
		}
		t.prices[r[0]] = Price{Item: r[0], Unit: r[1], USD: usd, Page: r[3]}
	}
	return t, nil
}

// GlueJobDPU returns the item for a DPU of a Spark job, by the job's Glue version. AWS
// charges less from version 6.0 on: https://aws.amazon.com/glue/pricing/
func GlueJobDPU(version string) string {
	if v, err := strconv.ParseFloat(version, 64); err == nil && v >= 6 {
		return "glue 6 dpu"
	}
	return GlueDPU
}

// GlueDPU is the item for a DPU of a crawler.
const GlueDPU = "glue dpu"

// Of returns the price of an item, and whether it is known.
func (t Table) Of(item string) (Price, bool) {
	p, known := t.prices[item]
	return p, known
}
