package preflight

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Clients are the clients of the checked services.
type Clients struct {
	alarms  *cloudwatch.Client
	athena  *athena.Client
	budgets *budgets.Client
	ec2     *ec2.Client
	glue    *glue.Client
	iam     *iam.Client
	kms     *kms.Client
	lake    *lakeformation.Client
	lambda  *lambda.Client
	logs    *cloudwatchlogs.Client
	quotas  *servicequotas.Client
	rds     *rds.Client
	s3      *s3.Client
	secrets *secretsmanager.Client
	sts     *sts.Client
	config  aws.Config
}

// NewClients returns clients for the configuration's account and region, or its endpoint.
func NewClients(cfg aws.Config) *Clients {
	return &Clients{
		alarms:  cloudwatch.NewFromConfig(cfg),
		athena:  athena.NewFromConfig(cfg),
		budgets: budgets.NewFromConfig(cfg),
		ec2:     ec2.NewFromConfig(cfg),
		glue:    glue.NewFromConfig(cfg),
		iam:     iam.NewFromConfig(cfg),
		kms:     kms.NewFromConfig(cfg),
		lake:    lakeformation.NewFromConfig(cfg),
		lambda:  lambda.NewFromConfig(cfg),
		logs:    cloudwatchlogs.NewFromConfig(cfg),
		quotas:  servicequotas.NewFromConfig(cfg),
		rds:     rds.NewFromConfig(cfg),
		s3:      s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil }),
		secrets: secretsmanager.NewFromConfig(cfg),
		sts:     sts.NewFromConfig(cfg),
		config:  cfg,
	}
}

// missing reports whether an error of AWS means that a resource does not exist.
func missing(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	code, message := api.ErrorCode(), strings.ToLower(api.ErrorMessage())
	// Athena has one code for all invalid requests.
	return strings.Contains(code, "NotFound") || strings.Contains(code, "NoSuch") ||
		(code == "InvalidRequestException" && strings.Contains(message, "not found"))
}

// denied reports whether AWS refused the caller.
func denied(err error) bool {
	var api smithy.APIError
	codes := []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
	return status(err) == http.StatusForbidden || (errors.As(err, &api) && slices.Contains(codes, api.ErrorCode()))
}

// status returns the HTTP status of an error of AWS, 0 for other errors.
func status(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}
