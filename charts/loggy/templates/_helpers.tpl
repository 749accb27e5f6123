{{- define "loggy.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "loggy.fullname" -}}
{{- $name := include "loggy.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "loggy.selectorLabels" -}}
app.kubernetes.io/name: {{ include "loggy.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of every object but the pods. */}}
{{- define "loggy.labels" -}}
{{ include "loggy.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "loggy.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "loggy.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{- default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end }}

{{- define "loggy.image" -}}
{{- with .Values.image -}}
{{- with .registry }}{{ . }}/{{ end -}}
{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{/* What the platform says, with what the values say instead, as YAML. */}}
{{- define "loggy.platform" -}}
{{- $all := .Files.Get "files/platforms.yaml" | fromYaml -}}
{{- $platform := dict -}}
{{- with .Values.platform -}}
{{- $platform = get $all . -}}
{{- end -}}
{{- $result := merge (dict) $platform $all.default -}}
{{- $_ := set $result "state" (get $all.default "state") -}}
{{- if hasKey $platform "state" -}}
{{- $_ := set $result "state" $platform.state -}}
{{- end -}}
{{- if and (eq .Values.platform "gke-autopilot") .Values.gkeAutopilot.allowlist -}}
{{- $_ := set $result "state" $all.default.state -}}
{{- $_ := set $result "note" "" -}}
{{- end -}}
{{- with .Values.state.hostPath -}}
{{- $_ := set $result "state" . -}}
{{- end -}}
{{- if .Values.state.emptyDir -}}
{{- $_ := set $result "state" "" -}}
{{- end -}}
{{- if hasKey $platform "dockerLogs" -}}
{{- $_ := set $result "dockerLogs" $platform.dockerLogs -}}
{{- end -}}
{{- with .Values.seLinuxOptions -}}
{{- $_ := set $result "seLinuxOptions" . -}}
{{- end -}}
{{- toYaml $result -}}
{{- end }}

{{/* The options: those of the values over those of the platform, as YAML. */}}
{{- define "loggy.config" -}}
{{- $platform := include "loggy.platform" . | fromYaml -}}
{{- mergeOverwrite (dict) $platform.config (deepCopy .Values.config) | toYaml -}}
{{- end }}

{{- define "loggy.metricsPort" -}}
{{- $config := include "loggy.config" . | fromYaml -}}
{{- .Values.metricsPort | default (dig "metrics" "port" 9180 $config) | int -}}
{{- end }}

{{- define "loggy.stateDirectory" -}}
{{- $config := include "loggy.config" . | fromYaml -}}
{{- .Values.stateDirectory | default (dig "state" "directory" "/var/lib/loggy" $config) -}}
{{- end }}

{{- define "loggy.configMap" -}}
{{- .Values.existingConfigMap | default (include "loggy.fullname" .) -}}
{{- end }}

{{/* Environment, options and Secrets: of the agents, and of the pod of `helm test`. */}}
{{- define "loggy.env" -}}
- name: NODE_NAME
  valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
- name: NODE_IP
  valueFrom: { fieldRef: { fieldPath: status.hostIP } }
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: POD_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "loggy.settingsMounts" -}}
- { name: config, mountPath: /etc/loggy, readOnly: true }
{{- range $number, $name := .Values.secrets }}
- { name: secret-{{ $number }}, mountPath: {{ printf "/etc/loggy-secrets/%s" $name }}, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "loggy.settingsVolumes" -}}
- name: config
  configMap: { name: {{ include "loggy.configMap" . }} }
{{- range $number, $name := .Values.secrets }}
- name: secret-{{ $number }} # its name may have dots, a volume's may not
  secret: { secretName: {{ $name }} }
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
