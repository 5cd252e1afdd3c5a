package components

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// newJob creates the job with its role and log groups. It returns the job's name.
func newJob(s scope, args *EtlArgs, connection pulumi.StringInput) (pulumi.StringOutput, error) {
	role, err := newBareRole(s.within("job"), roleArgs{
		service:     "glue.amazonaws.com",
		description: "Loads the events into the database and writes the curated Parquet",
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	logs, err := newJobLogs(s, args, role)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	policy := slices.Concat(jobPolicy(s.name, args, connection), useCatalogKey(args.Catalog.Settings), []statement{logs.write()})
	if err := role.grant(s.within("job"), policy...); err != nil {
		return pulumi.StringOutput{}, err
	}
	settings := args.Settings
	job, err := glue.NewJob(s.ctx, s.label("job"), &glue.JobArgs{
		Name:        pulumi.String(settings.JobName),
		Description: pulumi.String("Loads each new store event into MySQL and the curated Parquet exactly once"),
		RoleArn:     role.Arn,
		GlueVersion: pulumi.String(settings.GlueVersion),
		Command: glue.JobCommandArgs{
			Name:           pulumi.String("glueetl"),
			PythonVersion:  pulumi.String("3"),
			ScriptLocation: args.Storage.ScriptURL,
		},
		WorkerType:            pulumi.String(settings.WorkerType),
		NumberOfWorkers:       pulumi.Int(settings.Workers),
		Timeout:               pulumi.Int(settings.TimeoutMinutes),
		MaxRetries:            pulumi.Int(settings.MaxRetries),
		ExecutionProperty:     glue.JobExecutionPropertyArgs{MaxConcurrentRuns: pulumi.Int(1)}, // Bookmarks need it.
		Connections:           pulumi.StringArray{connection},
		SecurityConfiguration: args.Catalog.SecurityConfiguration,
		DefaultArguments:      jobArguments(args, connection, jobLogPrefix(s.name)),
	}, s.parent, role.ready, logs.ready(), args.Network.Reachable)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("job: %w", err)
	}
	return job.Name, nil
}

// jobArguments returns the arguments for Glue and for the script. They contain no
// credentials: the script reads the secret when it runs.
func jobArguments(args *EtlArgs, connection pulumi.StringInput, logPrefix string) pulumi.StringMap {
	contract := schema.Load()
	names := contract.JobArguments
	options := contract.JobOptions
	arguments := pulumi.StringMap{
		"--job-language":                     pulumi.String("python"),
		"--job-bookmark-option":              pulumi.String("job-bookmark-enable"),
		"--TempDir":                          pulumi.Sprintf("s3://%s/%s", args.Storage.Bucket, schema.Load().Prefixes.JobTemporary()),
		"--extra-py-files":                   joined(args.Storage.PythonURLs),
		"--enable-continuous-cloudwatch-log": pulumi.String("true"),
		"--custom-logGroup-prefix":           pulumi.String(logPrefix),
		"--enable-auto-scaling":              pulumi.String("true"),

		"--" + names.SourceDatabase: args.Catalog.Database,
		"--" + names.SourceBucket:   args.Storage.Bucket,
		"--" + names.TablePrefix:    pulumi.String(args.Catalog.Settings.TablePrefix),
		"--" + names.SecretARN:      args.Database.LoaderSecretArn,
		"--" + names.TargetTable:    pulumi.String(args.Settings.TargetTable),
		"--" + names.Connection:     connection,
		"--" + names.Authorities:    args.Storage.AuthoritiesURL,

		"--" + options.CommitRows:      pulumi.String(strconv.Itoa(args.Settings.CommitRows)),
		"--" + options.MaxInvalidShare: pulumi.String(strconv.FormatFloat(args.Settings.MaxInvalidShare, 'f', -1, 64)),
		"--" + options.MaxUnread:       pulumi.String(strconv.Itoa(args.Settings.MaxUnread)),
		"--" + options.LedgerDays:      pulumi.String(strconv.Itoa(args.Settings.LedgerDays)),

		"--" + options.FullListingHours: pulumi.String(strconv.Itoa(args.Settings.FullListingHours)),
	}
	arguments["--"+options.Crawler] = args.Catalog.Crawler
	if args.Settings.GlueMetrics {
		arguments["--enable-metrics"] = pulumi.String("true")
		arguments["--enable-observability-metrics"] = pulumi.String("true")
	}
	if columns := args.Catalog.Settings.ExtraColumns; columns != "" {
		arguments["--"+options.ExtraColumns] = pulumi.String(columns)
	}
	if url := args.Settings.LineageURL; url != "" {
		arguments["--"+options.LineageURL] = pulumi.String(url)
	}
	if secret := args.Settings.LineageSecretARN; secret != "" {
		arguments["--"+options.LineageSecretARN] = pulumi.String(secret)
	}
	return arguments
}

// joined returns the values separated by commas.
func joined(values pulumi.StringArray) pulumi.StringOutput {
	out := pulumi.String("").ToStringOutput()
	for i, v := range values {
		separator := ","
		if i == 0 {
			separator = ""
		}
		out = pulumi.Sprintf("%s%s%s", out, separator, v)
	}
	return out
}
