package authz

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"localaws/iam/audit"
	"localaws/iam/policy"
	"localaws/iam/services"
	"localaws/reachability"
)

// DeniedError says what a service that acts for a role was not allowed to do.
type DeniedError struct{ policy.Decision }

func (e *DeniedError) Error() string { return e.Message() }

// Names of the sessions, as CloudTrail shows them.
const (
	crawlerSession = "AWS-Crawler"
	jobSession     = "GlueJobRunnerSession"
)

// roleARN completes a role's name; Glue accepts both.
func (a *Authorizer) roleARN(ctx context.Context, role string) string {
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	if arn := a.source.ARN(ctx, "role", role); arn != "" {
		return arn
	}
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", a.place.Partition, a.place.Account, role)
}

func (a *Authorizer) allowed(ctx context.Context, requests []policy.Request) error {
	denied, err := a.All(ctx, requests)
	if err != nil {
		return err
	}
	if denied != nil {
		return &DeniedError{*denied}
	}
	return nil
}

// Crawl checks what a crawler needs before its own calls, and returns a context
// that acts as its role.
func (a *Authorizer) Crawl(ctx context.Context, role string, c services.Crawler) (context.Context, error) {
	arn := a.roleARN(ctx, role)
	session := a.Session(arn, crawlerSession)
	requests := append([]policy.Request{a.place.Assume("glue.amazonaws.com", arn, "")}, a.place.Crawl(session, c)...)
	if err := a.allowed(ctx, requests); err != nil {
		return nil, err
	}
	return As(ctx, session), nil
}

// JobRun is a run of a job that is about to start.
type JobRun struct {
	Job, Role   string
	Connections []string
}

// JobStart checks what Glue does as a job's role before it starts a run, and
// that the run reaches the databases of its connections. It returns a context
// that acts as the role.
func (a *Authorizer) JobStart(ctx context.Context, run JobRun) (context.Context, error) {
	arn := a.roleARN(ctx, run.Role)
	session := a.Session(arn, jobSession)
	session.Job = run.Job
	requests := []policy.Request{a.place.Assume("glue.amazonaws.com", arn, "")}
	var connections []Connection
	for _, name := range run.Connections {
		c, err := a.source.Connection(ctx, name)
		if err != nil {
			return nil, err
		}
		connections = append(connections, c)
		requests = append(requests, a.place.GlueJobStart(session, name, c.Interfaces)...)
	}
	if err := a.allowed(ctx, requests); err != nil {
		return nil, err
	}
	for _, c := range connections {
		if err := a.connection(ctx, session, c); err != nil {
			return nil, err
		}
	}
	return As(ctx, session), nil
}

// connection checks the network of a connection as Glue does before a run, and
// the way to its database as the run will find it.
func (a *Authorizer) connection(ctx context.Context, session policy.Principal, c Connection) error {
	if len(c.Subnets) == 0 {
		return nil // outside every VPC
	}
	network, err := a.source.Network(ctx)
	if err != nil {
		return err
	}
	if message, missing := network.GlueConnection(c.workload()); message != "" {
		a.recordUnreachable(audit.Unreachable{Principal: session, Action: "glue:StartJobRun", Resource: c.Subnets[0], Missing: missing, Message: message})
		return &UnreachableError{message}
	}
	if c.Database == "" {
		return nil
	}
	return a.connect(ctx, session, c.workload(), c.Database)
}

// Connection is where a Glue connection puts the workers of a job.
type Connection struct {
	services.Interfaces
	// Database is the address of the database of a JDBC connection.
	Database string
}

func (c Connection) workload() reachability.Workload {
	return reachability.Workload{Subnets: c.Subnets, Groups: c.Groups}
}

// Connection implements Source.
func (e *Emulator) Connection(ctx context.Context, name string) (Connection, error) {
	return cached(&e.cache, "connection "+name, func() (Connection, error) { return e.readConnection(ctx, name) })
}

func (e *Emulator) readConnection(ctx context.Context, name string) (Connection, error) {
	var out struct {
		Connection struct {
			ConnectionProperties           map[string]string
			PhysicalConnectionRequirements struct {
				SubnetId            string   //nolint:revive // Glue's name
				SecurityGroupIdList []string //nolint:revive // Glue's name
			}
		}
	}
	err := e.client.json(ctx, "glue", "AWSGlue.GetConnection", map[string]string{"Name": name}, &out)
	var known *apiError
	if errors.As(err, &known) && known.status < http.StatusInternalServerError {
		return Connection{}, fmt.Errorf("connection %s: %w", name, err)
	}
	network := out.Connection.PhysicalConnectionRequirements
	c := Connection{Interfaces: services.Interfaces{Groups: network.SecurityGroupIdList}}
	if network.SubnetId != "" {
		c.Subnets = []string{network.SubnetId}
	}
	// jdbc:mysql://HOST:PORT/DATABASE
	if u, failed := url.Parse(strings.TrimPrefix(out.Connection.ConnectionProperties["JDBC_CONNECTION_URL"], "jdbc:")); failed == nil {
		c.Database = u.Host
	}
	return c, err
}
