package ec2

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/beevik/etree"

	"localaws/gateway/query"
	"localaws/store"
)

const volumeRecords = "ec2-volumes"

// volume contains the properties of a volume that the emulator does not store.
type volume struct {
	Encrypted  bool
	KmsKeyID   string
	Throughput string
}

func (s *Service) volumeHandlers() query.Handlers {
	return query.Handlers{
		"ec2:CreateVolume":    s.createVolume,
		"ec2:DescribeVolumes": s.describeVolumes,
		"ec2:ModifyVolume":    s.modifyVolume,
	}
}

func (s *Service) createVolume(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		v := volume{Encrypted: x.Get("Encrypted") == "true", KmsKeyID: x.Get("KmsKeyId"), Throughput: x.Get("Throughput")}
		v.correct(root)
		return s.Store.Put(volumeRecords, query.Text(root, "volumeId"), v)
	})
}

func (s *Service) describeVolumes(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	return records[volume]{volumeRecords, "volumeId", "volumeSet/item", (*volume).correct}.describe(ctx, x, s.Store)
}

func (s *Service) modifyVolume(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil || !a.OK() || x.Get("Throughput") == "" {
		return a, err
	}
	var v volume
	if err := s.Store.Get(volumeRecords, x.Get("VolumeId"), &v); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	v.Throughput = x.Get("Throughput")
	return a, s.Store.Put(volumeRecords, x.Get("VolumeId"), v)
}

func (v volume) correct(item *etree.Element) {
	query.Set(item, "encrypted", strconv.FormatBool(v.Encrypted))
	if v.KmsKeyID != "" {
		query.Set(item, "kmsKeyId", v.KmsKeyID)
	}
	throughput := v.Throughput
	if throughput == "" && query.Text(item, "volumeType") == "gp3" {
		throughput = "125" // gp3's baseline
	}
	if throughput != "" {
		query.Set(item, "throughput", throughput)
	}
}

// launchVolume sets properties of an instance's root volume. The argument mapping is the prefix of its block device
// mapping in the RunInstances request.
func (s *Service) launchVolume(ctx context.Context, x *query.Exchange, id, mapping string) error {
	ebs := func(name string) string { return x.Get(mapping + ".Ebs." + name) }
	change := url.Values{}
	for parameter, value := range map[string]string{"Size": ebs("VolumeSize"), "VolumeType": ebs("VolumeType"), "Iops": ebs("Iops")} {
		if value != "" {
			change.Set(parameter, value)
		}
	}
	if len(change) > 0 {
		change.Set("VolumeId", id)
		if _, err := x.Call(ctx, "ModifyVolume", change); err != nil {
			return err
		}
	}
	if err := s.tagVolume(ctx, x, id); err != nil {
		return err
	}
	return s.Store.Put(volumeRecords, id, volume{Encrypted: ebs("Encrypted") == "true", KmsKeyID: ebs("KmsKeyId"), Throughput: ebs("Throughput")})
}

func (s *Service) tagVolume(ctx context.Context, x *query.Exchange, id string) error {
	tags := url.Values{}
	for i := 1; x.Get(fmt.Sprintf("TagSpecification.%d.ResourceType", i)) != ""; i++ {
		if x.Get(fmt.Sprintf("TagSpecification.%d.ResourceType", i)) != "volume" {
			continue
		}
		for j := 1; x.Get(fmt.Sprintf("TagSpecification.%d.Tag.%d.Key", i, j)) != ""; j++ {
			tags.Set(fmt.Sprintf("Tag.%d.Key", j), x.Get(fmt.Sprintf("TagSpecification.%d.Tag.%d.Key", i, j)))
			tags.Set(fmt.Sprintf("Tag.%d.Value", j), x.Get(fmt.Sprintf("TagSpecification.%d.Tag.%d.Value", i, j)))
		}
	}
	if len(tags) == 0 {
		return nil
	}
	tags.Set("ResourceId.1", id)
	_, err := x.Call(ctx, "CreateTags", tags)
	return err
}
