package standin

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"store-events/config"
)

// Make creates replacements of the existing resources in the configuration. It returns
// the settings, by full key, that refer to them, and notes that describe them; the
// stack's name is for commands in the notes.
func Make(ctx context.Context, client aws.Config, cfg config.Config, stack string) (settings map[string]string, notes []string, err error) {
	settings = map[string]string{}
	checks := "; `storeevents preflight --stack " + stack + "` checks the real one"
	if cfg.Storage.Existing() {
		if err := newBucket(ctx, client, cfg.Storage.ExistingBucket); err != nil {
			return nil, nil, err
		}
		notes = append(notes, "existingBucket: an empty bucket represents "+cfg.Storage.ExistingBucket+checks)
	}
	if cfg.Network.Existing() {
		vpc, err := NewVpc(ctx, client, cfg.Network.EndpointGroupID != "")
		if err != nil {
			return nil, nil, err
		}
		vpc.settings(settings, cfg.Network)
		notes = append(notes, "vpcId: "+vpc.ID+" represents "+cfg.Network.VpcID+", with two zones and egress to S3 and the AWS APIs"+checks)
	}
	if cfg.Database.Existing() {
		if err := secrets(ctx, client, settings, slices.Collect(maps.Keys(cfg.Database.Secrets()))...); err != nil {
			return nil, nil, err
		}
		notes = append(notes, "databaseHost: secrets in the local AWS represent those of "+cfg.Database.Host+"; the first update checks the server, its settings and the privileges")
	}
	if arn := cfg.Etl.LineageSecretARN; arn != "" {
		if err := secrets(ctx, client, settings, "lineageSecretArn"); err != nil {
			return nil, nil, err
		}
		notes = append(notes, "lineageSecretArn: a secret in the local AWS represents "+arn)
	}
	return settings, notes, nil
}

func (v *Vpc) settings(to map[string]string, wanted config.Network) {
	to[key("vpcId")], to[key("appSubnetIds")] = v.ID, list(v.AppSubnets)
	if len(wanted.DbSubnetIDs) > 0 {
		to[key("dbSubnetIds")] = list(v.DbSubnets)
	}
	if wanted.EndpointGroupID != "" {
		to[key("endpointGroupId")] = v.EndpointGroup
	}
}

func key(setting string) string { return config.Namespace + ":" + setting }

// list returns a list of strings as the value of a setting.
func list(values []string) string {
	text, _ := json.Marshal(values) //nolint:errchkjson // Strings always have a JSON form.
	return string(text)
}
