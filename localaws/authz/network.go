package authz

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"localaws/iam/policy"
	"localaws/reach"
)

// Endpoint is the VPC endpoint that a call goes through.
type Endpoint struct {
	ID, VPC string
	// Policy is nil if the endpoint has none, which allows everything.
	Policy *policy.Named
}

// Way is how a call gets to a service. A workload outside every VPC has the
// zero way, and reaches every public address.
type Way struct {
	// Endpoint is nil if the call goes another way.
	Endpoint *Endpoint
	// Missing is what keeps the call from the service, or nil.
	Missing *reach.Missing
	// Subnets are those of the workload.
	Subnets []string
}

// endpointNames are the services in endpoints' names that IAM calls otherwise.
var endpointNames = map[string]string{"cloudwatch": "monitoring"}

// Way implements Source.
func (e *Emulator) Way(ctx context.Context, p policy.Principal, service string) (Way, error) {
	if p.Function == "" && p.Job == "" {
		return Way{}, nil // not a workload
	}
	if name, ok := endpointNames[service]; ok {
		service = name
	}
	return cached(&e.cache, strings.Join([]string{"way", p.Function, p.Job, service}, "\n"), func() (Way, error) {
		return e.readWay(ctx, p, service)
	})
}

func (e *Emulator) readWay(ctx context.Context, p policy.Principal, service string) (Way, error) {
	w, err := e.workload(ctx, p)
	if err != nil {
		return Way{}, err
	}
	return e.wayOf(ctx, w, service)
}

// wayOf finds how a workload gets to a service.
func (e *Emulator) wayOf(ctx context.Context, w reach.Workload, service string) (Way, error) {
	if len(w.Subnets) == 0 {
		return Way{}, nil
	}
	network, err := e.Network(ctx)
	if err != nil {
		return Way{}, err
	}
	way := Way{Subnets: w.Subnets}
	id := ""
	if id, way.Missing = network.API(w, service); id == "" {
		return way, nil
	}
	way.Endpoint = &Endpoint{ID: id}
	for _, known := range network.Endpoints {
		if known.ID == id {
			way.Endpoint.VPC = known.VPC
		}
	}
	document := ""
	if e.options.EndpointPolicy != nil {
		if document, err = e.options.EndpointPolicy(id); err != nil {
			return Way{}, err
		}
	}
	if document != "" {
		way.Endpoint.Policy, err = parse(policy.Endpoint, id, document)
	}
	return way, err
}

func (e *Emulator) workload(ctx context.Context, p policy.Principal) (reach.Workload, error) {
	if p.Function != "" {
		return e.Function(ctx, p.Function)
	}
	return e.job(ctx, p.Job)
}

// Function implements Source.
func (e *Emulator) Function(ctx context.Context, name string) (reach.Workload, error) {
	return cached(&e.cache, "network of function "+name, func() (reach.Workload, error) {
		answer, err := e.client.get(ctx, "lambda", "/2015-03-31/functions/"+url.PathEscape(name)+"/configuration")
		if hasCode(err, "NotFound", "404") {
			return reach.Workload{}, nil
		}
		if err != nil {
			return reach.Workload{}, err
		}
		var function struct {
			VpcConfig struct{ SubnetIds, SecurityGroupIds []string } //nolint:revive // Lambda's names
		}
		if err := json.Unmarshal(answer, &function); err != nil {
			return reach.Workload{}, fmt.Errorf("function %s: %w", name, err)
		}
		return reach.Workload{Subnets: function.VpcConfig.SubnetIds, Groups: function.VpcConfig.SecurityGroupIds}, nil
	})
}

// job is where the first connection with a subnet puts the workers of a job.
func (e *Emulator) job(ctx context.Context, name string) (reach.Workload, error) {
	if e.options.JobConnections == nil {
		return reach.Workload{}, nil
	}
	names, err := e.options.JobConnections(name)
	if err != nil {
		return reach.Workload{}, err
	}
	for _, name := range names {
		c, err := e.Connection(ctx, name)
		if err != nil {
			return reach.Workload{}, err
		}
		if len(c.Subnets) > 0 {
			return c.workload(), nil
		}
	}
	return reach.Workload{}, nil
}
