// Package services lists the authorizations that AWS services need when they act for a role, or in their own
// name. No client request shows these: without them, a function, a job or an alert fails later, or silently.
//
// Where AWS documents no list, the comment says where the check was observed.
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

// Function is the ARN of a function.
func (p Place) Function(name string) string { return p.arn("lambda", "function:"+name) }

// Workgroup is the ARN of a workgroup of Athena.
func (p Place) Workgroup(name string) string { return p.arn("athena", "workgroup/"+name) }

// as sets the principal of all requests.
func as(principal policy.Principal, requests ...policy.Request) []policy.Request {
	for i := range requests {
		requests[i].Principal = principal
	}
	return requests
}

// each requires every action on one resource.
func each(resource string, context policy.Context, actions ...string) []policy.Request {
	var requests []policy.Request
	for _, action := range actions {
		requests = append(requests, policy.Request{Action: action, Resource: resource, Context: context})
	}
	return requests
}

// keys makes a context from pairs of a key and its value.
func keys(pairs ...string) policy.Context {
	c := policy.Context{}
	for i := 0; i < len(pairs); i += 2 {
		c.Set(pairs[i], pairs[i+1])
	}
	return c
}

// Assume is a service's request to act as a role. The source is the resource that it acts for; services that
// send none leave it empty.
func (p Place) Assume(service, role, source string) policy.Request {
	r := policy.Request{Principal: policy.Principal{Service: service}, Action: "sts:AssumeRole", Resource: role, Context: policy.Context{}}
	if source != "" {
		r.Context = keys("aws:SourceAccount", p.Account, "aws:SourceArn", source)
	}
	return r
}
