import type { ServiceContext } from './context.ts'
import { unknownKey } from './top.ts'

interface Unsupported {
  readonly detail: string
  readonly remedy?: string
}

const NODE = { detail: 'is a matter of one node, which the model does not know' }
const KERNEL = {
  detail: 'the model does not share namespaces with the node or with other containers',
  remedy: 'write it in native of an engine that can',
}
const CPU = { detail: 'the model counts cores only', remedy: 'write deploy.resources' }
const SWAP = {
  detail: 'the model does not know swap',
  remedy: 'leave it out: clusters run without swap',
}
const DEVELOP = {
  detail: 'is for a developer at work, not for a running app',
  remedy: 'leave it out',
}
const OTHER = {
  detail: 'the model does not reach into other containers',
  remedy: 'share a named volume, or make them sidecars of one app',
}

/** Keys of a service that no app has, and what to do instead. */
const UNSUPPORTED: Readonly<Record<string, Unsupported>> = {
  attach: DEVELOP,
  develop: DEVELOP,
  blkio_config: NODE,
  cgroup: NODE,
  cgroup_parent: NODE,
  cgroupns_mode: NODE,
  device_cgroup_rules: NODE,
  domainname: {
    detail: 'the model has no domain of a host',
    remedy: 'write a name in full in "hostname"',
  },
  mac_address: NODE,
  runtime: {
    detail: 'the model does not choose a runtime',
    remedy: 'write it in native of the engine',
  },
  storage_opt: NODE,
  userns_mode: NODE,
  volume_driver: {
    detail: 'a volume names its driver itself',
    remedy: 'write it under "volumes:" at the top',
  },
  devices: {
    detail: 'the model knows of no devices but GPUs',
    remedy: 'write it in native of an engine that can, and pin the app to nodes that have it',
  },
  ipc: KERNEL,
  pid: KERNEL,
  uts: KERNEL,
  cpu_count: CPU,
  cpu_percent: CPU,
  cpu_period: { detail: 'has a meaning with cpu_quota only' },
  cpu_quota: { detail: 'is no bound' },
  cpu_rt_period: CPU,
  cpu_rt_runtime: CPU,
  cpuset: { detail: 'the model does not choose among cores', remedy: 'leave it out' },
  mem_swappiness: SWAP,
  memswap_limit: SWAP,
  oom_kill_disable: { detail: 'what passes its memory is ended', remedy: 'give it enough memory' },
  credential_spec: { detail: 'is for Windows', remedy: 'write it in native.swarm' },
  external_links: {
    detail: 'an app does not link to containers outside',
    remedy: 'give the other one a name in DNS and write it in "environment"',
  },
  volumes_from: OTHER,
  post_start: { detail: 'nothing is run after the start', remedy: 'run it in the entrypoint' },
  pre_stop: {
    detail: 'only one command without its own user and place can be run before the stop',
  },
  models: { detail: 'the model knows no AI models', remedy: 'run the model as an app of its own' },
  provider: { detail: 'somebody else runs it, not a container', remedy: 'leave it out' },
  use_api_socket: {
    detail: "the engine's socket is not handed in",
    remedy: 'mount /var/run/docker.sock if it has to be',
  },
  pull_refresh_after: { detail: 'the registry is asked by "pull_policy" alone' },
}

const KNOWN: readonly string[] = [
  ...[
    'annotations',
    'build',
    'cap_add',
    'cap_drop',
    'command',
    'configs',
    'container_name',
    'cpu_shares',
  ],
  ...['cpus', 'depends_on', 'deploy', 'dns', 'dns_opt', 'dns_search', 'entrypoint', 'env_file'],
  ...[
    'environment',
    'expose',
    'extends',
    'extra_hosts',
    'gpus',
    'group_add',
    'healthcheck',
    'hostname',
  ],
  ...['image', 'init', 'isolation', 'label_file', 'labels', 'links', 'logging', 'mem_limit'],
  ...[
    'mem_reservation',
    'network_mode',
    'networks',
    'oom_score_adj',
    'pids_limit',
    'platform',
    'ports',
  ],
  ...[
    'privileged',
    'profiles',
    'pull_policy',
    'read_only',
    'restart',
    'scale',
    'secrets',
    'security_opt',
  ],
  ...[
    'shm_size',
    'stdin_open',
    'stop_grace_period',
    'stop_signal',
    'sysctls',
    'tmpfs',
    'tty',
    'ulimits',
  ],
  ...['user', 'volumes', 'working_dir'],
  ...Object.keys(UNSUPPORTED),
]

/** Every key of a service that no reader took: dropped and named, or no key of Compose at all. */
export function reportRest({ fields, report, project }: ServiceContext): void {
  for (const [key, { at }] of fields.rest()) {
    const known = Object.hasOwn(UNSUPPORTED, key) ? UNSUPPORTED[key] : undefined
    if (known) report.loss(at, 'dropped', known.detail, known.remedy)
    else if (!key.startsWith('x-')) {
      // An empty value of a key that is read: nothing was said, and nothing is lost.
      if (!KNOWN.includes(key)) report.problem(at, unknownKey(key, KNOWN, 'of a service'))
    } else if (!isQuoted(at, project.loading.anchored))
      report.loss(at, 'dropped', 'is an extension that nobody here reads', 'leave it out')
  }
}

/** Whether something in it is taken over elsewhere by an alias. */
export function isQuoted(
  at: { file: string; path: string },
  anchored: ReadonlySet<string>,
): boolean {
  const place = `${at.file}#${at.path}`
  return [...anchored].some((path) => path === place || path.startsWith(`${place}/`))
}
