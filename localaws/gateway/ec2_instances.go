package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"localaws/store"
)

const instanceRecords = "ec2-instances"

// instance holds what the emulator does not keep of an instance.
type instance struct {
	PublicAddress bool
	Zone          string
	VpcID         string
	// Metadata options and attributes have the API's names.
	Metadata   map[string]string
	Attributes map[string]string
	Monitoring bool
	EBS        bool // optimised
}

func (s *ec2) instanceHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:RunInstances":                  s.runInstances,
		"ec2:DescribeInstances":             s.describeInstances,
		"ec2:ModifyInstanceMetadataOptions": s.modifyMetadata,
		"ec2:DescribeInstanceAttribute":     s.describeAttribute,
		"ec2:ModifyInstanceAttribute":       s.modifyAttribute,
	}
}

func (s *ec2) runInstances(ctx context.Context, x *exchange) (*answer, error) {
	flattenInterface(x)
	in := instance{Metadata: metadata(x, "MetadataOptions."), Attributes: attributes(x), Monitoring: x.get("Monitoring.Enabled") == "true", EBS: x.get("EbsOptimized") == "true"}
	if err := s.place(ctx, x, &in); err != nil {
		return nil, err
	}
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		for _, item := range root.FindElements("instancesSet/item") {
			in.correct(item)
			if err := s.store.Put(instanceRecords, text(item, "instanceId"), in); err != nil {
				return err
			}
			if err := s.launchVolume(ctx, x, text(item, "blockDeviceMapping/item/ebs/volumeId"), rootMapping(x, text(item, "rootDeviceName"))); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *ec2) describeInstances(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		return correctRecorded(s.store, instanceRecords, root.FindElements("reservationSet/item/instancesSet/item"), "instanceId", (*instance).correct)
	})
}

func (s *ec2) modifyMetadata(_ context.Context, x *exchange) (*answer, error) {
	id := x.get("InstanceId")
	in, err := s.instance(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &queryError{"InvalidInstanceID.NotFound", fmt.Sprintf("The instance ID '%s' does not exist", id)}
	}
	if err != nil {
		return nil, err
	}
	for name := range in.Metadata {
		if v := x.get(strings.ToUpper(name[:1]) + name[1:]); v != "" {
			in.Metadata[name] = v
		}
	}
	if err := s.store.Put(instanceRecords, id, in); err != nil {
		return nil, err
	}
	doc := document("ModifyInstanceMetadataOptionsResponse", ec2Namespace)
	set(doc.Root(), "instanceId", id)
	in.correctMetadata(child(doc.Root(), "instanceMetadataOptions"))
	return documentAnswer(doc)
}

func (s *ec2) instance(id string) (instance, error) {
	var in instance
	err := s.store.Get(instanceRecords, id, &in)
	return in, err
}

// metadata reads options, under the names that answers use. Defaults are those of Amazon Linux 2023 images.
func metadata(x *exchange, prefix string) map[string]string {
	return map[string]string{
		"httpTokens":              or(x.get(prefix+"HttpTokens"), "required"),
		"httpPutResponseHopLimit": or(x.get(prefix+"HttpPutResponseHopLimit"), "2"),
		"httpEndpoint":            or(x.get(prefix+"HttpEndpoint"), "enabled"),
		"httpProtocolIpv6":        or(x.get(prefix+"HttpProtocolIpv6"), "disabled"),
		"instanceMetadataTags":    or(x.get(prefix+"InstanceMetadataTags"), "disabled"),
	}
}

// rootMapping is the prefix of the parameters about the root device.
func rootMapping(x *exchange, device string) string {
	for i := 1; x.form.Has(fmt.Sprintf("BlockDeviceMapping.%d.DeviceName", i)); i++ {
		if prefix := fmt.Sprintf("BlockDeviceMapping.%d", i); x.get(prefix+".DeviceName") == device {
			return prefix
		}
	}
	return "BlockDeviceMapping.1"
}

func (in instance) correct(item *etree.Element) {
	in.correctMetadata(child(item, "metadataOptions"))
	if forwards := in.Attributes["sourceDestCheck"]; forwards != "" {
		set(item, "sourceDestCheck", forwards)
	}
	in.correctNetwork(item)
	set(item, "ebsOptimized", boolText(in.EBS))
	state := "disabled"
	if in.Monitoring {
		state = "enabled"
	}
	set(child(item, "monitoring"), "state", state)
}

func (in instance) correctMetadata(e *etree.Element) {
	set(e, "state", "applied")
	for name, value := range in.Metadata {
		set(e, name, value)
	}
}
