package config

import (
	"fmt"
	"regexp"
	"strings"
)

// stackName excludes underscores, so that the names of two stacks stay different
// when their hyphens become underscores.
var stackName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// maxStackName keeps the longest derived name, an IAM role's, within 64 characters.
const maxStackName = 24

// Base names of resources whose names must be unique in an account and region. The
// stack's name is appended, unless the setting has a value.
const (
	catalogDatabaseBase = "miztiik_sales_db"
	crawlerBase         = "sale_txns_crawler"
	jobBase             = "s3-to-rds-ingestor"
)

// name fills in the names without a value.
func (c *Config) name(stack string) {
	suffix := strings.ReplaceAll(stack, "-", "_") // Athena does not accept hyphens in the names of databases.
	for field, name := range map[*string]string{
		&c.Catalog.Database:    catalogDatabaseBase + "_" + suffix,
		&c.Catalog.CrawlerName: crawlerBase + "_" + suffix,
		&c.Etl.JobName:         jobBase + "-" + stack,
	} {
		if *field == "" {
			*field = name
		}
	}
}

// CheckStack refuses a stack name with which names of buckets, roles or databases would be
// invalid.
func CheckStack(name string) error {
	if len(name) <= maxStackName && stackName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("stack %q: resource names contain it: use at most %d lower-case letters, digits and single hyphens, beginning with a letter", name, maxStackName)
}
