// Package output names the outputs of a stack, for the program that exports them
// and for all code that reads them. Outputs are not secret: they contain only the ARNs of secrets.
package output

// Names of the outputs.
const (
	Bucket          = "StoreEventsBucket"
	KeyArn          = "StoreEventsKeyArn"
	Region          = "Region"
	Producer        = "StoreOrdersEventsProducer"
	Consumer        = "Ec2ConsumerInstance"
	CatalogDatabase = "GlueCatalogDBForStoreEvents"
	Crawler         = "SaleTransactionsCrawler"
	CuratedTable    = "CuratedTable"
	Job             = "RDSIngestorETLGlueJob"
	Workflow        = "EtlWorkflow"
	TargetTable     = "TargetTable"
	Workgroup       = "AthenaWorkgroup"
	// NamedQueries maps the names of Athena's named queries to their IDs.
	NamedQueries = "NamedQueries"
	// Alarms is a list of the alarms' names.
	Alarms = "Alarms"
	// Starter, StartQueue and DeadLetterQueue are exported only if new objects start
	// the workflow: the function's name, and the URLs of its queue and of the
	// dead-letter queue.
	Starter         = "EventStarter"
	StartQueue      = "StartQueueUrl"
	DeadLetterQueue = "DeadLetterQueueUrl"

	// Paused is exported, as true, only while the stack is paused. It then has no
	// consumer and no alarms.
	Paused = "Paused"

	Database     = "StoreEventsDatabase"
	DatabaseName = "DatabaseName"
	// DatabaseEndpoint is host:port.
	DatabaseEndpoint = "DatabaseEndpoint"
	// DatabaseCA is the s3:// URL of the database's certificate authorities, in PEM.
	DatabaseCA      = "DatabaseCa"
	MasterSecretArn = "StoreEventsDatabaseSecretArn"
	LoaderSecretArn = "LoaderSecretArn"
	ReaderSecretArn = "ReaderSecretArn"
)
