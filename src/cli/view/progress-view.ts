import type { AppId, AppStatus, GroupStep, Outcome, RolloutStep } from 'intermodal'
import type { Paint } from '../style.ts'
import { healthBar } from './health-bar.ts'
import { readiness } from './status-table.ts'
import { cut, elapsed, safe } from './text.ts'
import { colourOf } from './words.ts'

/** What a person following several rollouts wants to see of one. */
export interface AppProgress {
  readonly app: AppId
  readonly phase: 'queued' | 'waiting' | 'rolling' | 'stalled' | 'undone' | 'skipped' | Outcome
  readonly message: string
  readonly status?: AppStatus | undefined
  /** When its own rollout began and ended, by the cluster's clock. */
  readonly began?: number | undefined
  readonly ended?: number | undefined
  /** The generation of the change: statuses before it are not about it. */
  readonly generation?: number | undefined
}

export type Progress = ReadonlyMap<AppId, AppProgress>

/** Several apps nobody has touched yet. */
export function startProgress(apps: readonly AppId[]): Progress {
  return new Map(apps.map((app) => [app, { app, phase: 'queued', message: 'queued' }]))
}

/** The progress after one more step. Pure. */
export function advance(progress: Progress, step: GroupStep, now: number): Progress {
  const before = progress.get(step.app)
  const base = { ...before, app: step.app }
  const set = (after: Pick<AppProgress, 'phase' | 'message'> & Partial<AppProgress>): Progress =>
    new Map(progress).set(step.app, { ...base, ...after })
  switch (step.type) {
    case 'waiting':
      return set({ phase: 'waiting', message: `waits for ${step.on.join(', ')}` })
    case 'applied': {
      const { changed, generation } = step.rollout.revision
      const message = changed ? 'accepted' : 'nothing to change'
      return set({ phase: 'rolling', message, began: now, generation })
    }
    case 'skipped':
      return set({ phase: 'skipped', message: step.message, ended: now })
    case 'failed':
      return set({ phase: 'failed', message: step.error.message, ended: now })
    case 'undone':
      return set({ phase: 'undone', message: step.message, ended: now })
    case 'step':
      return set(ofStep(step.step, base.generation ?? 0))
  }
}

function ofStep(
  step: RolloutStep,
  generation: number,
): Pick<AppProgress, 'phase' | 'message'> & Partial<AppProgress> {
  const message = sentence(step)
  const { status } = step
  if (step.type === 'ended')
    return { phase: step.outcome ?? 'succeeded', message, status, ended: step.time }
  // Between accepting a change and acting on it engines say nothing of interest, and some say it several times.
  if (step.type === 'progress' && !isObserved(status, generation))
    return { phase: 'rolling', message: 'accepted' }
  const phase = step.type === 'progress' ? 'rolling' : 'stalled'
  return { phase, message, ...(status ? { status } : {}) }
}

function isObserved(status: AppStatus | undefined, generation: number): boolean {
  if (!status) return false
  const { desired, observed } = status.generation
  return observed >= Math.max(desired, generation)
}

/** The step's own sentence, with the first reason where it does not tell it already. */
function sentence({ message, reasons }: RolloutStep): string {
  const [first] = reasons
  if (!first || message.includes(first.message)) return message
  return `${message} (${first.code}: ${first.message})`
}

const MARK: Readonly<Record<AppProgress['phase'], string>> = {
  queued: '·',
  waiting: '·',
  rolling: '›',
  stalled: '!',
  undone: '↩',
  skipped: '-',
  succeeded: '✔',
  failed: '✖',
  rolledBack: '↩',
  superseded: '✖',
  cancelled: '✖',
  timedOut: '…',
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

function colour(phase: AppProgress['phase']) {
  if (phase === 'queued' || phase === 'waiting' || phase === 'skipped') return 'gray'
  if (phase === 'rolling') return 'cyan'
  if (phase === 'stalled' || phase === 'undone') return 'yellow'
  return colourOf.outcome(phase)
}

/** The display of a terminal: one line an app, redrawn in place. */
export function renderProgress(
  progress: Progress,
  { paint, now, frame, width }: { paint: Paint; now: number; frame: number; width: number },
): string {
  const apps = [...progress.values()]
  const name = Math.max(...apps.map(({ app }) => app.length))
  return apps
    .map((app) => {
      const spins = app.phase === 'rolling'
      const mark = spins ? (SPINNER[frame % SPINNER.length] ?? '›') : MARK[app.phase]
      const time = app.began === undefined ? '' : elapsed((app.ended ?? now) - app.began)
      const ready = app.status ? readiness(app.status) : ''
      const bar = app.status ? healthBar(app.status, paint) : ' '.repeat(10)
      const left = `${app.app.padEnd(name)}  ${ready.padStart(5)}`
      const message = cut(safe(app.message), Math.max(10, width - left.length - 24))
      return `${paint(colour(app.phase), mark)} ${left}  ${bar}  ${paint('dim', time.padStart(5))}  ${message}`
    })
    .join('\n')
}

/** One line for whoever reads a log, or nothing when the step tells nothing new. */
export function progressLine(
  before: AppProgress | undefined,
  after: AppProgress,
  { paint, time }: { paint: Paint; time: string },
): string | undefined {
  if (before && before.phase === after.phase && before.message === after.message) return undefined
  const mark = paint(colour(after.phase), MARK[after.phase])
  return `${paint('dim', time)} ${mark} ${after.app}  ${safe(after.message)}`
}
