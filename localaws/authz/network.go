package authz

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"localaws/iam/policy"
	"localaws/reachability"
)

// Endpoint is the VPC endpoint of a call.
type Endpoint struct {
	ID, VPC string
	// Policy is the endpoint's policy. Nil allows everything.
	Policy *policy.Named
}

// Path is the network path of a call to a service. The zero value is the path of a workload outside every VPC, which
// reaches every public address.
type Path struct {
	// Endpoint is the VPC endpoint of the call, or nil.
	Endpoint *Endpoint
	// Missing is the missing network configuration if the service is unreachable, or nil.
	Missing *reachability.Missing
	// Subnets are the workload's subnets.
	Subnets []string
}

// endpointNames maps IAM's service names to different names in endpoints.
var endpointNames = map[string]string{"cloudwatch": "monitoring"}

// Path implements Source.
func (e *Emulator) Path(ctx context.Context, p policy.Principal, service string) (Path, error) {
	if p.Function == "" && p.Job == "" {
		return Path{}, nil // not a workload
	}
	if name, ok := endpointNames[service]; ok {
		service = name
	}
	return cached(&e.cache, strings.Join([]string{"path", p.Function, p.Job, service}, "\n"), func() (Path, error) {
		return e.readPath(ctx, p, service)
	})
}

func (e *Emulator) readPath(ctx context.Context, p policy.Principal, service string) (Path, error) {
	w, err := e.workload(ctx, p)
	if err != nil {
		return Path{}, err
	}
	return e.pathOf(ctx, w, service)
}

// pathOf returns the network path from a workload to a service.
func (e *Emulator) pathOf(ctx context.Context, w reachability.Workload, service string) (Path, error) {
	if len(w.Subnets) == 0 {
		return Path{}, nil
	}
	network, err := e.Network(ctx)
	if err != nil {
		return Path{}, err
	}
	path := Path{Subnets: w.Subnets}
	id := ""
	if id, path.Missing = network.API(w, service); id == "" {
		return path, nil
	}
	path.Endpoint = &Endpoint{ID: id}
	for _, known := range network.Endpoints {
		if known.ID == id {
			path.Endpoint.VPC = known.VPC
		}
	}
	document := ""
	if e.options.EndpointPolicy != nil {
		if document, err = e.options.EndpointPolicy(id); err != nil {
			return Path{}, err
		}
	}
	if document != "" {
		path.Endpoint.Policy, err = parse(policy.Endpoint, id, document)
	}
	return path, err
}

func (e *Emulator) workload(ctx context.Context, p policy.Principal) (reachability.Workload, error) {
	if p.Function != "" {
		return e.Function(ctx, p.Function)
	}
	return e.job(ctx, p.Job)
}

// Function implements Source.
func (e *Emulator) Function(ctx context.Context, name string) (reachability.Workload, error) {
	return cached(&e.cache, "network of function "+name, func() (reachability.Workload, error) {
		body, err := e.client.get(ctx, "lambda", "/2015-03-31/functions/"+url.PathEscape(name)+"/configuration")
		if hasCode(err, "NotFound", "404") {
			return reachability.Workload{}, nil
		}
		if err != nil {
			return reachability.Workload{}, err
		}
		var function struct {
			VpcConfig struct{ SubnetIds, SecurityGroupIds []string } //nolint:revive // Lambda's names
		}
		if err := json.Unmarshal(body, &function); err != nil {
			return reachability.Workload{}, fmt.Errorf("function %s: %w", name, err)
		}
		return reachability.Workload{Subnets: function.VpcConfig.SubnetIds, Groups: function.VpcConfig.SecurityGroupIds}, nil
	})
}

// job returns the subnets and security groups of a job: those of its first connection with a subnet.
func (e *Emulator) job(ctx context.Context, name string) (reachability.Workload, error) {
	if e.options.JobConnections == nil {
		return reachability.Workload{}, nil
	}
	names, err := e.options.JobConnections(name)
	if err != nil {
		return reachability.Workload{}, err
	}
	for _, name := range names {
		c, err := e.Connection(ctx, name)
		if err != nil {
			return reachability.Workload{}, err
		}
		if len(c.Subnets) > 0 {
			return c.workload(), nil
		}
	}
	return reachability.Workload{}, nil
}
