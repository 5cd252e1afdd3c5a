package search

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	iam "localaws/iam/policy"

	"store-events/policy/aws"
	"store-events/policy/pack"
	"store-events/policy/rule"
)

// subject is one place for a document in a stack.
type subject struct {
	name     string
	resource string
	property string
	// actions, resources and principals are the vocabulary of the documents.
	actions, resources []string
	principals         map[string][]string
	questions          []question
}

// principals are the principals of statements: the stack's, or too many.
var principals = map[string][]string{
	"AWS":       {"*", role, "arn:aws:iam::" + account + ":role/other", "arn:aws:iam::" + account + ":root"},
	"Service":   {"glue.amazonaws.com", "events.amazonaws.com"},
	"Federated": {"arn:aws:iam::" + account + ":oidc-provider/token.actions.githubusercontent.com"},
}

func subjects() []subject {
	ofRole := subject{name: "role", resource: aws.RolePolicy, property: "policy", questions: byRole()}
	for _, q := range ofRole.questions {
		ofRole.actions = append(ofRole.actions, q.request.Action)
		ofRole.resources = append(ofRole.resources, strings.NewReplacer("payroll", "store", "PAYROLL", "STORE", "9c4a7e1f", "1d2f3a4b").Replace(q.request.Resource))
	}
	ofRole.actions = append(ofRole.actions, "s3:ListBucket", "logs:PutLogEvents", "ec2:DescribeVpcs", "glue:GetTable")
	all := []subject{ofRole, {
		name: "trust", resource: aws.Role, property: "assumeRolePolicy", principals: principals,
		actions: []string{"sts:AssumeRole", "sts:TagSession"}, questions: []question{byOutsider("sts:AssumeRole", role, iam.Trust)},
	}}
	for _, of := range []struct{ resource, arn, action, other string }{
		{aws.BucketPolicy, "arn:aws:s3:::store/*", "s3:GetObject", "s3:PutObject"},
		{aws.Key, "arn:aws:kms:eu-west-1:" + account + ":key/1", "kms:Decrypt", "kms:CreateGrant"},
		{aws.SecretPolicy, "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:store-AbCdEf", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"},
		{aws.TopicPolicy, "arn:aws:sns:eu-west-1:" + account + ":store", "sns:Publish", "sns:Subscribe"},
		{aws.QueuePolicy, "arn:aws:sqs:eu-west-1:" + account + ":store", "sqs:SendMessage", "sqs:ReceiveMessage"},
		{aws.EventBusPolicy, "arn:aws:events:eu-west-1:" + account + ":event-bus/store", "events:PutEvents", "events:PutRule"},
		{aws.GlueResourcePolicy, "arn:aws:glue:eu-west-1:" + account + ":catalog", "glue:GetTable", "glue:DeleteTable"},
	} {
		resource := strings.ReplaceAll(of.arn, "*", "a/b")
		all = append(all, subject{
			name: of.resource, resource: of.resource, property: "policy", principals: principals,
			actions: []string{of.action, of.other}, resources: []string{of.arn, "*"},
			questions: []question{byOutsider(of.action, resource, iam.Resource), byOutsider(of.other, resource, iam.Resource)},
		})
	}
	return all
}

// everything is the policy of an outsider, whose account allows everything.
var everything = func() iam.Named {
	d, err := iam.Parse(iam.Identity, []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	if err != nil {
		panic(err) // The document is valid.
	}
	return iam.Named{Name: "everything", Document: d}
}()

// granted returns a forbidden request that the document grants, if there is one. A document that AWS would reject
// grants nothing.
func (k subject) granted(text string) (string, bool) {
	kind := k.questions[0].kind
	d, err := iam.Parse(kind, []byte(text))
	if err != nil {
		return "", false
	}
	own := iam.Named{Name: "searched", Document: d}
	policies := iam.Policies{Identity: []iam.Named{everything}, Resource: &own}
	if kind == iam.Identity {
		policies = iam.Policies{Identity: []iam.Named{own}}
	}
	for _, q := range k.questions {
		if kind == iam.Identity {
			policies.Resource = consenting(q.request)
		}
		if iam.Evaluate(q.request, policies).Allowed {
			return q.request.Action + " on " + q.request.Resource, true
		}
	}
	return "", false
}

// consenting returns the policy of a key or a role, which must delegate to the account's IAM.
func consenting(r iam.Request) *iam.Named {
	kind, resource := iam.Resource, `,"Resource":"*"`
	switch {
	case r.AssumesRole():
		kind, resource = iam.Trust, ""
	case !strings.HasPrefix(r.Action, "kms:"):
		return nil
	}
	d, err := iam.Parse(kind, []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":"*"`+resource+`}}`))
	if err != nil {
		panic(err) // The document is valid.
	}
	return &iam.Named{Name: "consent", Document: d}
}

// refusals returns the policies that refuse a document in prod.
func (k subject) refusals(policies *pack.Pack, text string) map[string]bool {
	urn := func(t string) string { return "urn:pulumi:prod::store-events::" + t + "::a" }
	document := property.NewMap(map[string]property.Value{k.property: property.New(text), "blockPublicPolicy": property.New(true)})
	other := property.NewMap(map[string]property.Value{"arn": property.New("arn:aws:lambda:eu-west-1:" + account + ":function:a")})
	resources := []rule.Resource{
		{URN: urn(k.resource), Type: k.resource, Name: "a", Inputs: document, Outputs: document},
		{URN: urn(aws.Function), Type: aws.Function, Name: "a", Outputs: other}, // It determines the stack's account.
	}
	refused := map[string]bool{}
	for _, r := range append(policies.CheckResource(resources[0]), policies.CheckStack(resources)...) {
		if r.Level == rule.Mandatory && r.URN == urn(k.resource) {
			refused[r.Policy] = true
		}
	}
	return refused
}
