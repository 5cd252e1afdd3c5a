package bucket

import (
	"context"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// DeleteUnlistable deletes all versions of the objects whose keys XML cannot
// represent, and returns how many it deleted.
func (b Bucket) DeleteUnlistable(ctx context.Context) (int, error) {
	in := &s3.ListObjectVersionsInput{Bucket: &b.Name, EncodingType: types.EncodingTypeUrl}
	deleted := 0
	for {
		page, err := b.S3.ListObjectVersions(ctx, in)
		if err != nil {
			return deleted, fmt.Errorf("list the versions of %s: %w", b.URL(""), err)
		}
		n, err := b.deleteUnlistable(ctx, versionsOf(page))
		if deleted += n; err != nil || !aws.ToBool(page.IsTruncated) {
			return deleted, err
		}
		// S3 encodes the marker too, and the SDK's paginator would send it back as it is: the listing would begin again
		// and never end, because most keys contain an equals sign. https://github.com/aws/aws-sdk-go/issues/4672
		marker, err := url.QueryUnescape(aws.ToString(page.NextKeyMarker))
		if err != nil {
			return deleted, fmt.Errorf("list the versions of %s: marker %q: %w", b.URL(""), aws.ToString(page.NextKeyMarker), err)
		}
		in.KeyMarker, in.VersionIdMarker = &marker, page.NextVersionIdMarker
	}
}

// deleteUnlistable deletes the versions, with encoded keys, whose keys XML cannot represent.
func (b Bucket) deleteUnlistable(ctx context.Context, versions []types.ObjectIdentifier) (deleted int, err error) {
	for _, version := range versions {
		key, err := url.QueryUnescape(aws.ToString(version.Key))
		if err != nil {
			return deleted, fmt.Errorf("list the versions of %s: key %q: %w", b.URL(""), aws.ToString(version.Key), err)
		}
		if fitsXML(key) {
			continue
		}
		// One by one, because DeleteObjects sends keys as XML.
		if _, err := b.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: &key, VersionId: version.VersionId}); err != nil {
			return deleted, fmt.Errorf("delete %q: %w", b.URL(key), err)
		}
		deleted++
	}
	return deleted, nil
}

// versionsOf returns the versions and delete markers of a page.
func versionsOf(page *s3.ListObjectVersionsOutput) []types.ObjectIdentifier {
	var all []types.ObjectIdentifier
	for _, v := range page.Versions {
		all = append(all, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	for _, m := range page.DeleteMarkers {
		all = append(all, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
	}
	return all
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
