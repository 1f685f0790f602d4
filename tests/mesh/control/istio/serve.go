package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/envoyproxy/gateway/etcd-json-gateway/mesh/images"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config"
	"sigs.k8s.io/yaml"
)

// serve serves what istiod would make of the manifests in --config, to one Envoy, until it is killed.
//
// --ready is written when it serves: a JSON object with the address of the agent's `xds`, and of `control`, where a POST
// of manifests creates or changes them.
func serve(arguments []string) error {
	flags := flag.NewFlagSet("istio", flag.ContinueOnError)
	configFile := flags.String("config", "", "the manifests, in one file")
	ready := flags.String("ready", "", "the file to write when it serves")
	folder := flags.String("folder", "", "where the agent keeps modules")
	certificates := flags.String("certificates", "", "the folder of the edge's own certificate")
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
	documents, err := read(manifests)
	if err != nil {
		return err
	}
	pilot := xds.NewFakeDiscoveryServer(&failer{folder: *folder}, xds.FakeOptions{
		ConfigString:           documents.istio,
		KubernetesObjectString: documents.kubernetes,
		ListenerBuilder:        images.Loopback,
	})
	agent, err := startAgent(pilot.Listener.Addr().String(), *folder, *certificates)
	if err != nil {
		return err
	}
	control, err := images.Loopback()
	if err != nil {
		return err
	}
	if err := images.Announce(*ready, map[string]string{"xds": agent, "control": control.Addr().String()}); err != nil {
		return err
	}
	return http.Serve(control, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if err := change(pilot, registry, request.Body); err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
		}
	}))
}

// manifests as the two stores want them: what Kubernetes' API has and what Istio's own does.
type documents struct {
	istio, kubernetes string
}

// The groups that the fake control plane takes from its Kubernetes client.
var kubernetesGroups = []string{"v1", "discovery.k8s.io/", "gateway.networking.k8s.io/"}

func read(text string) (documents, error) {
	var found documents
	for _, part := range strings.Split(text, "\n---") {
		var head struct {
			APIVersion string `json:"apiVersion"`
		}
		if err := yaml.Unmarshal([]byte(part), &head); err != nil {
			return found, err
		}
		into := &found.istio
		for _, group := range kubernetesGroups {
			if head.APIVersion == group || strings.HasSuffix(group, "/") && strings.HasPrefix(head.APIVersion, group) {
				into = &found.kubernetes
			}
		}
		if head.APIVersion != "" {
			*into += strings.TrimPrefix(part, "\n") + "\n---\n"
		}
	}
	return found, nil
}

// change creates what is new and replaces what is not, as `kubectl apply` would.
func change(pilot *xds.FakeDiscoveryServer, registry *images.Registry, body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	manifests, err := registry.In(string(text))
	if err != nil {
		return err
	}
	configs, unknown, err := crd.ParseInputs(manifests)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return fmt.Errorf("kinds that cannot be changed: %v", unknown)
	}
	for _, wanted := range configs {
		if err := apply(pilot, wanted); err != nil {
			return err
		}
	}
	return nil
}

func apply(pilot *xds.FakeDiscoveryServer, wanted config.Config) error {
	old := pilot.Store().Get(wanted.GroupVersionKind, wanted.Name, wanted.Namespace)
	if old == nil {
		_, err := pilot.Store().Create(wanted)
		return err
	}
	wanted.ResourceVersion = old.ResourceVersion
	wanted.CreationTimestamp = old.CreationTimestamp
	_, err := pilot.Store().Update(wanted)
	return err
}
