package ec2

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"localaws/gateway/query"
	"localaws/store"
)

// The emulator supports routes to instances, but not to network interfaces. Each instance has one interface, and both
// IDs differ only in the prefix.
const (
	instancePrefix  = "i-"
	interfacePrefix = "eni-"
)

func interfaceOf(instance string) string {
	return interfacePrefix + strings.TrimPrefix(instance, instancePrefix)
}

func (s *Service) routeHandlers() query.Handlers {
	return query.Handlers{
		"ec2:CreateRoute":         s.routeToInterface,
		"ec2:ReplaceRoute":        s.routeToInterface,
		"ec2:DescribeRouteTables": describeRouteTables,
	}
}

func (s *Service) routeToInterface(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	id := x.Get("NetworkInterfaceId")
	if id == "" {
		return x.Send(ctx)
	}
	instance := instancePrefix + strings.TrimPrefix(id, interfacePrefix)
	if _, err := s.instance(instance); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil, &query.Error{Code: "InvalidNetworkInterfaceID.NotFound", Message: fmt.Sprintf("The networkInterface ID '%s' does not exist", id)}
		}
		return nil, err
	}
	x.Form.Del("NetworkInterfaceId")
	x.Form.Set("InstanceId", instance)
	return x.Send(ctx)
}

// describeRouteTables adds the network interface to routes to an instance, as EC2 does:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func describeRouteTables(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		for _, route := range root.FindElements("routeTableSet/item/routeSet/item") {
			if id := query.Text(route, "instanceId"); id != "" {
				query.Set(route, "networkInterfaceId", interfaceOf(id))
			}
		}
		return nil
	})
}
