package main

import (
	"path/filepath"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"istio.io/istio/pkg/security"
	"istio.io/istio/security/pkg/nodeagent/cache"
)

// The files of the workload's own identity in the folder of certificates. A pod gets it from istiod.
const (
	identityCertificate = "client.crt"
	identityKey         = "client.key"
	identityAuthority   = "ca.crt"
)

// secrets serves the certificates that configurations name, as Istio's agent does in every pod.
type secrets struct {
	secret.UnimplementedSecretDiscoveryServiceServer
	files *cache.SecretManagerClient
}

func newSecrets(folder string) (*secrets, error) {
	files, err := cache.NewSecretManagerClient(nil, &security.Options{
		CertChainFilePath: filepath.Join(folder, identityCertificate),
		KeyFilePath:       filepath.Join(folder, identityKey),
		RootCertFilePath:  filepath.Join(folder, identityAuthority),
	})
	return &secrets{files: files}, err
}

// StreamSecrets answers each request once: files of a test do not change.
func (s *secrets) StreamSecrets(envoy secret.SecretDiscoveryService_StreamSecretsServer) error {
	for {
		request, err := envoy.Recv()
		if err != nil {
			return nil
		}
		if request.ResponseNonce != "" {
			continue
		}
		response := &discovery.DiscoveryResponse{TypeUrl: request.TypeUrl, VersionInfo: "1", Nonce: "1"}
		for _, name := range request.ResourceNames {
			found, err := s.secret(name)
			if err != nil {
				return err
			}
			response.Resources = append(response.Resources, found)
		}
		if err := envoy.Send(response); err != nil {
			return err
		}
	}
}

func (s *secrets) secret(name string) (*anypb.Any, error) {
	item, err := s.files.GenerateSecret(name)
	if err != nil {
		return nil, err
	}
	inline := func(bytes []byte) *core.DataSource {
		return &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: bytes}}
	}
	found := &tls.Secret{Name: name}
	if len(item.RootCert) > 0 {
		found.Type = &tls.Secret_ValidationContext{
			ValidationContext: &tls.CertificateValidationContext{TrustedCa: inline(item.RootCert)},
		}
	} else {
		found.Type = &tls.Secret_TlsCertificate{TlsCertificate: &tls.TlsCertificate{
			CertificateChain: inline(item.CertificateChain),
			PrivateKey:       inline(item.PrivateKey),
		}}
	}
	return anypb.New(found)
}
