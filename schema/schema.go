// Package schema reads the event contract, contract.json: the fields of an event,
// the prefixes of the events bucket, and the names that infrastructure, job and
// tests share.
package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

//go:embed contract.json
var contractJSON []byte

// Contract is the content of contract.json.
type Contract struct {
	Version      int          `json:"version"`
	Key          string       `json:"key"`
	PartitionKey string       `json:"partitionKey"`
	Days         DayRange     `json:"days"`
	Fields       []Field      `json:"fields"`
	Streams      []Stream     `json:"streams"`
	Prefixes     Prefixes     `json:"prefixes"`
	Ledger       Ledger       `json:"ledger"`
	Listings     Listings     `json:"listings"`
	Manifest     Manifest     `json:"manifest"`
	Metrics      Metrics      `json:"metrics"`
	JobArguments JobArguments `json:"jobArguments"`
	JobOptions   JobOptions   `json:"jobOptions"`
}

// DayRange is the range of days that the table over the curated Parquet covers.
type DayRange struct {
	// First is the first day, yyyy-mm-dd.
	First string `json:"first"`
	// Ahead is the number of days after today.
	Ahead int `json:"ahead"`
}

// Has reports whether a day, yyyy-mm-dd, is in the range on a given date.
func (d DayRange) Has(day string, today time.Time) bool {
	return d.First <= day && day <= today.UTC().AddDate(0, 0, d.Ahead).Format(time.DateOnly)
}

// Stream is one kind of event with its own folder in the events bucket.
type Stream struct {
	EventType string `json:"eventType"`
	// Name is the top-level prefix in the bucket, without a slash, and the name of
	// the crawled table without the crawler's table prefix.
	Name string `json:"name"`
	// Expect is the expected age and volume; nil for none.
	Expect *StreamExpectation `json:"expect,omitempty"`
}

// StreamExpectation is what the job expects of a stream that has objects. 0 disables
// a check.
type StreamExpectation struct {
	// FreshHours is the maximum age of the newest object.
	FreshHours int `json:"freshHours,omitempty"`
	// MinLinesPerDay is the minimum number of lines loaded in 24 hours.
	MinLinesPerDay int `json:"minLinesPerDay,omitempty"`
}

// Prefixes are the top-level prefixes of the events bucket except the streams, without
// slashes.
type Prefixes struct {
	Curated       string `json:"curated"`
	Quarantine    string `json:"quarantine"`
	Scripts       string `json:"scripts"`
	Bookmarks     string `json:"bookmarks"`
	AthenaResults string `json:"athenaResults"`
	CommandOutput string `json:"commandOutput"`
	// Foreign receives objects below Curated that the job did not write.
	Foreign string `json:"foreign"`
	// Feed has the starter's lists of new objects.
	Feed string `json:"feed"`
}

func (p Prefixes) all() []string {
	return []string{p.Curated, p.Quarantine, p.Scripts, p.Bookmarks, p.AthenaResults, p.CommandOutput, p.Foreign, p.Feed}
}

// JobTemporary returns the prefix of the job's temporary files, with a trailing slash.
func (p Prefixes) JobTemporary() string { return p.Bookmarks + "/temporary/" }

// Temporary returns the prefixes of objects that are only needed for some days, with
// trailing slashes.
func (p Prefixes) Temporary() []string {
	return []string{p.AthenaResults + "/", p.JobTemporary(), p.CommandOutput + "/"}
}

// Kept returns the prefixes of objects that the stack needs permanently, with trailing
// slashes. They include prefixes of Temporary.
func (p Prefixes) Kept() []string {
	return []string{p.Curated + "/", p.Quarantine + "/", p.Bookmarks + "/", p.Scripts + "/", p.Feed + "/"}
}

// Listings are the ways in which a run can list objects.
type Listings struct {
	// Full lists all objects below the streams.
	Full string `json:"full"`
	// Feed only lists the objects that the feed names.
	Feed string `json:"feed"`
}

// Ledger has the names of the tables in which the job records loaded events.
type Ledger struct {
	Batches    string `json:"batches"`
	Objects    string `json:"objects"`
	Runs       string `json:"runs"`
	Collisions string `json:"collisions"`
	// Migration is the copy of the events table during a migration, and Retired
	// the replaced table until it is dropped.
	Migration string `json:"migration"`
	Retired   string `json:"retired"`
}

// Tables returns all tables of the ledger.
func (l Ledger) Tables() []string {
	return []string{l.Batches, l.Objects, l.Runs, l.Collisions, l.Migration, l.Retired}
}

// Manifest is the table over the runs' manifests: newline-delimited JSON below
// bookmarks/<job>/runs/<run>/. The table lacks members of the lines that are objects.
type Manifest struct {
	Table   string           `json:"table"`
	Columns []ManifestColumn `json:"columns"`
}

// ManifestColumn is a column of the manifests with its Hive type.
type ManifestColumn struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
}

// Metrics has the names of the metrics that each run stores in CloudWatch at its end.
// Unknown values are omitted.
type Metrics struct {
	Namespace string `json:"namespace"`
	// Dimension is the only dimension. Its value is the job's name.
	Dimension string `json:"dimension"`
	// Succeeded and Failed are 1 and 0, or 0 and 1.
	Succeeded string `json:"succeeded"`
	Failed    string `json:"failed"`
	// Seconds is the run's duration.
	Seconds string `json:"seconds"`
	// Read is the number of lines that the run read, and the next three are their outcomes.
	Read        string `json:"read"`
	New         string `json:"new"`
	Repeated    string `json:"repeated"`
	Quarantined string `json:"quarantined"`
	// Unread is the number of objects that the run could not read, without archived and deleted ones.
	Unread string `json:"unread"`
	// Archived is the number of objects that the run could not read because they are archived.
	Archived string `json:"archived"`
	// Unknown is the number of events with fields that the contract lacks.
	Unknown string `json:"unknown"`
	// Lag is the longest time, in seconds, from an object's last modification to the commit of its last line.
	Lag string `json:"lag"`
	// Volume is the number of lines of the last 24 hours, relative to the daily average of the week before.
	Volume string `json:"volume"`
	// Expectations is the number of failed expectations of fields.
	Expectations string `json:"expectations"`
	// Streams is the number of failed expectations of streams, which only full listings check.
	Streams string `json:"streams"`
	// CrawlFailed is 1 if the last crawl failed, else 0.
	CrawlFailed string `json:"crawlFailed"`
}

// JobArguments has the names of the Glue job's required arguments, without dashes.
type JobArguments struct {
	SourceDatabase string `json:"sourceDatabase"`
	SourceBucket   string `json:"sourceBucket"`
	TablePrefix    string `json:"tablePrefix"`
	SecretARN      string `json:"secretArn"`
	TargetTable    string `json:"targetTable"`
	// Authorities is the s3:// URL of the PEM file with the authorities of the database's certificate.
	Authorities string `json:"authorities"`
	Connection  string `json:"connection"`
}

// JobOptions has the names of the Glue job's optional arguments, without dashes.
type JobOptions struct {
	// CommitRows is the number of lines after which a transaction is committed.
	CommitRows string `json:"commitRows"`
	// MaxInvalidShare is the share of invalid lines, 0 to 1, above which a run commits nothing.
	MaxInvalidShare string `json:"maxInvalidShare"`
	// LockWait is the number of seconds that a run waits for another run.
	LockWait string `json:"lockWait"`
	// ExtraColumns are fields beyond the contract's, as name=type,name=type.
	ExtraColumns string `json:"extraColumns"`
	// LedgerDays is the number of days that the ledger keeps the entries of a deleted object.
	LedgerDays string `json:"ledgerDays"`
	// ReloadFrom and ReloadTo are the first and the last day, yyyy-mm-dd, whose objects are read again.
	ReloadFrom string `json:"reloadFrom"`
	ReloadTo   string `json:"reloadTo"`
	// Replay, if true, reads objects with quarantined lines again.
	Replay string `json:"replay"`
	// MaxUnread is the number of objects that a run may fail to read, without archived and deleted ones.
	MaxUnread string `json:"maxUnread"`
	// MaxArchived is the number of archived objects that a run ignores; unlimited by default.
	MaxArchived string `json:"maxArchived"`
	// MigrateColumns, if true, converts columns whose field has another type.
	MigrateColumns string `json:"migrateColumns"`
	// KeptLine is how many MiB the quarantine keeps of an event that is too long.
	KeptLine string `json:"keptLine"`
	// LineageURL is the URL of the OpenLineage server; none by default.
	LineageURL string `json:"lineageUrl"`
	// Listing is one of Listings; full by default. The starter sets it as a property
	// of the workflow run.
	Listing string `json:"listing"`
	// FullListingHours is the age of the last full listing after which a feed run lists all objects.
	FullListingHours string `json:"fullListingHours"`
	// Crawler is the crawler that runs start if the catalog lacks something, and whose
	// failures they report; none by default.
	Crawler string `json:"crawler"`
	// LineageSecretARN is the secret with the API key of the OpenLineage server; none by default.
	LineageSecretARN string `json:"lineageSecretArn"`
}

// Load returns the embedded contract.
func Load() Contract {
	var c Contract
	if err := json.Unmarshal(contractJSON, &c); err != nil {
		panic(fmt.Sprintf("schema: contract.json: %v", err)) // A broken build: the file is embedded and tested.
	}
	return c
}

// StreamNames returns the names of the streams in order.
func (c Contract) StreamNames() []string {
	names := make([]string, len(c.Streams))
	for i, s := range c.Streams {
		names[i] = s.Name
	}
	return names
}

// ManifestPrefix returns the prefix of a job's manifests, which has a folder per run,
// with a trailing slash.
func (c Contract) ManifestPrefix(job string) string {
	return c.Prefixes.Bookmarks + "/" + job + "/runs/"
}

// JSON returns the text of contract.json, for the job's archive.
func JSON() []byte { return append([]byte(nil), contractJSON...) }

// Stream returns the stream of an event type, if any.
func (c Contract) Stream(eventType string) (Stream, bool) {
	for _, s := range c.Streams {
		if s.EventType == eventType {
			return s, true
		}
	}
	return Stream{}, false
}
