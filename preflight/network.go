package preflight

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// publicAccess checks that the account allows traffic through internet gateways, if
// the plan has one: consumer, job and functions then reach AWS and packages through
// NAT. With block-ingress, NAT gateways still work, but NAT instances do not.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
func publicAccess(ctx context.Context, r *run) ([]Finding, error) {
	const id = "public-access"
	instance := slices.ContainsFunc(r.plan.all("aws:ec2/instance:Instance"), func(i Resource) bool {
		return i.Inputs["associatePublicIpAddress"] == true
	})
	if !instance && len(r.plan.all("aws:ec2/natGateway:NatGateway")) == 0 {
		return ok(id, "the stack does not use an internet gateway"), nil
	}
	out, err := r.ec2.DescribeVpcBlockPublicAccessOptions(ctx, &ec2.DescribeVpcBlockPublicAccessOptionsInput{})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "InvalidAction" {
		return ok(id, "the region has no setting that blocks internet gateways"), nil
	}
	if err != nil {
		return nil, err
	}
	options := out.VpcBlockPublicAccessOptions
	mode := ec2types.InternetGatewayBlockModeOff
	if options != nil {
		mode = options.InternetGatewayBlockMode
	}
	if instance && mode == ec2types.InternetGatewayBlockModeBlockIngress {
		return []Finding{{
			ID: id, Status: Problem,
			What: "VPC Block Public Access of this account and region allows egress only for NAT gateways: consumer, job and rotation function could not reach the AWS APIs through the NAT instance",
			Do:   "set store-events:natInstance to false and store-events:natGateways to 1; or store-events:interfaceEndpoints to true",
		}}, nil
	}
	if mode != ec2types.InternetGatewayBlockModeBlockBidirectional {
		return ok(id, "internet gateways allow outbound traffic"), nil
	}
	return []Finding{{
		ID: id, Status: Problem,
		What: "VPC Block Public Access of this account and region blocks internet gateways in both directions: consumer, job and rotation function could not reach the AWS APIs through NAT",
		Do: "set store-events:natGateways to 0, store-events:natInstance to false and store-events:interfaceEndpoints to true, which need no internet gateway; " +
			"or have the account's administrator allow outbound traffic (`aws ec2 modify-vpc-block-public-access-options --internet-gateway-block-mode block-ingress`)",
	}}, nil
}
