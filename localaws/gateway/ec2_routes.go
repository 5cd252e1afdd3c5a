package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"

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

func (s *ec2) routeHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:CreateRoute":         s.routeToInterface,
		"ec2:ReplaceRoute":        s.routeToInterface,
		"ec2:DescribeRouteTables": describeRouteTables,
	}
}

func (s *ec2) routeToInterface(ctx context.Context, x *exchange) (*answer, error) {
	id := x.get("NetworkInterfaceId")
	if id == "" {
		return x.send(ctx)
	}
	instance := instancePrefix + strings.TrimPrefix(id, interfacePrefix)
	if _, err := s.instance(instance); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil, &queryError{"InvalidNetworkInterfaceID.NotFound", fmt.Sprintf("The networkInterface ID '%s' does not exist", id)}
		}
		return nil, err
	}
	x.form.Del("NetworkInterfaceId")
	x.form.Set("InstanceId", instance)
	return x.send(ctx)
}

// describeRouteTables names the interface of an instance too, as EC2 does:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func describeRouteTables(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		for _, route := range root.FindElements("routeTableSet/item/routeSet/item") {
			if id := text(route, "instanceId"); id != "" {
				set(route, "networkInterfaceId", interfaceOf(id))
			}
		}
		return nil
	})
}
