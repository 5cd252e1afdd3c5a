package analyzer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// server handles the engine's calls, which have this order: Handshake, ConfigureStack, GetAnalyzerInfo,
// Configure, then Remediate and Analyze for each resource, and AnalyzeStack at the end.
type server struct {
	pulumirpc.UnimplementedAnalyzerServer
	pack *pack.Pack
	// engine receives messages that are not violations.
	engine pulumirpc.EngineClient
	// engineEnded is closed when the engine stops responding.
	engineEnded chan bool
}

// Handshake connects to the engine and monitors it, so that the pack exits if the engine is killed.
func (s *server) Handshake(_ context.Context, req *pulumirpc.AnalyzerHandshakeRequest) (*pulumirpc.AnalyzerHandshakeResponse, error) {
	leave := sync.OnceFunc(func() { close(s.engineEnded) })
	if err := rpcutil.Healthcheck(context.Background(), req.GetEngineAddress(), time.Minute, leave); err != nil {
		return nil, fmt.Errorf("watch the engine at %s: %w", req.GetEngineAddress(), err)
	}
	conn, err := grpc.NewClient(req.GetEngineAddress(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connect to the engine at %s: %w", req.GetEngineAddress(), err)
	}
	s.engine = pulumirpc.NewEngineClient(conn)
	return &pulumirpc.AnalyzerHandshakeResponse{}, nil
}

// ConfigureStack builds the pack for the current stack.
func (s *server) ConfigureStack(_ context.Context, req *pulumirpc.AnalyzerStackConfigureRequest) (*pulumirpc.AnalyzerStackConfigureResponse, error) {
	p, err := pack.New(pack.Stack{Project: req.GetProject(), Name: req.GetStack(), Config: req.GetConfig()})
	if err != nil {
		return nil, err
	}
	s.pack = p
	return &pulumirpc.AnalyzerStackConfigureResponse{}, nil
}

func (s *server) Analyze(_ context.Context, req *pulumirpc.AnalyzeRequest) (*pulumirpc.AnalyzeResponse, error) {
	r, err := requested(req)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AnalyzeResponse{
		Diagnostics:   diagnostics(s.pack.CheckResource(r)),
		NotApplicable: notApplicable(s.pack.NotApplicable(r.Type)),
	}, nil
}

func (s *server) AnalyzeStack(ctx context.Context, req *pulumirpc.AnalyzeStackRequest) (*pulumirpc.AnalyzeResponse, error) {
	resources := make([]rule.Resource, len(req.GetResources()))
	for i, r := range req.GetResources() {
		var err error
		if resources[i], err = deployed(r); err != nil {
			return nil, err
		}
	}
	reports := s.pack.CheckStack(resources)
	if s.engine == nil {
		return &pulumirpc.AnalyzeResponse{Diagnostics: diagnostics(reports)}, nil
	}
	_, err := s.engine.Log(ctx, &pulumirpc.LogRequest{Severity: pulumirpc.LogSeverity_INFO, Message: s.pack.Summary()})
	return &pulumirpc.AnalyzeResponse{Diagnostics: diagnostics(reports)}, err
}

func (s *server) Remediate(_ context.Context, req *pulumirpc.AnalyzeRequest) (*pulumirpc.RemediateResponse, error) {
	answer := &pulumirpc.RemediateResponse{NotApplicable: notApplicable(s.pack.NotRemediating())}
	if !s.pack.Remediates() {
		return answer, nil
	}
	r, err := requested(req)
	if err != nil {
		return nil, err
	}
	properties := req.GetProperties()
	for _, made := range s.pack.Remediate(r) {
		if properties, err = changed(properties, made.Properties); err != nil {
			return nil, fmt.Errorf("remediate %s by %s: %w", r.URN, made.Policy, err)
		}
		answer.Remediations = append(answer.Remediations, &pulumirpc.Remediation{
			PolicyName: made.Policy, PolicyPackName: pack.Name, PolicyPackVersion: pack.Version, Description: made.Title,
			Properties: properties, Diagnostic: made.Failure,
		})
	}
	return answer, nil
}

// Cancel does nothing, because every check is short.
func (s *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
