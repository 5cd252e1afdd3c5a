package ops

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"store-events/internal/plural"
)

// arrivals returns the parts that start the workflow when objects arrive.
func (o *Ops) arrivals() []statusPart {
	return []statusPart{
		{"queue", path.Base(o.stack.StartQueue), func(ctx context.Context) (Part, error) { return o.queueStatus(ctx, o.stack.StartQueue) }},
		{"dead letters", path.Base(o.stack.DeadLetterQueue), func(ctx context.Context) (Part, error) { return o.queueStatus(ctx, o.stack.DeadLetterQueue) }},
		{"starter", o.stack.Starter, o.starterStatus},
	}
}

// queueStatus counts the messages of a queue, including those in flight.
func (o *Ops) queueStatus(ctx context.Context, url string) (Part, error) {
	waiting, taken := sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	out, err := o.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{waiting, taken},
	})
	if err != nil {
		return Part{}, err
	}
	var counts [2]int
	for i, name := range []sqstypes.QueueAttributeName{waiting, taken} {
		if counts[i], err = strconv.Atoi(out.Attributes[string(name)]); err != nil {
			return Part{}, fmt.Errorf("queue %s: %s: %w", url, name, err)
		}
	}
	n := counts[0] + counts[1]
	p := Part{State: "available", Detail: "empty", Counts: []Count{{"messages", n}}}
	if n > 0 {
		p.Detail = fmt.Sprintf("%s, %d of them in flight", plural.Count(n, "message"), counts[1])
	}
	return p, nil
}

func (o *Ops) starterStatus(ctx context.Context) (Part, error) {
	out, err := o.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(o.stack.Starter)})
	if err != nil {
		return Part{}, err
	}
	mappings, err := o.lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: aws.String(o.stack.Starter)})
	if err != nil {
		return Part{}, err
	}
	p := Part{State: string(out.State), Detail: "Lambda does not poll the queue"}
	for _, m := range mappings.EventSourceMappings {
		p.Detail = "polling of the queue: " + strings.ToLower(aws.ToString(m.State))
		if aws.ToString(m.State) == "Disabled" {
			p.State = "disabled"
		}
	}
	return p, nil
}

// alarmStatus lists the alarms that fire. Its state is ALARM or OK.
func (o *Ops) alarmStatus(ctx context.Context) (Part, error) {
	if len(o.stack.Alarms) == 0 { // Without names, CloudWatch describes all alarms of the region.
		return Part{State: string(types.StateValueOk), Detail: "no alarms", Counts: []Count{{"alarms", 0}, {"firing", 0}}}, nil
	}
	var firing []string
	undecided, found := 0, 0
	pages := cloudwatch.NewDescribeAlarmsPaginator(o.alarms, &cloudwatch.DescribeAlarmsInput{AlarmNames: o.stack.Alarms})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Part{}, err
		}
		for _, a := range page.MetricAlarms {
			found++
			switch a.StateValue {
			case types.StateValueAlarm:
				firing = append(firing, aws.ToString(a.AlarmName))
			case types.StateValueInsufficientData:
				undecided++
			}
		}
	}
	slices.Sort(firing)
	p := Part{State: string(types.StateValueOk), Counts: []Count{{"alarms", found}, {"firing", len(firing)}}}
	details := []string{fmt.Sprintf("%d of %d fire", len(firing), found)}
	if len(firing) > 0 {
		p.State = string(types.StateValueAlarm)
		details[0] += ": " + strings.Join(firing, ", ")
	}
	if undecided > 0 {
		details = append(details, fmt.Sprintf("without data yet: %d", undecided))
	}
	if missing := len(o.stack.Alarms) - found; missing > 0 {
		details = append(details, fmt.Sprintf("do not exist: %d", missing))
	}
	p.Detail = strings.Join(details, "; ")
	return p, nil
}
