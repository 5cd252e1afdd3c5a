package crawler

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// include is the include path of a target: a bucket, and a folder's prefix (ending in a slash, or empty for the whole
// bucket) or an object's key.
type include struct {
	Bucket, Prefix string
}

// parseInclude parses an include path like s3://bucket/folder. The scheme is optional, as in the Glue Developer Guide.
func parseInclude(path string) (include, error) {
	rest := path
	for _, scheme := range []string{"s3://", "s3a://", "s3n://"} {
		if cut, found := strings.CutPrefix(path, scheme); found {
			rest = cut
		}
	}
	bucket, prefix, _ := strings.Cut(rest, "/")
	if bucket == "" || strings.Contains(bucket, ":") {
		return include{}, fmt.Errorf("include path %q must be s3://bucket/folder/", path)
	}
	return include{Bucket: bucket, Prefix: prefix}, nil
}

// covers reports whether a key is at or below the include path, and returns the key relative to it. A prefix matches
// whole folder names even without a trailing slash.
func (i include) covers(key string) (relative string, ok bool) {
	rest, found := strings.CutPrefix(key, i.Prefix)
	switch {
	case !found:
		return "", false
	case rest == "":
		return key[strings.LastIndexByte(key, '/')+1:], true
	case i.Prefix == "" || strings.HasSuffix(i.Prefix, "/"):
		return rest, true
	default:
		return strings.CutPrefix(rest, "/")
	}
}

// folder returns the prefix of the include path as a folder.
func (i include) folder() string {
	if i.Prefix == "" || strings.HasSuffix(i.Prefix, "/") {
		return i.Prefix
	}
	return i.Prefix + "/"
}

func (i include) url(location string) string { return "s3://" + i.Bucket + "/" + location }

// object is one S3 object.
type object struct {
	Key      string
	Size     int64
	Modified time.Time
	ETag     string
}

// leaf is a folder with the objects directly in it.
type leaf struct {
	Prefix  string
	Objects []object
}

// leaves groups objects by folder, ordered by prefix. It omits excluded and empty objects, including folder markers.
func leaves(in include, objects []object, ex excluder) []leaf {
	byPrefix := map[string]*leaf{}
	for _, o := range objects {
		relative, ok := in.covers(o.Key)
		if !ok || o.Size == 0 || strings.HasSuffix(o.Key, "/") || ex.excludes(relative) {
			continue
		}
		prefix := o.Key[:strings.LastIndexByte(o.Key, '/')+1]
		if byPrefix[prefix] == nil {
			byPrefix[prefix] = &leaf{Prefix: prefix}
		}
		byPrefix[prefix].Objects = append(byPrefix[prefix].Objects, o)
	}
	out := make([]leaf, 0, len(byPrefix))
	for _, l := range byPrefix {
		slices.SortFunc(l.Objects, func(a, b object) int { return strings.Compare(a.Key, b.Key) })
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b leaf) int { return strings.Compare(a.Prefix, b.Prefix) })
	return out
}

// wholeFolder reports whether the i-th folder, ordered by prefix, can be a table or partition: it is in the include
// path and has no subfolders.
func wholeFolder(in include, folders []leaf, i int) bool {
	hasFolders := i+1 < len(folders) && strings.HasPrefix(folders[i+1].Prefix, folders[i].Prefix)
	return !hasFolders && strings.HasPrefix(folders[i].Prefix, in.folder())
}
