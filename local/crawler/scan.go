package crawler

import (
	"context"
	"errors"
	"slices"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// parallelReads bounds how many objects are read at once.
const parallelReads = 8

// maxSampled is how many objects of a folder are read, unless the target says.
const maxSampled = 1000

// scan reads the beginnings of the folders' objects. What nothing recognises is
// passed over with a warning.
func (r *run) scan(ctx context.Context, bucket string, folders []leaf, sampleSize int) ([]scannedLeaf, error) {
	if sampleSize <= 0 {
		sampleSize = maxSampled
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	samples := make([][]*sample, len(folders))
	picked := make([][]object, len(folders))
	for i, f := range folders {
		picked[i] = spread(f.Objects, sampleSize)
		samples[i] = make([]*sample, len(picked[i]))
		for j, o := range picked[i] {
			group.Go(func() error {
				s, err := r.service.bucket.sample(ctx, bucket, o)
				samples[i][j] = s
				return passOver(err)
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := make([]scannedLeaf, len(folders))
	for i, f := range folders {
		out[i].leaf = f
		for j, o := range picked[i] {
			if samples[i][j] == nil {
				r.note(warn("The format of s3://%s/%s is not recognised. The object is ignored.", bucket, o.Key))
				continue
			}
			out[i].Scanned = append(out[i].Scanned, scanned{o, samples[i][j]})
		}
	}
	return out, nil
}

// passOver drops the errors that say that an object has nothing for a table: it
// is not recognised, or was deleted since it was listed.
func passOver(err error) error {
	var gone *s3types.NoSuchKey
	if errors.Is(err, errUnknownFormat) || errors.Is(err, errTooShort) || errors.As(err, &gone) {
		return nil
	}
	return err
}

// spread picks n objects evenly, the first and the last among them.
func spread(objects []object, n int) []object {
	if len(objects) <= n {
		return objects
	}
	if n == 1 {
		return slices.Clone(objects[len(objects)-1:])
	}
	out := make([]object, n)
	for i := range out {
		out[i] = objects[i*(len(objects)-1)/(n-1)]
	}
	return out
}
