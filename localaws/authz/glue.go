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

// DeniedError is the error of a service that was denied a request with a role.
type DeniedError struct{ policy.Decision }

func (e *DeniedError) Error() string { return e.Message() }

// Session names, as in CloudTrail.
const (
	crawlerSession = "AWS-Crawler"
	jobSession     = "GlueJobRunnerSession"
)

// roleARN returns the ARN of a role, because Glue accepts a name or an ARN.
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

// Crawl authorizes the start of a crawl, and returns a context for requests with the crawler's role.
func (a *Authorizer) Crawl(ctx context.Context, role string, c services.Crawler) (context.Context, error) {
	arn := a.roleARN(ctx, role)
	session := a.Session(arn, crawlerSession)
	requests := append([]policy.Request{a.place.Assume("glue.amazonaws.com", arn, "")}, a.place.Crawl(session, c)...)
	if err := a.allowed(ctx, requests); err != nil {
		return nil, err
	}
	return As(ctx, session), nil
}

// JobRun is a job run before its start.
type JobRun struct {
	Job, Role   string
	Connections []string
}

// JobStart authorizes Glue's requests with the job's role before it starts a run, and checks that the run can reach the
// databases of its connections. It returns a context for requests with the role.
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
		if err := a.checkConnection(ctx, session, c); err != nil {
			return nil, err
		}
	}
	return As(ctx, session), nil
}

// checkConnection checks the network of a connection, as Glue does before a run, and the network path to its database.
func (a *Authorizer) checkConnection(ctx context.Context, session policy.Principal, c Connection) error {
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
	return a.checkDatabasePath(ctx, session, c.workload(), c.Database)
}

// Connection contains the subnets and security groups of a Glue connection, in which a job's workers run.
type Connection struct {
	services.Interfaces
	// Database is the address of a JDBC connection's database.
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
