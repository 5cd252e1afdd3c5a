package ops

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/quarantine"
	"store-events/ops/internal/verify"
)

// ForeignObject is an object below curated/ or quarantine/ that the job did not
// write.
type ForeignObject struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
	// Read reports whether Athena reads it: queries then fail, or return rows that
	// the job did not write.
	Read bool `json:"read_by_athena"`
	// MovedTo is its new key.
	MovedTo string `json:"moved_to,omitempty"`

	etag string
}

// ForeignInCurated lists the objects below curated/ whose keys do not have the
// job's format, sorted by key.
func (o *Ops) ForeignInCurated(ctx context.Context) ([]ForeignObject, error) {
	foreign, _, err := o.listCurated(ctx)
	return foreign, err
}

// ForeignInQuarantine lists the objects below quarantine/ whose keys do not have
// the job's format, or that contain anything but entries, sorted by key.
func (o *Ops) ForeignInQuarantine(ctx context.Context) ([]ForeignObject, error) {
	objects, err := o.quarantine.Foreign(ctx)
	foreign := make([]ForeignObject, len(objects))
	for i, object := range objects {
		foreign[i] = ForeignObject{Key: object.Key, Size: object.Size, etag: object.ETag}
	}
	return foreign, err
}

// listCurated lists the foreign objects below curated/ and counts the job's.
func (o *Ops) listCurated(ctx context.Context) (foreign []ForeignObject, written int, err error) {
	foreign = []ForeignObject{}
	err = o.eachCurated(ctx, func(c curatedObject) {
		if c.batch != "" {
			written++
			return
		}
		foreign = append(foreign, c.ForeignObject)
	})
	return foreign, written, err
}

// curatedObject is an object below curated/. Objects without a batch are foreign.
type curatedObject struct {
	ForeignObject
	day   string // "" outside of a day's folder.
	batch string // "" unless the key has the job's format.
}

// eachCurated visits the objects below curated/ in the order of their keys.
func (o *Ops) eachCurated(ctx context.Context, visit func(curatedObject)) error {
	folder := o.contract.Prefixes.Curated + "/"
	inDay := regexp.MustCompile("^" + regexp.QuoteMeta(folder+o.contract.PartitionKey+"=") +
		`([0-9]{4}-[0-9]{2}-[0-9]{2})/(?s:batch_id=([0-9]+)/rows\.parquet|.+)$`)
	return o.bucket.List(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			c := curatedObject{ForeignObject: ForeignObject{Key: aws.ToString(object.Key), Size: aws.ToInt64(object.Size), etag: aws.ToString(object.ETag)}}
			if m := inDay.FindStringSubmatch(c.Key); m != nil {
				c.day, c.batch = m[1], m[2]
			}
			c.Read = c.Size > 0 && c.day != "" && !bucket.Hidden(c.Key)
			visit(c)
		}
	})
}

// MoveForeign moves foreign objects to foreign/, below the same key. It returns the
// moved objects, even with an error.
func (o *Ops) MoveForeign(ctx context.Context, foreign []ForeignObject) ([]ForeignObject, error) {
	moved := []ForeignObject{}
	for _, f := range foreign {
		f.MovedTo = quarantine.Folder(o.contract.Prefixes.Foreign, f.Key)
		if err := o.bucket.Move(ctx, f.Key, f.etag, f.MovedTo); err != nil {
			return moved, err
		}
		moved = append(moved, f)
	}
	return moved, nil
}

// curatedStatus counts the objects of the Parquet and names the foreign ones.
func (o *Ops) curatedStatus(ctx context.Context) (Part, error) {
	foreign, written, err := o.listCurated(ctx)
	if err != nil {
		return Part{}, err
	}
	p := Part{State: "available", Detail: fmt.Sprintf("%d objects", written), Counts: []Count{{"objects", written}}}
	if len(foreign) == 0 {
		return p, nil
	}
	if slices.ContainsFunc(foreign, func(f ForeignObject) bool { return f.Read }) {
		p.State = "foreign objects"
	}
	var names verify.Findings
	for _, f := range foreign {
		detail := "Athena ignores it"
		if f.Read {
			detail = "Athena reads it"
		}
		names.Add(verify.Finding{Key: f.Key, Detail: detail})
	}
	p.Detail += fmt.Sprintf("; %d not written by the job: %s; %s moves them to foreign/", len(foreign), names, o.command("curated clean"))
	return p, nil
}
