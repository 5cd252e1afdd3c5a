module source

go 1.25.0

// The Terraform AWS provider in a fork that exports its entry point and keeps
// the path of the original, the services of the AWS SDK that are cut down with
// it, and two readers of these services, which stay whole.
require (
	github.com/aws/aws-sdk-go-v2/service/athena v1.49.1
	github.com/aws/aws-sdk-go-v2/service/budgets v1.29.0
	github.com/aws/aws-sdk-go-v2/service/cloudwatch v1.43.3
	github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs v1.45.0
	github.com/aws/aws-sdk-go-v2/service/ec2 v1.198.0
	github.com/aws/aws-sdk-go-v2/service/eventbridge v1.36.0
	github.com/aws/aws-sdk-go-v2/service/glue v1.104.0
	github.com/aws/aws-sdk-go-v2/service/iam v1.38.2
	github.com/aws/aws-sdk-go-v2/service/kms v1.37.7
	github.com/aws/aws-sdk-go-v2/service/lambda v1.69.1
	github.com/aws/aws-sdk-go-v2/service/organizations v1.36.1
	github.com/aws/aws-sdk-go-v2/service/rds v1.93.0
	github.com/aws/aws-sdk-go-v2/service/s3 v1.71.0
	github.com/aws/aws-sdk-go-v2/service/s3control v1.52.0
	github.com/aws/aws-sdk-go-v2/service/secretsmanager v1.34.7
	github.com/aws/aws-sdk-go-v2/service/sns v1.33.7
	github.com/aws/aws-sdk-go-v2/service/ssm v1.56.1
	github.com/aws/aws-sdk-go-v2/feature/s3/manager v1.17.43
	github.com/hashicorp/aws-sdk-go-base/v2 v2.0.0-beta.59
	github.com/hashicorp/terraform-provider-aws v0.0.0
)

replace github.com/hashicorp/terraform-provider-aws => github.com/upbound/terraform-provider-aws v0.0.0-20250210124112-ca3a4c5ba291
