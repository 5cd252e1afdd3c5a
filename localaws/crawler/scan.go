package crawler

import (
	"context"
	"errors"
	"maps"
	"slices"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// parallelReads is the maximum number of concurrent reads.
const parallelReads = 8

// maxSampled is the default number of new objects to read in a folder.
const maxSampled = 1000

// scan reads the beginnings of the folders' new objects, and stores the result for the next crawl.
func (r *run) scan(ctx context.Context, in include, folders []leaf, sampleSize int) ([]scannedLeaf, error) {
	if sampleSize <= 0 {
		sampleSize = maxSampled
	}
	before, err := r.service.loadFolderStates(r.def.Name, in)
	if err != nil {
		return nil, err
	}
	out := make([]scannedLeaf, len(folders))
	after := folderStates{}
	whole := func(i int) bool { return wholeFolder(in, folders, i) }
	for i, f := range folders {
		out[i] = scannedLeaf{leaf: f}
		fresh := f.Objects
		if whole(i) {
			out[i].Known, fresh = before.since(f)
		}
		out[i].Scanned = asScanned(spread(fresh, sampleSize))
	}
	if err := r.read(ctx, in, out); err != nil {
		return nil, err
	}
	for i := range out {
		if !whole(i) {
			continue
		}
		r.dropMisfits(in, &out[i])
		if out[i].Known != nil && !r.policy.Grouping.uniform(out[i]) {
			// The new objects differ so much that each object is a table, so all are read.
			out[i].Known, out[i].Scanned = nil, asScanned(spread(folders[i].Objects, sampleSize))
			if err := r.read(ctx, in, out[i:i+1]); err != nil {
				return nil, err
			}
			r.dropMisfits(in, &out[i])
		}
		if r.policy.Grouping.uniform(out[i]) {
			after[folders[i].Prefix] = newFolderState(out[i], r.policy.Grouping.leafTables(out[i])[0])
		}
	}
	if r.policy.NewFoldersOnly || maps.EqualFunc(before, after, folderState.equal) {
		return out, nil
	}
	return out, r.service.saveFolderStates(r.def.Name, in, after)
}

func (r *run) dropMisfits(in include, l *scannedLeaf) {
	main, misfits := r.policy.Grouping.majority(*l)
	for _, s := range misfits {
		r.note(warn("The format of %s differs from most objects in its folder. The object is ignored.", in.url(s.Key)))
	}
	*l = main
}

func (m folderState) equal(o folderState) bool {
	return m.Sum == o.Sum && m.Objects == o.Objects && m.Read == o.Read
}

func asScanned(objects []object) []scannedObject {
	out := make([]scannedObject, len(objects))
	for i, o := range objects {
		out[i].object = o
	}
	return out
}

// read sets the samples. It logs and removes objects in an unknown format.
func (r *run) read(ctx context.Context, in include, folders []scannedLeaf) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for i := range folders {
		for j := range folders[i].Scanned {
			s := &folders[i].Scanned[j]
			group.Go(func() (err error) {
				s.Sample, err = r.service.bucket.sample(ctx, in.Bucket, s.object)
				return ignoreUnusable(err)
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range folders {
		folders[i].Scanned = slices.DeleteFunc(folders[i].Scanned, func(s scannedObject) bool {
			if s.Sample == nil {
				r.note(warn("The format of %s is not recognized. The object is ignored.", in.url(s.Key)))
			}
			return s.Sample == nil
		})
	}
	return nil
}

// ignoreUnusable returns nil for the errors of unrecognized objects, and of objects deleted since they were listed.
func ignoreUnusable(err error) error {
	var deleted *s3types.NoSuchKey
	if errors.Is(err, errUnknownFormat) || errors.Is(err, errTooShort) || errors.As(err, &deleted) {
		return nil
	}
	return err
}

// spread returns n evenly spaced objects, including the first and the last.
func spread(objects []object, n int) []object {
	if len(objects) <= n {
		return objects
	}
	if n == 1 {
		return objects[len(objects)-1:]
	}
	out := make([]object, n)
	for i := range out {
		out[i] = objects[i*(len(objects)-1)/(n-1)]
	}
	return out
}
