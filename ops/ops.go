// Package ops operates a deployed stack: it produces events, crawls, ingests,
// queries and verifies, with one file per operation. It only calls AWS. A local
// stack differs only in its endpoint.
package ops

import (
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/ledger"
	"store-events/ops/internal/poll"
	"store-events/ops/internal/quarantine"
	"store-events/ops/internal/query"
	"store-events/schema"
)

// Options of New. All but AWS are optional.
type Options struct {
	// AWS configures the clients of the stack's account or endpoint.
	AWS aws.Config
	Log *slog.Logger
	// Progress receives progress messages of long operations.
	Progress func(string)
}

// Ops operates one stack.
type Ops struct {
	stack    Stack
	contract schema.Contract
	log      *slog.Logger
	poll     poll.Poller

	bucket     bucket.Bucket
	db         query.Database
	athena     query.Athena
	ledger     ledger.Ledger
	quarantine quarantine.Store

	alarms    *cloudwatch.Client
	athenaAPI *athena.Client
	ec2       *ec2.Client
	glue      *glue.Client
	lambda    *lambda.Client
	logs      *cloudwatchlogs.Client
	rds       *rds.Client
	secrets   *secretsmanager.Client
	sqs       *sqs.Client
}

// New returns the operations of a stack.
func New(stack Stack, o Options) *Ops {
	cfg := o.AWS
	cfg.Region = stack.Region
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	poller := poll.Poller{Log: o.Log, Report: o.Progress}
	poller.First, poller.Longest = poll.Intervals(stack.Endpoint)
	ops := &Ops{
		stack: stack, contract: schema.Load(), log: o.Log, poll: poller,
		alarms:    cloudwatch.NewFromConfig(cfg),
		athenaAPI: athena.NewFromConfig(cfg),
		ec2:       ec2.NewFromConfig(cfg),
		glue:      glue.NewFromConfig(cfg),
		lambda:    lambda.NewFromConfig(cfg),
		logs:      cloudwatchlogs.NewFromConfig(cfg),
		rds:       rds.NewFromConfig(cfg),
		secrets:   secretsmanager.NewFromConfig(cfg),
		sqs:       sqs.NewFromConfig(cfg),
	}
	ops.openStores(cfg)
	return ops
}

// openStores sets the bucket, the database, the ledger and the quarantine.
func (o *Ops) openStores(cfg aws.Config) {
	client := s3.NewFromConfig(cfg, func(options *s3.Options) { options.UsePathStyle = o.stack.Endpoint != "" })
	o.bucket = bucket.Bucket{S3: client, Name: o.stack.Bucket}
	o.quarantine = quarantine.Store{Bucket: o.bucket, Prefix: o.contract.Prefixes.Quarantine}
	o.athena = query.Athena{
		Client: o.athenaAPI, Poll: o.poll, Workgroup: o.stack.Workgroup, Database: o.stack.CatalogDatabase, NamedQueries: o.stack.NamedQueries,
	}
	if o.stack.Paused {
		o.openDatabase(pausedDatabase{})
		return
	}
	if o.stack.Endpoint == "" {
		o.openDatabase(o.consumer(cfg))
		return
	}
	o.openDatabase(query.Direct{
		Secrets: o.secrets, S3: client, SecretARN: o.stack.SecretARN, CA: o.stack.DatabaseCA,
	})
}

func (o *Ops) consumer(cfg aws.Config) query.Consumer {
	return query.Consumer{
		SSM: ssm.NewFromConfig(cfg), S3: o.bucket.S3, Poll: o.poll, Instance: o.stack.Consumer,
		Bucket: o.stack.Bucket, Prefix: o.contract.Prefixes.CommandOutput,
	}
}

func (o *Ops) openDatabase(runner query.Runner) {
	o.db = query.Database{Runner: runner, Name: o.stack.DatabaseName}
	o.ledger = ledger.Ledger{DB: o.db, Contract: o.contract, ObjectKey: o.bucket.Key}
}

// events returns the table that the job loads.
func (o *Ops) events() query.Events {
	return query.Events{Table: o.stack.TargetTable, Contract: o.contract}
}

// command returns a storeevents command for this stack, for advice in messages.
func (o *Ops) command(words string) string {
	return "`storeevents " + words + " --stack " + o.stack.Name + "`"
}
