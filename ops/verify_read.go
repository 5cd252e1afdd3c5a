package ops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/eventfile"
	"store-events/ops/internal/ledger"
	"store-events/ops/internal/quarantine"
	"store-events/ops/internal/verify"
	"store-events/schema"
)

// readEvents reads the objects of all streams.
func (v *verification) readEvents(ctx context.Context) error {
	for _, s := range v.contract.Streams {
		err := v.bucket.Each(ctx, s.Name+"/", func(ctx context.Context, key string) error {
			if bucket.Hidden(key) || !v.days.include(key) {
				return nil
			}
			object, err := v.readObject(ctx, key)
			if reason := v.bucket.Unreadable(ctx, key, err); reason != "" {
				v.index.AddUnread(key, reason)
				return nil
			}
			if err != nil {
				return err
			}
			v.index.AddObject(object)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) readObject(ctx context.Context, key string) (verify.Object, error) {
	object, err := v.readUntil(ctx, key, 0)
	if err != nil || !object.Damaged {
		return object, err
	}
	cut, err := v.quarantine.Cut(ctx, key, object.Version)
	if err != nil || cut == 0 {
		return object, err
	}
	return v.readUntil(ctx, key, cut)
}

func (v *verification) readUntil(ctx context.Context, key string, cut int) (verify.Object, error) {
	body, version, err := v.bucket.Open(ctx, key)
	if err != nil {
		return verify.Object{}, err
	}
	defer func() { _ = body.Close() }()
	object := verify.Object{Key: key, Version: version, Cut: cut}
	err = eventfile.Read(body, func(value eventfile.Value) error {
		object.Add(v.job.contract, value)
		return nil
	})
	if err != nil {
		return verify.Object{}, fmt.Errorf("read %s: %w", v.bucket.URL(key), err)
	}
	return object, nil
}

func (v *verification) readQuarantine(ctx context.Context) error {
	var mu sync.Mutex
	addForeign := func(objects []quarantine.Object) {
		mu.Lock()
		defer mu.Unlock()
		for _, object := range objects {
			if !v.days.include(object.Key) {
				continue
			}
			v.index.AddForeign(Finding{Key: object.Key, Detail: v.command("quarantine clean") + " moves it to foreign/"}, false)
		}
	}
	foreign, err := v.quarantine.Each(ctx, v.contract.Prefixes.Quarantine+"/", func(ctx context.Context, of quarantine.Version) error {
		if !v.days.include(of.Object) {
			return nil
		}
		foreign, err := v.quarantine.Entries(ctx, of, func(e quarantine.Entry) error {
			v.index.AddEntry(of.Object, of.Version, e.ForVerify())
			return nil
		})
		addForeign(foreign)
		return err
	})
	addForeign(foreign)
	return err
}

// readLedger finds the batches that have loaded, or may have loaded, versions of objects
// that no longer exist in S3: rows keep their batch when a version is read again, and
// the ledger deletes versions after some time. A comparison of some days ignores objects
// of other days, because their rows have other days too. Objects without a day may have
// rows of these days.
func (v *verification) readLedger(ctx context.Context) error {
	first, err := v.ledger.FirstRemembered(ctx, v.job.ledgerDays)
	if err != nil {
		return err
	}
	replaced, forgotten := map[int64]bool{}, map[int]bool{}
	v.index.IsEarlier = func(batch int64) bool { return batch < first || replaced[batch] || forgotten[ledger.RunOf(batch)] }
	if err := v.ledger.EachForgotten(ctx, func(run int) { forgotten[run] = true }); err != nil {
		return err
	}
	err = v.ledger.EachPart(ctx, func(p ledger.Part) {
		if v.days.include(p.Object) {
			v.batches[p.Batch] = true
		} else if dayOf(p.Object) != "" {
			return
		}
		if !v.index.IsCurrent(p.Object, p.Version) {
			replaced[p.Batch] = true
		}
	})
	if err != nil {
		return err
	}
	return v.ledger.EachReplaced(ctx, func(batch int64) { replaced[batch] = true })
}

// readCurated lists the Parquet once and finds its batches, the objects that the job did
// not write, and the days that the table does not cover. Athena reads only the days in the
// table's range: events of other days are in S3 and in the database, but queries do not
// return them, even after a backfill. The range of a deployed table differs from the
// contract's if the contract has changed since.
func (v *verification) readCurated(ctx context.Context) error {
	today := time.Now()
	covered, err := v.projectedDays(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	return v.eachCurated(ctx, func(c curatedObject) {
		if !v.days.include(c.Key) {
			return
		}
		if c.batch == "" {
			v.index.AddForeign(Finding{Key: c.Key, Detail: v.command("curated clean") + " moves it to foreign/"}, c.Read)
		} else if batch, err := strconv.ParseInt(c.batch, 10, 64); err == nil {
			v.batches[batch] = true
		}
		if c.day == "" || seen[c.day] || covered.Has(c.day, today) {
			return
		}
		seen[c.day] = true
		v.index.Result.UncoveredDays.Add(Finding{Key: c.day})
	})
}

// projectedDays returns the range in the table's projection if it has the program's
// format, and otherwise the contract's range.
func (o *Ops) projectedDays(ctx context.Context) (schema.DayRange, error) {
	days := o.contract.Days
	found, err := o.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: &o.stack.CatalogDatabase, Name: &o.stack.CuratedTable})
	if err != nil {
		return days, fmt.Errorf("get table %s: %w", o.stack.CuratedTable, err)
	}
	first, last, ok := strings.Cut(found.Table.Parameters["projection."+o.contract.PartitionKey+".range"], ",NOW+")
	if !ok {
		return days, nil
	}
	ahead, err := strconv.Atoi(strings.TrimSuffix(last, "DAYS"))
	if err != nil {
		return days, nil //nolint:nilerr // The range was changed outside of the program.
	}
	return schema.DayRange{First: first, Ahead: ahead}, nil
}
