/** What other formats call it, by where it stands; the nearest spelling of ours would mislead. */
const CONTAINER: Readonly<Record<string, string>> = {
  command:
    'it means ENTRYPOINT in Kubernetes and CMD in Compose; write "entrypoint", "args" or "shell"',
  cmd: 'write "shell" for one shell line, or "args"',
  cpus: 'write "resources: { requests: { cpu } }"',
  cpu: 'write "resources: { requests: { cpu } }"',
  mem: 'write "resources: { requests: { memory } }"',
  memory: 'write "resources: { requests: { memory } }"',
  disk: 'write "resources: { requests: { disk } }"',
  gpus: 'write "resources: { gpus }"',
  environment: 'write "env"',
  variables: 'write "env"',
  user: 'write "security: { user }"',
  privileged: 'write "security: { privileged }"',
  imagePullPolicy: 'write "pullPolicy"',
  forcePullImage: 'write "pullPolicy: always"',
  working_dir: 'write "workingDir"',
}

const APP: Readonly<Record<string, string>> = {
  ...CONTAINER,
  name: 'the last part of "id" is the name: /shop/web',
  instances: 'write "replicas"',
  scale: 'write "replicas"',
  healthChecks: 'write "probes: { liveness, readiness }"',
  readinessChecks: 'write "probes: { readiness }"',
  healthcheck: 'write "probes: { liveness }"',
  livenessProbe: 'write "probes: { liveness }"',
  readinessProbe: 'write "probes: { readiness }"',
  startupProbe: 'write "probes: { startup }"',
  constraints: 'write "placement: { require }"',
  nodeSelector: 'write "placement: { require }"',
  affinity: 'write "placement"',
  upgradeStrategy: 'write "update"',
  deploy: 'write "replicas", "update", "restart", "placement" and "resources"',
  dependencies: 'write "dependsOn"',
  depends_on: 'write "dependsOn"',
  networks: 'write "network: { names }"',
  networkMode: 'write "network: { mode }"',
  initContainers: 'write "init"',
  containers: 'the main container is the app itself; others go to "sidecars"',
  completions: 'write "job: { completions }"',
  parallelism: 'write "job: { parallelism }", or "update: { batchSize }"',
  cron: 'write "schedule: { cron }"',
  taskKillGracePeriodSeconds: 'write "stop: { gracePeriod }"',
  terminationGracePeriodSeconds: 'write "stop: { gracePeriod }"',
  stop_grace_period: 'write "stop: { gracePeriod }"',
  unreachableStrategy: 'write "onUnreachable"',
  secrets:
    'refer to a secret in "env", "files" or "volumes"; its value belongs to a group, next to "apps"',
  configs:
    'refer to a config in "env", "files" or "volumes"; its value belongs to a group, next to "apps"',
}

const BY_SECTION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  resources: {
    cpu: 'write it under "requests" or "limits"',
    memory: 'write it under "requests" or "limits"',
    disk: 'write it under "requests" or "limits"',
    reservations: 'write "requests"',
  },
  probes: {
    intervalSeconds: 'write "interval: 10s"',
    periodSeconds: 'write "interval: 10s"',
    timeoutSeconds: 'write "timeout: 5s"',
    maxConsecutiveFailures: 'write "failureThreshold"',
    retries: 'write "failureThreshold"',
    gracePeriodSeconds: 'write "startPeriod: 30s"',
    initialDelaySeconds: 'write "initialDelay: 30s"',
    httpGet: 'write "type: http" and "path"',
    tcpSocket: 'write "type: tcp" and "port"',
    test: 'write "type: exec" and "command"',
  },
  update: {
    parallelism: 'write "batchSize"',
    delay: 'write "batchDelay"',
    order: 'write "maxSurge: 1" for start-first, "maxUnavailable: 1" for stop-first',
    failureAction: 'write "onFailure"',
    monitor: 'write "minReadyTime"',
    minimumHealthCapacity: 'write "maxUnavailable", the part that may be missing',
    maximumOverCapacity: 'write "maxSurge"',
    minReadySeconds: 'write "minReadyTime: 10s"',
    progressDeadlineSeconds: 'write "progressDeadline: 10m"',
  },
  restart: {
    policy: 'write "condition"',
    backoffSeconds: 'write "delay: 1s"',
    backoffFactor: 'write "factor"',
    maxLaunchDelaySeconds: 'write "maxDelay: 5m"',
  },
  ports: {
    port: 'write "containerPort", and "servicePort" for what other apps use',
    target: 'write "containerPort"',
    targetPort: 'write "containerPort"',
    published: 'write "hostPort" for the node, "servicePort" for what other apps use',
    nodePort: 'write "hostPort"',
    mode: 'write "exposure"',
  },
  volumes: {
    target: 'write "mountPath"',
    containerPath: 'write "mountPath"',
    source: 'write "path" for a host path, "name" for a named volume',
    hostPath: 'write "type: host" and "path"',
    mode: 'write "readOnly: true" or leave it out',
  },
  security: {
    runAsUser: 'write "user"',
    runAsGroup: 'write "group"',
    cap_add: 'write "capabilities: { add }"',
    cap_drop: 'write "capabilities: { drop }"',
  },
  placement: { constraints: 'write "require"', preferences: 'write "spread" or "prefer"' },
  stop: { grace: 'write "gracePeriod"', timeout: 'write "gracePeriod"' },
}

/** What to write instead of a key that other formats have in this place; `undefined` when it is none of theirs. */
export function falseFriend(path: readonly string[], key: string): string | undefined {
  const [top, , field] = path
  if (path.length === 0) return pick(APP, key)
  if (top === 'sidecars' || top === 'init') {
    return path.length === 2 ? pick(CONTAINER, key) : pick(BY_SECTION[field ?? ''], key)
  }
  return pick(BY_SECTION[top ?? ''], key)
}

function pick(words: Readonly<Record<string, string>> | undefined, key: string) {
  return words && Object.hasOwn(words, key) ? words[key] : undefined
}
