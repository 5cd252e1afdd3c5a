package ops

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// sqlCommand is the consumer's helper: it reads a statement and prints rows,
// tab-separated with a header.
const sqlCommand = "/usr/local/bin/store-events-sql"

// outputDelay is how long a command's output may take to reach the bucket.
const outputDelay = 30 * time.Second

// queryConsumer runs a statement on the consumer instance by Systems Manager.
// The output goes through the bucket: the service's answer is cut at 24,000
// characters.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
func (o *Ops) queryConsumer(ctx context.Context, statement string, to visitor) error {
	id, err := o.sendCommand(ctx, shellCommand(statement))
	if err != nil {
		return err
	}
	invocation, err := o.commandEnd(ctx, id)
	if err != nil {
		o.onCancel(ctx, "command "+id, func(ctx context.Context) error {
			_, err := o.ssm.CancelCommand(ctx, &ssm.CancelCommandInput{CommandId: aws.String(id)})
			return err
		})
		return err
	}
	if invocation.Status != types.CommandInvocationStatusSuccess {
		return fmt.Errorf("query on the consumer %s: command %s ended as %s: %s", o.stack.Consumer, id,
			aws.ToString(invocation.StatusDetails), strings.TrimSpace(aws.ToString(invocation.StandardErrorContent)))
	}
	if aws.ToString(invocation.StandardOutputContent) == "" {
		return nil // It printed nothing, so that there is no object either.
	}
	key, err := o.outputKey(ctx, id)
	if err != nil {
		return err
	}
	return o.visitOutput(ctx, key, to)
}

// shellCommand passes the statement on as base64: no shell reads it.
func shellCommand(statement string) string {
	return fmt.Sprintf("echo %s | base64 -d | %s", base64.StdEncoding.EncodeToString([]byte(statement)), sqlCommand)
}

func (o *Ops) sendCommand(ctx context.Context, command string) (string, error) {
	out, err := o.ssm.SendCommand(ctx, &ssm.SendCommandInput{
		DocumentName:       aws.String("AWS-RunShellScript"),
		InstanceIds:        []string{o.stack.Consumer},
		Parameters:         map[string][]string{"commands": {command}},
		OutputS3BucketName: aws.String(o.stack.Bucket),
		OutputS3KeyPrefix:  aws.String(o.contract.Prefixes.CommandOutput),
	})
	if err != nil {
		return "", fmt.Errorf("send a command to the consumer %s: %w", o.stack.Consumer, err)
	}
	return aws.ToString(out.Command.CommandId), nil
}

func (o *Ops) commandEnd(ctx context.Context, id string) (out *ssm.GetCommandInvocationOutput, err error) {
	err = o.poll(ctx, func(ctx context.Context) (bool, error) {
		out, err = o.ssm.GetCommandInvocation(ctx, &ssm.GetCommandInvocationInput{
			CommandId: aws.String(id), InstanceId: aws.String(o.stack.Consumer),
		})
		var unknown *types.InvocationDoesNotExist // Until the service has passed it on.
		if errors.As(err, &unknown) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("get command %s: %w", id, err)
		}
		switch out.Status {
		case types.CommandInvocationStatusPending, types.CommandInvocationStatusInProgress,
			types.CommandInvocationStatusDelayed, types.CommandInvocationStatusCancelling:
			return false, nil
		default:
			return true, nil
		}
	})
	return out, err
}

// outputKey finds the object with a command's standard output. The bucket may
// get it a little later than the service says that the command has ended.
func (o *Ops) outputKey(ctx context.Context, id string) (key string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, outputDelay, fmt.Errorf("no output of command %s in s3://%s/%s: "+
		"may the consumer write there?", id, o.stack.Bucket, o.contract.Prefixes.CommandOutput))
	defer cancel()
	prefix := path.Join(o.contract.Prefixes.CommandOutput, id, o.stack.Consumer) + "/"
	err = o.poll(ctx, func(ctx context.Context) (bool, error) {
		list, err := o.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(o.stack.Bucket), Prefix: aws.String(prefix)})
		if err != nil {
			return false, fmt.Errorf("find the output of command %s: %w", id, err)
		}
		for _, object := range list.Contents {
			if key = aws.ToString(object.Key); path.Base(key) == "stdout" {
				return true, nil
			}
		}
		return false, nil
	})
	return key, err
}

func (o *Ops) visitOutput(ctx context.Context, key string, to visitor) error {
	out, err := o.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(o.stack.Bucket), Key: aws.String(key)})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }()
	return visitTabbed(out.Body, to)
}
