package authz

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"localaws/iam/policy"
)

// ResourcePolicy implements Source.
func (e *Emulator) ResourcePolicy(ctx context.Context, arn string) (*policy.Named, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || strings.Contains(parts[5], "*") {
		return nil, nil //nolint:nilnil // not a single resource
	}
	read, ok := map[string]func(context.Context, string, string) (string, error){
		"s3": e.bucketPolicy, "kms": e.keyPolicy, "sns": e.topicPolicy, "sqs": e.queuePolicy,
		"secretsmanager": e.secretPolicy, "lambda": e.functionPolicy,
	}[parts[2]]
	if !ok {
		return nil, nil //nolint:nilnil // no resource policies
	}
	name := parts[5]
	if parts[2] == "s3" {
		name, _, _ = strings.Cut(name, "/")
		arn = strings.Join(append(parts[:5:5], name), ":")
	}
	return cached(&e.cache, "policy "+arn, func() (*policy.Named, error) {
		document, err := read(ctx, arn, name)
		if hasCode(err, "NoSuch", "NotFound", "NonExistent", "404") || (err == nil && document == "") {
			return nil, nil //nolint:nilnil // no policy
		}
		if err != nil {
			return nil, fmt.Errorf("policy of %s: %w", arn, err)
		}
		return parse(policy.Resource, arn, document)
	})
}

func (e *Emulator) bucketPolicy(ctx context.Context, _, bucket string) (string, error) {
	document, err := e.client.get(ctx, "s3", "/"+bucket+"?policy")
	return string(document), err
}

func (e *Emulator) keyPolicy(ctx context.Context, _, key string) (string, error) {
	var out struct{ Policy string }
	err := e.client.json(ctx, "kms", "TrentService.GetKeyPolicy", map[string]string{"KeyId": lastPart(key), "PolicyName": "default"}, &out)
	return out.Policy, err
}

func (e *Emulator) topicPolicy(ctx context.Context, arn, _ string) (string, error) {
	return e.topicAttribute(ctx, arn, "Policy")
}

func (e *Emulator) topicAttribute(ctx context.Context, arn, name string) (string, error) {
	found, err := e.client.query(ctx, "sns", snsVersion, "GetTopicAttributes", "TopicArn", arn)
	if err != nil {
		return "", err
	}
	for _, entry := range found.FindElements("//entry") {
		if text(entry, "./key") == name {
			return text(entry, "./value"), nil
		}
	}
	return "", nil
}

func (e *Emulator) queuePolicy(ctx context.Context, _, queue string) (string, error) {
	return e.queueAttribute(ctx, queue, "Policy")
}

func (e *Emulator) secretPolicy(ctx context.Context, arn, _ string) (string, error) {
	var out struct{ ResourcePolicy string }
	err := e.client.json(ctx, "secretsmanager", "secretsmanager.GetResourcePolicy", map[string]string{"SecretId": arn}, &out)
	return out.ResourcePolicy, err
}

func (e *Emulator) functionPolicy(ctx context.Context, _, function string) (string, error) {
	name := strings.Split(strings.TrimPrefix(function, "function:"), ":")[0]
	body, err := e.client.get(ctx, "lambda", "/2015-03-31/functions/"+url.PathEscape(name)+"/policy")
	if err != nil {
		return "", err
	}
	var out struct{ Policy string }
	if err := json.Unmarshal(body, &out); err != nil {
		return "", fmt.Errorf("policy of function %s: %w", name, err)
	}
	// AWS deletes a function's policy with its last statement. The emulator keeps an empty policy.
	var document struct{ Statement []json.RawMessage }
	if json.Unmarshal([]byte(out.Policy), &document) == nil && len(document.Statement) == 0 {
		return "", nil
	}
	return out.Policy, nil
}
