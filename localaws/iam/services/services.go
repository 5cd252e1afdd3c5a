// Package services lists the requests that AWS services make internally, with a role or as a service. They do not
// appear in client requests: without permission, a function, job or alert fails later, or silently.
//
// If AWS does not document the requests, the comment links to a report of the check.
package services

import (
	"strings"

	"localaws/iam/policy"
)

// Place is the account and region of the services.
type Place struct{ Partition, Region, Account string }

func (p Place) arn(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition, service, p.Region, p.Account, resource}, ":")
}

func (p Place) bucket(resource string) string { return "arn:" + p.Partition + ":s3:::" + resource }

// Function returns the ARN of a function.
func (p Place) Function(name string) string { return p.arn("lambda", "function:"+name) }

// Workgroup returns the ARN of an Athena workgroup.
func (p Place) Workgroup(name string) string { return p.arn("athena", "workgroup/"+name) }

// as sets the principal of requests.
func as(principal policy.Principal, requests ...policy.Request) []policy.Request {
	for i := range requests {
		requests[i].Principal = principal
	}
	return requests
}

// each returns a request for each action on a resource.
func each(resource string, context policy.Context, actions ...string) []policy.Request {
	var requests []policy.Request
	for _, action := range actions {
		requests = append(requests, policy.Request{Action: action, Resource: resource, Context: context})
	}
	return requests
}

// keys returns a context from pairs of a key and a value.
func keys(pairs ...string) policy.Context {
	c := policy.Context{}
	for i := 0; i < len(pairs); i += 2 {
		c.Set(pairs[i], pairs[i+1])
	}
	return c
}

// Assume returns a service's request to assume a role for a resource, the source. Some services send no source.
func (p Place) Assume(service, role, source string) policy.Request {
	r := policy.Request{Principal: policy.Principal{Service: service}, Action: "sts:AssumeRole", Resource: role, Context: policy.Context{}}
	if source != "" {
		r.Context = keys("aws:SourceAccount", p.Account, "aws:SourceArn", source)
	}
	return r
}
