package ec2

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"localaws/gateway/query"
	"localaws/store"
)

const instanceRecords = "ec2-instances"

// instance contains the properties of an instance that the emulator does not store.
type instance struct {
	PublicAddress bool
	Zone          string
	VpcID         string
	// Metadata and Attributes have the API's names as keys.
	Metadata   map[string]string
	Attributes map[string]string
	Monitoring bool
	EBS        bool // EBS-optimized
}

func (s *Service) instanceHandlers() query.Handlers {
	return query.Handlers{
		"ec2:RunInstances":                  s.runInstances,
		"ec2:DescribeInstances":             s.describeInstances,
		"ec2:ModifyInstanceMetadataOptions": s.modifyMetadata,
		"ec2:DescribeInstanceAttribute":     s.describeAttribute,
		"ec2:ModifyInstanceAttribute":       s.modifyAttribute,
	}
}

func (s *Service) runInstances(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	flattenInterface(x)
	in := instance{Metadata: metadata(x, "MetadataOptions."), Attributes: attributes(x), Monitoring: x.Get("Monitoring.Enabled") == "true", EBS: x.Get("EbsOptimized") == "true"}
	if err := s.place(ctx, x, &in); err != nil {
		return nil, err
	}
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		for _, item := range root.FindElements("instancesSet/item") {
			in.correct(item)
			if err := s.Store.Put(instanceRecords, query.Text(item, "instanceId"), in); err != nil {
				return err
			}
			if err := s.launchVolume(ctx, x, query.Text(item, "blockDeviceMapping/item/ebs/volumeId"), rootMapping(x, query.Text(item, "rootDeviceName"))); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) describeInstances(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	return records[instance]{instanceRecords, "instanceId", "reservationSet/item/instancesSet/item", (*instance).correct}.describe(ctx, x, s.Store)
}

func (s *Service) modifyMetadata(_ context.Context, x *query.Exchange) (*query.Response, error) {
	id := x.Get("InstanceId")
	in, err := s.instance(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &query.Error{Code: "InvalidInstanceID.NotFound", Message: fmt.Sprintf("The instance ID '%s' does not exist", id)}
	}
	if err != nil {
		return nil, err
	}
	for name := range in.Metadata {
		if v := x.Get(strings.ToUpper(name[:1]) + name[1:]); v != "" {
			in.Metadata[name] = v
		}
	}
	if err := s.Store.Put(instanceRecords, id, in); err != nil {
		return nil, err
	}
	doc := query.Document("ModifyInstanceMetadataOptionsResponse", namespace)
	query.Set(doc.Root(), "instanceId", id)
	in.correctMetadata(query.Child(doc.Root(), "instanceMetadataOptions"))
	return query.DocumentResponse(doc)
}

func (s *Service) instance(id string) (instance, error) {
	var in instance
	err := s.Store.Get(instanceRecords, id, &in)
	return in, err
}

// metadata returns a request's metadata options, by their names in responses. The defaults are those of Amazon Linux
// 2023 images.
func metadata(x *query.Exchange, prefix string) map[string]string {
	return map[string]string{
		"httpTokens":              or(x.Get(prefix+"HttpTokens"), "required"),
		"httpPutResponseHopLimit": or(x.Get(prefix+"HttpPutResponseHopLimit"), "2"),
		"httpEndpoint":            or(x.Get(prefix+"HttpEndpoint"), "enabled"),
		"httpProtocolIpv6":        or(x.Get(prefix+"HttpProtocolIpv6"), "disabled"),
		"instanceMetadataTags":    or(x.Get(prefix+"InstanceMetadataTags"), "disabled"),
	}
}

// rootMapping returns the prefix of the parameters of the root device.
func rootMapping(x *query.Exchange, device string) string {
	for i := 1; x.Form.Has(fmt.Sprintf("BlockDeviceMapping.%d.DeviceName", i)); i++ {
		if prefix := fmt.Sprintf("BlockDeviceMapping.%d", i); x.Get(prefix+".DeviceName") == device {
			return prefix
		}
	}
	return "BlockDeviceMapping.1"
}

func (in instance) correct(item *etree.Element) {
	in.correctMetadata(query.Child(item, "metadataOptions"))
	if check := in.Attributes["sourceDestCheck"]; check != "" {
		query.Set(item, "sourceDestCheck", check)
	}
	in.correctNetwork(item)
	query.Set(item, "ebsOptimized", strconv.FormatBool(in.EBS))
	state := "disabled"
	if in.Monitoring {
		state = "enabled"
	}
	query.Set(query.Child(item, "monitoring"), "state", state)
}

func (in instance) correctMetadata(e *etree.Element) {
	query.Set(e, "state", "applied")
	for name, value := range in.Metadata {
		query.Set(e, name, value)
	}
}
