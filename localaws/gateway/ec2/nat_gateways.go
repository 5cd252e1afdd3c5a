package ec2

import (
	"context"
	"fmt"

	"localaws/gateway/query"
	"localaws/store"
)

const natRecords = "ec2-nat-gateways"

// natGateway holds what the emulator does not show of a NAT gateway.
type natGateway struct{ Allocation string }

func (s *Service) natHandlers() query.Handlers {
	return query.Handlers{
		"ec2:CreateNatGateway": s.createNatGateway,
		"ec2:DeleteNatGateway": s.deleteNatGateway,
	}
}

// createNatGateway refuses the address of another NAT gateway. EC2 answers first, and the gateway fails with this code
// and message afterwards; a client that waits for it reports the same.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
func (s *Service) createNatGateway(ctx context.Context, x *query.Exchange) (*query.Answer, error) {
	address := x.Get("AllocationId")
	made, err := store.List[natGateway](s.Store, natRecords)
	if err != nil {
		return nil, err
	}
	for _, n := range made {
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

func (s *Service) deleteNatGateway(ctx context.Context, x *query.Exchange) (*query.Answer, error) {
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	return a, s.Store.Delete(natRecords, x.Get("NatGatewayId"))
}
