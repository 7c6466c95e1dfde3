{{/* The name of everything that is made, unless it says more: a DNS label that begins with a letter, as Services want it. */}}
{{- define "kuard.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := .Values.fullnameOverride -}}
{{- if not $full -}}
{{- $full = contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- end -}}
{{- if regexMatch "^[0-9]" $full -}}
{{- $full = printf "kuard-%s" $full -}}
{{- end -}}
{{- $full | replace "." "-" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* A name with something behind it: of a list of the root, what stands behind, and how long it may be. */}}
{{- define "kuard.nameWith" -}}
{{- $suffix := printf "-%s" (index . 1) -}}
{{- $room := sub (index . 2) (len $suffix) | int -}}
{{- printf "%s%s" (include "kuard.fullname" (index . 0) | trunc $room | trimSuffix "-") $suffix -}}
{{- end -}}

{{- define "kuard.redisName" -}}
{{- /* Its pods bear a label of this name and eleven characters more. */ -}}
{{- include "kuard.nameWith" (list . "redis" 52) -}}
{{- end -}}

{{- define "kuard.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "kuard.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* What finds the pods of a part: never more than these, since a selector can't be changed. Of a list of the root and the part. */}}
{{- define "kuard.selectorLabels" -}}
app.kubernetes.io/name: kuard
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* The labels of pods, of the same list and the version: without the chart's, so that a new chart alone starts no pod anew. */}}
{{- define "kuard.podLabels" -}}
{{ include "kuard.selectorLabels" . }}
app.kubernetes.io/version: {{ index . 2 | toString | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{/* All labels of an object: of a list of the root, the part and its version. */}}
{{- define "kuard.labels" -}}
{{- $root := index . 0 -}}
{{ include "kuard.podLabels" . }}
app.kubernetes.io/part-of: kuard
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{- define "kuard.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{- define "kuard.redisLabels" -}}
{{- include "kuard.labels" (list . "redis" .Values.memq.redis.image.tag) -}}
{{- end -}}

{{- define "kuard.serverLabels" -}}
{{- include "kuard.labels" (list . "server" (include "kuard.version" .)) -}}
{{- end -}}

{{/* An image as a container names it: of its values, and the tag where they have none. */}}
{{- define "kuard.image" -}}
{{- $image := index . 0 -}}
{{- $image.repository -}}:{{- $image.tag | default (index . 1) -}}
{{- with $image.digest -}}@{{- . -}}{{- end -}}
{{- end -}}

{{/* The flags of a group of values, one on each line: errorShare of faults is --fault-error-share. Of a list of the flags' prefix and the values. */}}
{{- define "kuard.flags" -}}
{{- $prefix := index . 0 -}}
{{- range $key, $value := index . 1 -}}
{{- $flag := printf "--%s-%s" $prefix (regexReplaceAll "([A-Z])" $key "-${1}" | lower) -}}
{{- if kindIs "slice" $value -}}
{{- range $value }}
- {{ printf "%s=%s" $flag . | toJson }}
{{- end -}}
{{- else if not (kindIs "invalid" $value) }}
- {{ printf "%s=%s" $flag (kindIs "string" $value | ternary $value (toJson $value)) | toJson }}
{{- end -}}
{{- end -}}
{{- end -}}
