package authz

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"store-events/local/iam/policy"
)

const ec2Version = "2016-11-15"

// Endpoint is the VPC endpoint that a call uses.
type Endpoint struct {
	ID, VPC string
	// Policy is nil if the endpoint has none, which allows everything.
	Policy *policy.Named
}

// endpointNames maps service names in endpoints' names to those of IAM, where they differ.
var endpointNames = map[string]string{"cloudwatch": "monitoring"}

// Endpoint implements Source: functions and jobs in a VPC call AWS through its
// endpoint for the service, if it has one.
func (e *Emulator) Endpoint(ctx context.Context, p policy.Principal, service string) (*Endpoint, error) {
	if p.Role == "" {
		return nil, nil //nolint:nilnil // not a workload
	}
	vpc, err := e.vpcOf(ctx, p)
	if err != nil || vpc == "" {
		return nil, err
	}
	if name, ok := endpointNames[service]; ok {
		service = name
	}
	return cached(&e.cache, "endpoint "+vpc+" "+service, func() (*Endpoint, error) { return e.readEndpoint(ctx, vpc, service) })
}

func (e *Emulator) readEndpoint(ctx context.Context, vpc, service string) (*Endpoint, error) {
	found, err := e.client.query(ctx, "ec2", ec2Version, "DescribeVpcEndpoints")
	if err != nil {
		return nil, fmt.Errorf("VPC endpoints: %w", err)
	}
	for _, item := range found.FindElements("//vpcEndpointSet/item") {
		if text(item, "./vpcId") != vpc || !strings.HasSuffix(text(item, "./serviceName"), "."+service) {
			continue
		}
		endpoint := &Endpoint{ID: text(item, "./vpcEndpointId"), VPC: vpc}
		document := ""
		if e.options.EndpointPolicy != nil {
			if document, err = e.options.EndpointPolicy(endpoint.ID); err != nil {
				return nil, err
			}
		}
		if document != "" {
			endpoint.Policy, err = parse(policy.Endpoint, endpoint.ID, document)
		}
		return endpoint, err
	}
	return nil, nil //nolint:nilnil // no endpoint for the service
}

// vpcOf returns the VPC in which a session's workload runs, or an empty string.
func (e *Emulator) vpcOf(ctx context.Context, p policy.Principal) (string, error) {
	session := lastPart(p.ARN)
	subnet := ""
	var err error
	if session == jobSession {
		subnet, err = e.jobSubnet(ctx, p.Role)
	} else {
		subnet, err = e.functionSubnet(ctx, session, p.Role)
	}
	if err != nil || subnet == "" {
		return "", err
	}
	return cached(&e.cache, "vpc of "+subnet, func() (string, error) {
		found, err := e.client.query(ctx, "ec2", ec2Version, "DescribeSubnets", "SubnetId.1", subnet)
		if err != nil {
			return "", fmt.Errorf("subnet %s: %w", subnet, err)
		}
		return text(found, "//subnetSet/item/vpcId"), nil
	})
}

// functionSubnet returns a subnet of the function that a session is named after.
func (e *Emulator) functionSubnet(ctx context.Context, name, role string) (string, error) {
	return cached(&e.cache, "subnet of function "+name+" "+role, func() (string, error) {
		answer, err := e.client.get(ctx, "lambda", "/2015-03-31/functions/"+url.PathEscape(name)+"/configuration")
		if hasCode(err, "NotFound", "404") {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var function struct {
			Role      string
			VpcConfig struct{ SubnetIds []string } //nolint:revive // Lambda's name
		}
		if err := json.Unmarshal(answer, &function); err != nil {
			return "", fmt.Errorf("function %s: %w", name, err)
		}
		if function.Role != role || len(function.VpcConfig.SubnetIds) == 0 {
			return "", nil
		}
		return function.VpcConfig.SubnetIds[0], nil
	})
}

// jobSubnet returns the subnet of a connection of the jobs with the role.
func (e *Emulator) jobSubnet(ctx context.Context, role string) (string, error) {
	if e.options.JobConnections == nil {
		return "", nil
	}
	names, err := e.options.JobConnections(role)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		in, err := e.Connection(ctx, name)
		if err != nil {
			return "", err
		}
		if len(in.Subnets) > 0 {
			return in.Subnets[0], nil
		}
	}
	return "", nil
}
