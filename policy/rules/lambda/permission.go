package lambda

import (
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var permissionNotPublic = rule.Rule{
	ID:       "lambda-permission-not-public",
	Title:    "Lambda permissions allow only invocations, and not by everyone, a whole account or another account",
	Why:      "Whoever can invoke a function uses the permissions of its role.",
	Fix:      "Set Principal of the lambda.Permission to a service, or to the ARN of a role.",
	Sources:  "FSBP Lambda.1; cdk-nag HIPAA.Security-LambdaFunctionPublicAccessProhibited; checkov CKV_AWS_301",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.LambdaPermission},
	Stack: func(s rule.Stack) []rule.Finding {
		ownAccounts := iampolicy.OwnAccounts(s)
		return s.Each(aws.LambdaPermission, func(p rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(p.Get("action"), matcher.OneOfOrMissing(invocations...), "the action is not an invocation"),
				requireNamedPrincipal(p, ownAccounts),
			)
		})
	},
}

// invocations are the actions that a permission may allow.
var invocations = []string{"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:InvokeAsync"}

var (
	organization = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	wholeAccount = regexp.MustCompile(`^(\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:root)$`)
	accountOf    = regexp.MustCompile(`^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):`)
)

func requireNamedPrincipal(p rule.Resource, ownAccounts []string) []rule.Finding {
	principal := p.Get("principal")
	if everyone, err := matcher.OneOf("*")(principal); everyone && err == nil && !matcher.Missing(p.Get("principalOrgId")) {
		return rule.Require(p.Get("principalOrgId"), matcher.Matches(organization), "principalOrgId is not the ID of an organization")
	}
	return rule.All(
		rule.Require(principal, matcher.AllOf(matcher.Set, matcher.Not(matcher.Matches(wholeAccount))), "the principal is everyone or a whole account"),
		rule.Require(principal, func(v value.Value) (bool, error) {
			text, err := v.Text()
			match := accountOf.FindStringSubmatch(text)
			return match == nil || len(ownAccounts) == 0 || slices.Contains(ownAccounts, match[1]), err
		}, "the principal belongs to another account"),
	)
}

var permissionSource = rule.Rule{
	ID:       "lambda-permission-source",
	Title:    "Lambda permissions for AWS services specify a source",
	Why:      "The service acts for all AWS customers: without a source, anyone's rule or bucket can invoke the function.",
	Fix:      "Set SourceArn or SourceAccount on the lambda.Permission.",
	Sources:  "checkov CKV_AWS_364; pulumi aws-lambda-permission-configure-source-arn; trivy aws-lambda-restrict-source-arn",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.LambdaPermission, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.LambdaPermission, func(p rule.Resource) []rule.Finding {
			return rule.When(p.Get("principal"), isService, func() []rule.Finding {
				source := p.Get("sourceArn")
				given := !matcher.Missing(p.Get("sourceAccount")) || !matcher.Missing(p.Get("eventSourceToken"))
				if given || source.State() == value.Unknown {
					return nil
				}
				return rule.All(
					rule.RequireGiven(source, "the service can invoke the function for any account"),
					rule.Require(source, matcher.Not(anySource), "the service can invoke the function for sources of any account"),
					requireOwnBucket(s, p),
				)
			})
		})
	},
}

// anySource accepts an ARN that matches sources of any account. The ARN of a bucket has no account, so its name
// must not begin with a wildcard.
func anySource(v value.Value) (bool, error) {
	text, err := v.Text()
	parts := strings.Split(text, ":")
	if len(parts) < 6 {
		return strings.ContainsAny(text, "*?"), err
	}
	account, name := parts[4], parts[5]
	return strings.ContainsAny(account, "*?") || account == "" && strings.IndexAny(name, "*?") == 0, err
}

// requireOwnBucket reports a bucket outside the stack without a required account: after its deletion, anyone could
// create a bucket with the same name.
func requireOwnBucket(s rule.Stack, permission rule.Resource) []rule.Finding {
	source := permission.Get("sourceArn")
	text, err := source.Text()
	if _, name, isBucket := strings.Cut(text, ":s3:::"); err != nil || !isBucket || len(s.Identified(name, aws.Bucket)) > 0 {
		return nil
	}
	return s.RequireReference(permission, source, "the bucket is not in this stack, and SourceAccount is not set", aws.Bucket)
}

// isService accepts the name of a service, which contains a domain, unlike ARNs and accounts.
func isService(v value.Value) (bool, error) {
	text, err := v.Text()
	return strings.Contains(text, ".amazon") && !strings.HasPrefix(text, "arn:"), err
}

var noPublicURL = rule.Rule{
	ID:       "lambda-no-public-url",
	Title:    "Lambda function URLs require IAM authorization, and CORS allows only named origins",
	Why:      "Anyone can call a URL without authorization, and so use the permissions of the function's role.",
	Fix:      "Remove the lambda.FunctionUrl, or set AuthorizationType to AWS_IAM and Cors.AllowOrigins to the origins.",
	Sources:  "checkov CKV_AWS_258; checkov CKV2_AWS_75; prowler awslambda_function_url_public",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.FunctionURL},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.FunctionURL, func(url rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(url.Get("authorizationType"), matcher.OneOf("AWS_IAM"), "the URL does not require authorization"),
				rule.Each(url.Get("cors", "allowOrigins"), func(origin value.Value) []rule.Finding {
					return rule.Require(origin, matcher.NamedOrigin, "CORS allows every origin")
				}),
			)
		})
	},
}
