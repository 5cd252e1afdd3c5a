package config

import (
	"fmt"
	"regexp"
	"strings"
)

// The longest name made from a stack's name, an IAM role's, has 64 characters.
// It has no underscore, so that the names of two stacks stay different when
// their hyphens become underscores.
var stackName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

const maxStackName = 24

// Base names of what must not have the same name in two stacks of one account
// and region. A stack's own has the stack's name after it, unless it is set.
const (
	catalogDatabaseBase = "miztiik_sales_db"
	crawlerBase         = "sale_txns_crawler"
	jobBase             = "s3-to-rds-ingestor"
)

// name fills in the names that are not set.
func (c *Config) name(stack string) {
	suffix := strings.ReplaceAll(stack, "-", "_") // Athena takes no hyphen in the name of a database.
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

// CheckStack refuses the name of a stack from which AWS would refuse the names
// of buckets, roles or databases.
func CheckStack(name string) error {
	if len(name) <= maxStackName && stackName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("stack %q: resource names are made from it: use at most %d lower-case letters, digits and single hyphens, beginning with a letter", name, maxStackName)
}
