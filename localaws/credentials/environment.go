package credentials

import "github.com/aws/aws-sdk-go-v2/aws"

// ForeignVariables are environment variables of AWS clients that would override those of Environment, or be used
// together with them.
var ForeignVariables = []string{"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CA_BUNDLE"}

// Environment returns the environment variables that point any AWS client at a local AWS.
func Environment(url, region string, owner aws.Credentials) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":      url,
		"AWS_REGION":            region,
		"AWS_DEFAULT_REGION":    region,
		"AWS_ACCESS_KEY_ID":     owner.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": owner.SecretAccessKey,
	}
}
