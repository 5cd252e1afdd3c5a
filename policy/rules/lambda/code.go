package lambda

import (
	"regexp"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var codeInStack = rule.Rule{
	ID:    "lambda-code-in-stack",
	Title: "Lambda functions run only code of the program, stack, account or AWS; no environment variable redirects their calls or weakens TLS",
	Why: "Whoever can change a layer, image or object outside the account controls what runs with the function's " +
		"role, and nobody reviews what a URL returns before it runs. A variable can send calls, with their " +
		"credentials, to another host.",
	Fix: "Set Code to an archive of local files, or S3Bucket to a bucket of the stack; use images and layers of " +
		"the account, or layers that AWS publishes. Remove variables that redirect calls, turn off certificate " +
		"verification or load other code.",
	Sources:  "project; checkov CKV_AWS_272",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Function, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Function, func(f rule.Resource) []rule.Finding {
			var findings []rule.Finding
			if bucket := f.Get("s3Bucket"); !matcher.Missing(bucket) {
				findings = s.RequireReference(
					f,
					bucket,
					"the bucket is not in this stack",
					aws.Bucket,
				)
			}
			ownAccounts := iampolicy.OwnAccounts(s)
			return rule.All(
				findings,
				rule.Require(
					f.Get("imageUri"),
					matcher.MissingOr(fromAccount(registry, ownAccounts)),
					"the image does not belong to this account",
				),
				rule.Each(f.Get("layers"), func(layer value.Value) []rule.Finding {
					return rule.Require(
						layer,
						fromAccount(layerARN, ownAccounts, aws.Publishers...),
						"the layer belongs to neither this account nor AWS",
					)
				}),
				rule.Require(f.Get("code"), matcher.Local, "the code comes from a URL"),
				requireOwnCalls(f.Get("environment", "variables")),
			)
		})
	},
}

// The accounts of registries of images and of layers.
var (
	registry = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/`)
	layerARN = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:(\d{12}):layer:`)
)

// fromAccount accepts a string whose account is one of ownAccounts or publishers. If ownAccounts is not known
// yet, it accepts every account.
func fromAccount(form *regexp.Regexp, ownAccounts []string, publishers ...string) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		match := form.FindStringSubmatch(text)
		known := match != nil &&
			(slices.Contains(ownAccounts, match[1]) || slices.Contains(publishers, match[1]))
		return known || match != nil && len(ownAccounts) == 0, err
	}
}

var aliasOneVersion = rule.Rule{
	ID:       "lambda-alias-one-version",
	Title:    "Lambda aliases refer to one version",
	Why:      "With weights, some calls run another version than the reviewed one, and nobody notices.",
	Fix:      "Remove RoutingConfig.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.LambdaAlias},
	Resource: rule.Property(
		"routingConfig.additionalVersionWeights",
		matcher.Empty,
		"the alias refers to several versions",
	),
}
