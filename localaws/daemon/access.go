package daemon

import (
	"context"
	"net/http"
	"path/filepath"

	"localaws/authz"
	"localaws/crawler"
	"localaws/credentials"
	"localaws/gateway"
	"localaws/gateway/ec2"
	"localaws/iam/audit"
	iamservices "localaws/iam/services"
	"localaws/jobs"
	"localaws/ministack"
)

// deniedFile is the log of denied requests in the state folder.
const deniedFile = "denied.jsonl"

// Denied returns the denied requests of a state folder, each kind once.
func Denied(stateDir string) ([]audit.Denial, error) {
	log, err := audit.Open(filepath.Join(stateDir, deniedFile))
	if err != nil {
		return nil, err
	}
	return log.Denials(), nil
}

// newAccess returns an authorizer that uses the policies in the emulator and the gateway.
func (s *services) newAccess(o Options) (*authz.Authorizer, error) {
	log, err := audit.Open(o.in(deniedFile))
	if err != nil {
		return nil, err
	}
	place := iamservices.Place{Partition: "aws", Region: o.Region, Account: credentials.AccountID}
	source := authz.NewEmulator(authz.EmulatorOptions{
		Transport: s.emulator.Transport(), URL: ministack.URL, Place: place,
		EndpointPolicy: func(id string) (string, error) { return ec2.EndpointPolicy(s.store, id) },
		JobConnections: func(job string) ([]string, error) { return s.jobs.ConnectionsOf(job) },
		Account:        asRoot(func() *gateway.Gateway { return s.gateway }),
	})
	return authz.New(source, place, log, o.Log), nil
}

// asRoot sends requests to the gateway, which is created after its authorizer.
type asRoot func() *gateway.Gateway

func (g asRoot) RoundTrip(r *http.Request) (*http.Response, error) { return g().RoundTrip(r) }

// crawlAccess authorizes a crawl, and runs it with the crawler's role.
func crawlAccess(a *authz.Authorizer) crawler.Access {
	return func(ctx context.Context, d crawler.Definition) (context.Context, error) {
		paths, err := d.S3Paths()
		if err != nil {
			return nil, err
		}
		indexes, err := d.PartitionIndexes()
		if err != nil {
			return nil, err
		}
		return a.Crawl(ctx, d.Role, iamservices.Crawler{
			Database: d.DatabaseName, Targets: paths,
			PartitionIndexes: indexes, EncryptedLog: d.EncryptedLogGroup(),
		})
	}
}

// deliveryAccess authorizes EventBridge's deliveries to queues.
func deliveryAccess(a *authz.Authorizer) func(ctx context.Context, queue, rule string) (bool, error) {
	return func(ctx context.Context, queue, rule string) (bool, error) {
		denied, err := a.EventToQueue(ctx, queue, rule)
		return denied == nil, err
	}
}

// jobAccess authorizes the start of a job run, and makes Glue's requests for it with the job's role.
func jobAccess(a *authz.Authorizer) func(context.Context, jobs.Job) (context.Context, error) {
	return func(ctx context.Context, job jobs.Job) (context.Context, error) {
		var connections []string
		if job.Connections != nil {
			connections = job.Connections.Connections
		}
		return a.JobStart(ctx, authz.JobRun{Job: job.Name, Role: job.Role, Connections: connections})
	}
}
