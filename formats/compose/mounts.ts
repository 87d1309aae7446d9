import { posix } from 'node:path'
import { type AppInput, formatMemory } from 'intermodal'
import { Fields, textOf } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import { freshName, labelOf, type ServiceContext } from './context.ts'
import { bytesAt } from './quantities.ts'
import { parseVolume } from './short.ts'
import { CONTAINER } from './swarm-patch.ts'
import { parseBytes } from './units.ts'
import { namedVolume } from './volume-definition.ts'

type Volumes = NonNullable<AppInput['volumes']>
type VolumeInput = Volumes[string]
type Files = NonNullable<AppInput['files']>

const MOUNTS = [...CONTAINER, 'Mounts'] as const

/** Collects volumes, each under a name of its own and at a path of its own. */
class Mounts {
  readonly volumes: Record<string, VolumeInput> = {}
  readonly files: Record<string, Files[string]> = {}
  readonly #service: ServiceContext

  constructor(service: ServiceContext) {
    this.#service = service
  }

  free(path: string, node: Node): boolean {
    const taken =
      Object.hasOwn(this.files, path) ||
      Object.values(this.volumes).some(({ mountPath }) => mountPath === path)
    if (taken)
      this.#service.report.loss(node.at, 'dropped', `something is mounted at ${path} already`)
    return !taken
  }

  add(base: string, volume: VolumeInput, node: Node): void {
    if (!this.free(volume.mountPath, node)) return
    const name = freshName(labelOf(base), (name) => Object.hasOwn(this.volumes, name))
    this.volumes[name] = volume
  }
}

/** `volumes`, `tmpfs` and `shm_size`. A text file that is mounted read-only is taken along as a file of the app. */
export async function readMounts(
  service: ServiceContext,
): Promise<Pick<AppInput, 'volumes' | 'files'>> {
  const mounts = new Mounts(service)
  for (const node of service.fields.list('volumes')) {
    if (node.type === 'map') await readLong(service, mounts, node)
    else await readShort(service, mounts, node)
  }
  for (const { text, node } of service.fields.texts('tmpfs')) readTmpfs(service, mounts, text, node)
  const shm = service.fields.take('shm_size')
  if (shm) {
    const bytes = parseBytes(textOf(shm, service.report) ?? '')
    if (bytes) {
      const size = formatMemory(bytes)
      mounts.add('shm', { type: 'tmpfs', mountPath: '/dev/shm', size }, shm)
    } else service.report.problem(shm.at, 'needs a size, such as "64m"')
  }
  const { volumes, files } = mounts
  return {
    ...(Object.keys(volumes).length > 0 ? { volumes } : {}),
    ...(Object.keys(files).length > 0 ? { files } : {}),
  }
}

const PROPAGATION: ReadonlySet<string> = new Set([
  'shared',
  'slave',
  'private',
  'rshared',
  'rslave',
  'rprivate',
])

async function readShort(service: ServiceContext, mounts: Mounts, node: Node): Promise<void> {
  const text = textOf(node, service.report)
  if (text === undefined) return
  const { source, target, modes } = parseVolume(text)
  if (!checkTarget(service, target, node)) return
  let readOnly = false
  for (const mode of modes) {
    if (mode === 'ro') readOnly = true
    else if (PROPAGATION.has(mode))
      service.swarm.keep(node.at, MOUNTS, [{ Target: target, BindOptions: { Propagation: mode } }])
    else if (mode === 'nocopy')
      service.swarm.keep(node.at, MOUNTS, [{ Target: target, VolumeOptions: { NoCopy: true } }])
    else if (mode !== 'rw')
      service.report.loss(node.at, 'dropped', `the mode "${mode}" is a matter of the node alone`)
  }
  const flags = readOnly ? { readOnly } : {}
  if (source === undefined) mounts.add(target, { type: 'empty', mountPath: target, ...flags }, node)
  else if (isPath(source)) await addBind(service, mounts, { source, target, readOnly, node })
  else
    mounts.add(source, { ...namedVolume(service, source, node), mountPath: target, ...flags }, node)
}

async function readLong(service: ServiceContext, mounts: Mounts, node: Node): Promise<void> {
  const { report, swarm } = service
  const fields = new Fields(node, report)
  const type = fields.text('type')
  const source = fields.text('source')
  const target = fields.text('target') ?? ''
  const readOnly = fields.flag('read_only') ?? false
  const consistency = fields.take('consistency')
  if (consistency)
    report.loss(consistency.at, 'approximated', 'is a hint for Docker Desktop that servers ignore')
  const bind = fields.fields('bind')
  const volume = fields.fields('volume')
  const tmpfs = fields.fields('tmpfs')
  if (!checkTarget(service, target, node)) return
  const propagation = bind.take('propagation')
  const nocopy = volume.take('nocopy')
  if (propagation)
    swarm.keep(propagation.at, MOUNTS, [
      { Target: target, BindOptions: { Propagation: textOf(propagation, report) } },
    ])
  if (nocopy) swarm.keep(nocopy.at, MOUNTS, [{ Target: target, VolumeOptions: { NoCopy: true } }])
  const size = bytesAt(tmpfs, 'size', report)
  const mode = tmpfs.take('mode')
  if (mode) swarm.keep(mode.at, MOUNTS, [{ Target: target, TmpfsOptions: { Mode: modeOf(mode) } }])
  for (const [key, { at }] of [bind, volume, tmpfs].flatMap((part) => part.rest()))
    report.loss(at, 'dropped', `the model does not know "${key}" of a mount`)
  for (const [key, { at }] of fields.rest()) {
    if (key === 'image' || key === 'cluster' || key.startsWith('x-'))
      report.loss(at, 'dropped', `the model does not know "${key}" of a mount`)
    else report.problem(at, `"${key}" is no key of volumes`)
  }
  const flags = readOnly ? { readOnly } : {}
  switch (type) {
    case 'bind':
      if (source === undefined) report.problem(node.at, 'needs a source to bind')
      else await addBind(service, mounts, { source, target, readOnly, node })
      return
    case 'tmpfs': {
      const bounded = size ? { size: formatMemory(size) } : {}
      mounts.add(target, { type: 'tmpfs', mountPath: target, ...bounded, ...flags }, node)
      return
    }
    case 'volume':
      if (source === undefined)
        mounts.add(target, { type: 'empty', mountPath: target, ...flags }, node)
      else
        mounts.add(
          source,
          { ...namedVolume(service, source, node), mountPath: target, ...flags },
          node,
        )
      return
    case 'npipe':
    case 'cluster':
    case 'image':
      report.loss(node.at, 'dropped', `the model has no volumes of type "${type}"`)
      return
    default:
      report.problem(node.at, 'needs a type: bind, volume or tmpfs')
  }
}

/** YAML reads 0755 as a decimal number; Compose means octal. */
export function modeOf(node: Node): number {
  if (node.type !== 'scalar') return Number.NaN
  const written = String(node.source ?? node.value)
  return /^0o?[0-7]+$/.test(written)
    ? Number.parseInt(written.replace(/^0o?/, '') || '0', 8)
    : typeof node.value === 'string'
      ? Number.parseInt(written, 8)
      : Number(node.value)
}

function readTmpfs(service: ServiceContext, mounts: Mounts, text: string, node: Node): void {
  const [target = '', options = ''] = text.split(':', 2)
  if (!checkTarget(service, target, node)) return
  let size: number | undefined
  for (const option of options.split(',').filter((part) => part !== '')) {
    const [key, value = ''] = option.split('=', 2)
    if (key === 'size' && parseBytes(value)) size = parseBytes(value)
    else if (key === 'mode' && /^[0-7]+$/.test(value))
      service.swarm.keep(node.at, MOUNTS, [
        { Target: target, TmpfsOptions: { Mode: Number.parseInt(value, 8) } },
      ])
    else service.report.loss(node.at, 'dropped', `the model does not know the option "${option}"`)
  }
  const bounded = size ? { size: formatMemory(size) } : {}
  mounts.add(target, { type: 'tmpfs', mountPath: target, ...bounded }, node)
}

function checkTarget({ report }: ServiceContext, target: string, node: Node): boolean {
  if (target.startsWith('/')) return true
  report.loss(node.at, 'dropped', 'is mounted at no absolute path of Linux')
  return false
}

function isPath(source: string): boolean {
  return /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(source)
}

const MAX_CONTENT = 100_000

async function addBind(
  service: ServiceContext,
  mounts: Mounts,
  bind: { source: string; target: string; readOnly: boolean; node: Node },
): Promise<void> {
  const { source, target, readOnly, node } = bind
  const { project, report } = service
  const flags = readOnly ? { readOnly } : {}
  const base = posix.basename(target) || 'root'
  if (posix.isAbsolute(source)) {
    mounts.add(base, { type: 'host', mountPath: target, path: source, ...flags }, node)
    return
  }
  const local = /^(?:[.\\]|[A-Za-z]:)/.test(source) === true && !source.startsWith('\\')
  if (source.startsWith('~') || !local || /^[A-Za-z]:/.test(source)) {
    report.loss(
      node.at,
      'dropped',
      'is a path of one person or of Windows, which no node has',
      'write an absolute path of the nodes, or use a named volume',
    )
    return
  }
  const place = posix.join(node.at.base, source)
  const found = readOnly ? await project.loading.read(place) : undefined
  if (found && 'text' in found && found.text.length <= MAX_CONTENT && mounts.free(target, node)) {
    mounts.files[target] = { content: found.text }
    report.loss(node.at, 'approximated', 'the file as it is now is part of the app')
    return
  }
  const path = posix.join(project.folder ?? '/', place)
  mounts.add(base, { type: 'host', mountPath: target, path, ...flags }, node)
  report.loss(
    node.at,
    'approximated',
    `means ${path} of whichever node runs it${project.folder === undefined ? ', since the folder of the file is not known' : ''}`,
    'put it into the image, or use a named volume',
  )
}
