import { service } from './specs.ts'
import type { Talk, Task } from './talk.ts'

/** Creates the service, and waits for a task of it that runs. */
export async function runs(
  talk: Talk,
  name: string,
  parts: Parameters<typeof service>[1],
): Promise<Task> {
  await talk.ask('POST', '/services/create', service(name, parts))
  let running: Task | undefined
  await talk.until('it runs', (tasks) => {
    running = tasks.find(({ Status }) => Status.State === 'running')
    return running !== undefined
  })
  if (!running) throw new Error('no task runs')
  return running
}

/** Deletes it, and waits until nothing of it is left. */
export async function goes(talk: Talk, name: string): Promise<void> {
  await talk.ask('DELETE', `/services/diff-${name}`)
  await talk.until('the task is gone', (tasks) => tasks.length === 0)
}
