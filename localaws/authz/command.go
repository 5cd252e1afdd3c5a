package authz

import (
	"context"
	"path"

	"localaws/iam/actions"
	"localaws/reachability"
)

// Instance is an EC2 instance that calls AWS.
type Instance struct {
	// Role is the ARN of the instance's role, or "".
	Role string
	// Endpoint is the VPC endpoint through which the instance calls the service, or nil.
	Endpoint *Endpoint
}

// checkCommand only records denied requests: Systems Manager accepts the command and reports success even if the agent
// may not store the output.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
func (a *Authorizer) checkCommand(ctx context.Context, c *actions.Call) (*Response, error) {
	bucket := c.Param("OutputS3BucketName")
	if bucket == "" {
		return nil, nil //nolint:nilnil // the output stays with Systems Manager
	}
	for _, id := range c.Params("InstanceIds") {
		instance, err := a.source.Instance(ctx, id, "s3")
		if err != nil {
			return nil, err
		}
		if instance.Role == "" {
			continue
		}
		key := path.Join(c.Param("OutputS3KeyPrefix"), "00000000-0000-0000-0000-000000000000", id, "awsrunShellScript", "0.awsrunShellScript", "stdout")
		requests := a.place.CommandOutput(a.Session(instance.Role, id), bucket, key)
		endpoint := instance.Endpoint
		if endpoint == nil {
			endpoint = &Endpoint{}
		}
		denied, err := a.all(ctx, requests, endpoint.Policy)
		if err != nil {
			return nil, err
		}
		if denied != nil {
			continue
		}
		further, err := a.kmsRequests(ctx, requests)
		if err != nil {
			return nil, err
		}
		if _, err := a.All(ctx, further); err != nil {
			return nil, err
		}
	}
	return nil, nil //nolint:nilnil // accepted
}

// Instance implements Source.
func (e *Emulator) Instance(ctx context.Context, id, service string) (Instance, error) {
	found, err := e.client.query(ctx, "ec2", ec2Version, "DescribeInstances", "InstanceId.1", id)
	if hasCode(err, "NotFound") {
		return Instance{}, nil
	}
	if err != nil {
		return Instance{}, err
	}
	in := Instance{}
	if profile := text(found, "//instancesSet/item/iamInstanceProfile/arn"); profile != "" {
		in.Role = e.ARN(ctx, "profile-role", lastPart(profile))
	}
	w := reachability.Workload{}
	if subnet := text(found, "//instancesSet/item/subnetId"); subnet != "" {
		w.Subnets = []string{subnet}
	}
	for _, group := range found.FindElements("//instancesSet/item/groupSet/item/groupId") {
		w.Groups = append(w.Groups, group.Text())
	}
	through, err := e.pathOf(ctx, w, service)
	in.Endpoint = through.Endpoint
	return in, err
}
