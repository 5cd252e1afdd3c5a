package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Each of these functions builds one component with fixed outputs of the others.

func buildStorage(t testing.TB, env Environment, s config.Storage) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Storage, error) {
		return NewStorage(ctx, "test", &StorageArgs{
			Environment: env, Settings: s, Script: "glue/job.py", Python: []string{"bin/a.zip", "bin/b.zip"}, Authorities: "certificates/own.pem",
		})
	})
}

func buildNetwork(t testing.TB, env Environment, s config.Network) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Network, error) {
		n, err := NewNetwork(ctx, "test", &NetworkArgs{Environment: env, Settings: s, Storage: storageOutputs(), Database: settings(t).Database})
		if err != nil {
			return nil, err
		}
		// A client, to record its dependencies.
		return n, ctx.RegisterResource("test:index:Client", "client", pulumi.Map{}, &marker{}, n.Reachable)
	})
}

func buildDatabase(t testing.TB, env Environment, s config.Database) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Database, error) {
		network, err := networkOutputs(ctx)
		if err != nil {
			return nil, err
		}
		d, err := NewDatabase(ctx, "test", &DatabaseArgs{
			Environment: env, Settings: s, Storage: storageOutputs(), Network: network, TargetTable: "sales", RotationZip: "bin/rotation.zip",
		})
		if err != nil {
			return nil, err
		}
		return d, ctx.RegisterResource("test:index:Client", "client", pulumi.Map{}, &marker{}, d.Ready)
	})
}

func buildCatalog(t testing.TB, s config.Catalog) recorded {
	t.Helper()
	return buildScheduledCatalog(t, s, s.CrawlSchedule)
}

func buildScheduledCatalog(t testing.TB, s config.Catalog, schedule string) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Catalog, error) {
		return NewCatalog(ctx, "test", &CatalogArgs{Environment: environment(), Settings: s, Storage: storageOutputs(), JobName: "loader", Schedule: schedule})
	})
}

func buildEtl(t testing.TB, s config.Etl, catalog config.Catalog) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Etl, error) {
		network, err := networkOutputs(ctx)
		if err != nil {
			return nil, err
		}
		database, err := databaseOutputs(ctx)
		if err != nil {
			return nil, err
		}
		return NewEtl(ctx, "test", &EtlArgs{
			Environment: environment(), Settings: s, Storage: storageOutputs(), Network: network, Database: database, Catalog: catalogOutputs(catalog),
		})
	})
}

func buildStarter(t testing.TB, s config.Etl) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Starter, error) {
		return NewStarter(ctx, "test", &StarterArgs{
			Environment: environment(), Settings: s, Storage: storageOutputs(), Etl: etlOutputs(s), Zip: "bin/starter.zip",
		})
	})
}

func buildProducer(t testing.TB, s config.Producer) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Producer, error) {
		return NewProducer(ctx, "test", &ProducerArgs{Environment: environment(), Settings: s, Storage: storageOutputs(), Zip: "bin/producer.zip"})
	})
}

func buildConsumer(t testing.TB) recorded {
	t.Helper()
	return buildConsumerOf(t, settings(t).Consumer)
}

func buildConsumerOf(t testing.TB, s config.Consumer) recorded {
	t.Helper()
	return buildConsumerIn(t, environment(), s)
}

func buildConsumerIn(t testing.TB, e Environment, s config.Consumer) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Consumer, error) {
		network, err := networkOutputs(ctx)
		if err != nil {
			return nil, err
		}
		database, err := databaseOutputs(ctx)
		if err != nil {
			return nil, err
		}
		return NewConsumer(ctx, "test", &ConsumerArgs{
			Environment: e, Settings: s, Storage: storageOutputs(), Network: network, Database: database,
		})
	})
}

func buildAnalytics(t testing.TB) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Analytics, error) {
		c := settings(t)
		return NewAnalytics(ctx, "test", &AnalyticsArgs{
			Environment: environment(), Settings: c.Analytics, Storage: storageOutputs(), Catalog: catalogOutputs(c.Catalog),
		})
	})
}

func buildAlerts(t testing.TB, s config.Alerts) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Alerts, error) {
		c := settings(t)
		return NewAlerts(ctx, "test", &AlertsArgs{
			Environment: environment(), Settings: s, Storage: storageOutputs(), Catalog: catalogOutputs(c.Catalog), Etl: etlOutputs(c.Etl),
		})
	})
}

func buildAlarms(t testing.TB, c config.Config) recorded {
	t.Helper()
	return record(t, func(ctx *pulumi.Context) (*Alarms, error) {
		topic, err := ready(ctx, "topic")
		if err != nil {
			return nil, err
		}
		database, err := databaseOutputs(ctx)
		if err != nil {
			return nil, err
		}
		return NewAlarms(ctx, "test", &AlarmsArgs{
			Environment: environment(), Settings: c.Alerts, LateHours: c.LateHours(), StorageGiB: c.Database.OwnStorageGiB(),
			Alerts: &Alerts{TopicArn: output("arn:topic"), Ready: topic}, Etl: etlOutputs(c.Etl), Database: database,
			Producer: &Producer{Function: output("test-producer")}, Starter: starterOutputs(c.Etl),
		})
	})
}
