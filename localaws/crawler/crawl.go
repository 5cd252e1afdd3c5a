package crawler

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// defaultDatabase is the database of a crawler that specifies none.
const defaultDatabase = "default"

// run is a crawl in progress.
type run struct {
	service  *Service
	def      Definition
	policy   policy
	database string
	crawl    *crawl
	pending  []timedLine
}

// foundTable is a table found in S3.
type foundTable struct {
	origin
	dataset
}

// runCrawl crawls and writes the crawl's log.
func (s *Service) runCrawl(ctx context.Context, d Definition, c *crawl) error {
	r := &run{service: s, def: d, crawl: c, database: d.DatabaseName}
	setDefault(&r.database, defaultDatabase)
	r.note(benchmark("Running Start Crawl for Crawler %s", d.Name))
	ctx, err := s.authorize(ctx, d)
	if err == nil {
		err = r.work(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		r.note(failure("%v", err))
	}
	r.note(benchmark("Crawler has finished running and is in state READY"))
	// The end is logged even if the crawl was stopped.
	r.flush(context.WithoutCancel(ctx))
	return err
}

// authorize checks the permissions of the crawl, and returns a context for requests with the crawler's role.
func (s *Service) authorize(ctx context.Context, d Definition) (context.Context, error) {
	if s.access == nil {
		return ctx, nil
	}
	entered, err := s.access(ctx, d)
	if err != nil {
		return ctx, err
	}
	return entered, nil
}

func (r *run) work(ctx context.Context) error {
	var err error
	if r.policy, err = newPolicy(r.def); err != nil {
		return err
	}
	targets, err := r.def.Targets.s3()
	if err != nil {
		return err
	}
	if kind := r.def.Targets.other(); kind != "" {
		return fmt.Errorf("crawler %s has %s: only S3Targets are supported", r.def.Name, kind)
	}
	if r.policy.PartitionIndexes {
		r.note(warn("Partition indexes, which Glue creates unless the Configuration has CreatePartitionIndex false, are not supported"))
	}
	if len(r.def.Classifiers) > 0 {
		r.note(warn("Custom classifiers are not applied: %s", strings.Join(r.def.Classifiers, ", ")))
	}
	existing, scopes, err := r.existing(ctx, targets)
	if err != nil {
		return err
	}
	var foundTables []foundTable
	var changes []change
	for i, t := range targets {
		found, more, err := r.target(ctx, t, scopes[i], existing)
		if err != nil {
			return err
		}
		foundTables, changes = append(foundTables, found...), append(changes, more...)
	}
	r.note(benchmark("Classification complete, writing results to database %s", r.database))
	r.note(r.configurationLine())
	r.flush(ctx)
	m := merger{policy: r.policy, now: r.service.now(), note: r.note}
	changes = append(changes, m.plan(r.def, existing, foundTables, scopes)...)
	return r.write(ctx, changes)
}

// existing reads the tables of the database, and the partitions of those in the targets.
func (r *run) existing(ctx context.Context, targets []S3Target) ([]catalogTable, []include, error) {
	scopes := make([]include, len(targets))
	for i, t := range targets {
		in, err := parseInclude(t.Path)
		if err != nil {
			return nil, nil, err
		}
		scopes[i] = in
	}
	tables, err := r.service.catalog.tables(ctx, r.database)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range tables {
		if len(t.PartitionKeys) == 0 || !within(t, scopes) {
			continue
		}
		if tables[i].Partitions, err = r.service.catalog.partitions(ctx, r.database, t.name()); err != nil {
			return nil, nil, err
		}
	}
	return tables, scopes, nil
}

// target finds the tables of a target. If only new folders are crawled, it also returns the partitions to add to
// existing tables.
func (r *run) target(ctx context.Context, t S3Target, in include, existing []catalogTable) ([]foundTable, []change, error) {
	ex, err := newExcluder(t.Exclusions)
	if err != nil {
		return nil, nil, err
	}
	objects, err := r.service.bucket.list(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	folders := leaves(in, objects, ex)
	if r.policy.NewFoldersOnly {
		folders = newFolders(in, folders, existing)
	}
	scanned, err := r.scan(ctx, in, folders, t.SampleSize)
	if err != nil {
		return nil, nil, err
	}
	o := origin{Crawler: r.def.Name, Include: in, Exclusions: t.Exclusions}
	var changes []change
	if r.policy.NewFoldersOnly {
		m := merger{policy: r.policy, now: r.service.now(), note: r.note}
		changes, scanned = m.attach(o, existing, scanned)
	}
	var foundTables []foundTable
	for _, d := range r.policy.Grouping.tables(in, scanned) {
		foundTables = append(foundTables, foundTable{o, d})
	}
	return foundTables, changes, nil
}

// write writes the changes to the catalog, and counts them.
func (r *run) write(ctx context.Context, changes []change) error {
	created := 0
	for _, c := range changes {
		if c.Kind == added {
			created++
		}
	}
	if limit := r.policy.TableThreshold; limit > 0 && created > limit {
		return fmt.Errorf("The number of tables detected by crawler: %d is greater than the table threshold value provided: %d", created, limit) //nolint:staticcheck // Glue's message.
	}
	for _, c := range changes {
		if c.empty() {
			continue
		}
		if err := r.service.catalog.apply(ctx, r.database, c); err != nil {
			return err
		}
		if c.Kind == added {
			r.note(info("Created table %s in database %s", c.Table, r.database))
		}
		r.crawl.Tables.add(c.Kind, c.Table)
		r.count(c)
	}
	r.note(benchmark("Finished writing to Catalog"))
	r.summary("PARTITION", r.crawl.Parts)
	r.summary("TABLE", r.crawl.Tables)
	return nil
}

func (r *run) count(c change) {
	name := func(values []string) string { return c.Table + "/" + strings.Join(values, "/") }
	for _, p := range c.NewPartitions {
		r.crawl.Parts.add(added, name(p.Values))
	}
	for _, p := range c.ChangedPartitions {
		r.crawl.Parts.add(updated, name(p.Values))
	}
	for _, values := range c.RemovedPartitions {
		r.crawl.Parts.add(deleted, name(values))
	}
}

func (r *run) summary(what string, c counts) {
	for i, kind := range []string{added, updated, deleted} {
		if i == 0 && len(c) > 0 {
			r.note(info("Run Summary For %s:", what))
		}
		if n := len(c[kind]); n > 0 {
			r.note(info("%s: %d", kind, n))
		}
	}
}

// configurationLine returns the log line with the crawler's configuration.
func (r *run) configurationLine() line {
	changes, _ := json.Marshal(r.def.SchemaChangePolicy) //nolint:errchkjson // Two strings.
	if r.def.Configuration == "" {
		return info("Crawler configured with SchemaChangePolicy %s.", changes)
	}
	return info("Crawler configured with Configuration %s and SchemaChangePolicy %s. Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.",
		r.def.Configuration, changes)
}

func (r *run) note(l line) {
	r.pending = append(r.pending, timedLine{l, r.service.now()})
	r.service.log.Debug("crawl", "crawler", r.def.Name, "line", l.String())
}

// flush writes the pending lines to the log. An error does not fail the crawl.
func (r *run) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	lines := slices.Clone(r.pending)
	r.pending = nil
	if err := r.service.logs.write(ctx, r.def.logGroup(), r.def.Name, r.crawl.ID, lines); err != nil {
		r.service.log.Warn("write the crawl log", "crawler", r.def.Name, "error", err)
	}
}
