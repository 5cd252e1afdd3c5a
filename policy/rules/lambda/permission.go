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
	Title:    "No permission lets everyone, or another account, invoke a function",
	Why:      "Whoever may invoke it acts with its role.",
	Fix:      "Set Principal of the lambda.Permission to a service, or to the ARN of a role.",
	Sources:  "FSBP Lambda.1; cdk-nag HIPAA.Security-LambdaFunctionPublicAccessProhibited; checkov CKV_AWS_301",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.LambdaPermission},
	Stack: func(s rule.Stack) []rule.Finding {
		own := iampolicy.OwnAccounts(s)
		return s.Each(aws.LambdaPermission, func(p rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(p.Get("action"), matcher.OneOfOrMissing(invocations...), "more than invoking the function is allowed"),
				requireNamedPrincipal(p, own),
			)
		})
	},
}

// invocations are the actions that a permission may allow.
var invocations = []string{"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:InvokeAsync"}

var (
	organisation = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	wholeAccount = regexp.MustCompile(`^(\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:root)$`)
	accountOf    = regexp.MustCompile(`^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):`)
)

func requireNamedPrincipal(p rule.Resource, own []string) []rule.Finding {
	principal := p.Get("principal")
	if everyone, err := matcher.OneOf("*")(principal); everyone && err == nil && !matcher.Missing(p.Get("principalOrgId")) {
		return rule.Require(p.Get("principalOrgId"), func(v value.Value) (bool, error) {
			text, err := v.Text()
			return organisation.MatchString(text), err
		}, "the organisation is not named")
	}
	return rule.All(
		rule.Require(principal, namedPrincipal, "the principal is everyone, or a whole account"),
		rule.Require(principal, func(v value.Value) (bool, error) {
			text, err := v.Text()
			match := accountOf.FindStringSubmatch(text)
			return match == nil || len(own) == 0 || slices.Contains(own, match[1]), err
		}, "the principal is of another account"),
	)
}

func namedPrincipal(v value.Value) (bool, error) {
	text, err := v.Text()
	return text != "" && !wholeAccount.MatchString(text), err
}

var permissionSource = rule.Rule{
	ID:       "lambda-permission-source",
	Title:    "A service invokes a function for one source only",
	Why:      "The service acts for all customers: without a source anyone's rule or bucket may invoke the function.",
	Fix:      "Set SourceArn or SourceAccount on the lambda.Permission.",
	Sources:  "checkov CKV_AWS_364; pulumi aws-lambda-permission-configure-source-arn; trivy aws-lambda-restrict-source-arn",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.LambdaPermission},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.When(r.Get("principal"), isService, func() []rule.Finding {
			if !matcher.Missing(r.Get("sourceAccount")) {
				return nil
			}
			return rule.RequireGiven(r.Get("sourceArn"), "the service may invoke it for any account")
		})
	},
}

func isService(v value.Value) (bool, error) {
	text, err := v.Text()
	return strings.HasSuffix(text, ".amazonaws.com"), err
}

var noPublicURL = rule.Rule{
	ID:       "lambda-no-public-url",
	Title:    "No function has a URL that everyone may call",
	Why:      "A URL without authorisation is an open door with the function's role behind it.",
	Fix:      "Remove the lambda.FunctionUrl, or set AuthorizationType to AWS_IAM and name the origins.",
	Sources:  "checkov CKV_AWS_258; checkov CKV2_AWS_75; prowler awslambda_function_url_public",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.FunctionURL},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.FunctionURL, func(url rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(url.Get("authorizationType"), matcher.OneOf("AWS_IAM"), "the URL asks for no authorisation"),
				rule.Require(url.Get("cors", "allowOrigins"), matcher.Not(matcher.Has("*")), "every origin may call the URL"),
			)
		})
	},
}
