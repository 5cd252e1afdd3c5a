package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"golang.org/x/sync/errgroup"

	"localaws/awsclient"
	"localaws/awsglue"
	"localaws/awsjson"
	"localaws/awsmodel"
	"localaws/crawler"
	"localaws/credentials"
	"localaws/database"
	"localaws/deliveries"
	"localaws/encryption"
	"localaws/eventsource"
	"localaws/gateway"
	"localaws/gateway/rds"
	"localaws/jobs"
	"localaws/ministack"
	"localaws/rotation"
	"localaws/store"
	"localaws/tags"
	"localaws/tools"
	"localaws/workflow"
)

// services are the gateway and all services behind it.
type services struct {
	authority *credentials.Authority
	emulator  *ministack.Emulator
	databases databases
	store     *store.Store
	crawlers  *crawler.Service
	jobs      *jobs.Service
	workflows *workflow.Service
	events    *deliveries.Service
	sources   *eventsource.Service
	gateway   *gateway.Gateway
}

// databases is database.Servers or database.External.
type databases interface {
	rds.Databases
	Resume(ctx context.Context) error
	List() []database.Status
	Close() error
}

// openDatabases assigns s.databases only on success, because an interface with a nil pointer is not nil.
func (s *services) openDatabases(o Options) error {
	if o.ExternalMySQL != "" {
		external, err := database.OpenExternal(o.ExternalMySQL, s.store)
		if err != nil {
			return err
		}
		s.databases = external
		return nil
	}
	servers, err := database.Open(database.Options{ServerDir: o.Tools.Database, StateDir: o.in(databaseFolder), ResetAdvice: o.Advice.Reset, Env: o.env(), Log: o.Log})
	if err != nil {
		return err
	}
	s.databases = servers
	return nil
}

// startServices starts all services, or none.
func startServices(ctx context.Context, o Options) (*services, error) {
	s := &services{}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *services) start(ctx context.Context, o Options) (err error) {
	if s.authority, err = credentials.Open(o.StateDir); err != nil {
		return err
	}
	s.authority.Advice = o.Advice.Credentials
	if err := awsglue.Write(o.in(awsglueFolder)); err != nil {
		return err
	}
	if s.store, err = store.Open(o.in(serviceFile)); err != nil {
		return err
	}
	if err := s.openDatabases(o); err != nil {
		return err
	}
	// The emulator and the databases take about a second each to start.
	var group errgroup.Group
	group.Go(func() error { return s.databases.Resume(ctx) })
	group.Go(func() (err error) {
		s.emulator, err = ministack.Start(ctx, ministack.Options{
			Command: o.Tools.Ministack, StateDir: o.in("emulator"), GatewayURL: o.GatewayURL(), SessionKey: s.authority.SessionKey(), Region: o.Region, Env: o.env(),
		})
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return s.join(o)
}

// runtimes returns the runtimes of jobs, by Glue version.
func runtimes(t tools.Paths) map[string]jobs.Runtime {
	return map[string]jobs.Runtime{
		"5.1": {Python: t.GluePython, JarsDir: t.JarsDir},
		"6.0": {Python: t.Glue6Python, JarsDir: t.Glue6JarsDir},
	}
}

// join creates the services that depend on others, and the gateway.
func (s *services) join(o Options) (err error) {
	labels := tags.New(s.store)
	access, err := s.newAccess(o)
	if err != nil {
		return err
	}
	transport := access.Invocations(s.emulator.Transport())
	asRole := awsclient.Over(access.Transport(s.emulator.Transport()), o.Region, ministack.URL)
	s.crawlers = crawler.New(asRole, s.store, o.Log, labels, crawlAccess(access))
	s.jobs = jobs.New(jobs.Options{
		Config: asRole, Access: jobAccess(access), Sessions: s.authority, GatewayURL: o.GatewayURL(), Store: s.store, Tags: labels, Log: o.Log, StateDir: o.in("jobs"),
		Runtimes: runtimes(o.Tools), InstallAdvice: o.Advice.Glue6, AwsglueDir: o.in(awsglueFolder), Region: o.Region, Env: o.env(),
	})
	s.workflows = workflow.New(workflow.Options{
		Store: s.store, Crawlers: s.crawlers, Jobs: s.jobs, Tags: labels, Log: o.Log, Region: o.Region,
	})
	direct := awsclient.Over(transport, o.Region, ministack.URL)
	s.events = deliveries.New(deliveries.Options{
		Queues: direct, Outbox: awsclient.InAccount(direct, ministack.OutboxAccount), Allowed: deliveryAccess(access), Log: o.Log,
	})
	s.sources = eventsource.New(eventsource.Options{Functions: direct, Queues: asRole, Act: access.Poller, Log: o.Log})
	operations := awsjson.Operations{}
	for _, ops := range []awsjson.Operations{
		labels.Operations(), s.crawlers.Operations(), s.jobs.Operations(), s.workflows.Operations(), encryption.Operations(s.store),
	} {
		maps.Copy(operations, ops)
	}
	models, err := openModels(o.Tools.Ministack)
	if err != nil {
		return err
	}
	s.gateway, err = gateway.New(gateway.Options{
		EmulatorURL: ministack.URL, Transport: transport, Authority: s.authority, Access: access, Region: o.Region, Glue: operations,
		Secrets: rotation.Operations(direct), Tags: labels,
		Databases: s.databases, Store: s.store, AccountFile: o.in(accountFile), Models: models, Log: o.Log,
	})
	if err != nil {
		return err
	}
	s.gateway.Handle(usagePath, usageHandler(access.Usage()))
	s.gateway.Handle(gateway.InternalPrefix+"bookmarks/{job}", bookmarkAccess(access, s.jobs.BookmarkHandler()))
	return nil
}

// openModels opens AWS's service models in the emulator's Python environment.
func openModels(emulatorCommand string) (*awsmodel.Models, error) {
	dir, err := awsmodel.Find(emulatorCommand)
	if err != nil {
		return nil, err
	}
	return awsmodel.Open(dir)
}

// close ends all services in the order of dependencies.
func (s *services) close() error {
	if s.sources != nil {
		s.sources.Close()
	}
	if s.events != nil {
		s.events.Close()
	}
	if s.workflows != nil {
		s.workflows.Close()
	}
	if s.crawlers != nil {
		s.crawlers.Close()
	}
	if s.jobs != nil {
		s.jobs.Close()
	}
	var group errgroup.Group
	if s.databases != nil {
		group.Go(s.databases.Close)
	}
	if s.emulator != nil {
		group.Go(s.emulator.Stop)
	}
	err := group.Wait()
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}

// failed returns a channel that is closed when the emulator has ended.
func (s *services) failed() <-chan struct{} { return s.emulator.Done() }

func (s *services) failure() error {
	if err := s.emulator.Err(); err != nil {
		return fmt.Errorf("the local AWS cannot continue, and changes since its last clean shutdown may be lost: %w", err)
	}
	return nil
}

func (s *services) healthHandler(r record, stateDir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if p, ok := credentials.FromContext(req.Context()); !ok || !p.Root() {
			http.Error(w, "only the owner of the state folder may read the health", http.StatusForbidden)
			return
		}
		h := Health{Daemon: r, StateDir: stateDir, Databases: s.databases.List()}
		h.Emulator.PID = s.emulator.PID()
		h.Emulator.Healthy = s.emulator.Healthy(req.Context())
		h.write(w)
	})
}
