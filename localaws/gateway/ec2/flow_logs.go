package ec2

import (
	"context"
	"fmt"
	"localaws/gateway/query"

	"github.com/beevik/etree"
)

const flowLogRecords = "ec2-flow-logs"

// flowLogFields maps parameters of CreateFlowLogs that the emulator drops to the response elements with their values.
var flowLogFields = map[string]string{
	"DeliverLogsPermissionArn": "deliverLogsPermissionArn",
	"LogFormat":                "logFormat",
	"LogGroupName":             "logGroupName",
	"MaxAggregationInterval":   "maxAggregationInterval",
}

// flowLog maps response elements of a flow log that the emulator does not store to their values.
type flowLog map[string]string

func (l flowLog) correct(item *etree.Element) {
	for element, value := range l {
		query.Set(item, element, value)
	}
}

func (s *Service) flowLogHandlers() query.Handlers {
	return query.Handlers{
		"ec2:CreateFlowLogs":   s.createFlowLogs,
		"ec2:DescribeFlowLogs": s.describeFlowLogs,
		"ec2:DeleteFlowLogs":   s.deleteFlowLogs,
	}
}

func (s *Service) createFlowLogs(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	for i := 1; x.Form.Has(fmt.Sprintf("TagSpecification.%d.ResourceType", i)); i++ {
		// EC2's name is vpc-flow-log.
		x.Form.Set(fmt.Sprintf("TagSpecification.%d.ResourceType", i), "flow-log")
	}
	fields := flowLog{"maxAggregationInterval": "600"} // EC2's default
	for parameter, element := range flowLogFields {
		if v := x.Get(parameter); v != "" {
			fields[element] = v
		}
	}
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	for _, id := range a.Root().FindElements("flowLogIdSet/item") {
		if err := s.Store.Put(flowLogRecords, id.Text(), fields); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (s *Service) describeFlowLogs(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	return records[flowLog]{flowLogRecords, "flowLogId", "flowLogSet/item", (*flowLog).correct}.describe(ctx, x, s.Store)
}

func (s *Service) deleteFlowLogs(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	for _, id := range x.List("FlowLogId") {
		if err := s.Store.Delete(flowLogRecords, id); err != nil {
			return nil, err
		}
	}
	return a, nil
}
