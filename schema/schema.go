// Package schema holds the event contract: the fields of an event, the object
// prefixes of the events bucket and the names that infrastructure, job and
// tests share. contract.json is the only place where they are written down.
package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

//go:embed contract.json
var contractJSON []byte

// Contract is the whole of contract.json.
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
	// First day, yyyy-mm-dd.
	First string `json:"first"`
	// Ahead is how many days after today are covered.
	Ahead int `json:"ahead"`
}

// Has reports whether a day, yyyy-mm-dd, is in the range on a given date.
func (d DayRange) Has(day string, today time.Time) bool {
	return d.First <= day && day <= today.UTC().AddDate(0, 0, d.Ahead).Format(time.DateOnly)
}

// Stream is one kind of event with its own folder in the events bucket.
type Stream struct {
	EventType string `json:"eventType"`
	// Name is the top-level prefix in the bucket, without slash, and the name
	// of the crawled table after the crawler's table prefix.
	Name string `json:"name"`
	// Expect is how much and how often the stream is expected to bring; nil is anything.
	Expect *StreamExpectation `json:"expect,omitempty"`
}

// StreamExpectation is what the job compares a stream with that has had an object.
// 0 is not compared.
type StreamExpectation struct {
	// FreshHours is how old the newest object may be.
	FreshHours int `json:"freshHours,omitempty"`
	// MinLinesPerDay is the least number of lines loaded in 24 hours.
	MinLinesPerDay int `json:"minLinesPerDay,omitempty"`
}

// Prefixes are the top-level prefixes of the events bucket besides the streams,
// without slashes.
type Prefixes struct {
	Curated       string `json:"curated"`
	Quarantine    string `json:"quarantine"`
	Scripts       string `json:"scripts"`
	Bookmarks     string `json:"bookmarks"`
	AthenaResults string `json:"athenaResults"`
	CommandOutput string `json:"commandOutput"`
	// Foreign is where objects go that somebody else put below Curated.
	Foreign string `json:"foreign"`
	// Feed is where the starter writes which objects are new.
	Feed string `json:"feed"`
}

// JobTemporary is where the job keeps its temporary files, with a slash at its end.
func (p Prefixes) JobTemporary() string { return p.Bookmarks + "/temporary/" }

// Temporary are the prefixes below which nothing is needed after some days, with
// slashes at their ends.
func (p Prefixes) Temporary() []string {
	return []string{p.AthenaResults + "/", p.JobTemporary(), p.CommandOutput + "/"}
}

// Kept are the prefixes below which the stack needs its own objects, with slashes at
// their ends; what is temporary within them is not meant.
func (p Prefixes) Kept() []string {
	return []string{p.Curated + "/", p.Quarantine + "/", p.Bookmarks + "/", p.Scripts + "/", p.Feed + "/"}
}

// Listings are the ways in which a run finds its objects.
type Listings struct {
	// Full lists everything that is below the streams.
	Full string `json:"full"`
	// Feed looks at the objects only that the feed names.
	Feed string `json:"feed"`
}

// Ledger names the tables in which the job records what it has loaded.
type Ledger struct {
	Batches    string `json:"batches"`
	Objects    string `json:"objects"`
	Runs       string `json:"runs"`
	Collisions string `json:"collisions"`
	// Migration is a copy of the events table while it is made, and Retired the
	// table that it has replaced, until that is dropped.
	Migration string `json:"migration"`
	Retired   string `json:"retired"`
}

// Tables returns all tables of the ledger.
func (l Ledger) Tables() []string {
	return []string{l.Batches, l.Objects, l.Runs, l.Collisions, l.Migration, l.Retired}
}

// Manifest is the table over the manifests that runs leave: newline-delimited
// JSON below bookmarks/<job>/runs/<run>/. Their lines have further members, which
// are objects, and which the table does not show.
type Manifest struct {
	Table   string           `json:"table"`
	Columns []ManifestColumn `json:"columns"`
}

// ManifestColumn is a column of the manifests; its type is Hive's.
type ManifestColumn struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
}

// Metrics are the names of the metrics that each run of the job puts to CloudWatch
// at its end. Those that a run cannot know are left out of it.
type Metrics struct {
	Namespace string `json:"namespace"`
	// Dimension is the only dimension; its value is the job's name.
	Dimension string `json:"dimension"`
	// Succeeded and Failed are 1 and 0, or 0 and 1.
	Succeeded string `json:"succeeded"`
	Failed    string `json:"failed"`
	// Seconds is how long the run took.
	Seconds string `json:"seconds"`
	// Read is how many lines the run read, and the next three are what became of them.
	Read        string `json:"read"`
	New         string `json:"new"`
	Repeated    string `json:"repeated"`
	Quarantined string `json:"quarantined"`
	// Unread is how many objects the run could not read, without archived and deleted ones.
	Unread string `json:"unread"`
	// Archived is how many objects the run could not read because they are archived.
	Archived string `json:"archived"`
	// Unknown is how many events have fields that the contract lacks.
	Unknown string `json:"unknown"`
	// Lag is the longest time, in seconds, from an object's last modification to the commit of its last line.
	Lag string `json:"lag"`
	// Volume is the number of lines of the last 24 hours, relative to the average day of the week before.
	Volume string `json:"volume"`
	// Expectations is how many of the contract's expectations of fields were not met.
	Expectations string `json:"expectations"`
	// Streams is how many of its expectations of streams were not met, of runs that list everything.
	Streams string `json:"streams"`
	// CrawlFailed is 1 if the last crawl has failed, and 0 if it has not.
	CrawlFailed string `json:"crawlFailed"`
}

// JobArguments are the names of the Glue job's arguments, without dashes.
type JobArguments struct {
	SourceDatabase string `json:"sourceDatabase"`
	SourceBucket   string `json:"sourceBucket"`
	TablePrefix    string `json:"tablePrefix"`
	SecretARN      string `json:"secretArn"`
	TargetTable    string `json:"targetTable"`
	// Authorities is the s3:// URL of the PEM file that the database's certificate is verified by.
	Authorities string `json:"authorities"`
	Connection  string `json:"connection"`
}

// JobOptions are the names of the Glue job's arguments that may be left out,
// without dashes.
type JobOptions struct {
	// CommitRows is the number of lines after which a transaction is committed.
	CommitRows string `json:"commitRows"`
	// MaxInvalidShare is the share of invalid lines, 0 to 1, above which a run commits nothing.
	MaxInvalidShare string `json:"maxInvalidShare"`
	// LockWait is how many seconds a run waits for another one.
	LockWait string `json:"lockWait"`
	// ExtraColumns are fields beyond the contract's, as name=type,name=type.
	ExtraColumns string `json:"extraColumns"`
	// LedgerDays is how many days the ledger remembers an object that is no more.
	LedgerDays string `json:"ledgerDays"`
	// ReloadFrom and ReloadTo are the first and the last day, yyyy-mm-dd, whose objects are read again.
	ReloadFrom string `json:"reloadFrom"`
	ReloadTo   string `json:"reloadTo"`
	// Replay, given as true, has the objects with quarantined lines read again.
	Replay string `json:"replay"`
	// MaxUnread is how many objects a run may fail to read, apart from archived and deleted ones.
	MaxUnread string `json:"maxUnread"`
	// MaxArchived is how many archived objects a run passes over; any number without it.
	MaxArchived string `json:"maxArchived"`
	// MigrateColumns, given as true, converts columns whose field has another type.
	MigrateColumns string `json:"migrateColumns"`
	// KeptLine is how many MiB the quarantine keeps of an event that is too long.
	KeptLine string `json:"keptLine"`
	// LineageURL is where the runs send their events of OpenLineage; none without it.
	LineageURL string `json:"lineageUrl"`
	// Listing is one of Listings, full without it. The starter gives it as a property
	// of the workflow's run.
	Listing string `json:"listing"`
	// FullListingHours is how long after a full listing a run with a feed makes one.
	FullListingHours string `json:"fullListingHours"`
	// Crawler is the name of the crawler that runs start when the catalog lacks something, and whose
	// crawls they count; none without it.
	Crawler string `json:"crawler"`
	// LineageSecretARN is the secret with the API key that the events are sent with; none without it.
	LineageSecretARN string `json:"lineageSecretArn"`
}

// Load returns the contract that this build was made with.
func Load() Contract {
	var c Contract
	if err := json.Unmarshal(contractJSON, &c); err != nil {
		panic(fmt.Sprintf("schema: contract.json: %v", err)) // A broken build: the file is embedded and tested.
	}
	return c
}

// StreamNames are the top-level prefixes of the events, in the order of the streams.
func (c Contract) StreamNames() []string {
	names := make([]string, len(c.Streams))
	for i, s := range c.Streams {
		names[i] = s.Name
	}
	return names
}

// ManifestPrefix is below which the runs of a job leave their manifests, a folder
// each, with a slash at its end.
func (c Contract) ManifestPrefix(job string) string {
	return c.Prefixes.Bookmarks + "/" + job + "/runs/"
}

// JSON returns contract.json itself, for the job's helper archive.
func JSON() []byte { return append([]byte(nil), contractJSON...) }

// Stream returns the stream of an event type, and whether there is one.
func (c Contract) Stream(eventType string) (Stream, bool) {
	for _, s := range c.Streams {
		if s.EventType == eventType {
			return s, true
		}
	}
	return Stream{}, false
}
