package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// freePlan finds instance types that an account with the Free plan may not run. New accounts since July 2025 can
// have that plan.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-free-tier-usage.html
func freePlan(ctx context.Context, r *run) ([]Finding, error) {
	const id = "free-plan"
	if !strings.HasPrefix(r.caller.arn, "arn:aws:") {
		return ok(id, "the partition has no Free plan"), nil
	}
	kind, err := r.accountPlan(ctx)
	if err != nil {
		return nil, err
	}
	if kind != "FREE" {
		return ok(id, "the account does not have the Free plan"), nil
	}
	refused, err := r.notFree(ctx)
	if err != nil {
		return nil, err
	}
	const upgrade = "upgrade the account to the paid plan, under \"Billing and Cost Management\" in the console: the remaining credits are used first"
	if len(refused) > 0 {
		return []Finding{{
			ID: id, Status: Problem,
			What: "the account has the Free plan, with which EC2 runs only instance types eligible for the Free Tier, and not " + list(refused),
			Do:   upgrade,
		}}, nil
	}
	return []Finding{{
		ID: id, Status: Warning,
		What: "the account has the Free plan: AWS closes the account when the credits are used up or after six months, and limits RDS and other services",
		Do:   upgrade,
	}}, nil
}

// notFree returns the instance types of the plan that are not eligible for the Free Tier.
func (r *run) notFree(ctx context.Context) ([]string, error) {
	var kinds []string
	for _, instance := range r.plan.all("aws:ec2/instance:Instance") {
		kinds = append(kinds, instance.text("instanceType"))
	}
	slices.Sort(kinds)
	kinds = slices.Compact(kinds)
	if len(kinds) == 0 {
		return nil, nil
	}
	out, err := r.ec2.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{Filters: []ec2types.Filter{filter("instance-type", kinds...)}})
	if err != nil {
		return nil, fmt.Errorf("instance types: %w", err)
	}
	for _, t := range out.InstanceTypes {
		if aws.ToBool(t.FreeTierEligible) {
			kinds = slices.DeleteFunc(kinds, func(kind string) bool { return kind == string(t.InstanceType) })
		}
	}
	return kinds, nil
}

// accountPlan returns the account's plan, FREE or PAID; empty for an account without one. It signs the request
// itself, because AWS's module for the service is not in the Go module proxy.
// https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_freetier_GetAccountPlanState.html
func (r *run) accountPlan(ctx context.Context) (string, error) {
	const operation, body, home = "GetAccountPlanState", "{}", "us-east-1"
	endpoint := "https://freetier.us-east-1.api.aws/"
	if r.config.BaseEndpoint != nil {
		endpoint = *r.config.BaseEndpoint
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "AWSFreeTierService."+operation)
	credentials, err := r.config.Credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "freetier", home, time.Now()); err != nil {
		return "", err
	}
	answer, err := r.http().Do(request)
	if err != nil {
		return "", fmt.Errorf("freetier:%s: %w", operation, err)
	}
	defer answer.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("freetier:%s: %w", operation, err)
	}
	var state struct {
		AccountPlanType string `json:"accountPlanType"`
		Type            string `json:"__type"`
		Message         string `json:"message"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return "", fmt.Errorf("freetier:%s: status %d: %w", operation, answer.StatusCode, err)
	}
	if answer.StatusCode == http.StatusOK {
		return state.AccountPlanType, nil
	}
	failed := &smithy.GenericAPIError{Code: state.Type[strings.LastIndex(state.Type, "#")+1:], Message: state.Message}
	if missing(failed) {
		return "", nil
	}
	return "", fmt.Errorf("freetier:%s: %w", operation, failed)
}

func (c *Clients) http() aws.HTTPClient {
	if c.config.HTTPClient != nil {
		return c.config.HTTPClient
	}
	return &http.Client{Timeout: time.Minute}
}
