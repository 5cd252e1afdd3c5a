package aws

import (
	_ "embed"
	"strings"
)

//go:embed types.tsv
var table string

// Class is how the pack treats a resource type.
type Class string

// Checked types have rules. Harmless types cannot grant access, hold data or reach the network. All others,
// including types that nobody has reviewed, are refused in production.
const (
	Checked  Class = "checked"
	Harmless Class = "harmless"
	Refused  Class = "refused"
)

// Classes holds types.tsv, which lists every resource type of pulumi-aws v6 and v7.
var Classes = readClasses()

func readClasses() map[string]Class {
	classes := map[string]Class{}
	for line := range strings.Lines(table) {
		if columns := strings.Split(strings.TrimSpace(line), "\t"); len(columns) == 3 {
			classes[columns[0]] = Class(columns[2])
		}
	}
	return classes
}

// trustedPackages contain only resources that have no effect outside the engine's state.
var trustedPackages = []string{"pulumi:", "random:", "time:"}

// componentPackages contain only components; each child is checked on its own.
var componentPackages = []string{"awsx:"}

// ClassOf returns the class of a resource type of any provider. A type that is not in the table is refused.
func ClassOf(resourceType string) Class {
	for _, prefix := range append(trustedPackages, componentPackages...) {
		if strings.HasPrefix(resourceType, prefix) {
			return Harmless
		}
	}
	if class, ok := Classes[resourceType]; ok {
		return class
	}
	return Refused
}

// renamed maps the names of pulumi-aws v7, and the classic names of v6, to the names that the rules use.
// https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
var renamed = map[string]string{
	"aws:s3/bucket:Bucket":       Bucket,
	"aws:s3/bucketAcl:BucketAcl": BucketACL,
	"aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": BucketEncryption,
	"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration":                       BucketLifecycle,
	"aws:s3/bucketLogging:BucketLogging":                                                     BucketLogging,
	"aws:s3/bucketObject:BucketObject":                                                       BucketObject,
	"aws:s3/bucketVersioning:BucketVersioning":                                               BucketVersioning,
	"aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration":                           BucketWebsite,
	"aws:s3/bucketCorsConfiguration:BucketCorsConfiguration":                                 BucketCors,
}

// Canonical returns the name that the rules use for a resource type.
func Canonical(resourceType string) string {
	if name, ok := renamed[resourceType]; ok {
		return name
	}
	return resourceType
}
