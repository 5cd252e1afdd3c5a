package aws

// Publishers are AWS's accounts that publish layers: Lambda Insights, the AWS Parameters and
// Secrets extension, Powertools, OpenTelemetry, the SDK for pandas and AppConfig, in the regions of
// the United States and Ireland.
// https://docs.aws.amazon.com/lambda/latest/dg/extensions-api-partners.html and its pages per
// extension.
var Publishers = []string{
	"580247275435", "177933569100", "015030872274", "017000801446", "094274105915", "901920570463",
	"336392948345", "027255383542", "434848589818",
}
