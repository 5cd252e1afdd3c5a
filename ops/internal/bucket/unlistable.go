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
	pages := s3.NewListObjectVersionsPaginator(b.S3, &s3.ListObjectVersionsInput{Bucket: &b.Name, EncodingType: types.EncodingTypeUrl})
	deleted := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return deleted, fmt.Errorf("list the versions of %s: %w", b.URL(""), err)
		}
		for _, version := range versionsOf(page) {
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
