// Package rotation implements Secrets Manager's calls of rotation functions, which the emulator only stubs. It does not
// support scheduled rotations.
package rotation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"

	"localaws/awsjson"
)

// steps are the steps of a rotation, in order.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// pending is the staging label of the new version during a rotation.
const pending = "AWSPENDING"

type service struct {
	secrets   *secretsmanager.Client
	functions *lambda.Client
	rotating  sync.Map // ARNs of secrets
}

// Operations returns RotateSecret and CancelRotateSecret for the secrets and functions of the emulator in cfg.
func Operations(cfg aws.Config) awsjson.Operations {
	s := &service{secrets: secretsmanager.NewFromConfig(cfg), functions: lambda.NewFromConfig(cfg)}
	return awsjson.Operations{"RotateSecret": awsjson.Typed(s.rotate), "CancelRotateSecret": awsjson.Typed(s.cancel)}
}

type request struct {
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	RotationLambdaARN  string
	RotationRules      json.RawMessage
	RotateImmediately  *bool
}

type response struct {
	ARN       string
	Name      string
	VersionID string `json:"VersionId,omitempty"`
}

// rotate runs all steps, and returns the error of a failed step. On AWS the call returns first, and failures are only
// in the function's log. A failed rotation leaves the label AWSPENDING. AWS retries the rotation automatically, and
// rejects new ones until it succeeds. Here, a rejected call retries it.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (s *service) rotate(ctx context.Context, in request) (response, error) {
	secret, err := s.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &in.SecretID})
	if err != nil {
		return response{}, awsjson.Errorf("ResourceNotFoundException", "secret %s: %v", in.SecretID, err)
	}
	arn, function := aws.ToString(secret.ARN), cmp.Or(in.RotationLambdaARN, aws.ToString(secret.RotationLambdaARN))
	if function == "" {
		return response{}, awsjson.Errorf("InvalidRequestException", "no Lambda rotation function is associated with secret %s", in.SecretID)
	}
	if _, busy := s.rotating.LoadOrStore(arn, true); busy {
		return response{}, errIncomplete
	}
	defer s.rotating.Delete(arn)
	if version := incomplete(secret.VersionIdsToStages); version != "" {
		_ = s.call(ctx, function, arn, version, steps...) // An error is in the function's log.
		return response{}, errIncomplete
	}
	token := cmp.Or(in.ClientRequestToken, uuid.NewString())
	if err := s.begin(ctx, in, token); err != nil {
		return response{}, err
	}
	if in.RotateImmediately == nil || *in.RotateImmediately {
		err = s.call(ctx, function, arn, token, steps...)
	} else {
		err = s.test(ctx, function, arn, token)
	}
	if err != nil {
		return response{}, err
	}
	return response{ARN: arn, Name: aws.ToString(secret.Name), VersionID: token}, nil
}

var errIncomplete = awsjson.Errorf("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted.")

// incomplete returns the version of an incomplete rotation, or "".
func incomplete(stages map[string][]string) string {
	for version, labels := range stages {
		if slices.Contains(labels, pending) && !slices.Contains(labels, "AWSCURRENT") {
			return version
		}
	}
	return ""
}

// cancel is a no-op for an existing secret, because there is no schedule. As on AWS, the secret keeps its function.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
func (s *service) cancel(ctx context.Context, in request) (response, error) {
	secret, err := s.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &in.SecretID})
	if err != nil {
		return response{}, awsjson.Errorf("ResourceNotFoundException", "secret %s: %v", in.SecretID, err)
	}
	return response{ARN: aws.ToString(secret.ARN), Name: aws.ToString(secret.Name)}, nil
}

// begin makes the emulator store function and schedule, and attach AWSPENDING to a version without a value.
func (s *service) begin(ctx context.Context, in request, token string) error {
	input := &secretsmanager.RotateSecretInput{SecretId: &in.SecretID, ClientRequestToken: &token}
	if in.RotationLambdaARN != "" {
		input.RotationLambdaARN = &in.RotationLambdaARN
	}
	if in.RotationRules != nil {
		if err := json.Unmarshal(in.RotationRules, &input.RotationRules); err != nil {
			return awsjson.Errorf("InvalidParameterException", "RotationRules: %v", err)
		}
	}
	_, err := s.secrets.RotateSecret(ctx, input)
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return awsjson.Errorf(refused.ErrorCode(), "%s", refused.ErrorMessage())
	}
	return err
}

// test runs the step testSecret with a temporary version.
func (s *service) test(ctx context.Context, function, secret, token string) error {
	err := s.call(ctx, function, secret, token, "testSecret")
	_, removed := s.secrets.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &secret, VersionStage: aws.String(pending), RemoveFromVersionId: &token,
	})
	return errors.Join(err, removed)
}

// call invokes the function for each step, and stops at the first error.
func (s *service) call(ctx context.Context, function, secret, token string, steps ...string) error {
	for _, step := range steps {
		payload, err := json.Marshal(map[string]string{"Step": step, "SecretId": secret, "ClientRequestToken": token})
		if err != nil {
			return err
		}
		out, err := s.functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: payload})
		if err != nil {
			return fmt.Errorf("call the rotation function %s: %w", function, err)
		}
		if out.FunctionError != nil {
			return awsjson.Errorf("InvalidRequestException", "rotation function %s failed in %s: %s", function, step, out.Payload)
		}
	}
	return nil
}
