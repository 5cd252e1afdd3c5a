package matcher

import "strings"

// S3Location splits s3://bucket/key; it also accepts s3a and s3n.
func S3Location(text string) (bucket, key string, ok bool) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || (scheme != "s3" && scheme != "s3a" && scheme != "s3n") {
		return "", "", false
	}
	bucket, key, _ = strings.Cut(rest, "/")
	return bucket, key, bucket != ""
}
