package ops

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucketStatus counts the objects of each stream.
func (o *Ops) bucketStatus(ctx context.Context) (state, detail string, err error) {
	var counts []string
	for _, s := range o.contract.Streams {
		n := 0
		if err := o.bucket.List(ctx, s.Name+"/", func(objects []s3types.Object) { n += len(objects) }); err != nil {
			return "", "", err
		}
		counts = append(counts, fmt.Sprintf("%d objects in %s", n, s.Name))
	}
	return "available", strings.Join(counts, ", "), nil
}

func (o *Ops) producerStatus(ctx context.Context) (state, detail string, err error) {
	out, err := o.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(o.stack.Producer)})
	if err != nil {
		return "", "", err
	}
	return string(out.State), fmt.Sprintf("%d MB, at most %d s", aws.ToInt32(out.MemorySize), aws.ToInt32(out.Timeout)), nil
}

func (o *Ops) crawlerStatus(ctx context.Context) (state, detail string, err error) {
	c, err := o.crawler(ctx)
	if err != nil {
		return "", "", err
	}
	detail = "never run"
	if c.LastCrawl != nil {
		detail = fmt.Sprintf("last crawl %s, %s", c.LastCrawl.Status, at(c.LastCrawl.StartTime))
	}
	return string(c.State), detail, nil
}

func (o *Ops) jobStatus(ctx context.Context) (state, detail string, err error) {
	out, err := o.glue.GetJobRuns(ctx, &glue.GetJobRunsInput{JobName: aws.String(o.stack.Job), MaxResults: aws.Int32(1)})
	if err != nil {
		return "", "", err
	}
	if len(out.JobRuns) == 0 {
		return "READY", "never run", nil
	}
	run := out.JobRuns[0]
	detail = fmt.Sprintf("run %s, %s, %d s", aws.ToString(run.Id), at(run.StartedOn), run.ExecutionTime)
	if message := aws.ToString(run.ErrorMessage); message != "" {
		detail += ": " + message
	}
	return string(run.JobRunState), detail, nil
}

func (o *Ops) workflowStatus(ctx context.Context) (state, detail string, err error) {
	out, err := o.glue.GetWorkflowRuns(ctx, &glue.GetWorkflowRunsInput{Name: aws.String(o.stack.Workflow), MaxResults: aws.Int32(1)})
	if err != nil {
		return "", "", err
	}
	if len(out.Runs) == 0 {
		return "READY", "never run", nil
	}
	run := out.Runs[0]
	if run.Status == types.WorkflowRunStatusError {
		return string(run.Status), aws.ToString(run.ErrorMessage), nil
	}
	return string(run.Status), fmt.Sprintf("run %s, %s", aws.ToString(run.WorkflowRunId), at(run.StartedOn)), nil
}

func (o *Ops) databaseStatus(ctx context.Context) (state, detail string, err error) {
	out, err := o.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(o.stack.Database)})
	if err != nil {
		return "", "", err
	}
	if len(out.DBInstances) == 0 {
		return "missing", "", nil
	}
	db := out.DBInstances[0]
	engine := aws.ToString(db.Engine) + " " + aws.ToString(db.EngineVersion)
	if server, err := o.DatabaseServer(ctx); err == nil { // Its own release: an AWS on this machine may run another one.
		engine = fmt.Sprintf("%s (RDS %s)", server, engine)
	}
	return aws.ToString(db.DBInstanceStatus), fmt.Sprintf("%s, %s at %s", engine, aws.ToString(db.DBInstanceClass), o.stack.DatabaseEndpoint), nil
}

func (o *Ops) tableStatus(ctx context.Context) (state, detail string, err error) {
	exists, err := o.db.TableExists(ctx, o.stack.TargetTable)
	if err != nil || !exists {
		return "missing", "the first ingest creates it", err
	}
	n, err := o.CountRows(ctx)
	return "available", fmt.Sprintf("%d rows", n), err
}

// quarantineStatus counts the quarantined lines of the object versions that were
// loaded.
func (o *Ops) quarantineStatus(ctx context.Context) (state, detail string, err error) {
	lines, versions, err := o.ledger.Quarantined(ctx)
	if err != nil {
		return "", "", err
	}
	if versions == 0 {
		return "available", "empty", nil
	}
	return "available", fmt.Sprintf("%d lines of %d object versions", lines, versions), nil
}

func (o *Ops) consumerStatus(ctx context.Context) (state, detail string, err error) {
	out, err := o.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{o.stack.Consumer}})
	if err != nil {
		return "", "", err
	}
	for _, r := range out.Reservations {
		for _, i := range r.Instances {
			return string(i.State.Name), string(i.InstanceType), nil
		}
	}
	return "missing", "", nil
}

func (o *Ops) workgroupStatus(ctx context.Context) (state, detail string, err error) {
	out, err := o.athenaAPI.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: aws.String(o.stack.Workgroup)})
	if err != nil {
		return "", "", err
	}
	return string(out.WorkGroup.State), fmt.Sprintf("%d named queries", len(o.stack.NamedQueries)), nil
}

func at(t *time.Time) string { return aws.ToTime(t).UTC().Format(time.RFC3339) }
