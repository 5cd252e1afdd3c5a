package ops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// part is what the ledger has of an object's version in one batch.
type part struct {
	objectVersion
	complete bool // These are its last lines.
	batch    int64
}

// eachPart visits what the ledger has of all objects; nothing before the first
// ingest has made it.
func (o *Ops) eachPart(ctx context.Context, visit func(part)) error {
	table := o.contract.Ledger.Objects
	exists, err := o.tableExists(ctx, table)
	if err != nil || !exists {
		return err
	}
	return o.query(ctx, "select source_object, version, complete, batch_id from "+identifier(table),
		eachRow(func(cells []Cell) error {
			batch, err := strconv.ParseInt(cells[3].Text, 10, 64)
			if err != nil {
				return fmt.Errorf("read the ledger: %w", err)
			}
			visit(part{objectVersion{o.key(cells[0].Text), cells[1].Text}, cells[2].Text == "1", batch})
			return nil
		}))
}

// key is the key of an object of the events bucket, given as that or as
// s3://bucket/key.
func (o *Ops) key(object string) string {
	return strings.TrimPrefix(object, "s3://"+o.stack.Bucket+"/")
}

// objectVersion is the key of an object and the ETag of one of its versions.
type objectVersion struct{ object, version string }

// loadedVersions are the versions of objects that were loaded to their end.
func (o *Ops) loadedVersions(ctx context.Context) (map[objectVersion]bool, error) {
	loaded := map[objectVersion]bool{}
	err := o.eachPart(ctx, func(p part) {
		if p.complete {
			loaded[p.objectVersion] = true
		}
	})
	return loaded, err
}
