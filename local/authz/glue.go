package authz

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"store-events/local/iam/policy"
	"store-events/local/iam/services"
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

// JobStart checks what Glue does as a job's role before it starts a run, and
// returns a context that acts as the role.
func (a *Authorizer) JobStart(ctx context.Context, role string, connections []string) (context.Context, error) {
	arn := a.roleARN(ctx, role)
	session := a.Session(arn, jobSession)
	requests := []policy.Request{a.place.Assume("glue.amazonaws.com", arn, "")}
	for _, name := range connections {
		in, err := a.source.Connection(ctx, name)
		if err != nil {
			return nil, err
		}
		requests = append(requests, a.place.GlueJobStart(session, name, in)...)
	}
	if err := a.allowed(ctx, requests); err != nil {
		return nil, err
	}
	return As(ctx, session), nil
}

// Connection implements Source.
func (e *Emulator) Connection(ctx context.Context, name string) (services.Interfaces, error) {
	var out struct {
		Connection struct {
			PhysicalConnectionRequirements struct {
				SubnetId            string   //nolint:revive // Glue's name
				SecurityGroupIdList []string //nolint:revive // Glue's name
			}
		}
	}
	err := e.client.json(ctx, "glue", "AWSGlue.GetConnection", map[string]string{"Name": name}, &out)
	var known *apiError
	if errors.As(err, &known) && known.status < http.StatusInternalServerError {
		return services.Interfaces{}, fmt.Errorf("connection %s: %w", name, err)
	}
	network := out.Connection.PhysicalConnectionRequirements
	in := services.Interfaces{Groups: network.SecurityGroupIdList}
	if network.SubnetId != "" {
		in.Subnets = []string{network.SubnetId}
	}
	return in, err
}
