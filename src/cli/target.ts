import { closest, distance } from 'fastest-levenshtein'
import { ADAPTER_KINDS, type AdapterKind } from './adapters.ts'
import type { Config } from './config.ts'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'
import { redact } from './redact.ts'

/** Where a command goes: one cluster. */
export interface Target {
  /** In front of app ids, `prod:/shop/web`, and in errors. */
  readonly name: string
  readonly kind: AdapterKind
  /** As given, without credentials: safe to print. */
  readonly shown: string
  /** What to write after `--on` to get here again. */
  readonly flag: string
  /** How to get there: `tcp`, `ssh`, `unix` of `swarm+ssh:`; absent for the engine's own way. */
  readonly transport?: string | undefined
  /** What follows the colon. May hold credentials: never printed. */
  readonly rest: string
  readonly timeout?: string | undefined
  readonly idle?: string | undefined
  readonly options: Readonly<Record<string, unknown>>
}

const URL = /^([a-z][a-z0-9]*)(?:\+([a-z]+))?:(.*)$/s
export const DEFAULT_TARGET = 'simulated:'

/** The targets a command is for: those given, else `$INTERMODAL_TARGET`, the configuration's default, `simulated:`. */
export function chooseTargets(
  given: readonly string[],
  io: Pick<Io, 'env'>,
  config: Config,
): readonly Target[] {
  const names =
    given.length > 0 ? given : [io.env.INTERMODAL_TARGET || config.default || DEFAULT_TARGET]
  const targets = [...new Set(names)].map((name) => resolveTarget(name, config))
  const seen = new Map<string, number>()
  return targets.map((target) => {
    const count = (seen.get(target.name) ?? 0) + 1
    seen.set(target.name, count)
    return count === 1 ? target : { ...target, name: `${target.name}-${count}` }
  })
}

/** A name of the configuration, or a URL. Throws a `UsageError` for anything else. */
export function resolveTarget(text: string, config: Config): Target {
  const configured = Object.hasOwn(config.targets, text) ? config.targets[text] : undefined
  if (!configured) {
    if (!text.includes(':')) throw unknownTarget(text, config)
    return parseTarget(text)
  }
  const { on, timeout, idle, options = {} } = configured
  if (!on.includes(':'))
    throw new UsageError(`target "${text}" points at "${redact(on)}", which is no URL`, URL_HELP)
  return { ...parseTarget(on), name: text, flag: text, timeout, idle, options }
}

const URL_HELP =
  'write simulated:, swarm:, swarm:CONTEXT, swarm+tcp://host:2376, swarm+ssh://user@host, swarm+unix:///path, kubernetes:CONTEXT/NAMESPACE or marathon+http://host:8080'

export function parseTarget(text: string): Target {
  const [, kind = '', transport, rest = ''] = URL.exec(text) ?? []
  const shown = redact(text)
  if (!isKind(kind)) {
    const best = kind ? closest(kind, [...ADAPTER_KINDS]) : ''
    const hint = kind && distance(kind, best) <= 2 ? `did you mean "${best}:"?` : URL_HELP
    throw new UsageError(`target "${shown}" names no engine that is known`, hint)
  }
  return { name: nameOf(kind, rest), kind, shown, flag: shown, transport, rest, options: {} }
}

function isKind(kind: string): kind is AdapterKind {
  return (ADAPTER_KINDS as readonly string[]).includes(kind)
}

/** `swarm+ssh://me@host:22/run/docker.sock` is `host`, `simulated:blue?nodes=5` is `blue`. */
function nameOf(kind: string, rest: string): string {
  const [path = ''] = rest.split('?')
  const authority = /^\/\/(?:[^@/]*@)?([^/]*)/.exec(path)
  return (authority ? authority[1] : path) || kind
}

function unknownTarget(name: string, config: Config): UsageError {
  const known = Object.keys(config.targets)
  const best = known.length > 0 ? closest(name, known) : undefined
  const hint =
    best !== undefined && distance(name, best) <= 2
      ? `did you mean "${best}"?`
      : known.length > 0
        ? `intermodal.config has: ${known.join(', ')}`
        : `there is no intermodal.config with targets; ${URL_HELP}`
  return new UsageError(`there is no target "${redact(name)}"`, hint)
}
