{{- define "gateway.name" -}}
{{- ternary .Release.Name (printf "%s-etcd-json-gateway" .Release.Name) (contains "etcd-json-gateway" .Release.Name) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "gateway.selector" -}}
app.kubernetes.io/name: etcd-json-gateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "gateway.labels" -}}
{{ include "gateway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* A filter's configuration, with what the values say in the place of what it says. */}}
{{- define "gateway.configure" -}}
{{- $value := .filter.configuration.value | fromJson -}}
{{- $_ := set .filter.configuration "value" (mergeOverwrite $value .plugin | toJson) -}}
{{- end -}}

{{/* Envoy's whole configuration: the project's own for this place, with what the values say. */}}
{{- define "gateway.envoy" -}}
{{- $listener := ternary "tls" "plain" .Values.listener.tls.enabled -}}
{{- $etcd := ternary "tls" "plain" .Values.etcd.tls.enabled -}}
{{- $file := printf "files/%s-to-%s.yaml" $listener $etcd -}}
{{- $envoy := .Files.Get $file | fromYaml -}}
{{- $resources := $envoy.static_resources -}}
{{- $manager := (index (index (index $resources.listeners 0).filter_chains 0).filters 0).typed_config -}}
{{- range $manager.http_filters -}}
{{- if eq .name "etcd_json_gateway" -}}
{{- include "gateway.configure" (dict "filter" .typed_config.config "plugin" $.Values.plugin) -}}
{{- $_ := set .typed_config.config.vm_config.code.local "filename" "/etc/envoy/module/plugin.wasm" -}}
{{- end -}}
{{- end -}}
{{- range (index $manager.route_config.virtual_hosts 0).routes -}}
{{- range .match.headers -}}
{{- if eq .name ":authority" -}}
{{- $_ := set .string_match "safe_regex" (dict "regex" $.Values.listener.names) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $endpoints := list -}}
{{- range .Values.etcd.members -}}
{{- $address := dict "socket_address" (dict "address" . "port_value" ($.Values.etcd.port | int)) -}}
{{- $endpoints = append $endpoints (dict "endpoint" (dict "hostname" . "address" $address)) -}}
{{- end -}}
{{- range $resources.clusters -}}
{{- $_ := set .load_assignment "endpoints" (list (dict "lb_endpoints" $endpoints)) -}}
{{- end -}}
{{- $status := .Files.Get "files/status.yaml" | fromYaml -}}
{{- $_ := set $resources "listeners" (append $resources.listeners $status.listener) -}}
{{- $_ := set $resources "clusters" (append $resources.clusters $status.cluster) -}}
{{- toYaml $envoy -}}
{{- end -}}
