{{/* The arguments of the server, one on each line. */}}
{{- define "kuard.args" -}}
{{- $values := .Values -}}
{{- if $values.grpc.enabled }}
- --grpc-address=:9090
{{- end -}}
{{- if $values.readOnly }}
{{- if $values.faults -}}
{{- fail "readOnly and faults: where nothing may be changed there are no faults, and the server would not start" -}}
{{- end }}
- --read-only
{{- end -}}
{{- with $values.disable }}
- {{ printf "--disable=%s" (join "," .) | toJson }}
{{- end -}}
{{- range $flag, $list := dict "allowed-hosts" $values.allowedHosts "allowed-origins" $values.allowedOrigins "frame-ancestors" $values.frameAncestors -}}
{{- with $list }}
- {{ printf "--%s=%s" $flag (join "," .) | toJson }}
{{- end -}}
{{- end -}}
{{- include "kuard.flags" (list "log" $values.log) -}}
{{- include "kuard.flags" (list "shutdown" $values.shutdown) -}}
{{- include "kuard.flags" (list "keygen" $values.keygen) -}}
{{- $traffic := $values.traffic -}}
{{- if $traffic.enable -}}
{{- $traffic = merge (dict "url" (include "kuard.trafficUrl" .)) $traffic -}}
{{- end -}}
{{- include "kuard.flags" (list "traffic" $traffic) -}}
{{- include "kuard.flags" (list "fault" $values.faults) -}}
{{- with $values.upstreams }}
- {{ printf "--upstream=%s" (join "," .) | toJson }}
{{- end -}}
{{- with $values.memq.maxBytes }}
- {{ printf "--memq-max-bytes=%d" (int64 .) }}
{{- end -}}
{{- include "kuard.redisArgs" . -}}
{{- range $values.args }}
- {{ . | toJson }}
{{- end -}}
{{- end -}}

{{/* What Traffic asks: the release's own Service, unless it is told. */}}
{{- define "kuard.trafficUrl" -}}
{{- (.Values.traffic).url | default (printf "http://%s:%d/" (include "kuard.fullname" .) (int64 .Values.service.http.port)) -}}
{{- end -}}

{{/* Where the queues are, if not in memory. */}}
{{- define "kuard.redisArgs" -}}
{{- $redis := .Values.memq.redis -}}
{{- if and $redis.enabled $redis.url -}}
{{- fail "memq.redis has both enabled and url: take the own Redis or another one" -}}
{{- end -}}
{{- if $redis.enabled }}
- --memq-store=redis://{{ include "kuard.redisName" . }}:6379/0
{{- else if $redis.url }}
- {{ printf "--memq-store=%s" $redis.url | toJson }}
{{- end -}}
{{- if include "kuard.redisSecret" . }}
- --memq-password-file=/redis/{{ $redis.passwordSecret.key }}
{{- end -}}
{{- if .Values.memq.waitReplicas }}
- --memq-wait-replicas={{ .Values.memq.waitReplicas }}
{{- end -}}
{{- end -}}

{{/* The Secret with the password of Redis; nothing where there is none. */}}
{{- define "kuard.redisSecret" -}}
{{- with .Values.memq.redis -}}
{{- if .passwordSecret.name -}}
{{- if .enabled | or .url -}}{{- .passwordSecret.name -}}{{- end -}}
{{- else if .enabled -}}
{{- include "kuard.redisName" $ -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* OpenTelemetry's variables, and what they name of the pod. */}}
{{- define "kuard.tracingEnv" -}}
{{- $tracing := .Values.tracing -}}
{{- if $tracing.endpoint }}
{{- range $name, $field := dict "KUARD_POD_NAME" "metadata.name" "KUARD_POD_UID" "metadata.uid" "KUARD_NAMESPACE" "metadata.namespace" "KUARD_NODE_NAME" "spec.nodeName" }}
- name: {{ $name }}
  valueFrom:
    fieldRef:
      fieldPath: {{ $field }}
{{- end }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $tracing.endpoint | toJson }}
- name: OTEL_SERVICE_NAME
  value: {{ $tracing.serviceName | default (include "kuard.fullname" .) | toJson }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ include "kuard.resourceAttributes" . | toJson }}
{{- with $tracing.sampler }}
- name: OTEL_TRACES_SAMPLER
  value: {{ . }}
{{- end }}
{{- with $tracing.samplerArg }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ . | toString | toJson }}
{{- end }}
{{- with $tracing.headersSecret.name }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $tracing.headersSecret.key }}
{{- end }}
{{- end }}
{{- end -}}

{{/* https://opentelemetry.io/docs/specs/semconv/resource/k8s/ */}}
{{- define "kuard.resourceAttributes" -}}
{{- $own := dict "k8s.pod.name" "$(KUARD_POD_NAME)" "k8s.pod.uid" "$(KUARD_POD_UID)" "k8s.namespace.name" "$(KUARD_NAMESPACE)" "k8s.node.name" "$(KUARD_NODE_NAME)" "k8s.container.name" "kuard" "k8s.deployment.name" (include "kuard.fullname" .) -}}
{{- $pairs := list -}}
{{- range $name, $value := merge (deepCopy .Values.tracing.resourceAttributes) $own -}}
{{- $pairs = append $pairs (printf "%s=%v" $name $value) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* One probe: of a list of the root and the probe's name. */}}
{{- define "kuard.probe" -}}
{{- $root := index . 0 -}}
{{- $probe := index $root.Values.probes (index . 1) -}}
{{- $service := eq (index . 1) "readiness" | ternary "readiness" "liveness" -}}
{{- $path := eq $service "readiness" | ternary "/ready" "/healthy" -}}
{{- if and (eq $probe.type "https") (not $root.Values.tls.enabled) -}}
{{- fail (printf "probes.%s.type is https, which needs tls.enabled" (index . 1)) -}}
{{- end -}}
{{- if and (eq $probe.type "grpc") (not $root.Values.grpc.enabled) -}}
{{- fail (printf "probes.%s.type is grpc, which needs grpc.enabled" (index . 1)) -}}
{{- end -}}
{{- if eq $probe.type "exec" }}
exec:
  command:
    - /kuard
    - --check=http://localhost:8080{{ $path }}
{{- else if eq $probe.type "grpc" }}
grpc:
  port: 9090
  service: {{ $service }}
{{- else if eq $probe.type "tcp" }}
tcpSocket:
  port: http
{{- else }}
httpGet:
  path: {{ $path }}
  port: {{ $probe.type }}
  {{- if eq $probe.type "https" }}
  scheme: HTTPS
  {{- end }}
{{- end }}
{{- with omit $probe "enabled" "type" }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where a fault fills a disk there has to be one: the root file system is read-only. */}}
{{- define "kuard.scratchFolder" -}}
{{- if or (.Values.faults).diskMib (.Values.faults).diskFolder -}}
{{- $folder := (.Values.faults).diskFolder | default "/tmp" -}}
{{- $isMounted := false -}}
{{- range .Values.volumeMounts -}}
{{- if eq .mountPath $folder -}}{{- $isMounted = true -}}{{- end -}}
{{- end -}}
{{- if not $isMounted -}}{{- $folder -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret of a certificate; nothing where each pod makes its own. */}}
{{- define "kuard.tlsSecret" -}}
{{- if .Values.tls.secretName -}}
{{- .Values.tls.secretName -}}
{{- else if .Values.tls.certManager.enabled -}}
{{- include "kuard.nameWith" (list . "tls" 253) -}}
{{- end -}}
{{- end -}}

{{/* The volumes of a pod, one after the other. */}}
{{- define "kuard.volumes" -}}
{{- if .Values.tls.enabled }}
- name: tls
  {{- with include "kuard.tlsSecret" . }}
  secret:
    secretName: {{ . }}
  {{- else }}
  emptyDir:
    medium: Memory
  {{- end }}
{{- end }}
{{- with include "kuard.redisSecret" . }}
- name: redis
  secret:
    secretName: {{ . }}
{{- end }}
{{- if include "kuard.scratchFolder" . }}
- name: scratch
  emptyDir: {}
{{- end }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "kuard.volumeMounts" -}}
{{- if .Values.tls.enabled }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- if include "kuard.redisSecret" . }}
- name: redis
  mountPath: /redis
  readOnly: true
{{- end }}
{{- with include "kuard.scratchFolder" . }}
- name: scratch
  mountPath: {{ . | toJson }}
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* On which nodes: what the values say, else the preset. */}}
{{- define "kuard.affinity" -}}
{{- if .Values.affinity }}
{{- toYaml .Values.affinity }}
{{- else if eq .Values.podAntiAffinity "hard" -}}
podAntiAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          {{- include "kuard.selectorLabels" (list . "server") | nindent 10 }}
{{- else if eq .Values.podAntiAffinity "soft" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "kuard.selectorLabels" (list . "server") | nindent 12 }}
{{- end }}
{{- end -}}

{{/* Each constraint counts the pods of this release, unless it says which. */}}
{{- define "kuard.topologySpread" -}}
{{- $labels := include "kuard.selectorLabels" (list . "server") | fromYaml -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints -}}
{{- $constraints = append $constraints (merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" $labels))) -}}
{{- end -}}
{{- with $constraints -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
