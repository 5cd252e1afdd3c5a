// Package program deploys the system: settings, files, components, outputs.
package program

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/components"
	"store-events/program/artifacts"
	"store-events/program/output"
	"store-events/program/project"
)

// Func returns the program of the project in dir, for pulumi.Run and the Automation
// API: Deploy, with its outputs exported.
func Func(dir string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		outputs, err := Deploy(ctx, dir)
		for name, value := range outputs {
			ctx.Export(name, value)
		}
		return err
	}
}

// Deploy registers all resources of a stack of the project in dir or above it, and
// returns the stack's outputs. It is long so that one function shows the whole
// system: each component, and the components that it depends on.
func Deploy(ctx *pulumi.Context, dir string) (pulumi.Map, error) {
	cfg, err := loadConfig(ctx)
	if err != nil {
		return nil, err
	}
	if err := boundRoles(ctx, cfg.Common.BoundaryArn); err != nil {
		return nil, err
	}
	root, err := project.Find(dir)
	if err != nil {
		return nil, err
	}
	files, err := artifacts.Build(ctx.Context(), root, cfg.Database.CAFile)
	if err != nil {
		return nil, err
	}
	env, err := components.LookupEnvironment(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if !cfg.Database.Existing() && cfg.Database.CAFile == "" {
		if err := artifacts.CheckRegion(root, env.Region); err != nil {
			return nil, err
		}
	}
	existing, err := components.LookupExisting(ctx, env, cfg)
	if err != nil {
		return nil, err
	}
	name := ctx.Project() + "-" + ctx.Stack()

	storage, err := components.NewStorage(ctx, name, &components.StorageArgs{
		Environment: env, Settings: cfg.Storage, Script: files.Script, Python: files.Python, Authorities: files.Authorities,
	})
	if err != nil {
		return nil, err
	}
	network, err := components.NewNetwork(ctx, name, &components.NetworkArgs{
		Environment: env, Settings: cfg.Network, Existing: existing.Network, Storage: storage, Database: cfg.Database,
	})
	if err != nil {
		return nil, err
	}
	database, err := components.NewDatabase(ctx, name, &components.DatabaseArgs{
		Environment: env, Settings: cfg.Database, Storage: storage, Network: network,
		Existing: existing.Database, TargetTable: cfg.Etl.TargetTable, Connections: cfg.Etl.Connections(), RotationZip: files.Rotation,
	})
	if err != nil {
		return nil, err
	}
	catalog, err := components.NewCatalog(ctx, name, &components.CatalogArgs{
		Environment: env, Settings: cfg.Catalog, Storage: storage, JobName: cfg.Etl.JobName, Schedule: cfg.CrawlSchedule(),
	})
	if err != nil {
		return nil, err
	}
	etl, err := components.NewEtl(ctx, name, &components.EtlArgs{
		Environment: env, Settings: cfg.Etl, Storage: storage, Network: network, Database: database, Catalog: catalog,
		LineageKeyArn: existing.LineageKeyArn,
	})
	if err != nil {
		return nil, err
	}
	var starter *components.Starter
	if cfg.Etl.Triggered() {
		starter, err = components.NewStarter(ctx, name, &components.StarterArgs{
			Environment: env, Settings: cfg.Etl, Storage: storage, Etl: etl, Zip: files.Starter,
		})
		if err != nil {
			return nil, err
		}
	}
	producer, err := components.NewProducer(ctx, name, &components.ProducerArgs{
		Environment: env, Settings: cfg.Producer, Storage: storage, Zip: files.Producer,
	})
	if err != nil {
		return nil, err
	}
	consumer, err := components.NewConsumer(ctx, name, &components.ConsumerArgs{
		Environment: env, Settings: cfg.Consumer, Storage: storage, Network: network, Database: database,
	})
	if err != nil {
		return nil, err
	}
	analytics, err := components.NewAnalytics(ctx, name, &components.AnalyticsArgs{
		Environment: env, Settings: cfg.Analytics, Storage: storage, Catalog: catalog,
	})
	if err != nil {
		return nil, err
	}
	alerts, err := components.NewAlerts(ctx, name, &components.AlertsArgs{
		Environment: env, Settings: cfg.Alerts, Storage: storage, Catalog: catalog, Etl: etl,
	})
	if err != nil {
		return nil, err
	}
	alarms, err := components.NewAlarms(ctx, name, &components.AlarmsArgs{
		Environment: env, Settings: cfg.Alerts, LateHours: cfg.LateHours(), StorageGiB: cfg.Database.OwnStorageGiB(),
		Alerts: alerts, Etl: etl, Database: database, Producer: producer, Starter: starter,
	})
	if err != nil {
		return nil, err
	}

	outputs := pulumi.Map{
		output.Bucket:           storage.Bucket,
		output.KeyArn:           storage.KeyArn,
		output.Region:           pulumi.String(env.Region),
		output.Producer:         producer.Function,
		output.Consumer:         consumer.Instance,
		output.CatalogDatabase:  catalog.Database,
		output.Crawler:          catalog.Crawler,
		output.CuratedTable:     catalog.CuratedTable,
		output.Job:              etl.Job,
		output.Workflow:         etl.Workflow,
		output.TargetTable:      pulumi.String(cfg.Etl.TargetTable),
		output.Workgroup:        analytics.Workgroup,
		output.NamedQueries:     analytics.Queries,
		output.Database:         database.Identifier,
		output.DatabaseName:     database.Name,
		output.DatabaseEndpoint: database.Endpoint,
		output.DatabaseCA:       storage.AuthoritiesURL,
		output.MasterSecretArn:  database.SecretArn,
		output.LoaderSecretArn:  database.LoaderSecretArn,
		output.ReaderSecretArn:  database.ReaderSecretArn,
		output.Alarms:           alarms.Names,
	}
	if cfg.Common.Paused {
		outputs[output.Paused] = pulumi.Bool(true)
	}
	if starter != nil {
		outputs[output.Starter] = starter.Function
		outputs[output.StartQueue], outputs[output.DeadLetterQueue] = starter.QueueURL, starter.DeadLettersURL
	}
	return outputs, nil
}
