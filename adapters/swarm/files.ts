import type { App, AppInput, FileSource } from 'intermodal'
import { APP } from './labels.ts'
import type { Report } from './loss.ts'
import { step } from './loss.ts'
import { contentName, logicalName, splitLogicalName } from './names.ts'
import type { SwarmNative } from './native.ts'
import type {
  ConfigReference,
  ConfigSpec,
  ContainerSpec,
  FileTarget,
  SecretReference,
} from './wire.ts'

const READABLE = 0o444
/** What the engine takes: more than nothing, and less than this. */
const MAX_CONFIG = 1_024_000

interface Files {
  readonly configs: readonly ConfigSpec[]
  readonly references: Pick<ContainerSpec, 'Configs' | 'Secrets'>
}

/** `files`, and volumes of a config or secret: everything that is an object of its own in Swarm. */
export function writeFiles(app: App, report: Report): Files {
  const contents = new Map<string, ConfigSpec>()
  const Configs: ConfigReference[] = []
  const Secrets: SecretReference[] = []
  for (const [path, source] of Object.entries(app.files)) {
    const File = target(path, source.mode)
    if ('content' in source) {
      const config = contentConfig(app, path, source.content, report)
      contents.set(config.Name, config)
      Configs.push({ ConfigName: config.Name, File })
    } else if ('secret' in source) {
      Secrets.push({ SecretName: logicalName(source.secret, source.key), File })
    } else {
      Configs.push({ ConfigName: logicalName(source.config, source.key), File })
    }
  }
  for (const volume of Object.values(app.volumes)) {
    const File = target(`${volume.mountPath.replace(/\/$/, '')}/*`, undefined)
    if (volume.type === 'secret')
      Secrets.push({ SecretName: logicalName(volume.secret, '*'), File })
    if (volume.type === 'config')
      Configs.push({ ConfigName: logicalName(volume.config, '*'), File })
  }
  return {
    configs: [...contents.values()],
    references: {
      ...(Configs.length > 0 ? { Configs } : {}),
      ...(Secrets.length > 0 ? { Secrets } : {}),
    },
  }
}

function contentConfig(app: App, path: string, content: string, report: Report): ConfigSpec {
  const pointer = `/files${step(path)}/content`
  if (content === '') {
    report('approximated', pointer, 'Swarm has no empty configs: the file holds one line end')
  }
  const bytes = Buffer.from(content === '' ? '\n' : content)
  if (bytes.length >= MAX_CONFIG) {
    report(
      'refused',
      pointer,
      `has ${bytes.length} bytes, and a Swarm config holds less than ${MAX_CONFIG}`,
      'put it into the image or on a volume',
    )
  }
  const data = bytes.toString('base64')
  return { Name: contentName(app.id, data), Labels: { [APP]: app.id }, Data: data }
}

function target(path: string, mode: string | undefined): FileTarget {
  return {
    Name: path,
    UID: '0',
    GID: '0',
    Mode: mode === undefined ? READABLE : Number.parseInt(mode, 8),
  }
}

/**
 * Each reference as a file. One whose name the model's grammar does not know, or that belongs to a user, is left out
 * and found by comparing.
 */
export function readFiles(
  container: ContainerSpec,
  configs: SwarmNative['configs'],
): Pick<AppInput, 'files' | 'volumes'> {
  const files: Record<string, FileSource> = {}
  const volumes: Record<string, NonNullable<AppInput['volumes']>[string]> = {}
  const add = (kind: 'secret' | 'config', logical: string, File: FileTarget | undefined) => {
    const { name, key } = splitLogicalName(logical)
    if (!File || !canSay(name, key, File)) return
    if (key === '*') {
      const mountPath = File.Name.replace(/\/\*$/, '') || '/'
      const base = { mountPath }
      volumes[name] =
        kind === 'secret'
          ? { ...base, type: 'secret', secret: name }
          : { ...base, type: 'config', config: name }
      return
    }
    const mode = File.Mode === READABLE ? {} : { mode: octal(File.Mode ?? 0) }
    const keyed = key === undefined ? {} : { key }
    files[File.Name] =
      kind === 'secret' ? { secret: name, ...keyed, ...mode } : { config: name, ...keyed, ...mode }
  }
  for (const { SecretName, File } of container.Secrets ?? []) add('secret', SecretName, File)
  for (const { ConfigName, File } of container.Configs ?? []) {
    const content = configs.find(({ Name }) => Name === ConfigName)?.Data
    if (content === undefined || !File) add('config', ConfigName, File)
    else {
      files[File.Name] = {
        content: Buffer.from(content, 'base64').toString('utf8'),
        ...(File.Mode === READABLE ? {} : { mode: octal(File.Mode ?? 0) }),
      }
    }
  }
  return {
    ...(Object.keys(files).length > 0 ? { files } : {}),
    ...(Object.keys(volumes).length > 0 ? { volumes } : {}),
  }
}

function canSay(name: string, key: string | undefined, file: FileTarget): boolean {
  return (
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name) &&
    (key === undefined || key === '*' || /^[A-Za-z0-9._-]+$/.test(key)) &&
    file.UID === '0' &&
    file.GID === '0' &&
    (file.Mode ?? 0) <= 0o777 &&
    file.Name.startsWith('/')
  )
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
