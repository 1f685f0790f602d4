package main

import (
	"errors"
	"io"

	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/anypb"
	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/wasm"
)

const (
	extensionType = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
	listenerType  = "type.googleapis.com/envoy.config.listener.v3.Listener"
)

// agent stands between Envoy and istiod, as Istio's does in every pod: it fetches the modules that configurations name and
// puts the files in their place, by Istio's own code.
type agent struct {
	discovery.UnimplementedAggregatedDiscoveryServiceServer
	pilot discovery.AggregatedDiscoveryServiceClient
	cache wasm.Cache
}

// startAgent answers where Envoy finds it.
func startAgent(pilot, folder, certificates string) (string, error) {
	identities, err := newSecrets(certificates)
	if err != nil {
		return "", err
	}
	listener, err := images.Loopback()
	if err != nil {
		return "", err
	}
	connection, err := grpc.NewClient(pilot, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", err
	}
	server := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(server, &agent{
		pilot: discovery.NewAggregatedDiscoveryServiceClient(connection),
		// The test's registry speaks plain HTTP.
		cache: wasm.NewLocalFileCache(folder, wasm.Options{InsecureRegistries: sets.New("*")}),
	})
	secret.RegisterSecretDiscoveryServiceServer(server, identities)
	go func() {
		if err := server.Serve(listener); err != nil {
			images.Fatal(err)
		}
	}()
	return listener.Addr().String(), nil
}

// StreamAggregatedResources passes on what Envoy asks and what istiod answers.
func (a *agent) StreamAggregatedResources(envoy discovery.AggregatedDiscoveryService_StreamAggregatedResourcesServer) error {
	pilot, err := a.pilot.StreamAggregatedResources(envoy.Context())
	if err != nil {
		return err
	}
	go func() {
		for {
			request, err := envoy.Recv()
			if err != nil || pilot.Send(request) != nil {
				_ = pilot.CloseSend()
				return
			}
		}
	}()
	for {
		response, err := pilot.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.convert(response); err != nil {
			return err
		}
		if err := envoy.Send(response); err != nil {
			return err
		}
	}
}

func (a *agent) convert(response *discovery.DiscoveryResponse) error {
	switch response.TypeUrl {
	case extensionType:
		return wasm.MaybeConvertWasmExtensionConfig(response.Resources, a.cache)
	case listenerType:
		for i, resource := range response.Resources {
			moved, err := move(resource)
			if err != nil {
				return err
			}
			response.Resources[i] = moved
		}
	}
	return nil
}

// move is all that the test changes of what istiod says.
func move(resource *anypb.Any) (*anypb.Any, error) {
	moved := &listener.Listener{}
	if err := resource.UnmarshalTo(moved); err != nil {
		return nil, err
	}
	onLoopback(moved)
	return anypb.New(moved)
}

// onLoopback leaves the listener's port to the kernel.
func onLoopback(moved *listener.Listener) {
	socket := moved.GetAddress().GetSocketAddress()
	socket.Address = "127.0.0.1"
	socket.PortSpecifier = &core.SocketAddress_PortValue{}
}
