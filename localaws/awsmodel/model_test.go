package awsmodel

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/testtools"
)

func models(t testing.TB) *Models {
	t.Helper()
	dir, err := Find(testtools.Ministack(t))
	require.NoError(t, err)
	m, err := Open(dir)
	require.NoError(t, err)
	return m
}

func services() []string {
	names := append(slices.Collect(maps.Values(targets)), slices.Collect(maps.Values(versions))...)
	return append(names, "lambda")
}

// Patterns with lookahead or lookbehind, which Go does not support. They are not
// checked; a new one needs a separate rule if it matters.
func TestUnsupportedPatterns(t *testing.T) {
	m, skipped, translated := models(t), map[string][]string{}, 0
	for _, service := range services() {
		model, err := m.load(service, "")
		require.NoError(t, err)
		for name, s := range model.Shapes {
			switch p := s.regex(); {
			case p != nil && p.expression == nil:
				skipped[service] = append(skipped[service], name)
			case p != nil:
				translated++
			}
		}
		slices.Sort(skipped[service])
	}
	require.Greater(t, translated, 500)
	known := map[string][]string{
		"athena":  {"NotebookName"},
		"budgets": {"BudgetName"},
		"ec2":     {"SecretArn"},
		"events":  {"PathParameter"},
		"glue":    {"AssetTypeFormKey", "AssetTypeName", "CatalogNameString"},
		"iam":     {"accountAliasType"},
		"lambda":  {"Alias", "CollectionName", "FunctionUrlFunctionName", "FunctionUrlQualifier", "S3Bucket"},
		"rds":     {"TargetDBClusterParameterGroupName", "TargetDBParameterGroupName"},
		"ssm": {
			"AlarmName", "DocumentReviewComment", "MetadataKey", "OpsItemCategory", "OpsItemDataKey", "OpsItemSeverity", "OpsItemSource",
			"OpsItemTitle", "OpsMetadataFilterKey", "OpsMetadataResourceId", "Policy", "RegistrationMetadataKey", "RegistrationMetadataValue", "StringDateTime",
		},
	}
	for service, names := range skipped {
		for _, name := range names {
			require.Contains(t, known[service], name, "pattern of a shape of %s", service)
		}
	}
}

func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		java, value string
		matches     bool
	}{
		{`[\.\-_/#A-Za-z0-9]+`, "/aws/group", true},
		{`[\.\-_/#A-Za-z0-9]+`, "/aws/group!", false},
		{`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*`, "name 😀 é", true},
		{`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*`, "a\nb", false},
		{`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`, "Latin é", true},
		{`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`, "dash —", false},
		{`^arn:x{1,2000}$`, "arn:" + strings.Repeat("x", 1500), true},
		{`a|bc`, "bcd", false},
		{`(?!a).*`, "anything", true},
	} {
		p := translate(c.java)
		require.Equal(t, c.matches, p.matches(c.value), "%s on %q", c.java, c.value)
	}
}

func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func signedFor(service string) string {
	return "AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}

func TestReadForms(t *testing.T) {
	m := models(t)
	read := func(form url.Values) map[string]any {
		r, err := m.Read(httptest.NewRequest(http.MethodPost, "/", nil), []byte(form.Encode()))
		require.NoError(t, err)
		require.NotNil(t, r)
		return r.Params
	}
	require.Equal(t, map[string]any{
		"GroupId": "sg-1",
		"IpPermissions": []any{map[string]any{
			"IpProtocol": "tcp", "IpRanges": []any{map[string]any{"CidrIp": "10.0.0.0/8", "Description": "d"}},
			"UserIdGroupPairs": []any{map[string]any{"GroupId": "sg-2"}},
		}},
	}, read(url.Values{
		"Action": {"AuthorizeSecurityGroupIngress"}, "Version": {"2016-11-15"}, "GroupId": {"sg-1"}, "IpPermissions.1.IpProtocol": {"tcp"},
		"IpPermissions.1.IpRanges.1.CidrIp": {"10.0.0.0/8"}, "IpPermissions.1.IpRanges.1.Description": {"d"}, "IpPermissions.1.Groups.1.GroupId": {"sg-2"},
	}), "ec2")
	require.Equal(t, map[string]any{
		"RoleName": "r", "Tags": []any{map[string]any{"Key": "k", "Value": "v"}},
	}, read(url.Values{
		"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {"r"}, "Tags.member.1.Key": {"k"}, "Tags.member.1.Value": {"v"},
	}), "a list of the query protocol")
	require.Equal(t, map[string]any{
		"DBInstanceIdentifier": "db", "VpcSecurityGroupIds": []any{"sg-1", "sg-2"},
	}, read(url.Values{
		"Action": {"ModifyDBInstance"}, "Version": {"2014-10-31"}, "DBInstanceIdentifier": {"db"},
		"VpcSecurityGroupIds.VpcSecurityGroupId.1": {"sg-1"}, "VpcSecurityGroupIds.VpcSecurityGroupId.2": {"sg-2"},
	}), "a list with a name for its members")
	require.Equal(t, map[string]any{
		"Name": "t", "Attributes": map[string]any{"DisplayName": "d"},
	}, read(url.Values{
		"Action": {"CreateTopic"}, "Version": {"2010-03-31"}, "Name": {"t"}, "Attributes.entry.1.key": {"DisplayName"}, "Attributes.entry.1.value": {"d"},
	}), "a map")
}

func TestReadREST(t *testing.T) {
	m := models(t)
	r, err := m.Read(request(http.MethodPut, "/2015-03-31/functions/my%20function/configuration", `{"Timeout":3}`), nil)
	require.NoError(t, err)
	require.Equal(t, "UpdateFunctionConfiguration", r.Operation)
	require.Equal(t, "my function", r.Params["FunctionName"])

	in := request(http.MethodPost, "/2015-03-31/functions/f/invocations", `not JSON`, "X-Amz-Invocation-Type", "Event")
	r, err = m.Read(in, nil)
	require.NoError(t, err, "an event may be anything")
	require.Equal(t, "Invoke", r.Operation)
	require.Equal(t, "Event", r.Params["InvocationType"])

	r, err = m.Read(request(http.MethodPut, "/2015-03-31/key", "object", "Authorization", signedFor("s3")), nil)
	require.NoError(t, err)
	require.Equal(t, "s3", r.Service, "the signature identifies a bucket whose name is a date")
	r, err = m.Read(request(http.MethodPut, "/table/x", "object", "Authorization", signedFor("s3tables")), nil)
	require.NoError(t, err)
	require.Nil(t, r, "a service without a model here")
}

func TestReadS3(t *testing.T) {
	for _, c := range []struct{ path, bucket, key string }{
		{"/events", "events", ""},
		{"/events/a//b%20c%2Fd", "events", "a//b c/d"},
	} {
		r, err := readS3(request(http.MethodGet, c.path, ""))
		require.NoError(t, err)
		require.Equal(t, map[string]any{"Bucket": c.bucket, "Key": c.key}, r.Params, c.path)
	}
}

// Values that may be secret are not repeated.
func TestSecretValuesAreNotRepeated(t *testing.T) {
	m := models(t)
	for _, c := range []struct{ operation, body string }{
		{"secretsmanager.CreateSecret", `{"Name":"n","SecretString":"` + strings.Repeat("hunter2", 10000) + `"}`},
		{"AWSGlue.CreateConnection", `{"ConnectionInput":{"Name":"n","ConnectionType":"JDBC","ConnectionProperties":{"HOSTILE":"hunter2"}}}`},
	} {
		r, err := m.Read(request(http.MethodPost, "/", "", "X-Amz-Target", c.operation), []byte(c.body))
		require.NoError(t, err)
		err = r.Validate()
		require.Error(t, err, c.operation)
		require.NotContains(t, err.Error(), "hunter2", c.operation)
	}
	r, err := m.Read(request(http.MethodPut, "/2015-03-31/functions/f/configuration", `{"Environment":{"Variables":{"1":"hunter2"}}}`), nil)
	require.NoError(t, err)
	err = r.Validate()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
}

func TestMissingModels(t *testing.T) {
	_, err := Find("/bin/sh")
	require.ErrorContains(t, err, "install botocore in the environment of")
	_, err = Open("/nowhere")
	require.ErrorContains(t, err, "folder /nowhere does not exist")
}

// A model is loaded once for each service; EC2's is the largest.
func BenchmarkLoadEC2(b *testing.B) {
	dir, err := Find(testtools.Ministack(b))
	require.NoError(b, err)
	for b.Loop() {
		m, err := Open(dir)
		require.NoError(b, err)
		_, err = m.load("ec2", "")
		require.NoError(b, err)
	}
}

func BenchmarkLoadGlue(b *testing.B) {
	dir, err := Find(testtools.Ministack(b))
	require.NoError(b, err)
	for b.Loop() {
		m, err := Open(dir)
		require.NoError(b, err)
		_, err = m.load("glue", "")
		require.NoError(b, err)
	}
}

func BenchmarkCheckCreateTable(b *testing.B) {
	m := models(b)
	var columns []string
	for range 30 {
		columns = append(columns, `{"Name":"column","Type":"string","Comment":"one of thirty"}`)
	}
	body := []byte(`{"DatabaseName":"d","TableInput":{"Name":"t","Parameters":{"classification":"json"},"StorageDescriptor":{"Columns":[` + strings.Join(columns, ",") + `]}}}`)
	in := request(http.MethodPost, "/", "", "X-Amz-Target", "AWSGlue.CreateTable")
	for b.Loop() {
		r, err := m.Read(in, body)
		require.NoError(b, err)
		require.NoError(b, r.Validate())
	}
}

func BenchmarkCheckS3Get(b *testing.B) {
	m := models(b)
	in := request(http.MethodGet, "/events/orders/dt=2026-11-23/a.json", "", "Authorization", signedFor("s3"))
	for b.Loop() {
		_, err := m.Read(in, nil)
		require.NoError(b, err)
	}
}
