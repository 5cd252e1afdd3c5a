package config

import (
	"fmt"
	"slices"
	"strings"
)

// GlueVersion is a release of AWS Glue that the job is tested on, with its versions of Spark and Python:
// https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
type GlueVersion struct {
	Name, Spark, Python string
}

// GlueVersions returns the releases that the setting glueVersion allows. Tests compare them with
// the versions that the setup installs, and with the price list.
func GlueVersions() []GlueVersion {
	return []GlueVersion{
		{Name: "5.1", Spark: "3.5.6", Python: "3.11"},
		{Name: "6.0", Spark: "4.1.1", Python: "3.13"},
	}
}

// validGlueVersion mentions quotes in its error, because YAML reads 6.0 as the number 6.
func validGlueVersion(k *check, name string) {
	var allowed []string
	for _, v := range GlueVersions() {
		allowed = append(allowed, fmt.Sprintf("%q", v.Name))
	}
	if !slices.Contains(allowed, fmt.Sprintf("%q", name)) {
		k.refuse("glueVersion", name, strings.Join(allowed, " or ")+", in quotes")
	}
}
