package eventsource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"localaws/deliveries"
)

// event is the payload of a function call:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type event struct {
	Records []record
}

type record struct {
	MessageID         string               `json:"messageId"`
	ReceiptHandle     string               `json:"receiptHandle"`
	Body              string               `json:"body"`
	Attributes        map[string]string    `json:"attributes"`
	MessageAttributes map[string]attribute `json:"messageAttributes"`
	MD5OfBody         string               `json:"md5OfBody"`
	EventSource       string               `json:"eventSource"`
	EventSourceARN    string               `json:"eventSourceARN"`
	AWSRegion         string               `json:"awsRegion"`
}

type attribute struct {
	StringValue string `json:"stringValue,omitempty"`
	BinaryValue []byte `json:"binaryValue,omitempty"`
	DataType    string `json:"dataType"`
}

func (p *poller) event(messages []sqstypes.Message) event {
	region := strings.Split(p.queue, ":")[3]
	var e event
	for _, m := range messages {
		r := record{
			MessageID: aws.ToString(m.MessageId), ReceiptHandle: aws.ToString(m.ReceiptHandle), Body: aws.ToString(m.Body),
			Attributes: m.Attributes, MessageAttributes: map[string]attribute{}, MD5OfBody: aws.ToString(m.MD5OfBody),
			EventSource: "aws:sqs", EventSourceARN: p.queue, AWSRegion: region,
		}
		for name, a := range m.MessageAttributes {
			r.MessageAttributes[name] = attribute{aws.ToString(a.StringValue), a.BinaryValue, aws.ToString(a.DataType)}
		}
		e.Records = append(e.Records, r)
	}
	return e
}

// call calls the function with a batch, and deletes the processed messages. SQS redelivers the others after their
// visibility timeout.
func (p *poller) call(ctx context.Context, messages []sqstypes.Message) error {
	payload, err := json.Marshal(p.event(messages))
	if err != nil {
		return err
	}
	out, err := p.service.functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: &p.function, Payload: payload})
	if err != nil {
		return err
	}
	if out.FunctionError != nil {
		return fmt.Errorf("the function failed: %.300s", out.Payload)
	}
	var failed []string
	if p.reporting {
		if failed, err = failures(out.Payload); err != nil {
			return err
		}
	}
	done := slices.DeleteFunc(slices.Clone(messages), func(m sqstypes.Message) bool {
		return slices.Contains(failed, aws.ToString(m.MessageId))
	})
	return p.remove(ctx, done)
}

func (p *poller) remove(ctx context.Context, messages []sqstypes.Message) error {
	role, err := p.act(ctx)
	if err != nil {
		return err
	}
	var failed error
	for chunk := range slices.Chunk(messages, 10) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(deliveries.URL(p.queue))}
		for _, m := range chunk {
			in.Entries = append(in.Entries, sqstypes.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
		}
		_, err := p.service.queues.DeleteMessageBatch(role, in)
		failed = errors.Join(failed, err)
	}
	return failed
}

// failures returns the IDs of failed messages in a function's response. It returns an error if the response means that
// the whole batch has failed.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
func failures(payload []byte) ([]string, error) {
	if len(bytes.TrimSpace(payload)) == 0 {
		return nil, nil
	}
	var response struct {
		BatchItemFailures []map[string]*string `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(payload, &response); err != nil {
		return nil, fmt.Errorf("parse the function's response: %w", err)
	}
	var ids []string
	for _, item := range response.BatchItemFailures {
		id := item["itemIdentifier"]
		if aws.ToString(id) == "" {
			return nil, errors.New("the function's response has a failure without itemIdentifier")
		}
		ids = append(ids, *id)
	}
	return ids, nil
}
