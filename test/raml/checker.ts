import type { MarathonExchange } from 'intermodal/testing'
import { answersOf, type Expected, inVersion, requestOf } from './endpoints.ts'
import { ApiTypes } from './library.ts'
import { problemsOf } from './validate.ts'

/** Read-only things that answers embed in definitions, which older descriptions do not tell of. */
const EMBEDDED = [
  'tasks',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'lastTaskFailure',
  'readinessCheckResults',
  'taskStats',
  'pods',
] as const

/** The folder of the description of a version. */
export function folderOf(version: string): string {
  const folders: Readonly<Record<string, string>> = {
    '1.4': 'v1.4.13',
    '1.5': 'v1.5.15',
    '1.6': 'v1.6.590',
    '1.7': 'v1.7.236',
    '1.8': 'v1.8.244',
    '1.9': 'v1.9.109',
    '1.10': 'v1.10.26',
    '1.11': 'HEAD',
  }
  const folder = folders[version]
  if (folder === undefined) throw new Error(`there is no description of ${version}`)
  return folder
}

/** Holds what goes over the wire against the description of a version, and counts it. */
export class RamlChecker {
  readonly #types: ApiTypes
  readonly #old: boolean
  readonly problems: string[] = []
  requests = 0
  answers = 0
  /** What the description says nothing of. */
  readonly undescribed = new Set<string>()

  constructor(version: string) {
    this.#types = new ApiTypes(folderOf(version))
    this.#old = version === '1.4' || version === '1.5'
  }

  /** A request that was refused need not fit, its answer has to. */
  check(exchange: MarathonExchange): void {
    const { method, path, status, requestBody, answer } = exchange
    // What DC/OS has beside Marathon is no part of its description.
    if (path.startsWith('/secrets/')) return
    const what = `${method} ${path}`
    const request = requestOf(method, path)
    if (request && request !== 'text' && status < 400 && requestBody !== '') {
      this.requests++
      const body: unknown = request === 'empty' ? undefined : JSON.parse(requestBody)
      if (request !== 'empty') this.#tell(`${what} request`, this.#against(request, body, false))
    }
    if (typeof answer === 'string' && answer !== '' && !answer.startsWith('{')) return
    const expected = answersOf(method, path, status)
    if (!expected) {
      this.undescribed.add(`${what} ${status}`)
      return
    }
    this.answers++
    const found = expected.map((one) =>
      one === 'text' ? [] : one === 'empty' ? empty(answer) : this.#against(one, answer, true),
    )
    if (found.some((problems) => problems?.length === 0)) return
    const closest = found.reduce((a, b) => ((b?.length ?? 0) < (a?.length ?? 0) ? b : a))
    this.#tell(`${what} ${status}`, closest)
  }

  #against(
    { type, at, ...options }: Expected,
    body: unknown,
    isAnswer: boolean,
  ): readonly string[] | undefined {
    const known = inVersion(this.#types, type)
    if (known === undefined) {
      this.undescribed.add(type)
      return []
    }
    const inner = at === undefined ? body : (body as Record<string, unknown>)[at]
    const value =
      type === STEP_INFO && !this.#stepsAreList() && Array.isArray(inner)
        ? inner.map(wrapSteps)
        : inner
    const describesInfo = this.#types.find('app.AppInfo') !== undefined
    const forgotten = new Set([
      ...(options.forgotten ?? []),
      ...(isAnswer && !describesInfo ? EMBEDDED : []),
    ])
    const nullIsAbsent = this.#old || !isAnswer
    return problemsOf(this.#types, known, value, { ...options, forgotten, nullIsAbsent })
  }

  /** From 1.6 to 1.8 the description has an object around the steps, which neither code nor examples have. */
  #stepsAreList(): boolean {
    return !['v1.6.590', 'v1.7.236', 'v1.8.244'].includes(this.#types.version)
  }

  #tell(what: string, problems: readonly string[] | undefined): void {
    for (const problem of problems ?? []) this.problems.push(`${what} ${problem}`)
  }
}

const STEP_INFO = 'deploymentEventsInfo.DeploymentStepInfo[]'

function wrapSteps(info: Readonly<Record<string, unknown>>): object {
  return { ...info, steps: { steps: info.steps } }
}

function empty(answer: unknown): readonly string[] {
  return answer === '' || answer === undefined ? [] : ['should be empty']
}
