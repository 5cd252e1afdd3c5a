package s3

import (
	"bytes"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var objectNoSecretScript = rule.Rule{
	ID:       "s3-object-no-secret-script",
	Title:    "Uploaded objects come from the program, contain no credentials, have no ACL, and are in buckets of this stack",
	Why:      "Everyone who can read the bucket can read the object, and all versions of it are kept. Nobody reviews what a URL returns before it runs.",
	Fix:      "Upload a file of the program, and read credentials from Secrets Manager at run time; remove Acl.",
	Sources:  "project; prowler s3_bucket_object_public",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.BucketObject, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.BucketObject, func(r rule.Resource) []rule.Finding { return append(checkObject(r), requireOwnBucket(s, r)...) })
	},
}

// requireOwnBucket reports an object in a bucket outside the stack.
func requireOwnBucket(s rule.Stack, r rule.Resource) []rule.Finding {
	bucket := r.Get("bucket")
	if name, err := bucket.Text(); err == nil && (name == "" || s.Settings.Configured(name)) {
		return nil
	}
	return s.RequireReference(r, bucket, "the bucket is not in this stack", aws.Bucket)
}

func checkObject(r rule.Resource) []rule.Finding {
	return rule.All(
		rule.Require(r.Get("content"), matcher.NoCredential, "the content contains a credential"),
		rule.Require(r.Get("contentBase64"), matcher.NoCredential, "the content contains a credential"),
		rule.Require(r.Get("source"), assetWithoutCredential, "the file contains a credential"),
		rule.Require(r.Get("source"), matcher.Local, "the file comes from a URL"),
		rule.Require(r.Get("acl"), matcher.Absent, "the object has an ACL"),
	)
}

// maxScript limits how many bytes of a file are read: scripts are small, and data files are not checked.
const maxScript = 1 << 20

func assetWithoutCredential(v value.Value) (bool, error) {
	switch raw := v.Raw(); {
	case matcher.Missing(v):
		return true, nil
	case raw.IsAsset():
		return withoutCredential(raw.AsAsset())
	case raw.IsArchive():
		return withoutCredential(raw.AsArchive())
	default:
		return false, &value.Error{Path: v.Path(), Want: "an asset", Got: "something else"}
	}
}

// withoutCredential accepts an asset, or an archive of assets, without a credential in its readable parts.
func withoutCredential(part any) (bool, error) {
	switch part := part.(type) {
	case *asset.Asset:
		if matcher.HasCredential(part.Text) {
			return false, nil
		}
		return fileWithoutCredential(part.Path)
	case *archive.Archive:
		for _, inner := range part.Assets {
			if ok, err := withoutCredential(inner); !ok {
				return false, err
			}
		}
	}
	return true, nil
}

func fileWithoutCredential(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxScript {
		return true, nil // Only local files can be read: for deployed ones, the engine stores only the hash.
	}
	data, err := os.ReadFile(path) //nolint:gosec // The program names it.
	// Zip files are compressed, so patterns do not match.
	return err == nil && (bytes.HasPrefix(data, []byte("PK\x03\x04")) || !matcher.HasCredential(string(data))), err
}
