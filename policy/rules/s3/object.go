package s3

import (
	"os"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var objectNoSecretScript = rule.Rule{
	ID:       "s3-object-no-secret-script",
	Title:    "Uploaded scripts hold no credentials, and have no ACL",
	Why:      "A script in S3 is read by everyone who may read the bucket, and every version of it is kept.",
	Fix:      "Read credentials from Secrets Manager at run time; leave Acl out.",
	Sources:  "project; prowler s3_bucket_object_public",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.BucketObject},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("content"), matcher.NoCredential, "the content holds a credential"),
			rule.Require(r.Get("contentBase64"), matcher.NoEncodedCredential, "the content holds a credential"),
			rule.Require(r.Get("source"), assetWithoutCredential, "the file holds a credential"),
			rule.Require(r.Get("acl"), matcher.Absent, "an ACL is set on the object"),
		)
	},
}

// maxScript bounds what is read of a file, in bytes: scripts are small, and data files are not for this rule.
const maxScript = 1 << 20

func assetWithoutCredential(v value.Value) (bool, error) {
	if !v.Raw().IsAsset() {
		return matcher.Missing(v), notAsset(v)
	}
	asset := v.Raw().AsAsset()
	if matcher.HasCredential(asset.Text) {
		return false, nil
	}
	info, err := os.Stat(asset.Path)
	if asset.Path == "" || err != nil || info.Size() > maxScript {
		return true, nil // Only a file that is here can be read: the engine has its hash alone for a deployed one.
	}
	text, err := os.ReadFile(asset.Path)
	return !matcher.HasCredential(string(text)), err
}

func notAsset(v value.Value) error {
	if matcher.Missing(v) || v.Raw().IsArchive() {
		return nil
	}
	return &value.Error{Path: v.Path(), Want: "an asset", Got: "something else"}
}
