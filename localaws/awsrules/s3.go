package awsrules

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"localaws/awsmodel"
)

var s3Rules = map[string]rule{
	"s3:CreateBucket":                    bucketName,
	"s3:PutBucketTagging":                func(p params) error { return tagSet(documentTags(p), 50) },
	"s3:PutObjectTagging":                func(p params) error { return tagSet(documentTags(p), 10) },
	"s3:PutBucketLifecycleConfiguration": lifecycle,
}

// limit returns an error for an exceeded quota.
func limit(format string, args ...any) error {
	refusal := awsmodel.Refuse("LimitExceeded", format, args...)
	refusal.Status = 409
	return refusal
}

// checkKey checks the key, which has at most 1024 bytes of UTF-8, and the tags of an object:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
func checkKey(p params) error {
	if len(p.text("Key")) > 1024 {
		return refuse("KeyTooLongError", "Your key is too long")
	}
	if tags := p.text("Tagging"); tags != "" {
		values, err := url.ParseQuery(tags)
		if err != nil {
			return refuse("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		var list []tag
		for key, all := range values {
			for _, value := range all {
				list = append(list, tag{key, value})
			}
		}
		return tagSet(list, 10)
	}
	return nil
}

var bucketText = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var (
	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// regionalSuffix ends the names of buckets in the account's own namespace, and no others:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
const regionalSuffix = "-an"

func bucketName(p params) error {
	name := p.text("Bucket")
	_, notAddress := netip.ParseAddr(name)
	reserved := slices.ContainsFunc(reservedPrefixes, func(s string) bool { return strings.HasPrefix(name, s) }) ||
		slices.ContainsFunc(reservedSuffixes, func(s string) bool { return strings.HasSuffix(name, s) }) ||
		strings.HasSuffix(name, regionalSuffix) != (p.text("BucketNamespace") == "account-regional")
	if !bucketText.MatchString(name) || strings.Contains(name, "..") || notAddress == nil || reserved {
		return refuse("InvalidBucketName", "The specified bucket is not valid.")
	}
	return nil
}

type tag struct{ key, value string }

func documentTags(p params) []tag {
	root, _ := p["Document"].(*etree.Element)
	var tags []tag
	for _, e := range root.FindElements("./TagSet/Tag") {
		tags = append(tags, tag{child(e, "Key"), child(e, "Value")})
	}
	return tags
}

func child(e *etree.Element, path string) string {
	if found := e.FindElement("./" + path); found != nil {
		return found.Text()
	}
	return ""
}

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html
func tagSet(tags []tag, maxTags int) error {
	if len(tags) > maxTags {
		if maxTags == 10 {
			return refuse("BadRequest", "Object tags cannot be greater than 10")
		}
		return refuse("BadRequest", "Bucket tag count cannot be greater than %d", maxTags)
	}
	keys := make([]string, len(tags))
	for i, t := range tags {
		keys[i] = t.key
		switch {
		case strings.HasPrefix(t.key, "aws:"):
			return refuse("InvalidTag", "System tags cannot be added/updated by requester")
		case t.key == "" || len([]rune(t.key)) > 128 || !tagText.MatchString(t.key):
			return refuse("InvalidTag", "The TagKey you have provided is invalid")
		case len([]rune(t.value)) > 256 || !tagText.MatchString(t.value):
			return refuse("InvalidTag", "The TagValue you have provided is invalid")
		}
	}
	if repeated(keys) != "" {
		return refuse("InvalidTag", "Cannot provide multiple Tags with the same key")
	}
	return nil
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
func lifecycle(p params) error {
	root, _ := p["Document"].(*etree.Element)
	rules := root.FindElements("./Rule")
	if len(rules) == 0 || len(rules) > 1000 {
		return refuse("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	var ids []string
	for _, r := range rules {
		if id := child(r, "ID"); id != "" {
			ids = append(ids, id)
		}
		if err := lifecycleRule(r); err != nil {
			return err
		}
	}
	if repeated(ids) != "" {
		return refuse("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
	}
	return nil
}

func lifecycleRule(r *etree.Element) error {
	if len([]rune(child(r, "ID"))) > 255 {
		return refuse("InvalidArgument", "ID length should not exceed allowed limit of 255")
	}
	if status := child(r, "Status"); status != "Enabled" && status != "Disabled" {
		return refuse("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	for path, name := range map[string]string{
		"Expiration/Days": "'Days' for Expiration action must be a positive integer",
		"NoncurrentVersionExpiration/NoncurrentDays":         "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
		"AbortIncompleteMultipartUpload/DaysAfterInitiation": "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
	} {
		e := r.FindElement("./" + path)
		if e == nil {
			continue
		}
		if days, err := strconv.Atoi(e.Text()); err != nil || days < 1 {
			return refuse("InvalidArgument", "%s", name)
		}
	}
	if e := r.FindElement("./Expiration"); e != nil && len(e.ChildElements()) != 1 { // One of Days, Date and ExpiredObjectDeleteMarker.
		return refuse("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	for _, t := range r.FindElements("./Transition") {
		days, err := strconv.Atoi(child(t, "Days"))
		class := child(t, "StorageClass")
		if err == nil && days < 30 && (class == "STANDARD_IA" || class == "ONEZONE_IA") {
			return refuse("InvalidArgument", "'Days' in Transition action must be greater than or equal to 30 for storageClass '%s'", class)
		}
	}
	return nil
}
