package quarantine

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/eventfile"
)

// Store is the quarantine below a prefix of the bucket.
type Store struct {
	Bucket bucket.Bucket
	Prefix string
}

// Version is a version of an event object with objects in quarantine.
type Version struct {
	Object, Version string
	Folder          string // Without a trailing slash.
	parts           []Object
}

// Object is an object below the prefix.
type Object struct {
	Key, ETag string
	Size      int64
}

// Each calls visit, several calls concurrently, for each version with objects in
// quarantine whose folder has the prefix folder. It returns the objects whose names
// do not have the job's format.
func (s Store) Each(ctx context.Context, folder string, visit func(context.Context, Version) error) (foreign []Object, err error) {
	parts := map[string][]Object{}
	err = s.Bucket.List(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			o := Object{aws.ToString(object.Key), aws.ToString(object.ETag), aws.ToInt64(object.Size)}
			name := VersionFolder(o.Key)
			if !strings.HasSuffix(o.Key, ".jsonl") || strings.Count(name, "/") < 2 {
				foreign = append(foreign, o)
				continue
			}
			parts[name] = append(parts[name], o)
		}
	})
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bucket.AtOnce)
	for name, parts := range parts {
		group.Go(func() error {
			v, err := s.version(ctx, name, parts)
			if err != nil {
				return err
			}
			return visit(ctx, v)
		})
	}
	return foreign, group.Wait()
}

// version returns a version with its object's key, from the folder's name or, if
// that is shortened, from an entry.
func (s Store) version(ctx context.Context, folder string, parts []Object) (Version, error) {
	object, version := path.Split(strings.TrimPrefix(folder, s.Prefix+"/"))
	v := Version{strings.TrimSuffix(object, "/"), version, folder, parts}
	if !shortened.MatchString(v.Object) {
		return v, nil
	}
	found := errors.New("found")
	_, err := s.Entries(ctx, v, func(e Entry) error {
		v.Object = s.Bucket.Key(e.Object)
		return found
	})
	if errors.Is(err, found) {
		err = nil
	}
	return v, err
}

// Entries calls visit with the entries of a version. It skips and returns objects
// that contain anything else, because the job did not write
// them.
func (s Store) Entries(ctx context.Context, v Version, visit func(Entry) error) (foreign []Object, err error) {
	for _, part := range v.parts {
		var entries []Entry
		var invalid error
		err := s.Bucket.Lines(ctx, part.Key, func(line []byte) error {
			var e Entry
			e, invalid = parseEntry(line)
			entries = append(entries, e)
			return invalid
		})
		if invalid != nil {
			foreign = append(foreign, part)
			continue
		}
		if err != nil {
			return foreign, err
		}
		addSizes(entries)
		for _, e := range entries {
			if err := visit(e); err != nil {
				return foreign, err
			}
		}
	}
	return foreign, nil
}

// Of calls visit for one version of an object, if it has objects in quarantine.
func (s Store) Of(ctx context.Context, object, version string, visit func(context.Context, Version) error) error {
	_, err := s.Each(ctx, Folder(s.Prefix, object)+"/"+version, func(ctx context.Context, v Version) error {
		if v.Object != object || v.Version != version {
			return nil
		}
		return visit(ctx, v)
	})
	return err
}

// Cut returns the number of the entry for the rest of a damaged version, 0 if there is none.
func (s Store) Cut(ctx context.Context, object, version string) (int, error) {
	number := 0
	err := s.Of(ctx, object, version, func(ctx context.Context, v Version) error {
		_, err := s.Entries(ctx, v, func(e Entry) error {
			if e.Reason == eventfile.ReasonCutShort {
				number = e.Number
			}
			return nil
		})
		return err
	})
	return number, err
}

// addSizes sets the sizes of lines in several parts, which earlier releases omitted unless
// the line was longer than an event.
func addSizes(entries []Entry) {
	for i := range entries {
		first := &entries[i]
		if first.Part != 1 || first.Bytes > 0 {
			continue
		}
		for n, e := range entries[i:] {
			if n > 0 && (!e.Continues() || e.Number != first.Number) {
				break
			}
			first.Bytes += len(e.Raw())
		}
	}
}

// Foreign lists the objects of the quarantine that the job did not write, sorted by key.
func (s Store) Foreign(ctx context.Context) ([]Object, error) {
	var mu sync.Mutex
	var inside []Object
	foreign, err := s.Each(ctx, s.Prefix+"/", func(ctx context.Context, v Version) error {
		found, err := s.Entries(ctx, v, func(Entry) error { return nil })
		mu.Lock()
		defer mu.Unlock()
		inside = append(inside, found...)
		return err
	})
	foreign = append(foreign, inside...)
	slices.SortFunc(foreign, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return foreign, err
}
