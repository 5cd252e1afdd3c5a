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
	Title: "The code of a function comes from this program, its stack or its account, and so do the answers to its calls",
	Why: "Whoever can write a layer, an image or an object elsewhere controls what runs with the function's role, and " +
		"what a web site serves is seen by nobody before it runs.",
	Fix: "Set Code to an archive of files, or S3Bucket to a bucket of the stack; take layers and images of the " +
		"account, or layers that AWS publishes.",
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
					"the bucket is not one of this stack",
					aws.Bucket,
				)
			}
			ownAccounts := iampolicy.OwnAccounts(s)
			return rule.All(
				findings,
				rule.Require(
					f.Get("imageUri"),
					matcher.MissingOr(fromAccount(registry, ownAccounts)),
					"the image is not one of this account",
				),
				rule.Each(f.Get("layers"), func(layer value.Value) []rule.Finding {
					return rule.Require(
						layer,
						fromAccount(layerARN, ownAccounts, aws.Publishers...),
						"the layer is not one of this account",
					)
				}),
				rule.Require(f.Get("code"), matcher.Local, "the code comes from a web site"),
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
	Title:    "An alias of a function leads to one version",
	Why:      "With weights, a part of the calls runs other code than the one reviewed, and nobody sees which.",
	Fix:      "Leave RoutingConfig out.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.LambdaAlias},
	Resource: rule.Property(
		"routingConfig.additionalVersionWeights",
		matcher.Empty,
		"the alias leads to several versions",
	),
}
