// Package console serves a local web console for one stack, and writes the same
// views as a single HTML file. It only shows data; package ops reads it and
// contains the logic.
package console

import (
	"context"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"time"

	"store-events/ops"
)

// Source is the interface of the stack's operations; *ops.Ops implements it.
type Source interface {
	Status(ctx context.Context) (ops.Status, error)
	RunsBefore(ctx context.Context, before, limit int) (ops.RunsPage, error)
	Run(ctx context.Context, number int) (ops.RunRecord, error)
	Manifest(ctx context.Context, run, only string) (ops.RunManifest, error)
	JobRun(ctx context.Context, id string, limit int) (ops.JobRun, error)
	QuarantinePage(ctx context.Context, stream string, after, limit int) (ops.QuarantinePage, error)
	QuarantineLines(ctx context.Context, object, version string, after, limit int) (ops.QuarantineLines, error)
	QuarantineLine(ctx context.Context, object, version string, line int) (ops.QuarantineEntry, error)
	Replay(ctx context.Context) (ops.ReplayResult, error)
	Verify(ctx context.Context) (ops.Verification, error)
	ReplayFile(ctx context.Context, r ops.ReplayFileRequest) (ops.ReplayFileResult, error)
	ObjectLineage(ctx context.Context, object string, limit int) (ops.ObjectLineage, error)
	EventLineage(ctx context.Context, key string) (ops.EventLineage, error)
	Catalog(ctx context.Context) ([]ops.CatalogTable, error)
	NamedQueries(ctx context.Context) ([]ops.NamedQuery, error)
	AthenaFirst(ctx context.Context, sql string, limit int) (ops.FirstRows, error)
	QueryFirst(ctx context.Context, sql string, limit int) (ops.FirstRows, error)
}

// Checks are the policies' reports about the deployed stack, and its cost.
type Checks struct {
	Resources  int
	Mandatory  int
	Advisory   int
	Violations []Violation // The most severe first.
	Undecided  []Violation // Rules that could not decide.
	Cost       *Cost
}

// Violation is one report of a policy.
type Violation struct{ Policy, Level, Severity, Resource, Message string }

// Cost is the monthly cost of the deployed resources while idle, in USD.
type Cost struct {
	Total    float64
	PricesOf string // Day of the price list.
	Items    []CostItem
	Unpriced []string
}

// CostItem is one billed item, USD a month.
type CostItem struct {
	Group, Name, What string
	USD               float64
}

// Options of New.
type Options struct {
	Stack  string
	Source Source
	// Streams are the names of the contract's streams.
	Streams []string
	// Check checks the deployed stack. It may take some seconds.
	Check func(context.Context) (Checks, error)
	Log   *slog.Logger
	Now   func() time.Time // The clock; time.Now if nil.
}

// Console is the console of one stack.
type Console struct {
	Options
	assets   fs.FS
	pages    map[string]*template.Template
	status   sharedValue[ops.Status]
	checks   checks
	replay   task
	verify   task
	session  session
	lifetime context.Context //nolint:containedctx // Serve's: tasks that a page starts end with the server.
}

// New returns a console, for Serve or Write.
func New(o Options) (*Console, error) {
	if o.Source == nil || o.Check == nil {
		return nil, errors.New("console: no source")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Console{Options: o, session: newSession(), lifetime: context.Background()}
	c.status = sharedValue[ops.Status]{read: o.Source.Status, now: o.Now}
	var err error
	if c.assets, err = fs.Sub(embedded, "assets"); err != nil {
		return nil, err
	}
	c.pages, err = parse(servedFuncs())
	return c, err
}
