package gateway

import (
	"context"
	"errors"

	"github.com/beevik/etree"

	"localaws/store"
)

// attributes are instance attributes that RunInstances sets and for which the emulator returns a constant.
func attributes(x *exchange) map[string]string {
	return map[string]string{
		"userData":                          x.get("UserData"),
		"disableApiTermination":             or(x.get("DisableApiTermination"), "false"),
		"disableApiStop":                    or(x.get("DisableApiStop"), "false"),
		"instanceInitiatedShutdownBehavior": or(x.get("InstanceInitiatedShutdownBehavior"), "stop"),
	}
}

func (s *ec2) describeAttribute(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	in, err := s.instance(x.get("InstanceId"))
	if errors.Is(err, store.ErrNotFound) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	name := x.get("Attribute")
	return a, a.edit(func(root *etree.Element) error {
		if value := in.Attributes[name]; value != "" {
			set(child(root, name), "value", value)
		}
		return nil
	})
}

// modifyAttribute serves the attributes kept here; the emulator does not have the operation.
func (s *ec2) modifyAttribute(ctx context.Context, x *exchange) (*answer, error) {
	id := x.get("InstanceId")
	in, err := s.instance(id)
	if errors.Is(err, store.ErrNotFound) {
		return x.send(ctx)
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
		if x.form.Has(parameter) {
			in.Attributes[name], changed = x.get(parameter), true
		}
	}
	if v := x.get("EbsOptimized.Value"); v != "" {
		in.EBS, changed = v == "true", true
	}
	if !changed {
		return x.send(ctx)
	}
	if err := s.store.Put(instanceRecords, id, in); err != nil {
		return nil, err
	}
	doc := document("ModifyInstanceAttributeResponse", ec2Namespace)
	set(doc.Root(), "return", "true")
	return documentAnswer(doc)
}
