package gateway_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/testtools"
)

// in is the parameters of a call.
type in map[string]any

// apiCall is a call by boto3 with its own validation off.
type apiCall struct {
	service, method string
	in              in
	// code and message are prefixes of the error's; empty means success.
	code, message string
}

// answers makes the calls in order and returns the results.
func answers(t *testing.T, s *stack, calls []apiCall) [][2]string {
	t.Helper()
	list := make([][3]any, len(calls))
	for i, c := range calls {
		list[i] = [3]any{c.service, c.method, c.in}
	}
	input, err := json.Marshal(list)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), testtools.Python(t), "-c", source(t, "testdata/calls.py"), s.url, region) //nolint:gosec // The Python of the setup.
	cmd.Env = s.environ(t)
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var got [][2]string
	require.NoError(t, json.Unmarshal(out, &got))
	require.Len(t, got, len(calls))
	return got
}

func checkAnswers(t *testing.T, s *stack, calls []apiCall) {
	t.Helper()
	for i, got := range answers(t, s, calls) {
		c := calls[i]
		label := c.service + "." + c.method + ": " + got[0] + ": " + got[1]
		if c.code != got[0] || !strings.HasPrefix(got[1], c.message) {
			t.Errorf("%s\nwant %s: %s", label, c.code, c.message)
		}
	}
}

const policyDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`

func longPolicy(size int) string {
	return strings.Replace(policyDocument, `"*"`, `"arn:aws:s3:::`+strings.Repeat("a", size)+`"`, 1)
}

func trusted(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`
}

// Violations of AWS's service models, in each protocol.
func TestModelsAreEnforced(t *testing.T) {
	s := newStack(t, operations())
	const detected = "1 validation error detected: "
	checkAnswers(t, s, []apiCall{
		{"glue", "create_database", in{"DatabaseInput": in{"Name": ""}}, "ValidationException",
			detected + "Value '' at 'databaseInput.name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"glue", "create_database", in{}, "ValidationException",
			detected + "Value null at 'databaseInput' failed to satisfy constraint: Member must not be null"},
		{"glue", "create_database", in{"DatabaseInput": in{"Name": "sales"}}, "", ""},
		{"glue", "create_table", in{"DatabaseName": "sales", "TableInput": in{"Name": "t", "StorageDescriptor": in{
			"Columns": []in{{"Name": "a", "Type": "int"}, {"Name": strings.Repeat("n", 256)}}}}}, "ValidationException",
			detected + "Value '" + strings.Repeat("n", 256) + "' at 'tableInput.storageDescriptor.columns.2.member.name' failed to satisfy constraint: Member must have length less than or equal to 255"},
		{"glue", "create_table", in{"DatabaseName": "sales", "TableInput": in{"Name": "t", "StorageDescriptor": in{
			"Columns": []in{{"Name": "a", "Type": strings.Repeat("t", 131073)}}}}}, "ValidationException", detected + "Value 'ttt"},
		{"glue", "create_table", in{"DatabaseName": "sales", "TableInput": in{"Name": "t", "StorageDescriptor": in{
			"Columns": []in{{"Name": "a\nb", "Type": "int"}}}}}, "ValidationException", detected + "Value 'a\nb' at 'tableInput.storageDescriptor.columns.1.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0020-"},
		{"glue", "create_job", in{"Name": "j", "Role": "r", "Command": in{"Name": "glueetl"}, "WorkerType": "G.1X", "Timeout": 0, "NumberOfWorkers": "two"},
			"SerializationException", ""},
		{"glue", "create_job", in{"Name": "j", "Role": "r", "Command": in{"Name": "glueetl"}, "ExecutionClass": "SLOW"}, "ValidationException",
			detected + "Value 'SLOW' at 'executionClass' failed to satisfy constraint: Member must satisfy enum value set: [FLEX, STANDARD]"},
		{"glue", "create_trigger", in{"Name": "t", "Type": "HOURLY"}, "ValidationException",
			"2 validation errors detected: Value null at 'actions' failed to satisfy constraint: Member must not be null; Value 'HOURLY' at 'type'"},
		{"logs", "create_log_group", in{"logGroupName": "a group"}, "InvalidParameterException",
			detected + "Value 'a group' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"},
		{"logs", "create_log_group", in{"logGroupName": "/aws/rds/instance/shop-db/error"}, "", ""},
		{"lambda", "create_event_source_mapping", in{"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:q", "FunctionName": "f",
			"FilterCriteria": in{"Filters": []in{{"Pattern": "{}"}}}}, "InvalidParameterValueException",
			"FilterCriteria: the local AWS does not support filters for queues"},
		{"secretsmanager", "create_secret", in{"Name": strings.Repeat("s", 513), "SecretString": "x"}, "ValidationException", detected},
		{"kms", "create_alias", in{"AliasName": "alias/with space", "TargetKeyId": "1234"}, "ValidationException",
			detected + "Value 'alias/with space' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: "},
		{"athena", "create_work_group", in{"Name": "a group"}, "InvalidRequestException",
			detected + "Value 'a group' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: "},
		{"events", "put_rule", in{"Name": "a rule", "ScheduleExpression": "rate(1 hour)"}, "ValidationException", detected + "Value 'a rule' at 'name'"},
		{"ssm", "put_parameter", in{"Name": "p", "Value": "v", "Type": "Text"}, "ValidationException", detected + "Value 'Text' at 'type'"},
		{"budgets", "describe_budgets", in{"AccountId": "12"}, "InvalidParameterException", "2 validation errors detected: Value '12' at 'accountId'"},
		{"iam", "create_role", in{"RoleName": "a role", "AssumeRolePolicyDocument": trusted("glue.amazonaws.com")}, "ValidationError",
			detected + "Value 'a role' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+"},
		{"iam", "create_role", in{"RoleName": "role", "AssumeRolePolicyDocument": trusted("glue.amazonaws.com"), "Description": "an em dash — is not Latin 1"}, "ValidationError",
			detected + "Value 'an em dash — is not Latin 1' at 'description'"},
		{"iam", "create_role", in{"RoleName": "role", "AssumeRolePolicyDocument": trusted("glue.amazonaws.com"), "MaxSessionDuration": 60}, "ValidationError",
			detected + "Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"},
		{"iam", "create_role", in{"RoleName": "role", "AssumeRolePolicyDocument": trusted("glue.amazonaws.com")}, "", ""},
		{"sts", "assume_role", in{"RoleArn": "arn:aws:iam::000000000000:role/role", "RoleSessionName": "a b"}, "ValidationError", detected + "Value 'a b' at 'roleSessionName'"},
		{"rds", "create_db_instance", in{"DBInstanceIdentifier": "db", "Engine": "mysql"}, "MissingParameter", "The request must contain the parameter DBInstanceClass"},
		{"ec2", "create_security_group", in{"GroupName": "g"}, "MissingParameter", "The request must contain the parameter "},
		{"ec2", "run_instances", in{"MinCount": 1, "MaxCount": 1, "InstanceType": "t3.enormous", "ImageId": "ami-1"}, "InvalidParameterValue", "Value (t3.enormous) for parameter instanceType is invalid."},
		{"sns", "create_topic", in{}, "InvalidParameter", "1 validation error detected: Value null at 'name'"},
		{"sqs", "create_queue", in{}, "MissingParameter", "The request must contain the parameter QueueName"},
		{"lambda", "create_function", in{"FunctionName": "a function", "Role": "arn:aws:iam::000000000000:role/r", "Code": in{"ZipFile": "UEs="}}, "ValidationException",
			detected + "Value 'a function' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: "},
		{"lambda", "create_function", in{"FunctionName": "f", "Role": "role", "Code": in{"ZipFile": "UEs="}, "Timeout": 0}, "ValidationException", "2 validation errors detected: "},
		{"lambda", "invoke", in{"FunctionName": "f", "Payload": "{"}, "InvalidRequestContentException", "Could not parse request body into json"},
		{"lambda", "invoke", in{"FunctionName": "f", "Payload": "[1]"}, "ResourceNotFoundException", ""},
		{"lambda", "invoke", in{"FunctionName": "f"}, "ResourceNotFoundException", ""},
		{"lambda", "get_function", in{"FunctionName": "a%20function"}, "ValidationException", detected},
	})
}

// Rules that AWS's service models lack.
func TestRulesAreEnforced(t *testing.T) {
	s := newStack(t, operations())
	const (
		set         = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
		ruleText    = "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  " + set
		groupText   = "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  " + set
		identifiers = "is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens"
	)
	database := func(changes in) in {
		all := in{"DBInstanceIdentifier": "db", "DBInstanceClass": "db.t4g.micro", "Engine": "mysql", "AllocatedStorage": 20, "StorageType": "gp3", "MasterUsername": "shopper", "MasterUserPassword": "long-enough"}
		for name, value := range changes {
			all[name] = value
		}
		return all
	}
	function := func(variables in) in {
		return in{"FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Runtime": "python3.11", "Handler": "a.b", "Code": in{"ZipFile": "UEs="}, "Environment": in{"Variables": variables}}
	}
	permission := func(description string) in {
		return in{"GroupId": "sg-12345678", "IpPermissions": []in{{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": []in{{"CidrIp": "10.0.0.0/8", "Description": description}}}}}
	}
	lifecycle := func(rules ...in) in {
		return in{"Bucket": "good-bucket", "LifecycleConfiguration": in{"Rules": rules}}
	}
	tags := func(n int) []in {
		var out []in
		for range n {
			out = append(out, in{"Key": strings.Repeat("k", len(out)+1), "Value": "v"})
		}
		return out
	}
	columns := []in{{"Name": "tax", "Type": "int"}, {"Name": "Tax", "Type": "int"}}
	checkAnswers(t, s, []apiCall{
		{"ec2", "create_security_group", in{"GroupName": "sg-mine", "Description": "d"}, "InvalidParameterValue", "Invalid value 'sg-mine' for groupName."},
		{"ec2", "create_security_group", in{"GroupName": "mine", "Description": "a job's workers"}, "InvalidParameterValue", groupText},
		{"ec2", "create_security_group", in{"GroupName": "mine", "Description": "über"}, "InvalidParameterValue", "Value (über) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported."},
		{"ec2", "create_security_group", in{"GroupName": strings.Repeat("g", 256), "Description": "d"}, "InvalidParameterValue", "Invalid security group name."},
		{"ec2", "authorize_security_group_ingress", permission("a job's workers"), "InvalidParameterValue", ruleText},
		{"ec2", "authorize_security_group_egress", permission(strings.Repeat("d", 256)), "InvalidParameterValue", ruleText},
		{"ec2", "update_security_group_rule_descriptions_egress", permission("don't"), "InvalidParameterValue", ruleText},
		{"ec2", "modify_security_group_rules", in{"GroupId": "sg-12345678", "SecurityGroupRules": []in{{"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": in{"IpProtocol": "tcp", "Description": "a > b"}}}}, "InvalidParameterValue", ruleText},

		{"rds", "create_db_instance", database(in{"DBInstanceIdentifier": "store--events"}), "InvalidParameterValue", "The parameter DBInstanceIdentifier " + identifiers},
		{"rds", "create_db_instance", database(in{"DBInstanceIdentifier": strings.Repeat("d", 64)}), "InvalidParameterValue", "The parameter DBInstanceIdentifier is not a valid identifier because it is longer than 63"},
		{"rds", "create_db_instance", database(in{"MasterUsername": "Order"}), "InvalidParameterValue", "MasterUsername Order cannot be used as it is a reserved word used by the engine"},
		{"rds", "create_db_instance", database(in{"DBName": "select"}), "InvalidParameterValue", "DBName select cannot be used as it is a reserved word used by the engine"},
		{"rds", "create_db_instance", database(in{"MasterUsername": "rdsadmin"}), "InvalidParameterValue", "MasterUsername rdsadmin cannot be used as it is a reserved word used by the engine"},
		{"rds", "create_db_instance", database(in{"MasterUsername": "shop-master"}), "InvalidParameterValue", "The parameter MasterUsername must begin with a letter"},
		{"rds", "create_db_instance", database(in{"MasterUserPassword": "pass/word"}), "InvalidParameterValue", "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides"},
		{"rds", "create_db_instance", database(in{"MasterUserPassword": "short"}), "InvalidParameterValue", "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters."},
		{"rds", "modify_db_instance", in{"DBInstanceIdentifier": "db", "MasterUserPassword": strings.Repeat("p", 42)}, "InvalidParameterValue", "The parameter MasterUserPassword is not a valid password because it is longer than 41 characters."},
		{"rds", "create_db_instance", database(in{"DBName": "shop-db"}), "InvalidParameterValue", "DBName must begin with a letter"},
		{"rds", "create_db_instance", database(in{"DBName": "mysql"}), "InvalidParameterValue", "DBName mysql cannot be used as it is a reserved word used by the engine"},
		{"rds", "create_db_instance", database(in{"AllocatedStorage": 19}), "InvalidParameterCombination", "Invalid storage size for engine name mysql and storage type gp3: 19"},
		{"rds", "create_db_instance", database(in{"MaxAllocatedStorage": 20}), "InvalidParameterCombination", "Max storage size must be greater than storage size"},
		{"rds", "create_db_instance", database(in{"MaxAllocatedStorage": 21}), "InvalidParameterCombination", "The maximum allocated storage must be increased by at least 10 percent."},
		{"rds", "create_db_instance", database(in{"Iops": 3000}), "InvalidParameterCombination", "You can't specify IOPS or storage throughput for engine mysql and a storage size less than 400."},
		{"rds", "create_db_instance", database(in{"AllocatedStorage": 400, "Iops": 3000}), "InvalidParameterCombination", "Invalid iops value for engine name mysql and storage type gp3: 3000"},
		{"rds", "create_db_instance", database(in{"BackupRetentionPeriod": 36}), "InvalidParameterValue", "Invalid backup retention period"},
		{"rds", "create_db_instance", database(in{"MonitoringInterval": 60}), "InvalidParameterCombination", "A MonitoringRoleARN value is required"},
		{"rds", "delete_db_instance", in{"DBInstanceIdentifier": "db"}, "InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."},
		{"rds", "create_db_parameter_group", in{"DBParameterGroupName": "a_group", "DBParameterGroupFamily": "mysql8.4", "Description": "d"}, "InvalidParameterValue", "The parameter DBParameterGroupName " + identifiers},
		{"rds", "modify_db_parameter_group", in{"DBParameterGroupName": "p", "Parameters": []in{{"ParameterName": "back_log", "ParameterValue": "80", "ApplyMethod": "immediate"}}}, "InvalidParameterCombination", "cannot use immediate apply method for static parameter"},

		{"s3", "create_bucket", in{"Bucket": "Events"}, "InvalidBucketName", "The specified bucket is not valid."},
		{"s3", "create_bucket", in{"Bucket": "192.168.5.4"}, "InvalidBucketName", ""},
		{"s3", "create_bucket", in{"Bucket": "events-s3alias"}, "InvalidBucketName", ""},
		{"s3", "create_bucket", in{"Bucket": "sthree-events"}, "InvalidBucketName", ""},
		{"s3", "create_bucket", in{"Bucket": "events-an"}, "InvalidBucketName", ""},
		{"s3", "create_bucket", in{"Bucket": "events", "BucketNamespace": "account-regional"}, "InvalidBucketName", ""},
		{"s3", "create_bucket", in{"Bucket": "events-000000000000-" + region + "-an", "BucketNamespace": "account-regional", "CreateBucketConfiguration": in{"LocationConstraint": region}}, "", ""},
		{"s3", "create_bucket", in{"Bucket": "good-bucket", "CreateBucketConfiguration": in{"LocationConstraint": region}}, "", ""},
		{"s3", "put_object", in{"Bucket": "good-bucket", "Key": strings.Repeat("é", 512), "Body": "x"}, "", ""},
		{"s3", "put_object", in{"Bucket": "good-bucket", "Key": strings.Repeat("é", 512) + "x", "Body": "x"}, "KeyTooLongError", "Your key is too long"},
		{"s3", "get_object", in{"Bucket": "good-bucket", "Key": strings.Repeat("k", 1025)}, "KeyTooLongError", "Your key is too long"},
		{"s3", "put_object", in{"Bucket": "good-bucket", "Key": "k", "Body": "x", "Tagging": "a=1&b=" + strings.Repeat("v", 257)}, "InvalidTag", "The TagValue you have provided is invalid"},
		{"s3", "put_object_tagging", in{"Bucket": "good-bucket", "Key": "k", "Tagging": in{"TagSet": tags(11)}}, "BadRequest", "Object tags cannot be greater than 10"},
		{"s3", "put_bucket_tagging", in{"Bucket": "good-bucket", "Tagging": in{"TagSet": tags(51)}}, "BadRequest", ""},
		{"s3", "put_bucket_tagging", in{"Bucket": "good-bucket", "Tagging": in{"TagSet": []in{{"Key": "a?", "Value": "v"}}}}, "InvalidTag", "The TagKey you have provided is invalid"},
		{"s3", "put_bucket_tagging", in{"Bucket": "good-bucket", "Tagging": in{"TagSet": []in{{"Key": "a", "Value": "v"}, {"Key": "a", "Value": "w"}}}}, "InvalidTag", "Cannot provide multiple Tags with the same key"},
		{"s3", "put_bucket_tagging", in{"Bucket": "good-bucket", "Tagging": in{"TagSet": tags(50)}}, "", ""},
		{"s3", "put_bucket_lifecycle_configuration", lifecycle(in{"ID": "r", "Status": "Enabled", "Filter": in{"Prefix": ""}, "Expiration": in{"Days": 0}}), "InvalidArgument", "'Days' for Expiration action must be a positive integer"},
		{"s3", "put_bucket_lifecycle_configuration", lifecycle(in{"ID": "r", "Status": "Enabled", "Filter": in{"Prefix": ""}, "Expiration": in{"Days": 1, "ExpiredObjectDeleteMarker": true}}), "MalformedXML", "The XML you provided was not well-formed"},
		{"s3", "put_bucket_lifecycle_configuration", lifecycle(in{"ID": "r", "Status": "Enabled", "Filter": in{"Prefix": ""}, "Expiration": in{"ExpiredObjectDeleteMarker": true}}), "", ""},
		{"s3", "put_bucket_lifecycle_configuration", lifecycle(in{"ID": "r", "Status": "Enabled", "Filter": in{"Prefix": ""}, "Transitions": []in{{"Days": 1, "StorageClass": "STANDARD_IA"}}}), "InvalidArgument", "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"},
		{"s3", "put_bucket_lifecycle_configuration", lifecycle(in{"ID": strings.Repeat("r", 256), "Status": "Enabled", "Filter": in{"Prefix": ""}, "Expiration": in{"Days": 1}}), "InvalidArgument", "ID length should not exceed allowed limit of 255"},

		{"glue", "create_database", in{"DatabaseInput": in{"Name": "sales"}}, "", ""},
		{"glue", "create_table", in{"DatabaseName": "sales", "TableInput": in{"Name": "t", "StorageDescriptor": in{"Columns": columns}}}, "InvalidInputException", "Duplicate column name: tax"},
		{"glue", "create_table", in{"DatabaseName": "sales", "TableInput": in{"Name": "t", "StorageDescriptor": in{"Columns": columns[:1]}, "PartitionKeys": columns[1:]}}, "InvalidInputException", "Duplicate column name: tax"},
		{"glue", "create_crawler", in{"Name": "c", "Role": "r", "Targets": in{}, "Schedule": "cron(*/1 * * * ? *)"}, "InvalidInputException", "Schedule expression cron(*/1 * * * ? *) is invalid"},
		{"glue", "create_crawler", in{"Name": "c", "Role": "r", "Targets": in{}, "Schedule": "cron(0 25 * * ? *)"}, "InvalidInputException", "invalid schedule cron expression"},
		{"glue", "create_trigger", in{"Name": "c", "Type": "SCHEDULED", "Actions": []in{}, "Schedule": "cron(0/4 * * * ? *)"}, "InvalidInputException", "Schedule expression"},

		{"events", "put_rule", in{"Name": "r", "ScheduleExpression": "cron(0 25 * * ? *)"}, "ValidationException", "Parameter ScheduleExpression is not valid."},
		{"events", "put_rule", in{"Name": "r"}, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."},
		{"events", "put_rule", in{"Name": "r", "ScheduleExpression": "rate(1 minute)"}, "", ""},

		{"sns", "create_topic", in{"Name": "a topic"}, "InvalidParameter", "Invalid parameter: Topic Name"},
		{"sns", "create_topic", in{"Name": "alerts"}, "", ""},
		{"sns", "subscribe", in{"TopicArn": "arn:aws:sns:" + region + ":000000000000:alerts", "Protocol": "email", "Endpoint": "Name <a@example.com>"}, "InvalidParameter", "Invalid parameter: Email address"},
		{"sns", "subscribe", in{"TopicArn": "arn:aws:sns:" + region + ":000000000000:alerts", "Protocol": "pigeon", "Endpoint": "a"}, "InvalidParameter", "Invalid parameter: Does not support this protocol string: pigeon"},
		{"sns", "subscribe", in{"TopicArn": "arn:aws:sns:" + region + ":000000000000:alerts", "Protocol": "email", "Endpoint": "a+b@example.com"}, "", ""},

		{"lambda", "create_function", function(in{"AWS_REGION": "x"}), "InvalidParameterValueException", "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION"},
		{"lambda", "create_function", function(in{"LONG": strings.Repeat("x", 4096)}), "InvalidParameterValueException", "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit."},
		{"lambda", "create_function", function(in{"1st": "x"}), "ValidationException", "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "},

		{"iam", "create_policy", in{"PolicyName": "p", "PolicyDocument": longPolicy(6144)}, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"},
		{"iam", "create_role", in{"RoleName": "role", "AssumeRolePolicyDocument": trusted(strings.Repeat("x", 2048))}, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
		{"iam", "create_role", in{"RoleName": "role", "AssumeRolePolicyDocument": trusted("glue.amazonaws.com")}, "", ""},
		{"iam", "put_role_policy", in{"RoleName": "role", "PolicyName": "one", "PolicyDocument": longPolicy(6000)}, "", ""},
		{"iam", "put_role_policy", in{"RoleName": "role", "PolicyName": "two", "PolicyDocument": longPolicy(6000)}, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role role"},
		{"iam", "put_role_policy", in{"RoleName": "role", "PolicyName": "one", "PolicyDocument": longPolicy(9000)}, "", ""},
		{"iam", "put_role_policy", in{"RoleName": "nobody", "PolicyName": "one", "PolicyDocument": policyDocument}, "NoSuchEntity", ""},
	})
}

// source returns a program for another process. The test reads the file, so that go test notices a change.
func source(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // a path of this test
	require.NoError(t, err)
	return string(text)
}
