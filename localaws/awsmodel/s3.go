package awsmodel

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/beevik/etree"
)

const s3 = "s3"

// s3Documents maps query parameters to the root elements of documents that are validated.
var s3Documents = map[string]string{"tagging": "Tagging", "lifecycle": "LifecycleConfiguration"}

// readS3 parses the parts of an S3 request that awsrules checks: Operation is CreateBucket, PutBucketTagging,
// PutObjectTagging, PutBucketLifecycleConfiguration or "". Params are Bucket, Key, the headers Tagging and
// BucketNamespace, and Document, an *etree.Element. It does not use S3's model, which contains hardly any limits.
func readS3(r *http.Request) (*Request, error) {
	bucket, key := s3Names(r)
	req := &Request{Service: s3, Params: map[string]any{"Bucket": bucket, "Key": key}}
	if tags := r.Header.Get("X-Amz-Tagging"); tags != "" {
		req.Params["Tagging"] = tags
	}
	if r.Method != http.MethodPut || bucket == "" {
		return req, nil
	}
	query := r.URL.Query()
	if key == "" && len(query) == 0 {
		req.Operation = "CreateBucket"
		req.Params["BucketNamespace"] = r.Header.Get("X-Amz-Bucket-Namespace")
		return req, nil
	}
	for name, document := range s3Documents {
		if !query.Has(name) {
			continue
		}
		body, err := rereadable(r)
		if err != nil {
			return nil, err
		}
		req.Operation = s3Operation(name, key)
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(body); err != nil || doc.Root() == nil || doc.Root().Tag != document {
			return nil, &Refusal{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema"}
		}
		req.Params["Document"] = doc.Root()
	}
	return req, nil
}

func s3Operation(name, key string) string {
	switch {
	case name == "lifecycle":
		return "PutBucketLifecycleConfiguration"
	case key == "":
		return "PutBucketTagging"
	}
	return "PutObjectTagging"
}

// s3Names returns bucket and key from the path. The gateway has converted the request to path style.
func s3Names(r *http.Request) (bucket, key string) {
	bucket, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	key, err := url.PathUnescape(path)
	if err != nil {
		key = path
	}
	if name, err := url.PathUnescape(bucket); err == nil {
		bucket = name
	}
	return bucket, key
}
