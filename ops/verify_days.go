package ops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/schema"
)

// readDays finds the days of the curated Parquet that the table over it does not
// cover. Athena reads the days of the table's range only, so events of other days
// are in S3 and in the database, and no query or backfill makes Athena see them.
// A table deployed before the contract's range changed has another one.
func (o *Ops) readDays(ctx context.Context, c *census) error {
	folder := o.contract.Prefixes.Curated + "/"
	today := time.Now()
	days, err := o.projectedDays(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	return o.eachPage(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			name, _, _ := strings.Cut(strings.TrimPrefix(aws.ToString(object.Key), folder), "/")
			day, ok := strings.CutPrefix(name, o.contract.PartitionKey+"=")
			if !ok || seen[day] || days.Has(day, today) {
				continue
			}
			seen[day] = true
			c.result.UncoveredDays.add(Finding{Key: day})
		}
	})
}

// projectedDays are those of the table's projection, in the form in which the
// program declares it, or else the contract's.
func (o *Ops) projectedDays(ctx context.Context) (schema.DayRange, error) {
	days := o.contract.Days
	found, err := o.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String(o.stack.CatalogDatabase), Name: aws.String(o.stack.CuratedTable)})
	if err != nil {
		return days, fmt.Errorf("get table %s: %w", o.stack.CuratedTable, err)
	}
	first, last, ok := strings.Cut(found.Table.Parameters["projection."+o.contract.PartitionKey+".range"], ",NOW+")
	if !ok {
		return days, nil
	}
	ahead, err := strconv.Atoi(strings.TrimSuffix(last, "DAYS"))
	if err != nil {
		return days, nil //nolint:nilerr // Somebody wrote another range.
	}
	return schema.DayRange{First: first, Ahead: ahead}, nil
}
