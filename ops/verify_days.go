package ops

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// readDays finds the days of the curated Parquet that the table over it does not
// cover. Athena reads the days of the table's range only, so events of other days
// are in S3 and in the database, and no query or backfill makes Athena see them.
func (o *Ops) readDays(ctx context.Context, c *census) error {
	folder := o.contract.Prefixes.Curated + "/"
	today := time.Now()
	seen := map[string]bool{}
	return o.eachPage(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			name, _, _ := strings.Cut(strings.TrimPrefix(aws.ToString(object.Key), folder), "/")
			day, ok := strings.CutPrefix(name, o.contract.PartitionKey+"=")
			if !ok || seen[day] || o.contract.Days.Has(day, today) {
				continue
			}
			seen[day] = true
			c.result.UncoveredDays.add(Finding{Key: day})
		}
	})
}
