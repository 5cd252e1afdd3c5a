package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// fields are the names and kinds that pulumi-aws sets by hand.
var fields = map[string]map[string]*tfbridge.SchemaInfo{
	"aws_security_group":          ingressAndEgress(),
	"aws_default_security_group":  ingressAndEgress(),
	"aws_network_acl":             ingressAndEgress(),
	"aws_default_network_acl":     ingressAndEgress(),
	"aws_sns_topic_subscription":  {"topic_arn": named("topic")},
	"aws_cloudwatch_metric_alarm": {"alarm_name": tfbridge.AutoName("name", 255, "-")},
	"aws_db_instance":             {"identifier": tfbridge.AutoName("identifier", 255, "-")},
	"aws_lambda_function": {
		"function_name": tfbridge.AutoName("name", 64, "-"),
		"architectures": list(),
		"filename":      {Name: "code", Asset: &tfbridge.AssetTranslation{Kind: tfbridge.FileArchive}},
	},
	"aws_lambda_permission": {"function_name": named("function")},
	"aws_s3_object":         {"source": fileAsset()},
	"aws_s3_bucket_object":  {"source": fileAsset()},
	"aws_kms_alias": {"name": tfbridge.AutoNameTransform("name", 255, func(s string) string {
		return "alias/" + s
	})},
}

func named(name string) *tfbridge.SchemaInfo { return &tfbridge.SchemaInfo{Name: name} }

func ingressAndEgress() map[string]*tfbridge.SchemaInfo {
	return map[string]*tfbridge.SchemaInfo{"ingress": named("ingress"), "egress": named("egress")}
}

// list keeps a list that has at most one item as a list.
func list() *tfbridge.SchemaInfo { return &tfbridge.SchemaInfo{MaxItemsOne: tfbridge.False()} }

func fileAsset() *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Asset: &tfbridge.AssetTranslation{Kind: tfbridge.FileAsset}}
}

// bucketFields returns the fields of BucketV2, which keeps all its lists except one.
func bucketFields(m shim.SchemaMap) map[string]*tfbridge.SchemaInfo {
	fs := allLists(m)
	fs["object_lock_configuration"].MaxItemsOne = nil
	fs["bucket"] = tfbridge.AutoNameTransform("bucket", 63, strings.ToLower)
	return fs
}

func allLists(m shim.SchemaMap) map[string]*tfbridge.SchemaInfo {
	out := map[string]*tfbridge.SchemaInfo{}
	m.Range(func(k string, s shim.Schema) bool {
		if s.Type() != shim.TypeList && s.Type() != shim.TypeSet {
			return true
		}
		f := &tfbridge.SchemaInfo{}
		if s.MaxItems() == 1 {
			f.MaxItemsOne = tfbridge.False()
		}
		if r, ok := s.Elem().(shim.Resource); ok {
			f.Elem = &tfbridge.SchemaInfo{Fields: allLists(r.Schema())}
		}
		out[k] = f
		return true
	})
	return out
}
