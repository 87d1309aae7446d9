import { type App, formatDuration, type Probe, type Volume } from 'intermodal'
import { filled, projectOf, type Writing } from './context.ts'
import { writeDeploy } from './deploy.ts'
import { writeNative } from './native.ts'

type Json = Record<string, unknown>

/**
 * One app as a service, in words that both `docker compose` and `docker stack deploy` take. What has no such words is
 * left out here, and found by reading the result.
 */
export function writeService(app: App, file: Writing): Json {
  const { security } = app
  const labels = { ...app.annotations, ...app.labels }
  const native = writeNative(app.native?.swarm)
  const service = {
    image: app.image,
    entrypoint: app.shell === undefined ? app.entrypoint : ['/bin/sh', '-c', app.shell],
    command: app.args,
    working_dir: app.workingDir,
    tty: app.tty || undefined,
    user: userOf(security),
    privileged: security?.privileged || undefined,
    cap_add: security?.capabilities?.add,
    cap_drop: security?.capabilities?.drop,
    read_only: security?.readOnlyRootFilesystem || undefined,
    security_opt: security?.noNewPrivileges ? ['no-new-privileges:true'] : undefined,
    environment: filled(writeEnv(app)),
    ...writePorts(app),
    ...writeNetworks(app, file),
    healthcheck: writeHealth(app),
    ...writeVolumes(app, file),
    ...writeFiles(app, file),
    depends_on: some(
      Object.keys(app.dependsOn).flatMap((id) => file.serviceName(id as App['id']) ?? []),
    ),
    stop_signal: app.stop.signal,
    stop_grace_period:
      app.stop.gracePeriod === undefined ? undefined : formatDuration(app.stop.gracePeriod),
    labels: filled(labels),
    deploy: writeDeploy(app, filled(labels)),
  }
  return merge(filled(service) ?? {}, native)
}

function merge(base: Json, over: Json): Json {
  const merged = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key]
    merged[key] = isJson(before) && isJson(value) ? merge(before, value) : value
  }
  return merged
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined
}

function userOf(security: App['security']): string | undefined {
  if (security?.user === undefined) return undefined
  return security.group === undefined ? String(security.user) : `${security.user}:${security.group}`
}

const TEMPLATES: Readonly<Record<string, string>> = {
  'instance.name': '{{.Task.Name}}',
  'node.name': '{{.Node.Hostname}}',
}

function writeEnv(app: App): Json {
  return Object.fromEntries(
    Object.entries(app.env).flatMap(([name, value]) => {
      if (typeof value === 'string') return [[name, value]]
      const template = 'field' in value ? TEMPLATES[value.field] : undefined
      return template === undefined ? [] : [[name, template]]
    }),
  )
}

function writePorts({ ports }: App): Json {
  const expose = ports.flatMap(({ exposure, containerPort, protocol }) =>
    exposure === 'internal' ? [`${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`] : [],
  )
  const published = ports.flatMap((port) => {
    if (port.exposure === 'internal') return []
    const host = port.hostPort ?? port.servicePort
    return [
      filled({
        target: port.containerPort,
        published: typeof host === 'number' ? host : undefined,
        protocol: port.protocol,
        mode: port.exposure === 'node' ? 'host' : 'ingress',
      }),
    ]
  })
  return { ports: some(published), expose: some(expose) }
}

function writeNetworks({ network }: App, file: Writing): Json {
  if (network?.mode !== undefined && network.mode !== 'container') {
    return { network_mode: network.mode }
  }
  const names = network?.names ?? []
  const aliases = some(network?.aliases ?? [])
  if (names.length === 0 && !aliases) return {}
  for (const name of names) file.networks[name] = { external: true }
  const entries = ['default', ...names].map((name) => [name, filled({ aliases }) ?? null])
  return { networks: Object.fromEntries(entries) }
}

/** The one check there is: liveness where it is a command, else readiness, else startup. */
function writeHealth({ probes }: App): Json | undefined {
  const probe = [probes.liveness, probes.readiness, probes.startup].find(
    (one): one is Extract<Probe, { type: 'exec' }> => one?.type === 'exec',
  )
  if (!probe) return undefined
  const [shell, flag, line, ...more] = probe.command
  const byShell = shell === '/bin/sh' && flag === '-c' && line !== undefined && more.length === 0
  return {
    test: byShell ? ['CMD-SHELL', line] : ['CMD', ...probe.command],
    interval: formatDuration(probe.interval),
    timeout: formatDuration(probe.timeout),
    retries: probe.failureThreshold,
    ...(probe.startPeriod > 0 ? { start_period: formatDuration(probe.startPeriod) } : {}),
  }
}

function writeVolumes(app: App, file: Writing): Json {
  const mounts = Object.entries(app.volumes).flatMap(([key, volume]) => {
    const mount = writeVolume(key, volume, file)
    const readOnly = volume.readOnly ? { read_only: true } : {}
    return mount ? [{ ...mount, target: volume.mountPath, ...readOnly }] : []
  })
  return { volumes: some(mounts) }
}

function writeVolume(key: string, volume: Volume, file: Writing): Json | undefined {
  switch (volume.type) {
    case 'empty':
      return { type: 'volume' }
    case 'tmpfs':
      return {
        type: 'tmpfs',
        ...(volume.size === undefined ? {} : { tmpfs: { size: volume.size } }),
      }
    case 'host':
      return { type: 'bind', source: volume.path }
    case 'named': {
      const definition = filled({
        name: volume.name ?? key,
        driver: volume.driver,
        driver_opts: volume.options,
      })
      return { type: 'volume', source: file.entry('volumes', key, definition ?? {}) }
    }
    case 'claim': {
      const definition = { name: `${projectOf(file.group)}_${key}` }
      return { type: 'volume', source: file.entry('volumes', key, definition) }
    }
    case 'config':
    case 'secret':
      return undefined
  }
}

function writeFiles(app: App, file: Writing): Json {
  const references: Record<'secrets' | 'configs', Json[]> = { secrets: [], configs: [] }
  for (const [target, source] of Object.entries(app.files)) {
    const mode = source.mode === undefined ? {} : { mode: Number.parseInt(source.mode, 8) }
    if ('content' in source) {
      const name = file.serviceName(app.id) ?? 'app'
      const path = `./${name}${target}`
      const base = `${name}${target.replaceAll(/[^A-Za-z0-9]+/g, '-')}`.toLowerCase()
      file.files[path] = source.content
      references.configs.push({
        source: file.entry('configs', base, { file: path }),
        target,
        ...mode,
      })
      continue
    }
    const section = 'secret' in source ? 'secrets' : 'configs'
    const name = 'secret' in source ? source.secret : source.config
    file[section][name] = { external: true }
    references[section].push({ source: name, target, ...mode })
  }
  return { secrets: some(references.secrets), configs: some(references.configs) }
}
