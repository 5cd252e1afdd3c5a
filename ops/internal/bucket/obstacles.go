package bucket

import (
	"context"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// DeleteObstacles deletes the versions that keep the AWS provider from emptying the bucket, and returns their number:
//
//   - all versions of objects whose keys XML cannot represent, because the provider sends keys as XML;
//   - delete markers, and all versions of deleted objects. The provider deletes markers last, and begins each page with
//     the encoded key of the last one, which is before most keys. It would list a page of nothing but markers forever:
//     https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/s3/delete.go
//
// All other objects keep their current versions.
func (b Bucket) DeleteObstacles(ctx context.Context) (int, error) {
	in := &s3.ListObjectVersionsInput{Bucket: &b.Name, EncodingType: types.EncodingTypeUrl}
	deleted, gone := 0, ""
	var before []types.ObjectIdentifier // Of the page before: a listing continues after a version that exists.
	for {
		page, err := b.S3.ListObjectVersions(ctx, in)
		if err == nil {
			err = decode(page)
		}
		if err != nil {
			return deleted, fmt.Errorf("list the versions of %s: %w", b.URL(""), err)
		}
		n, err := b.deleteVersions(ctx, before)
		if deleted += n; err != nil {
			return deleted, err
		}
		before, gone = obstacles(page, gone)
		if !aws.ToBool(page.IsTruncated) {
			n, err = b.deleteVersions(ctx, before)
			return deleted + n, err
		}
		in.KeyMarker, in.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
}

// decode decodes the keys of a page. S3 also encodes the marker, which the SDK's paginator sends back as it is:
// https://github.com/aws/aws-sdk-go/issues/4672
func decode(page *s3.ListObjectVersionsOutput) error {
	keys := []**string{&page.NextKeyMarker}
	for i := range page.Versions {
		keys = append(keys, &page.Versions[i].Key)
	}
	for i := range page.DeleteMarkers {
		keys = append(keys, &page.DeleteMarkers[i].Key)
	}
	for _, encoded := range keys {
		key, err := url.QueryUnescape(aws.ToString(*encoded))
		if err != nil {
			return fmt.Errorf("key %q: %w", aws.ToString(*encoded), err)
		}
		*encoded = &key
	}
	return nil
}

// obstacles returns the versions of a page to delete, earlier versions before markers. gone is the last key of the page
// before, if the object is deleted, and next the one of this page.
func obstacles(page *s3.ListObjectVersionsOutput, gone string) (found []types.ObjectIdentifier, next string) {
	deleted := map[string]bool{gone: true}
	for _, m := range page.DeleteMarkers {
		if aws.ToBool(m.IsLatest) {
			deleted[aws.ToString(m.Key)] = true
		}
	}
	for _, v := range page.Versions {
		if key := aws.ToString(v.Key); deleted[key] || !fitsXML(key) {
			found = append(found, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
	}
	for _, m := range page.DeleteMarkers {
		found = append(found, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
	}
	if last := aws.ToString(page.NextKeyMarker); deleted[last] {
		next = last
	}
	return found, next
}

// deleteVersions deletes the versions of a page.
func (b Bucket) deleteVersions(ctx context.Context, versions []types.ObjectIdentifier) (deleted int, err error) {
	var together []types.ObjectIdentifier
	for _, v := range versions {
		if fitsXML(aws.ToString(v.Key)) {
			together = append(together, v)
			continue
		}
		if _, err := b.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: v.Key, VersionId: v.VersionId}); err != nil {
			return deleted, fmt.Errorf("delete %q: %w", b.URL(aws.ToString(v.Key)), err)
		}
		deleted++
	}
	if len(together) == 0 {
		return deleted, nil
	}
	out, err := b.S3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.Name, Delete: &types.Delete{Objects: together, Quiet: aws.Bool(true)}})
	if err != nil {
		return deleted, fmt.Errorf("delete versions of %s: %w", b.URL(""), err)
	}
	if len(out.Errors) > 0 {
		e := out.Errors[0]
		return deleted, fmt.Errorf("delete %q: %s: %s", b.URL(aws.ToString(e.Key)), aws.ToString(e.Code), aws.ToString(e.Message))
	}
	return deleted + len(together), nil
}

// fitsXML reports whether a key consists of characters of XML 1.0 that parsers
// leave unchanged. They convert carriage returns to line feeds.
// https://www.w3.org/TR/xml/#charsets
func fitsXML(key string) bool {
	for _, r := range key {
		switch {
		case r == '\t', r == '\n', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r < 0xFFFD, r >= 0x10000:
		default:
			return false
		}
	}
	return true
}
