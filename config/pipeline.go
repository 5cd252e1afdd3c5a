package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"store-events/schema"
)

// Catalog settings.
type Catalog struct {
	Database    string `config:"catalogDatabase"`
	CrawlerName string `config:"crawlerName"`
	TablePrefix string `config:"crawlerTablePrefix"`
	// CrawlSchedule is the crawler's schedule in UTC, used if Etl.ScheduleEnabled; NoCrawls
	// disables it. The job also starts the crawler, if the catalog is incomplete.
	CrawlSchedule string `config:"crawlSchedule"`
	// ExtraColumns are fields beyond the contract's, as schema.Contract.WithColumns reads them.
	ExtraColumns string `config:"extraColumns"`
	// Encryption turns on encryption of the whole data catalog, for which only one stack in
	// an account and region may be responsible.
	Encryption bool `config:"catalogEncryption"`
	// KeyArn is the key with which another stack encrypts the data catalog; empty for
	// none. Crawler and job are allowed to use it.
	KeyArn string `config:"catalogKeyArn"`
}

// NoCrawls is the crawl schedule that leaves crawls to the job and to users.
const NoCrawls = "never"

// Etl settings.
type Etl struct {
	JobName     string `config:"jobName"`
	GlueVersion string `config:"glueVersion"`
	// GlueMetrics turns on Glue's own metrics of the runs, in addition to the job's.
	GlueMetrics    bool   `config:"glueMetrics"`
	WorkerType     string `config:"jobWorkerType"`
	Workers        int    `config:"jobWorkers"`
	TimeoutMinutes int    `config:"jobTimeoutMinutes"`
	MaxRetries     int    `config:"jobMaxRetries"`
	TargetTable    string `config:"targetTable"`
	// CommitRows is the number of lines per transaction.
	CommitRows int `config:"jobCommitRows"`
	// MaxInvalidShare is the share of invalid lines, 0 to 1, above which a run commits nothing.
	MaxInvalidShare float64 `config:"jobMaxInvalidShare"`
	// MaxUnread is how many objects a run may fail to read and still succeed;
	// archived and deleted ones do not count.
	MaxUnread  int `config:"jobMaxUnread"`
	LedgerDays int `config:"ledgerDays"`
	// FullListingHours is the age of the last full listing of the streams after which a run
	// that was started by new objects makes another one.
	FullListingHours int `config:"fullListingHours"`
	// LineageURL receives the OpenLineage events of the runs; empty for none.
	LineageURL string `config:"lineageUrl"`
	// LineageSecretARN is the secret with the API key for LineageURL; empty for none.
	LineageSecretARN string `config:"lineageSecretArn"`
	// Trigger is BySchedule, ByEvents or ByBoth.
	Trigger string `config:"trigger"`
	// Schedule is the workflow's, in UTC.
	Schedule        string `config:"schedule"`
	ScheduleEnabled bool   `config:"scheduleEnabled"`
	// TriggerWindowSeconds is how long new objects are gathered before they start
	// the workflow, TriggerBatch the number of objects that starts it at once.
	TriggerWindowSeconds int `config:"triggerWindowSeconds"`
	TriggerBatch         int `config:"triggerBatch"`
}

// What starts the workflow.
const (
	BySchedule = "schedule"
	ByEvents   = "events"
	ByBoth     = "both"
)

// Scheduled reports whether the schedule starts the workflow.
func (e Etl) Scheduled() bool { return e.ScheduleEnabled && e.Trigger != ByEvents }

// Triggered reports whether new objects start the workflow.
func (e Etl) Triggered() bool { return e.Trigger == ByEvents || e.Trigger == ByBoth }

// Producer settings.
type Producer struct {
	Seconds         float64 `config:"producerSeconds"`
	Events          int     `config:"producerEvents"`
	Rate            int     `config:"producerRate"`
	IncompleteShare float64 `config:"producerIncompleteShare"`
	Gzip            bool    `config:"producerGzip"`
	Batch           int     `config:"producerBatch"`
	MemoryMiB       int     `config:"producerMemoryMiB"`
}

var (
	// Lower case, because Athena and Spark ignore the case of names in the catalog.
	catalogName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,127}$`)
	tablePrefix = regexp.MustCompile(`^([a-z_][a-z0-9_]{0,63})?$`)
	glueName    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$`)
	tableName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
	policyArn   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$`)
	keyArn      = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)
)

const glueNames = "1 to 255 letters, digits, underscores and hyphens, not beginning with a hyphen"

func (c Catalog) validate(k *check) {
	matches(k, "catalogDatabase", c.Database, catalogName, "1 to 128 lower-case letters, digits and underscores, not beginning with a digit")
	matches(k, "crawlerName", c.CrawlerName, glueName, glueNames)
	matches(k, "crawlerTablePrefix", c.TablePrefix, tablePrefix, "up to 64 lower-case letters, digits and underscores, not beginning with a digit")
	if reason := cronProblem(c.CrawlSchedule); reason != "" && c.CrawlSchedule != NoCrawls {
		k.refuse("crawlSchedule", c.CrawlSchedule, NoCrawls+", or "+reason)
	}
	if _, err := schema.Load().WithColumns(c.ExtraColumns); err != nil {
		k.refuse("extraColumns", c.ExtraColumns, "fields as name=type,name=type: "+err.Error())
	}
	if c.KeyArn == "" {
		return
	}
	matches(k, "catalogKeyArn", c.KeyArn, keyArn, "the ARN of a KMS key, or no value")
	if c.Encryption {
		k.refuse("catalogKeyArn", c.KeyArn, "no value, because catalogEncryption is true: this stack's own key encrypts the catalog")
	}
}

func (e Etl) validate(k *check) {
	matches(k, "jobName", e.JobName, glueName, glueNames)
	validGlueVersion(k, e.GlueVersion)
	oneOf(k, "jobWorkerType", e.WorkerType, "G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.2X", "R.4X", "R.8X")
	between(k, "jobWorkers", e.Workers, 2, 100) // A driver and at least one executor.
	// "less than 7 days": https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJob.html
	between(k, "jobTimeoutMinutes", e.TimeoutMinutes, 1, 7*24*60-1)
	between(k, "jobMaxRetries", e.MaxRetries, 0, 10)
	between(k, "jobCommitRows", e.CommitRows, 1_000, 10_000_000)
	between(k, "jobMaxInvalidShare", e.MaxInvalidShare, 0, 1)
	between(k, "jobMaxUnread", e.MaxUnread, 0, 1_000_000)
	between(k, "ledgerDays", e.LedgerDays, 1, 3650)
	between(k, "fullListingHours", e.FullListingHours, 1, 720)
	if u, err := url.Parse(e.LineageURL); e.LineageURL != "" &&
		(err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || !slices.Contains([]string{"", "443"}, u.Port())) {
		k.refuse("lineageUrl", e.LineageURL, "an HTTPS URL on port 443, without user and fragment, or no value")
	}
	if e.LineageSecretARN != "" {
		matches(k, "lineageSecretArn", e.LineageSecretARN, secretArn, wholeSecretArn)
		if e.LineageURL == "" {
			k.refuse("lineageSecretArn", e.LineageSecretARN, "no value, because lineageUrl is empty")
		}
	}
	validTarget(k, e.TargetTable)
	if reason := cronProblem(e.Schedule); reason != "" {
		k.refuse("schedule", e.Schedule, reason)
	}
	oneOf(k, "trigger", e.Trigger, BySchedule, ByEvents, ByBoth)
	// Limits of Lambda's pollers of queues:
	// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
	between(k, "triggerWindowSeconds", e.TriggerWindowSeconds, 1, 300)
	between(k, "triggerBatch", e.TriggerBatch, 1, 10_000)
}

func validTarget(k *check, name string) {
	const allowed = "1 to 64 letters, digits and underscores, not beginning with a digit, and not a table of the job's ledger"
	matches(k, "targetTable", name, tableName, allowed)
	for _, table := range schema.Load().Ledger.Tables() {
		if strings.EqualFold(name, table) {
			k.refuse("targetTable", name, allowed)
		}
	}
}

// A function runs for at most 900 s, which includes a margin for the last uploads.
func (p Producer) validate(k *check) {
	between(k, "producerSeconds", p.Seconds, 0.1, 840)
	between(k, "producerEvents", p.Events, 0, 1_000_000_000)
	between(k, "producerRate", p.Rate, 0, 10_000_000)
	between(k, "producerIncompleteShare", p.IncompleteShare, 0, 1)
	between(k, "producerBatch", p.Batch, 1, 50_000)
	between(k, "producerMemoryMiB", p.MemoryMiB, 128, 10240)
}
