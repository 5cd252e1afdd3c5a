package rds

import (
	"context"
	"fmt"
	"localaws/gateway/query"
	"net/url"
	"strings"
)

// parameters returns the values that the user set in a parameter group.
func (s *Service) parameters(ctx context.Context, x *query.Exchange, group string) (map[string]string, error) {
	values := map[string]string{}
	if group == "" || strings.HasPrefix(group, "default.") {
		return values, nil
	}
	a, err := x.Call(ctx, "DescribeDBParameters", url.Values{"DBParameterGroupName": {group}, "Source": {"user"}})
	if err != nil {
		return nil, fmt.Errorf("parameters of the database: %w", err)
	}
	for _, p := range a.Root().FindElements("//Parameter") {
		values[query.Text(p, "ParameterName")] = query.Text(p, "ParameterValue")
	}
	return values, nil
}

// modifyParameters applies parameters with ApplyMethod "immediate" to the group's servers. The others are applied at
// the next reboot.
func (s *Service) modifyParameters(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	changed := immediate(x)
	instances, err := x.Call(ctx, "DescribeDBInstances", url.Values{})
	if err != nil {
		return nil, err
	}
	for _, item := range instances.Root().FindElements("//DBInstances/DBInstance") {
		id, group := query.Text(item, "DBInstanceIdentifier"), query.Text(item, "DBParameterGroups/DBParameterGroup/DBParameterGroupName")
		if _, ok := s.Databases.Get(id); !ok || group != x.Get("DBParameterGroupName") {
			continue
		}
		if err := s.Databases.SetParameters(ctx, id, changed); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func immediate(x *query.Exchange) map[string]string {
	values := map[string]string{}
	for _, list := range []string{"Parameters.Parameter", "Parameters.member"} {
		for i := 1; x.Form.Has(fmt.Sprintf("%s.%d.ParameterName", list, i)); i++ {
			item := fmt.Sprintf("%s.%d.", list, i)
			if x.Get(item+"ApplyMethod") == "immediate" {
				values[x.Get(item+"ParameterName")] = x.Get(item + "ParameterValue")
			}
		}
	}
	return values
}
