package ops

import (
	"crypto/md5" //nolint:gosec // ETags are MD5 sums.
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"
)

// fakeAWS serves the operations that a test sets, and S3 from a map.
type fakeAWS struct {
	t *testing.T
	// on maps an operation, such as GetJobRun, to its response: a value to encode
	// as JSON, or an awsError. Requests are served one at a time.
	on      map[string]func(in map[string]any) any
	objects map[string][]byte

	mu    sync.Mutex
	calls []string
}

type awsError struct{ Code, Message string }

// document is a JSON object.
type document = map[string]any

var testStack = Stack{
	Name: "test", Bucket: "events", Producer: "producer", Consumer: "i-1", Database: "db", SecretARN: "arn:secret", LoginARNs: []string{"arn:master", "arn:loader", "arn:secret"},
	CatalogDatabase: "sales", Crawler: "crawler", Job: "job", Workgroup: "wg", Workflow: "flow", CuratedTable: "curated_sales_txns",
	TargetTable: "sales_txns_tbl", DatabaseName: "store_events", DatabaseEndpoint: "127.0.0.1:3306", DatabaseCA: "s3://events/scripts/ca.pem", Region: "us-east-1",
	NamedQueries: map[string]string{"returns": "q-1"}, Alarms: []string{"test-lag", "test-run-failed"},
	Starter: "starter", StartQueue: "https://sqs/1/starts", DeadLetterQueue: "https://sqs/1/starts-dead",
}

func newFake(t *testing.T) (*fakeAWS, *Ops) {
	f := &fakeAWS{t: t, on: map[string]func(map[string]any) any{}, objects: map[string][]byte{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	stack := testStack
	stack.Endpoint = server.URL
	return f, New(stack, Options{AWS: configAt(stack.Endpoint)})
}

func configAt(endpoint string) aws.Config {
	return aws.Config{BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
}

// answers serves an operation with the responses in order, and repeats the last
// one.
func (f *fakeAWS) answers(operation string, answers ...any) {
	n := 0
	f.on[operation] = func(document) any {
		n++
		return answers[min(n, len(answers))-1]
	}
}

// called counts the calls of an operation.
func (f *fakeAWS) called(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == operation {
			n++
		}
	}
	return n
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		f.serveJSON(w, r, operation)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/invocations") {
		f.serveJSON(w, r, "Invoke")
		return
	}
	if strings.HasSuffix(r.URL.Path, "/configuration") {
		f.serveJSON(w, r, "GetFunctionConfiguration")
		return
	}
	if strings.Contains(r.URL.Path, "/functions/") {
		f.serveJSON(w, r, "GetFunction")
		return
	}
	if strings.Contains(r.URL.Path, "/event-source-mappings") {
		f.serveJSON(w, r, "ListEventSourceMappings")
		return
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		f.serveAlarms(w, r)
		return
	}
	f.serveS3(w, r)
}

// serveAlarms serves CloudWatch's DescribeAlarms with the states that a test sets, by name.
func (f *fakeAWS) serveAlarms(w http.ResponseWriter, r *http.Request) {
	require.NoError(f.t, r.ParseForm())
	if action := r.PostForm.Get("Action"); strings.HasSuffix(action, "DBInstance") || action == "DescribeDBInstances" && f.on[action] != nil {
		f.serveRDS(w, action)
		return
	}
	states := f.on["DescribeAlarms"]
	if states == nil {
		http.Error(w, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", http.StatusForbidden)
		return
	}
	_, _ = io.WriteString(w, "<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms>")
	for name, state := range states(nil).(document) {
		asked := false
		for parameter, values := range r.PostForm {
			asked = asked || strings.HasPrefix(parameter, "AlarmNames.member.") && values[0] == name
		}
		if asked {
			_, _ = fmt.Fprintf(w, "<member><AlarmName>%s</AlarmName><StateValue>%s</StateValue></member>", name, state)
		}
	}
	_, _ = io.WriteString(w, "</MetricAlarms></DescribeAlarmsResult></DescribeAlarmsResponse>")
}

// serveRDS serves an operation on the DB instance with the state or the awsError that a test sets.
func (f *fakeAWS) serveRDS(w http.ResponseWriter, action string) {
	f.calls = append(f.calls, action)
	answer, ok := f.on[action]
	if !ok {
		f.t.Errorf("unexpected call of %s", action)
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	switch out := answer(nil).(type) {
	case awsError:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", out.Code, out.Message)
	case string:
		state, protected := strings.CutSuffix(out, ", protected")
		instance := fmt.Sprintf("<DBInstance><DBInstanceIdentifier>db</DBInstanceIdentifier><DBInstanceStatus>%s</DBInstanceStatus>"+
			"<DeletionProtection>%t</DeletionProtection></DBInstance>", state, protected)
		if action == "DescribeDBInstances" {
			instance = "<DBInstances>" + instance + "</DBInstances>"
		}
		_, _ = fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, instance)
	}
}

func (f *fakeAWS) serveJSON(w http.ResponseWriter, r *http.Request, operation string) {
	f.calls = append(f.calls, operation)
	var in document
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &in)
	answer, ok := f.on[operation]
	if !ok {
		f.t.Errorf("unexpected call of %s", operation)
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	out := answer(in)
	if e, failed := out.(awsError); failed {
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		w.WriteHeader(http.StatusBadRequest)
		out = document{"__type": e.Code, "message": e.Message}
	}
	if header, ok := out.(document)["FunctionError"]; ok && operation == "Invoke" {
		w.Header().Set("X-Amz-Function-Error", header.(string))
	}
	_ = json.NewEncoder(w).Encode(out)
}

type listing struct {
	XMLName       xml.Name `xml:"ListBucketResult"`
	Contents      []listed
	Version       []listed
	IsTruncated   bool
	NextKeyMarker string `xml:",omitempty"`
}

// page leaves two versions after the marker. As on AWS, the next marker is encoded like the keys, and the given one is not.
func (l *listing) page(marker string) {
	decoded := func(v listed) string {
		key, _ := url.QueryUnescape(v.Key)
		return key
	}
	l.Version = slices.DeleteFunc(l.Version, func(v listed) bool { return decoded(v) <= marker })
	slices.SortFunc(l.Version, func(a, b listed) int { return strings.Compare(decoded(a), decoded(b)) })
	if l.IsTruncated = len(l.Version) > 2; l.IsTruncated {
		l.Version, l.NextKeyMarker = l.Version[:2], l.Version[1].Key
	}
}

type listed struct {
	Key, ETag string
	Size      int
	VersionId string //nolint:revive // S3's spelling.
}

// etag returns S3's ETag of an object that was not uploaded in parts.
func etag(body []byte) string {
	sum := md5.Sum(body) //nolint:gosec // ETags are MD5 sums.
	return hex.EncodeToString(sum[:])
}

func (f *fakeAWS) serveS3(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/events"), "/")
	if r.Method == http.MethodPut {
		body, err := io.ReadAll(r.Body)
		require.NoError(f.t, err)
		f.calls = append(f.calls, "PutObject")
		if from := r.Header.Get("X-Amz-Copy-Source"); from != "" {
			source, err := url.QueryUnescape(strings.TrimPrefix(from, "events/"))
			require.NoError(f.t, err)
			require.Contains(f.t, f.objects, source)
			f.objects[key] = f.objects[source]
			_, _ = io.WriteString(w, "<CopyObjectResult/>")
			return
		}
		f.objects[key] = body
		return
	}
	if r.Method == http.MethodDelete {
		f.calls = append(f.calls, "DeleteObject")
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if key != "" && strings.Contains(key, "archived") {
		w.Header().Set("X-Amz-Storage-Class", "GLACIER")
		if r.Method != http.MethodHead {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, "<Error><Code>InvalidObjectState</Code><Key>%s</Key></Error>", key)
		}
		return
	}
	if key != "" {
		body, ok := f.objects[key]
		if !ok {
			http.Error(w, "<Error><Code>NoSuchKey</Code></Error>", http.StatusNotFound)
			return
		}
		w.Header().Set("ETag", `"`+etag(body)+`"`)
		_, _ = w.Write(body)
		return
	}
	var out listing
	for name, body := range f.objects {
		if strings.HasPrefix(name, r.URL.Query().Get("prefix")) {
			if r.URL.Query().Get("encoding-type") == "url" {
				name = url.QueryEscape(name)
			}
			one := listed{name, `"` + etag(body) + `"`, len(body), "v1"}
			if r.URL.Query().Has("versions") {
				out.Version = append(out.Version, one)
			} else {
				out.Contents = append(out.Contents, one)
			}
		}
	}
	slices.SortFunc(out.Contents, func(a, b listed) int { return strings.Compare(a.Key, b.Key) })
	out.page(r.URL.Query().Get("key-marker"))
	_ = xml.NewEncoder(w).Encode(out)
}

// athenaAnswers serves an Athena query of one column.
func (f *fakeAWS) athenaAnswers(column string, values ...string) {
	rows := [][]string{}
	for _, v := range values {
		rows = append(rows, []string{v})
	}
	f.athenaTable([]string{column}, rows)
}

// athenaTable serves an Athena query, in pages of two rows.
func (f *fakeAWS) athenaTable(columns []string, values [][]string) {
	f.answers("StartQueryExecution", document{"QueryExecutionId": "e-1"})
	f.answers("GetQueryExecution",
		document{"QueryExecution": document{"Status": document{"State": "RUNNING"}}},
		document{"QueryExecution": document{"Status": document{"State": "SUCCEEDED"}}})
	rows := []any{cells(columns...)}
	for _, v := range values {
		rows = append(rows, cells(v...))
	}
	names := []any{}
	for _, c := range columns {
		names = append(names, document{"Name": c, "Type": "varchar"})
	}
	f.on["GetQueryResults"] = func(in document) any {
		start := 0
		if token, ok := in["NextToken"].(string); ok {
			_, err := fmt.Sscan(token, &start)
			require.NoError(f.t, err)
		}
		end := min(start+2, len(rows))
		out := document{"ResultSet": document{
			"Rows":              rows[start:end],
			"ResultSetMetadata": document{"ColumnInfo": names},
		}}
		if end < len(rows) {
			out["NextToken"] = strconv.Itoa(end)
		}
		return out
	}
}

// null is the mysql client's output for a null value.
const null = "NULL"

func cells(values ...string) document {
	data := []any{}
	for _, v := range values {
		if v == null {
			data = append(data, document{})
			continue
		}
		data = append(data, document{"VarCharValue": v})
	}
	return document{"Data": data}
}
