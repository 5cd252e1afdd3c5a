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

// The emulator knows routes to instances, but not to their interfaces. An instance has
// one interface here, whose ID is the instance's with another prefix.
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

func (s *Service) routeToInterface(ctx context.Context, x *query.Exchange) (*query.Answer, error) {
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

// describeRouteTables names the interface of an instance too, as EC2 does:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func describeRouteTables(ctx context.Context, x *query.Exchange) (*query.Answer, error) {
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
