package actions

import "regexp"

// targets maps prefixes of X-Amz-Target to services, for all services of the gateway and the emulator.
var targets = map[string]string{
	"AWSBudgetServiceGateway":              "budgets",
	"AWSCognitoIdentityProviderService":    "cognito-idp",
	"AWSCognitoIdentityService":            "cognito-identity",
	"AWSEvents":                            "events",
	"AWSFreeTierService":                   "freetier",
	"AWSGlue":                              "glue",
	"AWSOrganizationsV20161128":            "organizations",
	"AWSOrigamiServiceGatewayService":      "cur",
	"AWSShineFrontendService_20170701":     "translate",
	"AWSStepFunctions":                     "states",
	"AWSWAF_20150824":                      "waf",
	"AWSWAF_20190729":                      "wafv2",
	"AWSWAF_Regional_20161128":             "waf-regional",
	"AmazonAthena":                         "athena",
	"AmazonEC2ContainerRegistry_V20150921": "ecr",
	"AmazonEC2ContainerServiceV20141113":   "ecs",
	"AmazonSQS":                            "sqs",
	"AmazonSSM":                            "ssm",
	"CertificateManager":                   "acm",
	"CloudApiService":                      "cloudformation",
	"CloudTrail_20131101":                  "cloudtrail",
	"CodeBuild_20161006":                   "codebuild",
	"DynamoDBStreams_20120810":             "dynamodb",
	"DynamoDB_20120810":                    "dynamodb",
	"ElasticMapReduce":                     "elasticmapreduce",
	"Firehose_20150804":                    "firehose",
	"GraniteServiceVersion20100801":        "cloudwatch",
	"KinesisAnalytics_20180523":            "kinesisanalytics",
	"Kinesis_20131202":                     "kinesis",
	"Logs_20140328":                        "logs",
	"OpenSearchServerless":                 "aoss",
	"ResourceGroupsTaggingAPI_20170126":    "tag",
	"Route53AutoNaming_v20170314":          "servicediscovery",
	"ServiceQuotasV20190624":               "servicequotas",
	"StarlingDoveService":                  "config",
	"Transcribe":                           "transcribe",
	"TransferService":                      "transfer",
	"TrentService":                         "kms",
	"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
	"secretsmanager": "secretsmanager",
}

var targetForm = regexp.MustCompile(`^([\w.]+)\.(\w+)$`)

// Target returns the service and operation in X-Amz-Target, regardless of the signature. The service is "" if it is
// unknown. Such requests must not reach the emulator, which matches only a prefix and the part after the last dot.
func Target(header string) (service, operation string) {
	m := targetForm.FindStringSubmatch(header)
	if m == nil {
		return "", header
	}
	return targets[m[1]], m[2]
}
