package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/beevik/etree"

	"localaws/store"
)

const volumeRecords = "ec2-volumes"

// volume holds what the emulator does not keep of a volume.
type volume struct {
	Encrypted  bool
	KmsKeyID   string
	Throughput string
}

func (s *ec2) volumeHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:CreateVolume":    s.createVolume,
		"ec2:DescribeVolumes": s.describeVolumes,
		"ec2:ModifyVolume":    s.modifyVolume,
	}
}

func (s *ec2) createVolume(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		v := volume{Encrypted: x.get("Encrypted") == "true", KmsKeyID: x.get("KmsKeyId"), Throughput: x.get("Throughput")}
		v.correct(root)
		return s.store.Put(volumeRecords, text(root, "volumeId"), v)
	})
}

func (s *ec2) describeVolumes(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		return correctRecorded(s.store, volumeRecords, root.FindElements("volumeSet/item"), "volumeId", (*volume).correct)
	})
}

func (s *ec2) modifyVolume(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil || !a.ok() || x.get("Throughput") == "" {
		return a, err
	}
	var v volume
	if err := s.store.Get(volumeRecords, x.get("VolumeId"), &v); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	v.Throughput = x.get("Throughput")
	return a, s.store.Put(volumeRecords, x.get("VolumeId"), v)
}

func (v volume) correct(item *etree.Element) {
	set(item, "encrypted", boolText(v.Encrypted))
	if v.KmsKeyID != "" {
		set(item, "kmsKeyId", v.KmsKeyID)
	}
	throughput := v.Throughput
	if throughput == "" && text(item, "volumeType") == "gp3" {
		throughput = "125" // gp3's baseline
	}
	if throughput != "" {
		set(item, "throughput", throughput)
	}
}

// launchVolume sets properties of an instance's root volume from the block device mapping of RunInstances with
// that prefix.
func (s *ec2) launchVolume(ctx context.Context, x *exchange, id, mapping string) error {
	ebs := func(name string) string { return x.get(mapping + ".Ebs." + name) }
	change := url.Values{}
	for parameter, value := range map[string]string{"Size": ebs("VolumeSize"), "VolumeType": ebs("VolumeType"), "Iops": ebs("Iops")} {
		if value != "" {
			change.Set(parameter, value)
		}
	}
	if len(change) > 0 {
		change.Set("VolumeId", id)
		if _, err := x.ask(ctx, "ModifyVolume", change); err != nil {
			return err
		}
	}
	if err := s.tagVolume(ctx, x, id); err != nil {
		return err
	}
	return s.store.Put(volumeRecords, id, volume{Encrypted: ebs("Encrypted") == "true", KmsKeyID: ebs("KmsKeyId"), Throughput: ebs("Throughput")})
}

func (s *ec2) tagVolume(ctx context.Context, x *exchange, id string) error {
	tags := url.Values{}
	for i := 1; x.get(fmt.Sprintf("TagSpecification.%d.ResourceType", i)) != ""; i++ {
		if x.get(fmt.Sprintf("TagSpecification.%d.ResourceType", i)) != "volume" {
			continue
		}
		for j := 1; x.get(fmt.Sprintf("TagSpecification.%d.Tag.%d.Key", i, j)) != ""; j++ {
			tags.Set(fmt.Sprintf("Tag.%d.Key", j), x.get(fmt.Sprintf("TagSpecification.%d.Tag.%d.Key", i, j)))
			tags.Set(fmt.Sprintf("Tag.%d.Value", j), x.get(fmt.Sprintf("TagSpecification.%d.Tag.%d.Value", i, j)))
		}
	}
	if len(tags) == 0 {
		return nil
	}
	tags.Set("ResourceId.1", id)
	_, err := x.ask(ctx, "CreateTags", tags)
	return err
}
