package jobs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

// visits tries the ports that the run's Spark processes open: the web pages, and the endpoint where applications
// register with the master, without and with the run's secret.
const visits = `
import json, os, urllib.error, urllib.request
from pathlib import Path
from pyspark.context import SparkContext

context = SparkContext()
context.parallelize([0], 1).map(lambda n: n).collect()
secret = context.getConf().get("spark.authenticate.secret")
jvm = context._jvm

def read(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""

def sockets(process):
    try:
        return {os.readlink(fd) for fd in (process / "fd").iterdir()}
    except OSError:
        return set()

mark = ("LOCALAWS_JOB_RUN_ID=" + os.environ["LOCALAWS_JOB_RUN_ID"]).encode()
run = [p for p in Path("/proc").glob("[0-9]*") if mark in read(p / "environ").split(b"\0")]
java = set().union(*(sockets(p) for p in run if read(p / "comm") == b"java\n"))
ports = []
for line in (read(Path("/proc/net/tcp")) + read(Path("/proc/net/tcp6"))).decode().splitlines():
    fields = line.split()
    if fields[3] == "0A" and f"socket:[{fields[9]}]" in java:
        ports.append(int(fields[1].split(":")[1], 16))
ports.remove(context._gateway.gateway_parameters.port)  # It asks for a secret of PySpark's.

class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None

def page(port, path, data=None):
    try:
        with urllib.request.build_opener(Stay).open(f"http://127.0.0.1:{port}{path}", data, timeout=60) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.headers.get('Location')}"
    except Exception:
        return "none"

def pages(port):
    paths = ["/", "/json/", "/environment/", "/logPage/?appId=a&executorId=0&logType=stderr", "/metrics/json/", "/static/webui.css"]
    return {path: page(port, path) for path in paths} | {"kill": page(port, "/app/kill/", b"id=app-1&terminate=true")}

def reaches(port, secret):
    conf = jvm.org.apache.spark.SparkConf(False).set("spark.master", "spark://visitor").set("spark.rpc.lookupTimeout", "10s")
    if secret:
        conf.set("spark.authenticate", "true").set("spark.authenticate.secret", secret)
    manager = jvm.org.apache.spark.SecurityManager
    default = lambda n: getattr(manager, f"$lessinit$greater$default${n}")()
    rpc = jvm.org.apache.spark.rpc
    env = rpc.RpcEnv.create("visitor", "127.0.0.1", 0, conf, manager(conf, default(2), default(3)), True)
    try:
        env.setupEndpointRef(rpc.RpcAddress("127.0.0.1", port), "Master")
        return True
    except Exception:
        return False
    finally:
        env.shutdown()

print(json.dumps({
    "Ports": len(ports),
    "Pages": [p for p in map(pages, ports) if p["/"] != "none"],
    "Visitor": sum(reaches(port, None) for port in ports),
    "Run": sum(reaches(port, secret) for port in ports),
    "Arguments": sum(secret.encode() in read(p / "cmdline") for p in run) if secret else 0,
    "Mode": oct(os.stat(os.path.join(os.environ["SPARK_CONF_DIR"], "spark-defaults.conf")).st_mode & 0o777),
}))
`

// Every user of the machine can reach ports of 127.0.0.1, and so can pages in a browser.
func TestPortsOfARunRequireItsSecret(t *testing.T) {
	w := newWorld(t)
	w.withGlue6()
	w.job("visits", visits, func(in *glue.CreateJobInput) { in.GlueVersion = glueVersion })
	id := w.run("visits", nil)
	run := w.end("visits", id)
	require.Equal(t, types.JobRunStateSucceeded, run.JobRunState, "%s\n%s", aws.ToString(run.ErrorMessage), w.output(id))
	var found struct {
		Ports, Visitor, Run, Arguments int
		Pages                          []map[string]string
		Mode                           string
	}
	require.NoError(t, json.Unmarshal([]byte(lastLine(w.output(id))), &found))
	require.GreaterOrEqual(t, found.Ports, 6, "web pages and ports of master and worker, driver, executor")
	require.Zero(t, found.Visitor, "without the secret nothing can be registered")
	require.Equal(t, 1, found.Run, "with the secret the master answers")
	require.Zero(t, found.Arguments, "every user can read a process's arguments")
	require.Equal(t, "0o600", found.Mode)
	require.Len(t, found.Pages, 2, "the pages of master and worker")
	for _, pages := range found.Pages {
		for path, answer := range pages {
			require.Contains(t, answer, "302 http://spark.invalid/", path)
		}
	}
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
