package actions

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"localaws/iam/policy"
)

// common returns the condition keys of every request. It sets aws:SecureTransport, because clients use TLS on AWS:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (c *Call) common() policy.Context {
	now := time.Now
	if c.env.Now != nil {
		now = c.env.Now
	}
	common := policy.Context{}
	common.Set("aws:CurrentTime", now().UTC().Format(time.RFC3339))
	common.Set("aws:EpochTime", strconv.FormatInt(now().Unix(), 10))
	common.Set("aws:SecureTransport", "true")
	common.Set("aws:RequestedRegion", c.env.Region)
	common.Set("aws:ViaAWSService", "false")
	if agent := c.http.UserAgent(); agent != "" {
		common.Set("aws:UserAgent", agent)
	}
	if host, _, err := net.SplitHostPort(c.http.RemoteAddr); err == nil {
		common.Set("aws:SourceIp", host)
	}
	return common
}

// context returns the condition keys of the operation for all its resources.
func (c *Call) context() policy.Context {
	k := policy.Context{}
	set := func(key string, names ...string) {
		for _, name := range names {
			if values := c.params.get(name); len(values) > 0 {
				k.Set(key, values...)
				return
			}
		}
	}
	switch c.Service {
	case "kms":
		k.Set("kms:CallerAccount", c.env.Account)
		for _, key := range c.params.keys("EncryptionContext") {
			set("kms:EncryptionContext:"+key, "EncryptionContext."+key)
			k.Add("kms:EncryptionContextKeys", key)
		}
		set("kms:GrantOperations", "Operations")
		if id := first(c.params, "KeyId"); strings.HasPrefix(id, "alias/") {
			k.Set("kms:RequestAlias", id)
		}
	case "secretsmanager":
		set("secretsmanager:SecretId", "SecretId")
		set("secretsmanager:VersionStage", "VersionStage")
		set("secretsmanager:VersionId", "VersionId")
		set("secretsmanager:Name", "Name")
		set("secretsmanager:RotationLambdaARN", "RotationLambdaARN")
	case "cloudwatch":
		set("cloudwatch:namespace", "Namespace")
	case "sns":
		set("sns:Protocol", "Protocol")
		set("sns:Endpoint", "Endpoint")
	case "sts":
		set("sts:RoleSessionName", "RoleSessionName")
		set("sts:ExternalId", "ExternalId")
	case "iam":
		set("iam:PolicyARN", "PolicyArn")
		set("iam:PermissionsBoundary", "PermissionsBoundary")
	case "lambda":
		set("lambda:Principal", "Principal")
		set("lambda:SubnetIds", "VpcConfig.SubnetIds")
		set("lambda:SecurityGroupIds", "VpcConfig.SecurityGroupIds")
	case "glue":
		set("glue:RoleAssumedBy", "RoleAssumedBy")
	case "ec2":
		k.Set("ec2:Region", c.env.Region)
		for key, values := range c.tags("Tag") {
			k.Set(key, values...)
		}
		for key, values := range c.createdTags() {
			k.Set(key, values...)
		}
		return k
	}
	c.requestTags(k)
	return k
}

// createdTags returns the condition keys of tags in a creating request of EC2.
func (c *Call) createdTags() policy.Context { return c.tags("TagSpecification.1.Tag") }

// requestTags adds the condition keys of tags in a request of the JSON or query protocols.
func (c *Call) requestTags(k policy.Context) {
	for _, key := range c.params.keys("Tags") { // Glue and Lambda: an object
		k.Set("aws:RequestTag/"+key, c.params.get("Tags."+key)...)
		k.Add("aws:TagKeys", key)
	}
	if form, ok := c.params.(formParams); ok {
		for _, list := range []string{"Tags.Tag", "Tags.member", "Tag"} {
			for key, values := range (&Call{params: form}).tags(list) {
				k.Set(key, values...)
			}
		}
		return
	}
	if p, ok := c.params.(jsonParams); ok {
		list, _ := p.at("Tags").([]any) // Secrets Manager and others: Key and Value
		ofBudget, _ := p.at("ResourceTags").([]any)
		for _, member := range slices.Concat(list, ofBudget) {
			tag, _ := member.(map[string]any)
			key := first(jsonParams(tag), "Key", "TagKey")
			if key == "" {
				continue
			}
			k.Set("aws:RequestTag/"+key, first(jsonParams(tag), "Value", "TagValue"))
			k.Add("aws:TagKeys", key)
		}
	}
	if keys := c.params.get("TagKeys"); len(keys) > 0 {
		k.Set("aws:TagKeys", keys...)
	}
}

// header sets a key to the value of a header if the request has it.
func header(k policy.Context, key string, h http.Header, name string) {
	if value := h.Get(name); value != "" {
		k.Set(key, value)
	}
}
