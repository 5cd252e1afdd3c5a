package authz

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
)

func requireDenied(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, code, api.ErrorCode())
	require.Contains(t, api.ErrorMessage(), message)
}

const everyKey = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"kms:*","Resource":"*"}]}`

func TestPoliciesOfRolesAreEnforced(t *testing.T) {
	w := newWorld(t)
	bucket, root := aws.String("events"), t.Context()
	_, err := w.s3.CreateBucket(root, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err, "without a role everything is allowed")
	put := func(key string) *s3.PutObjectInput {
		return &s3.PutObjectInput{Bucket: bucket, Key: aws.String(key), Body: strings.NewReader("x")}
	}
	ctx := w.role(t, "job", `{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::events/in/*"}`)
	_, err = w.s3.PutObject(ctx, put("in/a"))
	require.NoError(t, err)
	_, err = w.s3.PutObject(ctx, put("out/a"))
	requireDenied(t, err, "AccessDenied", `User: arn:aws:sts::000000000000:assumed-role/job/run is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::events/out/a" because no identity-based policy allows the s3:PutObject action`)
	_, err = w.s3.HeadObject(root, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("out/a")})
	require.Error(t, err, "a denied request has no effect")

	w.grant(t, "job", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	_, err = w.s3.PutObject(ctx, put("out/a"))
	require.NoError(t, err, "a new policy takes effect immediately")

	_, err = w.s3.PutBucketPolicy(root, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::events/out/*"}]}`)})
	require.NoError(t, err)
	w.Changed()
	_, err = w.s3.PutObject(ctx, put("out/b"))
	requireDenied(t, err, "AccessDenied", "with an explicit deny in a resource-based policy")

	_, err = glue.NewFromConfig(w.config).GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String("db"), Name: aws.String("t")})
	requireDenied(t, err, "AccessDeniedException", "glue:GetTable on resource: arn:aws:glue:us-east-1:000000000000:")

	denied := w.denied.Denials()
	require.Len(t, denied, 3)
	require.Equal(t, "s3:PutObject", denied[0].Action)
	require.Equal(t, "arn:aws:iam::000000000000:role/jobs/job", denied[0].Role)
	require.NotEmpty(t, denied[0].Missing)
	require.Empty(t, denied[1].Missing)
}

func TestKeysOfBucketsAndSecretsAreChecked(t *testing.T) {
	w := newWorld(t)
	key, root := w.key(t, everyKey), t.Context()
	bucket := aws.String("sealed")
	_, err := w.s3.CreateBucket(root, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	_, err = w.s3.PutBucketEncryption(root, &s3.PutBucketEncryptionInput{Bucket: bucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{
			BucketKeyEnabled:                   aws.Bool(true),
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(key)},
		}},
	}})
	require.NoError(t, err)
	secret, err := secretsmanager.NewFromConfig(w.config).CreateSecret(root, &secretsmanager.CreateSecretInput{Name: aws.String("db/login"), SecretString: aws.String("s"), KmsKeyId: aws.String(key)})
	require.NoError(t, err)

	may := `{"Effect":"Allow","Action":["s3:*Object","secretsmanager:GetSecretValue"],"Resource":["arn:aws:s3:::sealed/*","` + aws.ToString(secret.ARN) + `"]}`
	ctx := w.role(t, "reader", may)
	put := &s3.PutObjectInput{Bucket: bucket, Key: aws.String("a"), Body: strings.NewReader("x")}
	_, err = w.s3.PutObject(ctx, put)
	requireDenied(t, err, "AccessDenied", "kms:GenerateDataKey on resource: "+key+" because no identity-based policy allows")
	secrets := secretsmanager.NewFromConfig(w.config)
	_, err = secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("db/login")})
	requireDenied(t, err, "AccessDeniedException", "kms:Decrypt on resource: "+key)

	w.grant(t, "reader", may+`,{"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"`+key+`"}`)
	upload, err := w.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: put.Key})
	require.NoError(t, err)
	part := &s3.UploadPartInput{Bucket: bucket, Key: put.Key, UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")}
	_, err = w.s3.UploadPart(ctx, part)
	requireDenied(t, err, "AccessDenied", "kms:Decrypt on resource: "+key)

	w.grant(t, "reader", may+`,{"Effect":"Allow","Action":"kms:*","Resource":"`+key+`","Condition":{"StringLike":{"kms:ViaService":"*.us-east-1.amazonaws.com"}}}`)
	put.Body = strings.NewReader("x")
	_, err = w.s3.PutObject(ctx, put)
	require.NoError(t, err)
	part.Body = strings.NewReader("x")
	_, err = w.s3.UploadPart(ctx, part)
	require.NoError(t, err)
	_, err = secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("db/login")})
	require.NoError(t, err)
}

func TestKeyPolicyAndTrust(t *testing.T) {
	w := newWorld(t)
	key := w.key(t, strings.Replace(everyKey, ":root", ":role/other", 1))
	ctx := w.role(t, "user", `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	p, _ := ctx.Value(principalKey{}).(policy.Principal)
	d, err := w.authorizer.All(ctx, []policy.Request{{Principal: p, Action: "kms:Decrypt", Resource: key}})
	require.NoError(t, err)
	require.Equal(t, policy.Resource, d.Kind, "IAM alone does not allow use of a key")

	for service, want := range map[string]bool{"glue.amazonaws.com": true, "lambda.amazonaws.com": false} {
		d, err := w.authorizer.All(ctx, []policy.Request{w.authorizer.place.Assume(service, p.Role, "")})
		require.NoError(t, err)
		require.Equal(t, want, d == nil, service)
	}
	gone := w.authorizer.Session("arn:aws:iam::000000000000:role/gone", "run")
	d, err = w.authorizer.All(ctx, []policy.Request{{Principal: gone, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}})
	require.NoError(t, err)
	require.NotNil(t, d)
}

func TestManagedPoliciesAndBoundary(t *testing.T) {
	w := newWorld(t)
	made, err := w.iam(t.Context(), "CreatePolicy", "PolicyName", "limit", "PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}]}`)
	require.NoError(t, err)
	_, err = w.iam(t.Context(), "CreateRole", "RoleName", "limited", "AssumeRolePolicyDocument", trust, "PermissionsBoundary", text(made, "//Policy/Arn"))
	require.NoError(t, err)
	_, err = w.iam(t.Context(), "AttachRolePolicy", "RoleName", "limited", "PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")
	require.NoError(t, err)
	p := w.authorizer.Session("arn:aws:iam::000000000000:role/limited", "s")
	for action, want := range map[string]bool{"sns:Publish": true, "sns:Subscribe": false} {
		d, err := w.authorizer.All(t.Context(), []policy.Request{{Principal: p, Action: action, Resource: "arn:aws:sns:us-east-1:000000000000:t"}})
		require.NoError(t, err)
		require.Equal(t, want, d == nil, action)
		if d != nil {
			require.Equal(t, policy.Boundary, d.Kind)
		}
	}
}

func TestEndpointPoliciesAndSourceFunction(t *testing.T) {
	w := newWorld(t)
	ec2 := func(action, path string, pairs ...string) string {
		found, err := w.client.query(t.Context(), "ec2", ec2Version, action, pairs...)
		require.NoError(t, err)
		return text(found, path)
	}
	vpc := ec2("CreateVpc", "//vpcId", "CidrBlock", "10.9.0.0/16")
	subnet := ec2("CreateSubnet", "//subnetId", "VpcId", vpc, "CidrBlock", "10.9.1.0/24")
	table := ec2("CreateRouteTable", "//routeTableId", "VpcId", vpc)
	ec2("AssociateRouteTable", "//associationId", "RouteTableId", table, "SubnetId", subnet)
	group := ec2("CreateSecurityGroup", "//groupId", "VpcId", vpc, "GroupName", "workers", "GroupDescription", "lets everything out")
	endpoint := ec2("CreateVpcEndpoint", "//vpcEndpointId", "VpcId", vpc, "ServiceName", "com.amazonaws.us-east-1.s3", "VpcEndpointType", "Gateway", "RouteTableId.1", table)
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::inside/*","Condition":{"StringEquals":{"aws:PrincipalAccount":"000000000000"}}}]}`
	w.options.EndpointPolicy = func(id string) (string, error) {
		require.Equal(t, endpoint, id)
		return document, nil
	}
	w.options.JobConnections = func(job string) ([]string, error) {
		if job == "inside" {
			return []string{"inside"}, nil
		}
		return nil, nil
	}
	require.NoError(t, w.client.json(t.Context(), "glue", "AWSGlue.CreateConnection", map[string]any{"ConnectionInput": map[string]any{
		"Name": "inside", "ConnectionType": "NETWORK", "ConnectionProperties": map[string]string{},
		"PhysicalConnectionRequirements": map[string]any{"SubnetId": subnet, "SecurityGroupIdList": []string{group}},
	}}, &struct{}{}))
	may := `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sns:*","Resource":"*","Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:f"}}}`
	w.role(t, "inside", may)
	as := func(job, function string) policy.Principal {
		p := w.authorizer.Session("arn:aws:iam::000000000000:role/jobs/inside", jobSession)
		p.Job, p.Function = job, function
		return p
	}
	get := func(key, job string) *policy.Decision {
		r := httptest.NewRequest(http.MethodGet, "/"+key, nil)
		d, err := w.authorizer.Request(r, nil, as(job, ""))
		require.NoError(t, err)
		return d
	}
	require.Nil(t, get("inside/k", "inside"))
	require.Equal(t, policy.Endpoint, get("outside/k", "inside").Kind)
	require.Nil(t, get("outside/k", "elsewhere"), "a job with the same role but no connection does not use the endpoint")
	require.Nil(t, get("outside/k", ""), "nor does a user with a session of the same name")

	publish := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(""))
	publish.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form := []byte("Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:us-east-1:000000000000:t")
	d, err := w.authorizer.Request(publish, form, as("", "g"))
	require.NoError(t, err)
	require.Nil(t, d, "another function with the same role")
	d, err = w.authorizer.Request(publish, form, as("", "f"))
	require.NoError(t, err)
	require.Equal(t, policy.ExplicitDeny, d.Reason)
}
