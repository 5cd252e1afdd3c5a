package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Part is a resource in the form that rules check. A declared resource has several parts if it
// configures inline what other programs declare as separate resources.
type Part struct {
	// Type is the name that the rules use.
	Type string
	// Inputs are the properties under the names that the rules use.
	Inputs property.Map
	// From is the declared property of an inline part; it is empty for the resource itself.
	From string
	// Origins maps each property of the part to the declared property that its value comes
	// from.
	Origins map[string]string
}

// spelling is another way to declare a type that rules check.
type spelling struct {
	// parts translates a resource. It returns none if it cannot translate a property.
	parts func(property.Map) []Part
	// types are the possible types of the parts.
	types []string
}

// normalized are the types with other spellings.
var normalized = map[string]spelling{
	Bucket: {bucketParts, []string{
		Bucket, BucketACL, BucketEncryption, BucketLifecycle, BucketLogging, BucketPolicy,
		BucketVersioning, BucketWebsite, BucketReplication, BucketCors,
	}},
	nativeBucket: {nativeBucketParts, []string{
		Bucket, BucketACL, BucketEncryption, BucketLifecycle, BucketLogging, BucketOwnership,
		BucketPublicAccess, BucketVersioning, BucketWebsite,
	}},
	"aws-native:s3:BucketPolicy":      {nativePolicyParts, []string{BucketPolicy}},
	"aws-native:rds:DbInstance":       {renaming(DBInstance, instanceNames), []string{DBInstance}},
	"aws-native:rds:DbParameterGroup": {nativeParameterGroup, []string{DBParameterGroup}},
	"aws-native:rds:DbSubnetGroup":    {renaming(DBSubnetGroup, subnetGroupNames), []string{DBSubnetGroup}},
}

// Normalize translates a resource of any provider into the spelling that the rules check: the
// types and properties of pulumi-aws v6, with all configuration of a bucket as separate resources.
func Normalize(resourceType string, inputs property.Map) []Part {
	canonical := Canonical(resourceType)
	if as, known := normalized[canonical]; known {
		if parts := as.parts(inputs); len(parts) > 0 {
			return parts
		}
	}
	return []Part{{Type: canonical, Inputs: inputs}}
}

// PartTypes returns the types that the parts of a resource may have.
func PartTypes(resourceType string) []string {
	canonical := Canonical(resourceType)
	if as, known := normalized[canonical]; known {
		return as.types
	}
	return []string{canonical}
}

// object returns an object of the values that are present.
func object(fields map[string]property.Value) property.Value {
	return property.New(present(fields))
}

func present(fields map[string]property.Value) property.Map {
	m := map[string]property.Value{}
	for key, v := range fields {
		if !v.IsNull() {
			m[key] = v
		}
	}
	return property.NewMap(m)
}

// dig follows keys into objects. If a list represents a single object, it uses the first element.
// Everything below an unknown value is unknown, and everything below a secret is secret.
func dig(v property.Value, keys ...string) property.Value {
	for _, key := range keys {
		v = single(v)
		switch {
		case v.IsComputed():
			return v
		case !v.IsMap():
			return property.New(property.Null)
		}
		v = v.AsMap().Get(key).WithSecret(v.Secret() || v.AsMap().Get(key).Secret())
	}
	return v
}

// single returns the only object of a list, or the value itself.
func single(v property.Value) property.Value {
	if !v.IsArray() {
		return v
	}
	if v.AsArray().Len() == 0 {
		return property.New(property.Null)
	}
	first := v.AsArray().Get(0)
	return first.WithSecret(v.Secret() || first.Secret())
}

// oneOf returns the value of the first key that is present, and the key.
func oneOf(m property.Map, keys ...string) (property.Value, string) {
	for _, key := range keys {
		if v, ok := m.GetOk(key); ok && !v.IsNull() && !emptyList(v) {
			return v, key
		}
	}
	return property.New(property.Null), ""
}

func emptyList(v property.Value) bool { return v.IsArray() && v.AsArray().Len() == 0 }

// eachOf applies a function to the elements of a list, or to a single object. An unknown list stays
// unknown.
func eachOf(v property.Value, change func(property.Value) property.Value) property.Value {
	switch {
	case v.IsNull() || v.IsComputed():
		return v
	case !v.IsArray():
		return property.New([]property.Value{change(v)})
	}
	var list []property.Value
	for _, e := range v.AsArray().All {
		list = append(list, change(e.WithSecret(v.Secret() || e.Secret())))
	}
	return property.New(list).WithSecret(v.Secret())
}

// enabledOr returns Enabled or another string by a boolean, or the value itself if it is not a known boolean.
func enabledOr(v property.Value, whenFalse string) property.Value {
	switch {
	case v.IsBool() && v.AsBool(), v.IsString() && v.AsString() == "true":
		return property.New("Enabled").WithSecret(v.Secret())
	case v.IsBool(), v.IsString() && v.AsString() == "false":
		return property.New(whenFalse).WithSecret(v.Secret())
	default:
		return v
	}
}
