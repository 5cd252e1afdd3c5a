package config

import (
	"fmt"
	"slices"
	"strings"
)

// GlueVersion is a release of AWS Glue that the job is tested on, with what it runs jobs on:
// https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
type GlueVersion struct {
	Name, Spark, Python string
}

// GlueVersions are the releases that the setting glueVersion allows. Tests compare them with
// what the setup installs for jobs on this machine, and with the price list.
func GlueVersions() []GlueVersion {
	return []GlueVersion{
		{Name: "5.1", Spark: "3.5.6", Python: "3.11"},
		{Name: "6.0", Spark: "4.1.1", Python: "3.13"},
	}
}

// validGlueVersion says that quotes are needed, because YAML reads 6.0 as the number 6.
func validGlueVersion(k *check, name string) {
	var allowed []string
	for _, v := range GlueVersions() {
		allowed = append(allowed, fmt.Sprintf("%q", v.Name))
	}
	if !slices.Contains(allowed, fmt.Sprintf("%q", name)) {
		k.refuse("glueVersion", name, strings.Join(allowed, " or ")+", in quotes")
	}
}
