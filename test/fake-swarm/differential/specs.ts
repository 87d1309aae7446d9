export const IMAGE = '127.0.0.1:9/app:1'
export const NEXT = '127.0.0.1:9/app:2'
export const ABSENT = '127.0.0.1:9/app:absent'

interface Parts {
  readonly image?: string
  readonly run?: string
  readonly replicas?: number
  readonly mode?: object
  readonly container?: object
  readonly task?: object
  readonly spec?: object
}

/** A service that stops at once and waits for little; what is given goes over it. */
export function service(name: string, parts: Parts = {}): Record<string, unknown> {
  const { image = IMAGE, run, replicas = 1, mode, container, task, spec } = parts
  return {
    Name: `diff-${name}`,
    Labels: { diff: name },
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        ...(run === undefined ? {} : { Command: ['sh', '-c', run] }),
        StopGracePeriod: 1e9,
        ...container,
      },
      RestartPolicy: { Condition: 'any', Delay: 500e6 },
      ...task,
    },
    Mode: mode ?? { Replicated: { Replicas: replicas } },
    ...spec,
  }
}

export const never = { RestartPolicy: { Condition: 'none' } }
export const update = (more: object = {}) => ({
  UpdateConfig: { Parallelism: 1, Monitor: 500e6, FailureAction: 'pause', ...more },
  RollbackConfig: { Parallelism: 0, Monitor: 500e6 },
})
