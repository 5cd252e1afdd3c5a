package credentials

import "github.com/aws/aws-sdk-go-v2/aws"

// ForeignVariables are environment variables of AWS clients that conflict with those of Environment.
var ForeignVariables = []string{"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CA_BUNDLE"}

// Environment returns environment variables that configure any AWS client for a local AWS.
func Environment(url, region string, owner aws.Credentials) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":      url,
		"AWS_REGION":            region,
		"AWS_DEFAULT_REGION":    region,
		"AWS_ACCESS_KEY_ID":     owner.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": owner.SecretAccessKey,
	}
}
