package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// rotation returns the name of the function that creates users and rotates their passwords.
func (o *Ops) rotation() string { return o.stack.Workflow + "-rotation" } // Both names begin with the stack's.

// IncompleteRotations returns the ARNs of the secrets whose rotation by the stack's function has begun and not ended.
// Secrets Manager then refuses to configure the rotation until the version with the label AWSPENDING has become the
// current one:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (o *Ops) IncompleteRotations(ctx context.Context) ([]string, error) {
	var found []string
	for _, arn := range o.stack.LoginARNs {
		secret, err := o.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
		if err != nil {
			return nil, fmt.Errorf("describe secret %s: %w", arn, err)
		}
		own := strings.HasSuffix(aws.ToString(secret.RotationLambdaARN), ":"+o.rotation())
		if own && aws.ToBool(secret.RotationEnabled) && incomplete(secret.VersionIdsToStages) {
			found = append(found, arn)
		}
	}
	return found, nil
}

func incomplete(versions map[string][]string) bool {
	for _, labels := range versions {
		if slices.Contains(labels, "AWSPENDING") && !slices.Contains(labels, "AWSCURRENT") {
			return true
		}
	}
	return false
}

// wakeTimeout is much longer than Lambda needs to create network interfaces.
const wakeTimeout = 10 * time.Minute

// WakeRotation makes the rotation function ready for calls, if the stack has it. Lambda removes the network interfaces of a
// function that was not called for some weeks, and the next call fails: an update that creates users or configures a
// rotation would too.
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func (o *Ops) WakeRotation(ctx context.Context) error {
	state, err := o.rotationState(ctx)
	var none *types.ResourceNotFoundException
	if errors.As(err, &none) {
		return nil
	}
	if err != nil || state != types.StateInactive {
		return err
	}
	o.poll.Progressf("waking the function %s, which was not called for weeks", o.rotation())
	// The call fails, and makes Lambda create the interfaces again. If the function runs nevertheless, it refuses the step.
	_, _ = o.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(o.rotation()), Payload: []byte(`{"Step":"wake"}`)},
		func(opts *lambda.Options) { opts.Retryer = aws.NopRetryer{} })
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
	defer cancel()
	return o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		state, err = o.rotationState(ctx)
		return state == types.StateActive, err
	})
}

func (o *Ops) rotationState(ctx context.Context) (types.State, error) {
	out, err := o.lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(o.rotation())})
	if err != nil {
		return "", fmt.Errorf("get the function %s: %w", o.rotation(), err)
	}
	return out.Configuration.State, nil
}
