package ec2

import (
	"context"
	"fmt"

	"localaws/gateway/query"
	"localaws/store"
)

const natRecords = "ec2-nat-gateways"

// natGateway contains a NAT gateway's property that the emulator does not return.
type natGateway struct{ Allocation string }

func (s *Service) natHandlers() query.Handlers {
	return query.Handlers{
		"ec2:CreateNatGateway": s.createNatGateway,
		"ec2:DeleteNatGateway": s.deleteNatGateway,
	}
}

// createNatGateway rejects the address of another NAT gateway. On EC2 the call succeeds, and the gateway then fails
// with this code and message. A client that waits for the gateway reports the same error.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
func (s *Service) createNatGateway(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	address := x.Get("AllocationId")
	existing, err := store.List[natGateway](s.Store, natRecords)
	if err != nil {
		return nil, err
	}
	for _, n := range existing {
		if address != "" && n.Allocation == address {
			return nil, &query.Error{Code: "Resource.AlreadyAssociated", Message: fmt.Sprintf("Elastic IP address [%s] is already associated", address)}
		}
	}
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	id := query.Text(a.Root(), "natGateway/natGatewayId")
	return a, s.Store.Put(natRecords, id, natGateway{address})
}

func (s *Service) deleteNatGateway(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	return a, s.Store.Delete(natRecords, x.Get("NatGatewayId"))
}
