package gateway

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/beevik/etree"
	"github.com/google/uuid"

	"localaws/awsjson"
	"localaws/awsmodel"
	"localaws/awsrules"
	"localaws/gateway/query"
)

// check returns an *awsmodel.Refusal for a request that AWS rejects, because it violates the service's model or a rule
// that the model does not contain.
func (g *Gateway) check(r *http.Request, c *call) error {
	if g.models == nil {
		return nil
	}
	var body []byte
	if c != nil {
		body = c.body
	}
	request, err := g.models.Read(r, body)
	if request == nil || err != nil {
		return err
	}
	if err := request.Validate(); err != nil {
		return err
	}
	return awsrules.Check(request)
}

// refuse writes an error response in the format of the request's protocol.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, c *call, err error) {
	var refusal *awsmodel.Refusal
	if !errors.As(err, &refusal) {
		g.log.Error("validate a request", "path", r.URL.Path, "error", err)
		refusal = &awsmodel.Refusal{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	switch {
	case c != nil && c.form == nil, c == nil && awsmodel.IsLambda(r):
		awsjson.WriteRefusal(w, refusal.Code, refusal.Message, refusal.HTTPStatus())
	case c != nil:
		a := query.ErrorResponse(c.service() == "ec2", &query.Error{Code: refusal.Code, Message: refusal.Message})
		a.Status = refusal.HTTPStatus()
		a.Write(w)
	default:
		refuseS3(w, r, refusal)
	}
}

// refuseS3 writes S3's error response: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func refuseS3(w http.ResponseWriter, r *http.Request, refusal *awsmodel.Refusal) {
	id := uuid.NewString()
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	e := doc.CreateElement("Error")
	query.Set(e, "Code", refusal.Code)
	query.Set(e, "Message", refusal.Message)
	query.Set(e, "RequestId", id)
	body, _ := doc.WriteToBytes() // Writes to memory.
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Amz-Request-Id", id)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(refusal.HTTPStatus())
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
