package gateway

import (
	"net/http"
	"slices"
	"strings"

	"localaws/credentials"
)

// signedServices are the service names in signatures by which the emulator routes requests. It routes other names by
// host and path, which authorization does not.
var signedServices = strings.Fields(`
	account acm airflow aoss apigateway appconfig appconfigdata appsync athena autoscaling backup batch bedrock
	bedrock-agentcore bedrock-runtime budgets cloudformation cloudfront cloudfront-keyvaluestore cloudtrail codebuild
	cognito-identity cognito-idp config cur dsql dynamodb ec2 ecr ecs eks elasticache elasticfilesystem
	elasticloadbalancing elasticmapreduce es events firehose geo glue iam inspector2 iot iot-jobs-data iotdata
	iotdevicegateway iotwireless kafka kinesis kinesisanalytics kms lakeformation lambda logs mediaconnect monitoring mq
	opensearch organizations pipes rds rds-data resource-groups route53 s3 s3files s3tables scheduler secretsmanager
	servicediscovery ses signer sns sqs ssm states sts tagging transcribe transfer translate waf waf-regional wafv2
`)

// checkService rejects signatures for other services, unless the request has a target, which names the service.
func checkService(r *http.Request) error {
	service := credentials.ServiceOf(r)
	if slices.Contains(signedServices, service) || r.Header.Get("X-Amz-Target") != "" || strings.HasPrefix(r.URL.Path, InternalPrefix) {
		return nil
	}
	return malformed("the request is signed for " + service + ", which the local AWS does not support")
}
