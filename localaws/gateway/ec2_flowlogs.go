package gateway

import (
	"context"
	"fmt"

	"github.com/beevik/etree"
)

const flowLogRecords = "ec2-flow-logs"

// flowLogFields are parameters of CreateFlowLogs that the emulator drops, and
// the elements that show them.
var flowLogFields = map[string]string{
	"DeliverLogsPermissionArn": "deliverLogsPermissionArn",
	"LogFormat":                "logFormat",
	"LogGroupName":             "logGroupName",
	"MaxAggregationInterval":   "maxAggregationInterval",
}

// flowLog holds elements of a flow log that the emulator does not keep, by name.
type flowLog map[string]string

func (l flowLog) correct(item *etree.Element) {
	for element, value := range l {
		set(item, element, value)
	}
}

func (s *ec2) flowLogHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:CreateFlowLogs":   s.createFlowLogs,
		"ec2:DescribeFlowLogs": s.describeFlowLogs,
		"ec2:DeleteFlowLogs":   s.deleteFlowLogs,
	}
}

func (s *ec2) createFlowLogs(ctx context.Context, x *exchange) (*answer, error) {
	for i := 1; x.form.Has(fmt.Sprintf("TagSpecification.%d.ResourceType", i)); i++ {
		// The emulator uses another name than EC2's vpc-flow-log.
		x.form.Set(fmt.Sprintf("TagSpecification.%d.ResourceType", i), "flow-log")
	}
	fields := flowLog{"maxAggregationInterval": "600"} // EC2's default
	for parameter, element := range flowLogFields {
		if v := x.get(parameter); v != "" {
			fields[element] = v
		}
	}
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	for _, id := range a.root().FindElements("flowLogIdSet/item") {
		if err := s.store.Put(flowLogRecords, id.Text(), fields); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (s *ec2) describeFlowLogs(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		return correctRecorded(s.store, flowLogRecords, root.FindElements("flowLogSet/item"), "flowLogId", (*flowLog).correct)
	})
}

func (s *ec2) deleteFlowLogs(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	for _, id := range x.list("FlowLogId") {
		if err := s.store.Delete(flowLogRecords, id); err != nil {
			return nil, err
		}
	}
	return a, nil
}
