package main

import (
	"context"
	"slices"
	"strings"

	"store-events/deploy"
	"store-events/preflight"
)

const (
	subnetType          = "aws:ec2/subnet:Subnet"
	catalogSettingsType = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"
)

// plan previews what an update would create.
func (a *app) plan(ctx context.Context, existing []deploy.DeployedResource) (preflight.Plan, error) {
	a.progress("  planning, by a preview against an empty local AWS")
	quiet := *a
	quiet.quiet = true
	quiet.as = "" // The empty AWS does not have the role.
	r, err := quiet.offline(ctx, func(d *deploy.Deployment) (deploy.Result, error) { return d.Preview(ctx) })
	if err != nil {
		return preflight.Plan{}, err
	}
	return a.planOf(r.Planned, existing)
}

// planOf omits existing resources. A deployed stack stays in the zones of its subnets.
func (a *app) planOf(planned []deploy.Planned, existing []deploy.DeployedResource) (preflight.Plan, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return preflight.Plan{}, err
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return preflight.Plan{}, err
	}
	plan := preflight.Plan{
		Stack: a.stack, Region: settings.Region(), Zones: cfg.Network.Zones,
		CatalogKey: cfg.Catalog.KeyArn, OwnsCatalog: ownsCatalog(existing),
	}
	if n := cfg.Network; n.Existing() {
		plan.Network = &preflight.Network{
			VpcID: n.VpcID, AppSubnets: n.AppSubnetIDs, DbSubnets: n.DatabaseSubnetIDs(),
			EndpointGroup: n.EndpointGroupID, Workers: cfg.Etl.Workers,
		}
	}
	if s := cfg.Storage; s.Existing() {
		plan.Bucket = &preflight.Bucket{Name: s.ExistingBucket, KeyArn: s.ExistingBucketKeyArn, Events: cfg.Etl.Triggered(), New: len(existing) == 0}
	}
	if d := cfg.Database; d.Existing() {
		plan.Server = &preflight.Server{
			Host: d.Host, Name: d.Name, Port: d.Port, GroupID: d.GroupID, Cidr: d.Cidr,
			Administrator: d.SecretArn, Users: d.UserSecretArns(), Connections: cfg.Etl.Connections(),
		}
	}
	exists, zones := map[string]bool{}, []string{}
	for _, e := range existing {
		exists[e.URN] = true
		if zone, ok := e.Outputs["availabilityZone"].(string); ok && e.Type == subnetType {
			zones = append(zones, zone)
		}
	}
	if len(zones) > 0 {
		slices.Sort(zones)
		plan.Zones = slices.Compact(zones)
	}
	for _, p := range planned {
		if strings.HasPrefix(p.Type, "aws:") && !exists[p.URN] {
			plan.Resources = append(plan.Resources, preflight.Resource{Type: p.Type, Inputs: p.Inputs})
		}
	}
	return plan, nil
}

// ownsCatalog reports whether the stack has set the encryption of the data catalog.
func ownsCatalog(existing []deploy.DeployedResource) bool {
	return slices.ContainsFunc(existing, func(e deploy.DeployedResource) bool { return e.Type == catalogSettingsType })
}
