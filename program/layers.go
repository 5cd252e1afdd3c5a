package program

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/components"
	"store-events/config"
	"store-events/program/project"
)

// layers are the components of a stack.
type layers struct {
	storage   *components.Storage
	network   *components.Network
	database  *components.Database
	catalog   *components.Catalog
	etl       *components.Etl
	producer  *components.Producer
	consumer  *components.Consumer
	analytics *components.Analytics
}

// newData makes the layers that hold data, and the network between them.
func newData(ctx *pulumi.Context, name string, cfg config.Config, site components.Site, files project.Files) (*layers, error) {
	l := &layers{}
	var err error
	if l.storage, err = components.NewStorage(ctx, name, &components.StorageArgs{
		Site: site, Common: cfg.Common, Storage: cfg.Storage, Script: files.Script, Python: files.Python, Authorities: files.Authorities,
	}); err != nil {
		return nil, err
	}
	if l.network, err = components.NewNetwork(ctx, name, &components.NetworkArgs{
		Site: site, Common: cfg.Common, Network: cfg.Network, Database: cfg.Database,
		KeyArn: l.storage.KeyArn, Bucket: l.storage.Bucket,
	}); err != nil {
		return nil, err
	}
	if l.database, err = components.NewDatabase(ctx, name, &components.DatabaseArgs{
		Site: site, Common: cfg.Common, Database: cfg.Database, Network: l.network, Storage: l.storage,
		TargetTable: cfg.Etl.TargetTable, Rotation: files.Rotation,
	}); err != nil {
		return nil, err
	}
	l.catalog, err = components.NewCatalog(ctx, name, &components.CatalogArgs{
		Site: site, Common: cfg.Common, Catalog: cfg.Catalog, Bucket: l.storage.Bucket, KeyArn: l.storage.KeyArn,
		JobName: cfg.Etl.JobName,
	})
	return l, err
}

// addPipeline makes the layers that work on the data.
func (l *layers) addPipeline(ctx *pulumi.Context, name string, cfg config.Config, site components.Site, files project.Files) error {
	var err error
	if l.etl, err = components.NewEtl(ctx, name, &components.EtlArgs{
		Site: site, Common: cfg.Common, Etl: cfg.Etl, Catalog: cfg.Catalog,
		Storage: l.storage, Network: l.network, Database: l.database, Tables: l.catalog,
	}); err != nil {
		return err
	}
	if l.producer, err = components.NewProducer(ctx, name, &components.ProducerArgs{
		Site: site, Common: cfg.Common, Producer: cfg.Producer,
		Bucket: l.storage.Bucket, KeyArn: l.storage.KeyArn, Package: files.Producer,
	}); err != nil {
		return err
	}
	if l.consumer, err = components.NewConsumer(ctx, name, &components.ConsumerArgs{
		Site: site, Consumer: cfg.Consumer, Storage: l.storage, Network: l.network, Database: l.database,
	}); err != nil {
		return err
	}
	l.analytics, err = components.NewAnalytics(ctx, name, &components.AnalyticsArgs{
		Site: site, Common: cfg.Common, Analytics: cfg.Analytics,
		Bucket: l.storage.Bucket, KeyArn: l.storage.KeyArn, Database: l.catalog.Database,
	})
	if err != nil {
		return err
	}
	_, err = components.NewAlerts(ctx, name, &components.AlertsArgs{
		Site: site, Alerts: cfg.Alerts, KeyArn: l.storage.KeyArn, Job: l.etl.Job, Crawler: l.catalog.Crawler,
	})
	return err
}

// outputs of the stack. None is a secret: the logins are in the secrets whose
// ARNs are here.
func (l *layers) outputs(cfg config.Config, site components.Site) pulumi.Map {
	return pulumi.Map{
		"StoreEventsBucket":            l.storage.Bucket,
		"StoreOrdersEventsProducer":    l.producer.Function,
		"Ec2ConsumerInstance":          l.consumer.Instance,
		"StoreEventsDatabase":          l.database.Identifier,
		"StoreEventsDatabaseSecretArn": l.database.SecretArn,
		"LoaderSecretArn":              l.database.LoaderSecretArn,
		"ReaderSecretArn":              l.database.ReaderSecretArn,
		"GlueCatalogDBForStoreEvents":  l.catalog.Database,
		"SaleTransactionsCrawler":      l.catalog.Crawler,
		"RDSIngestorETLGlueJob":        l.etl.Job,
		"AthenaWorkgroup":              l.analytics.Workgroup,
		"EtlWorkflow":                  l.etl.Workflow,
		"CuratedTable":                 l.catalog.CuratedTable,
		"TargetTable":                  pulumi.String(cfg.Etl.TargetTable),
		"DatabaseName":                 l.database.Name,
		"DatabaseEndpoint":             l.database.Endpoint,
		"DatabaseCa":                   l.storage.AuthoritiesURL,
		"StoreEventsKeyArn":            l.storage.KeyArn,
		"Region":                       pulumi.String(site.Region),
		"NamedQueries":                 l.analytics.Queries,
	}
}
