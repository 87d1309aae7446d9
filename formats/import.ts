import {
  type App,
  type AppInput,
  defineGroup,
  InvalidAppError,
  type Material,
  safeDefine,
} from 'intermodal'
import { readCompose } from './compose/read.ts'
import type { Draft } from './draft.ts'
import { guessFormat } from './guess.ts'
import { readKubernetes } from './kubernetes/read.ts'
import { readMarathon } from './marathon/read.ts'
import { type ImportLoss, type ImportProblem, Report } from './report.ts'
import type { ImportFormat, ImportSource, ReadReference } from './source.ts'
import { readSwarm } from './swarm/read.ts'

/** How sources are read. Every field has a default. */
export interface ImportOptions {
  /** The format of every source; guessed from each text when absent. */
  readonly from?: ImportFormat | undefined
  /** Reads what sources refer to, and must not leave the folder. Without it nothing is read. */
  readonly read?: ReadReference | undefined
  /** Variables for interpolation. They win over `.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Compose profiles whose services are wanted too; `*` is all of them. */
  readonly profiles?: readonly string[] | undefined
  /** The group apps are put into, `/shop`. The name of the project, or its folder, when absent. */
  readonly group?: string | undefined
  /** Take the values of secrets along, where the sources have them. Off unless set. */
  readonly withSecrets?: boolean | undefined
}

/** What was read, and what became of the rest. */
export interface Imported {
  /** Checked, every app after those it depends on. */
  readonly apps: readonly App[]
  /** Values of secrets, with `withSecrets` only. */
  readonly secrets: readonly Material[]
  readonly losses: readonly ImportLoss[]
  /** Why sources were not read. Nothing of such a source is in `apps`. */
  readonly problems: readonly ImportProblem[]
}

/**
 * Apps from the definitions people already have. Every key of a source is in an app, in its `native`, or in a loss.
 * Never throws because of what a source says: what is wrong with one is in `problems`, and the other sources are read.
 */
export async function importApps(
  sources: readonly ImportSource[],
  options: ImportOptions = {},
): Promise<Imported> {
  const losses: ImportLoss[] = []
  const problems: ImportProblem[] = []
  const secrets: Material[] = []
  const drafts: Draft[] = []
  for (const batch of batches(sources, options.from, problems, losses)) {
    const report = new Report()
    const read = await readBatch(batch, report, options)
    const apps = read.drafts.map((draft) => fit(draft, report))
    problems.push(...report.problems)
    losses.push(...report.losses)
    if (report.problems.length > 0) continue
    drafts.push(...apps)
    secrets.push(...read.secrets)
  }
  const group = together(drafts, problems)
  return { apps: group, secrets, losses: inOrder(losses), problems }
}

interface Batch {
  readonly format: ImportFormat
  readonly sources: readonly ImportSource[]
}

/** Compose files of one folder are one project, as for `docker compose -f a -f b`. */
function batches(
  sources: readonly ImportSource[],
  from: ImportFormat | undefined,
  problems: ImportProblem[],
  losses: ImportLoss[],
): Batch[] {
  const batches: { format: ImportFormat; sources: ImportSource[] }[] = []
  for (const source of sources) {
    const guess = from === undefined ? guessFormat(source) : { format: from }
    if ('problem' in guess) {
      if (source.incidental && guess.foreign)
        losses.push({ file: source.file, path: '', kind: 'warning', detail: guess.problem.message })
      else problems.push(guess.problem)
      continue
    }
    const project = batches.find((batch) => belongTogether(batch, guess.format, source))
    if (project) project.sources.push(source)
    else batches.push({ format: guess.format, sources: [source] })
  }
  return batches
}

/** Objects of Kubernetes may be written in one file for each; what is one Compose project lies in one folder. */
function belongTogether(batch: Batch, format: ImportFormat, source: ImportSource): boolean {
  const [first] = batch.sources
  if (batch.format !== format || !first) return false
  if (format === 'kubernetes') return true
  return (
    format === 'compose' &&
    source.folder !== undefined &&
    first.folder === source.folder &&
    !first.alone &&
    !source.alone
  )
}

async function readBatch(
  { format, sources }: Batch,
  report: Report,
  options: ImportOptions,
): Promise<{ readonly drafts: readonly Draft[]; readonly secrets: readonly Material[] }> {
  const env = options.env ?? {}
  switch (format) {
    case 'compose':
      return readCompose(sources, report, {
        read: options.read,
        env: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
        profiles: options.profiles ?? [],
        group: options.group,
        withSecrets: options.withSecrets ?? false,
      })
    case 'kubernetes':
      return readKubernetes(sources, report, {
        group: options.group,
        withSecrets: options.withSecrets ?? false,
      })
    case 'marathon':
      return { drafts: await readMarathon(sources, report, options.group), secrets: [] }
    case 'swarm':
      return { drafts: await readSwarm(sources, report, options.group), secrets: [] }
  }
}

/** What the model's own grammar refuses is left out and named, so that one odd value does not cost the app. */
function fit(draft: Draft, report: Report): Draft {
  let rest: Readonly<Record<string, unknown>> = { ...draft.input }
  for (;;) {
    const result = safeDefine(rest)
    if ('app' in result) return { ...draft, input: rest as unknown as AppInput }
    const wrong = new Set(result.issues.map(({ path }) => path.split('/')[1] ?? ''))
    const kept = Object.entries(rest).filter(([key]) => !wrong.has(key))
    if (kept.length === Object.keys(rest).length || wrong.has('id') || wrong.has('image')) {
      for (const { path, message } of result.issues) report.problem(draft.at, `${path} ${message}`)
      return draft
    }
    for (const { path, message } of result.issues)
      report.loss(draft.at, 'dropped', `${path} ${message}`)
    rest = Object.fromEntries(kept)
  }
}

function together(drafts: readonly Draft[], problems: ImportProblem[]): readonly App[] {
  if (problems.length > 0 && drafts.length === 0) return []
  try {
    return defineGroup(drafts.map(({ input }) => input)).apps
  } catch (error) {
    if (!(error instanceof InvalidAppError)) throw error
    for (const { path, message } of error.issues) {
      const at = drafts.find(({ input }) => path.startsWith(input.id))?.at ?? drafts[0]?.at
      problems.push({
        file: at?.file ?? '',
        line: at?.line,
        path: at?.path,
        message: `${path} ${message}`,
      })
    }
    return []
  }
}

/** As the sources have them, each place once for each thing said of it. */
function inOrder(losses: readonly ImportLoss[]): ImportLoss[] {
  const unique = new Map(losses.map((loss) => [JSON.stringify(loss), loss]))
  const files = [...new Set(losses.map(({ file }) => file))]
  return [...unique.values()].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0),
  )
}
