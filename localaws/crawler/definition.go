package crawler

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"localaws/awsjson"
	"localaws/schedule"
)

// Values of a RecrawlPolicy.
const (
	crawlEverything     = "CRAWL_EVERYTHING"
	crawlNewFoldersOnly = "CRAWL_NEW_FOLDERS_ONLY"
)

// Definition contains the properties of a crawler in the format of GetCrawler.
type Definition struct {
	Name                         string
	Role                         string
	Targets                      Targets
	DatabaseName                 string   `json:",omitempty"`
	Description                  string   `json:",omitempty"`
	Classifiers                  []string // custom ones, by name
	RecrawlPolicy                RecrawlPolicy
	SchemaChangePolicy           SchemaChangePolicy
	LineageConfiguration         LineageConfiguration
	LakeFormationConfiguration   LakeFormationConfiguration
	Configuration                string    `json:",omitempty"`
	CrawlerSecurityConfiguration string    `json:",omitempty"`
	TablePrefix                  string    `json:",omitempty"`
	Schedule                     *Schedule `json:",omitempty"`
}

// RecrawlPolicy determines whether folders are crawled again.
type RecrawlPolicy struct {
	RecrawlBehavior string
}

// LineageConfiguration is stored, and has no effect.
type LineageConfiguration struct {
	CrawlerLineageSettings string
}

// LakeFormationConfiguration is stored, and has no effect.
type LakeFormationConfiguration struct {
	UseLakeFormationCredentials bool
	AccountId                   string //nolint:revive // The API's name.
}

// Schedule is a cron expression with its state.
type Schedule struct {
	ScheduleExpression string
	State              string
}

// States of a schedule.
const (
	scheduled    = "SCHEDULED"
	notScheduled = "NOT_SCHEDULED"
)

// Targets are the data stores of a crawler, by kind. Kinds other than S3 are stored unchanged.
type Targets map[string]json.RawMessage

// S3Target is an include path with exclusions.
type S3Target struct {
	Path       string
	Exclusions []string
	// SampleSize is the number of objects to read in a folder. The default is maxSampled.
	SampleSize int
}

// targetKinds are the target lists in GetCrawler.
var targetKinds = []string{
	"S3Targets", "JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "CatalogTargets",
	"DeltaTargets", "IcebergTargets", "HudiTargets",
}

// s3 returns the S3 targets.
func (t Targets) s3() ([]S3Target, error) {
	var out []S3Target
	if raw, ok := t["S3Targets"]; ok {
		if err := json.Unmarshal(raw, &out); err != nil {
			return nil, fmt.Errorf("S3Targets: %w", err)
		}
	}
	return out, nil
}

// other returns the first kind of target that is not S3.
func (t Targets) other() string {
	for kind, raw := range t {
		var list []json.RawMessage
		if kind != "S3Targets" && json.Unmarshal(raw, &list) == nil && len(list) > 0 {
			return kind
		}
	}
	return ""
}

// complete returns the targets with empty lists for missing kinds.
func (t Targets) complete() Targets {
	out := Targets{}
	for _, kind := range targetKinds {
		out[kind] = json.RawMessage("[]")
	}
	for kind, raw := range t {
		if string(raw) != "null" {
			out[kind] = raw
		}
	}
	return out
}

// withDefaults returns the definition with AWS's defaults.
func (d Definition) withDefaults() Definition {
	d.Targets = d.Targets.complete()
	if d.Classifiers == nil {
		d.Classifiers = []string{}
	}
	setDefault(&d.RecrawlPolicy.RecrawlBehavior, crawlEverything)
	setDefault(&d.SchemaChangePolicy.UpdateBehavior, updateInDatabase)
	setDefault(&d.SchemaChangePolicy.DeleteBehavior, deprecateInDatabase)
	setDefault(&d.LineageConfiguration.CrawlerLineageSettings, "DISABLE")
	return d
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

var crawlerName = regexp.MustCompile(`^[^\x00-\x1f]{1,255}$`)

// validate returns AWS's error for an invalid definition.
func (d Definition) validate() error {
	refuse := func(format string, args ...any) error { return awsjson.Errorf(awsjson.InvalidInput, format, args...) }
	switch {
	case !crawlerName.MatchString(d.Name):
		return refuse("crawler name %q must have 1 to 255 characters and no control characters", d.Name)
	case d.Role == "":
		return refuse("crawler %s has no role", d.Name)
	case len(d.TablePrefix) > 128:
		return refuse("table prefix of crawler %s is longer than 128 characters", d.Name)
	}
	if d.Schedule != nil {
		// Crawlers accept cron expressions only.
		_, err := schedule.Parse(d.Schedule.ScheduleExpression)
		if err != nil || !strings.HasPrefix(d.Schedule.ScheduleExpression, "cron") {
			return refuse("invalid schedule cron expression: %s", d.Schedule.ScheduleExpression)
		}
	}
	if _, err := newPolicy(d); err != nil {
		return refuse("%v", err)
	}
	targets, err := d.Targets.s3()
	if err != nil {
		return refuse("%v", err)
	}
	if len(targets) == 0 && d.Targets.other() == "" {
		return refuse("crawler %s has no targets", d.Name)
	}
	for _, t := range targets {
		if _, err := parseInclude(t.Path); err != nil {
			return refuse("%v", err)
		}
		if _, err := newExcluder(t.Exclusions); err != nil {
			return refuse("%v", err)
		}
	}
	logs := SchemaChangePolicy{UpdateBehavior: logOnly, DeleteBehavior: logOnly}
	if d.RecrawlPolicy.RecrawlBehavior == crawlNewFoldersOnly && d.SchemaChangePolicy != logs {
		return refuse(`The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior value and LOG UpdateBehavior value.`)
	}
	return nil
}

// checkUpdate rejects different S3 targets for a crawler of new folders only, because its records of crawled folders
// would no longer apply ("Incremental crawls in Glue").
func (d Definition) checkUpdate(old Definition) error {
	incremental := old.RecrawlPolicy.RecrawlBehavior == crawlNewFoldersOnly &&
		d.RecrawlPolicy.RecrawlBehavior == crawlNewFoldersOnly
	oldTargets, err := old.Targets.s3()
	if err != nil {
		return err
	}
	targets, err := d.Targets.s3()
	if err != nil {
		return awsjson.Errorf(awsjson.InvalidInput, "%v", err)
	}
	if incremental && !reflect.DeepEqual(oldTargets, targets) {
		return awsjson.Errorf(awsjson.InvalidInput, "the S3 targets of crawler %s cannot change while it crawls new folders only", d.Name)
	}
	return nil
}

// S3Paths returns the paths of the S3 targets.
func (d Definition) S3Paths() ([]string, error) {
	targets, err := d.Targets.s3()
	paths := make([]string, len(targets))
	for i, t := range targets {
		paths[i] = t.Path
	}
	return paths, err
}

// PartitionIndexes reports whether the crawler creates partition indexes, which is the default.
func (d Definition) PartitionIndexes() (bool, error) {
	p, err := newPolicy(d)
	return p.PartitionIndexes, err
}

// EncryptedLogGroup returns the log group if it is encrypted, or "".
func (d Definition) EncryptedLogGroup() string {
	if d.CrawlerSecurityConfiguration == "" {
		return ""
	}
	return d.logGroup()
}
