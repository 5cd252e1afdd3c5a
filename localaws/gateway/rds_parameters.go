package gateway

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// parameters returns the values that the user set in a parameter group.
func (s *rds) parameters(ctx context.Context, x *exchange, group string) (map[string]string, error) {
	values := map[string]string{}
	if group == "" || strings.HasPrefix(group, "default.") {
		return values, nil
	}
	a, err := x.ask(ctx, "DescribeDBParameters", url.Values{"DBParameterGroupName": {group}, "Source": {"user"}})
	if err != nil {
		return nil, fmt.Errorf("parameters of the database: %w", err)
	}
	for _, p := range a.root().FindElements("//Parameter") {
		values[text(p, "ParameterName")] = text(p, "ParameterValue")
	}
	return values, nil
}

// modifyParameters applies parameters with the method "immediate" to the servers of the group. The others wait
// for a reboot.
func (s *rds) modifyParameters(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	changed := immediate(x)
	instances, err := x.ask(ctx, "DescribeDBInstances", url.Values{})
	if err != nil {
		return nil, err
	}
	for _, item := range instances.root().FindElements("//DBInstances/DBInstance") {
		id, group := text(item, "DBInstanceIdentifier"), text(item, "DBParameterGroups/DBParameterGroup/DBParameterGroupName")
		if _, ok := s.databases.Get(id); !ok || group != x.get("DBParameterGroupName") {
			continue
		}
		if err := s.databases.SetParameters(ctx, id, changed); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func immediate(x *exchange) map[string]string {
	values := map[string]string{}
	for _, list := range []string{"Parameters.Parameter", "Parameters.member"} {
		for i := 1; x.form.Has(fmt.Sprintf("%s.%d.ParameterName", list, i)); i++ {
			item := fmt.Sprintf("%s.%d.", list, i)
			if x.get(item+"ApplyMethod") == "immediate" {
				values[x.get(item+"ParameterName")] = x.get(item + "ParameterValue")
			}
		}
	}
	return values
}
