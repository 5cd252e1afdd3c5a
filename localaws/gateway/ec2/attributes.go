package ec2

import (
	"context"
	"errors"

	"github.com/beevik/etree"

	"localaws/gateway/query"
	"localaws/store"
)

// attributes returns the instance attributes in a RunInstances request for which the emulator returns constants.
func attributes(x *query.Exchange) map[string]string {
	return map[string]string{
		"userData":                          x.Get("UserData"),
		"disableApiTermination":             or(x.Get("DisableApiTermination"), "false"),
		"disableApiStop":                    or(x.Get("DisableApiStop"), "false"),
		"instanceInitiatedShutdownBehavior": or(x.Get("InstanceInitiatedShutdownBehavior"), "stop"),
	}
}

func (s *Service) describeAttribute(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	in, err := s.instance(x.Get("InstanceId"))
	if errors.Is(err, store.ErrNotFound) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	name := x.Get("Attribute")
	return a, a.Edit(func(root *etree.Element) error {
		if value := in.Attributes[name]; value != "" {
			query.Set(query.Child(root, name), "value", value)
		}
		return nil
	})
}

// modifyAttribute sets attributes in the store. The emulator does not implement the operation.
func (s *Service) modifyAttribute(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	id := x.Get("InstanceId")
	in, err := s.instance(id)
	if errors.Is(err, store.ErrNotFound) {
		return x.Send(ctx)
	}
	if err != nil {
		return nil, err
	}
	changed := false
	for parameter, name := range map[string]string{
		"UserData.Value": "userData", "DisableApiTermination.Value": "disableApiTermination",
		"DisableApiStop.Value": "disableApiStop", "InstanceInitiatedShutdownBehavior.Value": "instanceInitiatedShutdownBehavior",
		"SourceDestCheck.Value": "sourceDestCheck",
	} {
		if x.Form.Has(parameter) {
			in.Attributes[name], changed = x.Get(parameter), true
		}
	}
	if v := x.Get("EbsOptimized.Value"); v != "" {
		in.EBS, changed = v == "true", true
	}
	if !changed {
		return x.Send(ctx)
	}
	if err := s.Store.Put(instanceRecords, id, in); err != nil {
		return nil, err
	}
	doc := query.Document("ModifyInstanceAttributeResponse", namespace)
	query.Set(doc.Root(), "return", "true")
	return query.DocumentResponse(doc)
}
