package actions

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"localaws/iam/policy"
)

// s3 returns the authorization requests of an S3 request:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func (c *Call) s3(body []byte) []policy.Request {
	bucket, key := c.s3Path()
	specific := c.s3Context()
	need := func(action, resource string) policy.Request {
		return policy.Request{Action: "s3:" + action, Resource: resource, Context: specific}
	}
	query := c.http.URL.Query()
	switch {
	case bucket == "":
		return []policy.Request{need("ListAllMyBuckets", "*")}
	case key == "" && query.Has("delete"):
		return c.s3DeleteObjects(bucket, body, need)
	case key == "":
		return []policy.Request{need(c.s3BucketAction(query), c.s3ARN(bucket))}
	}
	object := c.s3ARN(bucket + "/" + key)
	var needs []policy.Request
	for _, action := range c.s3ObjectActions(query) {
		needs = append(needs, need(action, object))
	}
	if source := c.http.Header.Get("X-Amz-Copy-Source"); source != "" {
		needs = append(needs, c.s3CopySource(source, need))
	}
	return needs
}

func (c *Call) s3ARN(resource string) string { return "arn:" + c.env.Partition + ":s3:::" + resource }

// s3Path returns bucket and key. The gateway has converted the request to path style.
func (c *Call) s3Path() (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(c.http.URL.Path, "/"), "/")
	return bucket, key
}

// s3Settings maps the query parameters of a bucket's settings to the names in actions, which differ from those in
// operations.
var s3Settings = map[string]string{
	"accelerate":          "AccelerateConfiguration",
	"acl":                 "BucketAcl",
	"analytics":           "AnalyticsConfiguration",
	"cors":                "BucketCORS",
	"encryption":          "EncryptionConfiguration",
	"intelligent-tiering": "IntelligentTieringConfiguration",
	"inventory":           "InventoryConfiguration",
	"lifecycle":           "LifecycleConfiguration",
	"location":            "BucketLocation",
	"logging":             "BucketLogging",
	"metrics":             "MetricsConfiguration",
	"notification":        "BucketNotification",
	"object-lock":         "BucketObjectLockConfiguration",
	"ownershipControls":   "BucketOwnershipControls",
	"policy":              "BucketPolicy",
	"policyStatus":        "BucketPolicyStatus",
	"publicAccessBlock":   "BucketPublicAccessBlock",
	"replication":         "ReplicationConfiguration",
	"requestPayment":      "BucketRequestPayment",
	"tagging":             "BucketTagging",
	"versioning":          "BucketVersioning",
	"website":             "BucketWebsite",
}

func (c *Call) s3BucketAction(query url.Values) string {
	method := c.http.Method
	for name, setting := range s3Settings {
		if !query.Has(name) {
			continue
		}
		switch {
		case method == http.MethodGet:
			return "Get" + setting
		case method == http.MethodDelete && (name == "policy" || name == "website"):
			return "Delete" + setting
		default: // Deleting other settings needs the permission to put them.
			return "Put" + setting
		}
	}
	switch method {
	case http.MethodHead:
		return "ListBucket"
	case http.MethodPut:
		return "CreateBucket"
	case http.MethodDelete:
		return "DeleteBucket"
	case http.MethodGet:
		switch {
		case query.Has("versions"):
			return "ListBucketVersions"
		case query.Has("uploads"):
			return "ListBucketMultipartUploads"
		default:
			return "ListBucket"
		}
	}
	return unknown(method)
}

func (c *Call) s3ObjectActions(query url.Values) []string {
	version := ""
	if query.Has("versionId") {
		version = "Version"
	}
	verb := map[string]string{http.MethodGet: "Get", http.MethodHead: "Get", http.MethodPut: "Put", http.MethodDelete: "Delete"}[c.http.Method]
	switch {
	case query.Has("acl"):
		return []string{verb + "Object" + version + "Acl"}
	case query.Has("tagging"):
		return []string{verb + "Object" + version + "Tagging"}
	case query.Has("retention"):
		return []string{verb + "ObjectRetention"}
	case query.Has("legal-hold"):
		return []string{verb + "ObjectLegalHold"}
	case query.Has("attributes"):
		return []string{"GetObject" + version, "GetObject" + version + "Attributes"}
	}
	switch c.http.Method {
	case http.MethodGet, http.MethodHead:
		if query.Has("uploadId") {
			return []string{"ListMultipartUploadParts"}
		}
		return []string{"GetObject" + version}
	case http.MethodPut:
		return c.s3PutActions()
	case http.MethodPost:
		switch {
		case query.Has("restore"):
			return []string{"RestoreObject"}
		case query.Has("select"):
			return []string{"GetObject"}
		default: // The start and end of a multipart upload, and a form from a browser.
			return c.s3PutActions()
		}
	case http.MethodDelete:
		if query.Has("uploadId") {
			return []string{"AbortMultipartUpload"}
		}
		return []string{"DeleteObject" + version}
	}
	return []string{unknown(c.http.Method)}
}

// s3PutActions returns the actions of a request that writes an object. An ACL, tags or a lock need additional ones.
func (c *Call) s3PutActions() []string {
	actions := []string{"PutObject"}
	h := c.http.Header
	if h.Get("X-Amz-Tagging") != "" {
		actions = append(actions, "PutObjectTagging")
	}
	if h.Get("X-Amz-Object-Lock-Mode") != "" {
		actions = append(actions, "PutObjectRetention")
	}
	if h.Get("X-Amz-Object-Lock-Legal-Hold") != "" {
		actions = append(actions, "PutObjectLegalHold")
	}
	for name := range h {
		if name == "X-Amz-Acl" || strings.HasPrefix(name, "X-Amz-Grant-") {
			return append(actions, "PutObjectAcl")
		}
	}
	return actions
}

func (c *Call) s3CopySource(source string, need func(action, resource string) policy.Request) policy.Request {
	source, query, _ := strings.Cut(source, "?")
	if plain, err := url.PathUnescape(source); err == nil {
		source = plain
	}
	action := "GetObject"
	if strings.HasPrefix(query, "versionId=") {
		action = "GetObjectVersion"
	}
	return need(action, c.s3ARN(strings.TrimPrefix(source, "/")))
}

// s3DeleteObjects returns a request for each object. If one is denied, the whole operation is denied, unlike on S3.
func (c *Call) s3DeleteObjects(bucket string, body []byte, need func(action, resource string) policy.Request) []policy.Request {
	var list struct {
		Object []struct{ Key, VersionId string } //nolint:revive // S3's name
	}
	if xml.Unmarshal(body, &list) != nil || len(list.Object) == 0 {
		return []policy.Request{need("DeleteObject", c.s3ARN(bucket+"/*"))}
	}
	var needs []policy.Request
	for _, o := range list.Object {
		action := "DeleteObject"
		if o.VersionId != "" {
			action = "DeleteObjectVersion"
		}
		needs = append(needs, need(action, c.s3ARN(bucket+"/"+o.Key)))
	}
	return needs
}

// s3Context returns S3's condition keys:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
func (c *Call) s3Context() policy.Context {
	k := policy.Context{}
	query, h := c.http.URL.Query(), c.http.Header
	_, key := c.s3Path()
	for name, condition := range map[string]string{"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys"} {
		if key == "" && query.Has(name) {
			k.Set(condition, query.Get(name))
		}
	}
	if query.Has("versionId") {
		k.Set("s3:VersionId", query.Get("versionId"))
	}
	k.Set("s3:ResourceAccount", c.env.Account)
	k.Set("s3:TlsVersion", "1.3") // As with an AWS SDK.
	switch {
	case query.Has("X-Amz-Signature"):
		k.Set("s3:authType", "REST-QUERY-STRING")
		k.Set("s3:signatureversion", "AWS4-HMAC-SHA256")
	case h.Get("Authorization") != "":
		k.Set("s3:authType", "REST-HEADER")
		k.Set("s3:signatureversion", "AWS4-HMAC-SHA256")
	}
	for _, name := range []string{
		"x-amz-acl", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-grant-full-control", "x-amz-grant-read",
		"x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-metadata-directive",
		"x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
		"x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class", "x-amz-website-redirect-location",
	} {
		header(k, "s3:"+name, h, name)
	}
	header(k, "s3:if-match", h, "If-Match")
	header(k, "s3:if-none-match", h, "If-None-Match")
	tags, err := url.ParseQuery(h.Get("X-Amz-Tagging"))
	if err == nil {
		for name, values := range tags {
			k.Set("s3:RequestObjectTag/"+name, values...)
			k.Add("s3:RequestObjectTagKeys", name)
		}
	}
	return k
}
