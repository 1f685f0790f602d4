package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
	"github.com/envoyproxy/gateway/internal/gatewayapi"
	"github.com/envoyproxy/gateway/internal/gatewayapi/resource"
	"github.com/envoyproxy/gateway/internal/logging"
	egwasm "github.com/envoyproxy/gateway/internal/wasm"
	"github.com/envoyproxy/gateway/internal/xds/cache"
	"github.com/envoyproxy/gateway/internal/xds/translator"
	"github.com/envoyproxy/gateway/internal/xds/types"
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	cachetypes "github.com/envoyproxy/go-control-plane/pkg/cache/types"
	resources "github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	xdsserver "github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

// The namespace in which Envoy Gateway itself runs.
const gatewayNamespace = "envoy-gateway-system"

// gateway serves what Envoy Gateway would make of the manifests in --config, to one Envoy, until it is killed.
func serveGateway(arguments []string) error {
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	configFile := flags.String("config", "", "the manifests, in one file")
	ready := flags.String("ready", "", "the file to write when it serves")
	folder := flags.String("folder", "", "where modules are kept")
	layout := flags.String("layout", "", "an OCI layout, whose image the manifests name")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	text, err := os.ReadFile(*configFile)
	if err != nil {
		return err
	}
	registry, err := images.Start(*layout)
	if err != nil {
		return err
	}
	manifests, err := registry.In(string(text))
	if err != nil {
		return err
	}
	logger := logging.DefaultLogger(os.Stderr, egv1a1.LogLevelInfo)
	modules := egwasm.NewHTTPServerWithFileCache(egwasm.ServerOptions{}, egwasm.CacheOptions{
		CacheDir: *folder,
		// The test's registry speaks plain HTTP.
		InsecureRegistries: sets.New("*"),
	}, gatewayNamespace, logger)
	files, err := images.Loopback()
	if err != nil {
		return err
	}
	go func() { images.Fatal(http.Serve(files, modules)) }()
	irKey, table, err := translate(manifests, modules, logger)
	if err != nil {
		return err
	}
	if err := settle(table, files.Addr().(*net.TCPAddr).Port); err != nil {
		return err
	}
	xds, err := serve(irKey, table, logger)
	if err != nil {
		return err
	}
	if err := images.Announce(*ready, map[string]string{"xds": xds, "cluster": irKey}); err != nil {
		return err
	}
	select {}
}

func translate(text string, modules egwasm.Cache, logger logging.Logger) (string, *types.ResourceVersionTable, error) {
	read, err := resource.LoadResourcesFromYAMLBytes([]byte(text), true, nil)
	if err != nil {
		return "", nil, err
	}
	if read.GatewayClass == nil {
		return "", nil, errors.New("no GatewayClass")
	}
	// Its reader of files leaves them out.
	for _, part := range strings.Split(text, "\n---") {
		var slice discoveryv1.EndpointSlice
		if err := yaml.Unmarshal([]byte(part), &slice); err == nil && slice.Kind == "EndpointSlice" {
			read.EndpointSlices = append(read.EndpointSlices, &slice)
		}
	}
	// Envoy Gateway makes it when it is installed. What it is for is replaced below.
	read.Secrets = append(read.Secrets, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "envoy", Namespace: gatewayNamespace},
		Data: map[string][]byte{
			corev1.TLSCertKey:       []byte("unused"),
			corev1.TLSPrivateKeyKey: []byte("unused"),
			"ca.crt":                []byte("unused"),
		},
	})
	first := &gatewayapi.Translator{
		GatewayControllerName:   string(read.GatewayClass.Spec.ControllerName),
		GatewayClassName:        gwapiv1.ObjectName(read.GatewayClass.Name),
		ControllerNamespace:     gatewayNamespace,
		EnvoyPatchPolicyEnabled: true,
		WasmCache:               modules,
		Logger:                  logger,
	}
	result, err := first.Translate(context.Background(), read)
	if err != nil {
		return "", nil, err
	}
	if len(result.XdsIR) != 1 {
		return "", nil, fmt.Errorf("%d gateways instead of one", len(result.XdsIR))
	}
	for key, ir := range result.XdsIR {
		second := &translator.Translator{ControllerNamespace: gatewayNamespace, Logger: logger}
		table, err := second.Translate(context.Background(), ir)
		if err != nil {
			return "", nil, err
		}
		return key, table, accepted(result, table)
	}
	return "", nil, errors.New("unreachable")
}

// accepted fails where a policy says of itself that it is not in force, which is no error of a translation.
func accepted(result *gatewayapi.TranslateResult, table *types.ResourceVersionTable) error {
	var statuses []gwapiv1.PolicyStatus
	for _, policy := range result.EnvoyExtensionPolicies {
		statuses = append(statuses, policy.Status)
	}
	for _, policy := range result.ClientTrafficPolicies {
		statuses = append(statuses, policy.Status)
	}
	for _, policy := range result.BackendTrafficPolicies {
		statuses = append(statuses, policy.Status)
	}
	for _, policy := range result.SecurityPolicies {
		statuses = append(statuses, policy.Status)
	}
	for _, patch := range table.EnvoyPatchPolicyStatuses {
		statuses = append(statuses, *patch.Status)
	}
	for _, status := range statuses {
		for _, ancestor := range status.Ancestors {
			for _, condition := range ancestor.Conditions {
				if condition.Status != "True" {
					return fmt.Errorf("%s: %s", condition.Type, condition.Message)
				}
			}
		}
	}
	return nil
}

// settle moves to loopback what a cluster has elsewhere: the listener, and where Envoy gets the module.
func settle(table *types.ResourceVersionTable, modules int) error {
	var listeners []cachetypes.Resource
	for _, found := range table.XdsResources[resources.ListenerType] {
		// What a pod is asked by whether it is ready is left out.
		if found := found.(*listener.Listener); !strings.HasPrefix(found.Name, "envoy-gateway-") {
			onLoopback(found)
			listeners = append(listeners, found)
		}
	}
	table.SetResources(resources.ListenerType, listeners)
	ours := staticCluster("wasm_cluster", modules)
	return table.AddOrReplaceXdsResource(resources.ClusterType, ours, func(old, _ cachetypes.Resource) bool {
		return old.(*cluster.Cluster).Name == ours.Name
	})
}

func serve(irKey string, table *types.ResourceVersionTable, logger logging.Logger) (string, error) {
	snapshots := cache.NewSnapshotCache(true, logger)
	if err := snapshots.GenerateNewSnapshot(irKey, table.XdsResources, context.Background()); err != nil {
		return "", err
	}
	listener, err := images.Loopback()
	if err != nil {
		return "", err
	}
	server := grpc.NewServer()
	handler := xdsserver.NewServer(context.Background(), snapshots, snapshots)
	discovery.RegisterAggregatedDiscoveryServiceServer(server, handler)
	go func() { images.Fatal(server.Serve(listener)) }()
	return listener.Addr().String(), nil
}

func staticCluster(name string, port int) *cluster.Cluster {
	address := &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
		Address:       "127.0.0.1",
		PortSpecifier: &core.SocketAddress_PortValue{PortValue: uint32(port)},
	}}}
	return &cluster.Cluster{
		Name:                 name,
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_STATIC},
		LoadAssignment: &endpoint.ClusterLoadAssignment{
			ClusterName: name,
			Endpoints: []*endpoint.LocalityLbEndpoints{{LbEndpoints: []*endpoint.LbEndpoint{{
				HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: address}},
			}}}},
		},
	}
}

// onLoopback leaves the listener's port to the kernel.
func onLoopback(moved *listener.Listener) {
	socket := moved.GetAddress().GetSocketAddress()
	socket.Address = "127.0.0.1"
	socket.PortSpecifier = &core.SocketAddress_PortValue{}
}
