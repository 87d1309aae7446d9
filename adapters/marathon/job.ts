import type { App, AppInput } from 'intermodal'
import type { Report } from './loss.ts'
import { seconds } from './options.ts'
import { commandLine } from './shell.ts'
import type { AppDefinition, HealthCheck } from './wire.ts'

/**
 * Marathon starts again whatever ends: it has no jobs. So a job's command is wrapped: when it has succeeded, the
 * instance marks that in its sandbox and idles, and a check that looks for the mark turns healthy. Marathon's own deployment
 * then ends exactly when the job is done. A command that has failed for good ends the instance, and the back-off is a year.
 */
const MARK = '"$MESOS_SANDBOX/.intermodal-completed"'

/** What the check of a wrapped job runs. */
export const JOB_CHECK = `test -e ${MARK}`

/** Longer than anyone waits; in seconds. */
export const A_YEAR = 31_536_000

const HEAD = 'intermodal_job() {\n'
const MIDDLE = '\n}\n'
const IDLE = `&& touch ${MARK} && trap 'exit 0' TERM INT && while :; do sleep 3600 & wait $!; done`

/** The command of a job as far as it is known: what the image would run by itself is not. */
function jobCommand({ shell, entrypoint, args }: App): string | undefined {
  if (shell !== undefined) return shell
  return entrypoint && commandLine([...entrypoint, ...(args ?? [])])
}

export function writeJob(
  app: App,
  report: Report,
): Pick<AppDefinition, 'cmd' | 'healthChecks' | 'backoffSeconds' | 'maxLaunchDelaySeconds'> {
  const command = jobCommand(app)
  reportJob(app, command !== undefined, report)
  const again = app.restart.condition === 'onFailure' && app.restart.maxAttempts === undefined
  const backoff = again
    ? { backoffSeconds: seconds(app.restart.delay ?? 1000) }
    : { backoffSeconds: A_YEAR, maxLaunchDelaySeconds: A_YEAR }
  if (command === undefined) return { backoffSeconds: A_YEAR, maxLaunchDelaySeconds: A_YEAR }
  return { cmd: wrap(command, app), healthChecks: [CHECK], ...backoff }
}

const CHECK: HealthCheck = {
  protocol: 'COMMAND',
  command: { value: JOB_CHECK },
  // Until it is done every look fails, and none of that may count.
  gracePeriodSeconds: A_YEAR,
  intervalSeconds: 1,
  timeoutSeconds: 10,
  maxConsecutiveFailures: 2_147_483_647,
  delaySeconds: 0,
}

function wrap(command: string, { restart }: App): string {
  const attempts = restart.condition === 'never' ? 0 : (restart.maxAttempts ?? 0)
  const rest = seconds(restart.delay ?? 1000)
  const run =
    attempts === 0
      ? '(intermodal_job)'
      : `n=0; until (intermodal_job); do c=$?; n=$((n+1)); [ $n -gt ${attempts} ] && exit $c; sleep ${rest}; done`
  return `${HEAD}${command}${MIDDLE}${attempts === 0 ? run : `{ ${run}; }`} ${IDLE}`
}

/** The command inside the wrapper, for what `writeJob` wrote. */
export function unwrap(cmd: string): string | undefined {
  const end = cmd.lastIndexOf(MIDDLE)
  return cmd.startsWith(HEAD) && end > 0 && cmd.endsWith(IDLE)
    ? cmd.slice(HEAD.length, end)
    : undefined
}

export function readJob(app: AppDefinition): Pick<AppInput, 'shell' | 'job'> {
  const shell = app.cmd === undefined ? undefined : unwrap(app.cmd)
  const completions = app.instances || 1
  return {
    ...(shell === undefined ? {} : { shell }),
    job: { completions, parallelism: completions },
  }
}

/** Whether what ends is not started again, as far as Marathon can be kept from it. */
export function isFinal(app: AppDefinition): boolean {
  return (app.backoffSeconds ?? 1) >= A_YEAR
}

/** Whether a check tells when a job is done; else only its end does. */
export function isWrapped(app: AppDefinition): boolean {
  return app.healthChecks?.some(({ command }) => command?.value === JOB_CHECK) ?? false
}

function reportJob(app: App, wrapped: boolean, report: Report): void {
  report(
    'approximated',
    '/kind',
    wrapped
      ? 'Marathon has no jobs: an instance that is done idles and keeps its resources until the app is removed, and one that has failed for good is started again when the leader changes'
      : "Marathon has no jobs: what has ended is started again after a year, or when Marathon's leader changes",
    wrapped
      ? 'remove the app when it is completed, or run the job with Metronome'
      : 'give shell or entrypoint, so that the end can be kept in the instance; or run the job with Metronome',
  )
  const { job } = app
  if (job && job.parallelism < job.completions) {
    report('approximated', '/job/parallelism', `all ${job.completions} run at once`)
  }
  if (job?.deadline !== undefined) {
    report(
      'dropped',
      '/job/deadline',
      'Marathon lets it run as long as it takes',
      'start the program through timeout(1)',
    )
  }
  const { factor, maxDelay, window, maxAttempts, delay } = app.restart
  if (factor !== undefined)
    report('dropped', '/restart/factor', 'attempts of a job come at even intervals')
  if (maxDelay !== undefined)
    report('dropped', '/restart/maxDelay', 'attempts of a job come at even intervals')
  if (window !== undefined) report('dropped', '/restart/window', 'all attempts of a job count')
  if (!wrapped && maxAttempts !== undefined && maxAttempts > 0)
    report(
      'dropped',
      '/restart/maxAttempts',
      'what the image runs cannot be started again within an instance',
    )
  if (!wrapped && delay !== undefined)
    report(
      'dropped',
      '/restart/delay',
      'what the image runs cannot be started again within an instance',
    )
}
