import type { InstanceRecord } from '../../../../adapters/simulated/world/model.ts'

/** Mesos' word for what a task is doing, with Marathon's for its instance. */
export interface Phase {
  readonly state: string
  readonly condition: string
}

const PHASES = {
  scheduled: { state: 'TASK_STAGING', condition: 'Scheduled' },
  provisioned: { state: 'TASK_STAGING', condition: 'Provisioned' },
  staging: { state: 'TASK_STAGING', condition: 'Staging' },
  starting: { state: 'TASK_STARTING', condition: 'Starting' },
  running: { state: 'TASK_RUNNING', condition: 'Running' },
  killing: { state: 'TASK_KILLING', condition: 'Killing' },
  unreachable: { state: 'TASK_UNREACHABLE', condition: 'Unreachable' },
  inactive: { state: 'TASK_UNREACHABLE', condition: 'UnreachableInactive' },
  failed: { state: 'TASK_FAILED', condition: 'Failed' },
  finished: { state: 'TASK_FINISHED', condition: 'Finished' },
  killed: { state: 'TASK_KILLED', condition: 'Killed' },
  error: { state: 'TASK_ERROR', condition: 'Error' },
} as const satisfies Readonly<Record<string, Phase>>
export type PhaseName = keyof typeof PHASES

export function phase(name: PhaseName): Phase {
  return PHASES[name]
}

/** An image that cannot be had ends a task at once; the world's node, though, tries again by itself. */
export function waitsForImage({ state, notBefore, pull }: InstanceRecord): boolean {
  return state === 'preparing' && notBefore !== undefined && pull !== undefined
}

export function phaseOf(instance: InstanceRecord): PhaseName {
  switch (instance.state) {
    case 'pending':
      return 'scheduled'
    case 'assigned':
      return 'provisioned'
    case 'preparing':
      return waitsForImage(instance) ? 'failed' : 'staging'
    case 'starting':
      return 'starting'
    case 'running':
      return 'running'
    case 'stopping':
      return 'killing'
    case 'lost':
      return instance.replaced ? 'inactive' : 'unreachable'
    case 'succeeded':
      return 'finished'
    case 'rejected':
      return 'error'
    case 'failed':
      return wasKilled(instance) ? 'killed' : 'failed'
    default:
      return 'killed'
  }
}

/** Failing its health check, a task was killed by Marathon; it did not fail by itself. */
function wasKilled({ reason }: InstanceRecord): boolean {
  return reason?.code === 'LivenessFailed' || reason?.code === 'StartupTimeout'
}

export function hasEnded(name: PhaseName): boolean {
  return name === 'failed' || name === 'finished' || name === 'killed' || name === 'error'
}

/** Has a task: one that waits for an offer, and one that has ended, have none. */
export function hasTask(instance: InstanceRecord): boolean {
  const name = phaseOf(instance)
  return name !== 'scheduled' && !hasEnded(name)
}

/** What Mesos says of how it ended. */
export function endMessage(instance: InstanceRecord, image: string): string {
  const { reason, exitCode } = instance
  switch (reason?.code) {
    case 'ImageNotFound':
      return pullFailed(image, `manifest for ${image} not found: manifest unknown`)
    case 'RegistryAuth':
      return pullFailed(
        image,
        `pull access denied for ${image}, repository does not exist or may require 'docker login'`,
      )
    case 'ImagePullFailed':
      return pullFailed(image, 'Get registry: net/http: TLS handshake timeout')
    case 'OomKilled':
      return 'Memory limit exceeded: the container used more memory than it has; Container terminated with signal Killed'
    case 'StartFailed':
      return `Container exited with status ${exitCode ?? 127}: ${reason.message}`
    case 'LivenessFailed':
    case 'StartupTimeout':
      return 'Container killed: health check failed'
    default:
      return `Container exited with status ${exitCode ?? 0}`
  }
}

function pullFailed(image: string, answer: string): string {
  return `Failed to launch container: Failed to run 'docker -H unix:///var/run/docker.sock pull ${image}': exited with status 1; stderr='Error response from daemon: ${answer}'`
}
