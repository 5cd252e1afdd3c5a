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
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/internal/plural"
	"store-events/ops/internal/query"
)

// stateMissing is the state of a part that does not exist.
const stateMissing = "missing"

// bucketStatus counts the objects of each stream.
func (o *Ops) bucketStatus(ctx context.Context) (Part, error) {
	p, counts := Part{State: "available"}, []string{}
	for _, s := range o.contract.Streams {
		n := 0
		if err := o.bucket.List(ctx, s.Name+"/", func(objects []s3types.Object) { n += len(objects) }); err != nil {
			return Part{}, err
		}
		p.Counts = append(p.Counts, Count{s.Name, n})
		counts = append(counts, fmt.Sprintf("%d objects in %s", n, s.Name))
	}
	p.Detail = strings.Join(counts, ", ")
	return p, nil
}

func (o *Ops) producerStatus(ctx context.Context) (Part, error) {
	out, err := o.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(o.stack.Producer)})
	if err != nil {
		return Part{}, err
	}
	return Part{State: string(out.State), Detail: fmt.Sprintf("%d MB, at most %d s", aws.ToInt32(out.MemorySize), aws.ToInt32(out.Timeout))}, nil
}

func (o *Ops) crawlerStatus(ctx context.Context) (Part, error) {
	c, err := o.crawler(ctx)
	if err != nil {
		return Part{}, err
	}
	p := Part{State: string(c.State), Detail: "never run"}
	if c.LastCrawl != nil {
		p.Detail = fmt.Sprintf("last crawl %s, %s", c.LastCrawl.Status, at(c.LastCrawl.StartTime))
	}
	return p, nil
}

// catalogStatus counts the tables of the catalog database.
func (o *Ops) catalogStatus(ctx context.Context) (Part, error) {
	n := 0
	err := o.eachCatalogTable(ctx, func(types.Table) error {
		n++
		return nil
	})
	return Part{State: "available", Detail: plural.Count(n, "table"), Counts: []Count{{"tables", n}}}, err
}

func (o *Ops) jobStatus(ctx context.Context) (Part, error) {
	out, err := o.glue.GetJobRuns(ctx, &glue.GetJobRunsInput{JobName: aws.String(o.stack.Job), MaxResults: aws.Int32(1)})
	if err != nil {
		return Part{}, err
	}
	if len(out.JobRuns) == 0 {
		return Part{State: "READY", Detail: "never run"}, nil
	}
	run := out.JobRuns[0]
	detail := fmt.Sprintf("run %s, %s, %d s", aws.ToString(run.Id), at(run.StartedOn), run.ExecutionTime)
	if message := aws.ToString(run.ErrorMessage); message != "" {
		detail += ": " + message
	}
	return Part{State: string(run.JobRunState), Detail: detail, RunID: aws.ToString(run.Id)}, nil
}

func (o *Ops) workflowStatus(ctx context.Context) (Part, error) {
	run, err := o.lastWorkflowRun(ctx)
	if err != nil {
		return Part{}, err
	}
	if run == nil {
		return Part{State: "READY", Detail: "never run"}, nil
	}
	if run.Status == types.WorkflowRunStatusError {
		return Part{State: string(run.Status), Detail: aws.ToString(run.ErrorMessage)}, nil
	}
	return Part{State: string(run.Status), Detail: fmt.Sprintf("run %s, %s", aws.ToString(run.WorkflowRunId), at(run.StartedOn))}, nil
}

func (o *Ops) databaseStatus(ctx context.Context) (Part, error) {
	if o.stack.ExistingDatabase() {
		server, err := o.DatabaseServer(ctx)
		return Part{State: "available", Detail: fmt.Sprintf("%s at %s, not managed by this stack", server, o.stack.DatabaseEndpoint)}, err
	}
	db, exists, err := o.dbInstance(ctx)
	if err != nil {
		return Part{}, err
	}
	if !exists {
		return Part{State: stateMissing}, nil
	}
	engine := aws.ToString(db.Engine) + " " + aws.ToString(db.EngineVersion)
	if server, err := o.DatabaseServer(ctx); err == nil { // The server's own release, which can differ in a local AWS.
		engine = fmt.Sprintf("%s (RDS %s)", server, engine)
	}
	p := Part{
		State:  aws.ToString(db.DBInstanceStatus),
		Detail: fmt.Sprintf("%s, %s at %s", engine, aws.ToString(db.DBInstanceClass), o.stack.DatabaseEndpoint),
	}
	if o.stack.Paused && p.State != databaseStops {
		p.Detail += "; AWS starts a stopped database after seven days, and the stack stops it again within a day"
	}
	return p, nil
}

func (o *Ops) tableStatus(ctx context.Context) (Part, error) {
	n, err := o.targetRows(ctx)
	if query.NoTable(err, o.stack.TargetTable) {
		return Part{State: stateMissing, Detail: "the first ingest creates it"}, nil
	}
	return Part{State: "available", Detail: fmt.Sprintf("%d rows", n), Counts: []Count{{"rows", n}}}, err
}

// quarantineStatus counts the quarantined lines of loaded object versions.
func (o *Ops) quarantineStatus(ctx context.Context) (Part, error) {
	lines, versions, err := o.ledger.Quarantined(ctx, "")
	if err != nil {
		return Part{}, err
	}
	p := Part{State: "available", Detail: "empty", Counts: []Count{{"lines", lines}}}
	if versions > 0 {
		p.Detail = plural.Count(lines, "line") + " of " + plural.Count(versions, "object version")
	}
	return p, nil
}

func (o *Ops) consumerStatus(ctx context.Context) (Part, error) {
	if err := o.refusePaused(); err != nil {
		return Part{}, err
	}
	out, err := o.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{o.stack.Consumer}})
	if err != nil {
		return Part{}, err
	}
	for _, r := range out.Reservations {
		for _, i := range r.Instances {
			return Part{State: string(i.State.Name), Detail: string(i.InstanceType)}, nil
		}
	}
	return Part{State: stateMissing}, nil
}

func (o *Ops) workgroupStatus(ctx context.Context) (Part, error) {
	out, err := o.athenaAPI.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: aws.String(o.stack.Workgroup)})
	if err != nil {
		return Part{}, err
	}
	n := len(o.stack.NamedQueries)
	return Part{State: string(out.WorkGroup.State), Detail: fmt.Sprintf("%d named queries", n), Counts: []Count{{"named queries", n}}}, nil
}

func at(t *time.Time) string { return aws.ToTime(t).UTC().Format(time.RFC3339) }
