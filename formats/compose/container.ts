import type { AppInput } from 'intermodal'
import { textOf } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import type { ServiceContext } from './context.ts'
import { durationAt } from './quantities.ts'
import { shellWords } from './units.ts'

/** What runs, and how: image, command, user, rights, stopping. */
export function readContainer(service: ServiceContext): Partial<AppInput> {
  const { fields } = service
  const args = wordsAt(service, 'command')
  const entrypoint = readEntrypoint(service)
  const workingDir = readWorkingDir(service)
  const tty = fields.flag('tty')
  const pullPolicy = readPullPolicy(service)
  const stop = readStop(service)
  const security = readSecurity(service)
  return {
    ...readImage(service),
    ...(pullPolicy ? { pullPolicy } : {}),
    ...commandOf(entrypoint, args),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(tty ? { tty } : {}),
    ...(Object.keys(security).length > 0 ? { security } : {}),
    ...(Object.keys(stop).length > 0 ? { stop } : {}),
  }
}

function commandOf(
  entrypoint: string[] | undefined,
  args: string[] | undefined,
): Pick<AppInput, 'shell' | 'entrypoint' | 'args'> {
  const [shell, flag, line, ...more] = entrypoint ?? []
  if (shell === '/bin/sh' && flag === '-c' && line && more.length === 0 && args === undefined)
    return { shell: line }
  return { ...(entrypoint ? { entrypoint } : {}), ...(args ? { args } : {}) }
}

function readImage({ fields, report, project, name }: ServiceContext): Partial<AppInput> {
  const image = fields.text('image')
  const build = fields.take('build')
  if (build) {
    report.loss(
      build.at,
      'dropped',
      'an app runs an image and does not build it',
      image === undefined
        ? 'build it, push it to a registry, and write its name as "image"'
        : 'build and push the image before the app is applied',
    )
  }
  // What Compose itself calls the image it builds.
  return image ? { image } : build ? { image: `${project.project}-${name}`.toLowerCase() } : {}
}

function wordsAt({ fields, report }: ServiceContext, key: string): string[] | undefined {
  const node = fields.take(key)
  return node && wordsOf(node, (message) => report.problem(node.at, message), report)
}

/** A command as a list of words; one line is split as a shell would, and no shell runs it. */
export function wordsOf(
  node: Node,
  fail: (message: string) => undefined,
  report: ServiceContext['report'],
): string[] | undefined {
  if (node.type === 'list')
    return node.items.flatMap((item) => {
      const text = textOf(item, report)
      return text === undefined ? [] : [text]
    })
  const line = textOf(node, report)
  if (line === undefined) return undefined
  return shellWords(line) ?? fail('has a quote that is never closed')
}

function readEntrypoint(service: ServiceContext): string[] | undefined {
  const node = service.fields.take('entrypoint')
  const words = wordsAt(service, 'entrypoint')
  if (!node || !words || words.length > 0) return words
  return void service.report.loss(
    node.at,
    'dropped',
    "an empty entrypoint takes the image's away; here the image's stays",
    'write the whole command as "entrypoint"',
  )
}

function readWorkingDir({ fields, report }: ServiceContext): string | undefined {
  const node = fields.take('working_dir')
  const text = textOf(node, report)
  if (!node || text === undefined || text.startsWith('/')) return text
  return void report.loss(node.at, 'dropped', 'is no absolute path', 'write it from the root: /app')
}

const PULL: Readonly<Record<string, AppInput['pullPolicy']>> = {
  always: 'always',
  never: 'never',
  missing: 'ifNotPresent',
  if_not_present: 'ifNotPresent',
}

function readPullPolicy({ fields, report }: ServiceContext): AppInput['pullPolicy'] {
  const node = fields.take('pull_policy')
  const text = textOf(node, report)
  if (!node || text === undefined) return undefined
  const policy = PULL[text]
  if (policy) return policy
  if (/^(?:daily|weekly|every_.+|refresh)$/.test(text)) {
    report.loss(node.at, 'approximated', 'the registry is asked at every start')
    return 'always'
  }
  if (text === 'build') return void report.loss(node.at, 'dropped', 'an app does not build images')
  return report.problem(
    node.at,
    `needs one of ${Object.keys(PULL).join(', ')}, build, daily, weekly`,
  )
}

function readStop({ fields, report }: ServiceContext): NonNullable<AppInput['stop']> {
  const node = fields.take('stop_signal')
  const written = textOf(node, report)?.toUpperCase()
  const signal = written && SIGNAL.test(written) ? `SIG${written.replace(/^SIG/, '')}` : undefined
  if (node && signal === undefined)
    report.loss(node.at, 'dropped', 'is a signal by its number', 'write its name: SIGTERM')
  const gracePeriod = durationAt(fields, 'stop_grace_period', report)
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(gracePeriod === undefined ? {} : { gracePeriod }),
  }
}

const SIGNAL = /^(?:SIG)?[A-Z][A-Z0-9+-]*$/

function readSecurity(service: ServiceContext): NonNullable<AppInput['security']> {
  const { fields } = service
  const [user, group] = fields.text('user')?.split(':', 2) ?? []
  const privileged = fields.flag('privileged')
  const readOnlyRootFilesystem = fields.flag('read_only')
  const add = readCapabilities(service, 'cap_add')
  const drop = readCapabilities(service, 'cap_drop')
  const noNewPrivileges = readSecurityOpt(service)
  return {
    ...(user ? { user: numberOrName(user) } : {}),
    ...(group ? { group: numberOrName(group) } : {}),
    ...(privileged ? { privileged } : {}),
    ...(add.length + drop.length > 0
      ? {
          capabilities: {
            ...(add.length > 0 ? { add } : {}),
            ...(drop.length > 0 ? { drop } : {}),
          },
        }
      : {}),
    ...(readOnlyRootFilesystem ? { readOnlyRootFilesystem } : {}),
    ...(noNewPrivileges ? { noNewPrivileges } : {}),
  }
}

function numberOrName(text: string): number | string {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : text
}

function readCapabilities({ fields, report }: ServiceContext, key: string): string[] {
  return fields.texts(key).flatMap(({ text, node }) => {
    const name = text.toUpperCase().replace(/^CAP_/, '')
    if (/^[A-Z][A-Z0-9_]*$/.test(name)) return [name]
    report.loss(node.at, 'dropped', 'is no capability')
    return []
  })
}

function readSecurityOpt({ fields, report }: ServiceContext): boolean {
  let noNewPrivileges = false
  for (const { text, node } of fields.texts('security_opt')) {
    if (/^no-new-privileges(?:[:=]true)?$/.test(text)) noNewPrivileges = true
    else
      report.loss(
        node.at,
        'dropped',
        'the model knows of "no-new-privileges" only',
        'set it up on the nodes, or in native of the engine',
      )
  }
  return noNewPrivileges
}
