import type { AppInput } from 'intermodal'
import type { Draft } from '../draft.ts'
import { Fields } from '../text/fields.ts'
import { isNothing, kindOf, type Node } from '../text/node.ts'
import { readContainer, wordsOf } from './container.ts'
import type { ProjectContext, ServiceContext } from './context.ts'
import { readDependsOn } from './depends.ts'
import { readDeploy } from './deploy.ts'
import { readEnvironment } from './environment.ts'
import { readHealth } from './health.ts'
import { readLabels } from './labels.ts'
import { readMaterial } from './material.ts'
import { applyMemo } from './memo.ts'
import { readMounts } from './mounts.ts'
import { readNetwork } from './network.ts'
import { readPorts } from './ports.ts'
import { readSwarmOnly } from './swarm-only.ts'
import { SwarmPatch } from './swarm-patch.ts'
import { reportRest } from './unsupported.ts'

/** One service in the model's words. `undefined`: there is no image, so there is no app. */
export async function readService(
  project: ProjectContext,
  name: string,
  node: Node,
): Promise<Draft | undefined> {
  const { report } = project
  const id = project.ids.get(name)
  if (id === undefined) return undefined
  if (isNothing(node))
    return void report.loss(
      node.at,
      'refused',
      'is empty: there is nothing to run',
      'write its "image"',
    )
  if (node.type !== 'map')
    return report.problem(node.at, `needs a map of keys, not ${kindOf(node)}`)
  const fields = new Fields(node, report)
  const mode = modeOf(node)
  const service: ServiceContext = {
    project,
    report,
    name,
    id,
    at: node.at,
    fields,
    swarm: new SwarmPatch(report),
    job: mode?.endsWith('-job') === true || project.jobs.has(name),
  }
  const { image, ...container } = readContainer(service)
  const profiles = fields.take('profiles')
  if (profiles)
    report.loss(
      profiles.at,
      'approximated',
      'was chosen by its profile; the app is there for everybody',
    )
  const memo = fields.take('x-intermodal')
  const deploy = fields.fields('deploy')
  const preStop = readPreStop(service)
  const mounts = await readMounts(service)
  const material = await readMaterial(service)
  const files = { ...mounts.files, ...material }
  const stop = { ...container.stop, ...preStop }
  const body: Omit<AppInput, 'image' | 'id'> = {
    ...container,
    ...(Object.keys(stop).length > 0 ? { stop } : {}),
    ...(await readEnvironment(service)),
    ...readPorts(service),
    ...readNetwork(service),
    ...readHealth(service),
    ...(mounts.volumes ? { volumes: mounts.volumes } : {}),
    ...(Object.keys(files).length > 0 ? { files } : {}),
    ...readDeploy(service, deploy),
    ...readDependsOn(service),
    ...(await readLabels(service, deploy)),
  }
  readSwarmOnly(service)
  reportRest(service)
  if (image === undefined) {
    report.loss(node.at, 'refused', 'has no image: there is nothing to run', 'write its "image"')
    return undefined
  }
  const native = service.swarm.result()
  const input: AppInput = { id, image, ...body, ...(native ? { native: { swarm: native } } : {}) }
  return { input: memo ? applyMemo(input, memo, report) : input, at: node.at }
}

function modeOf(node: Extract<Node, { type: 'map' }>): string | undefined {
  const deploy = node.entries.get('deploy')
  const mode = deploy?.type === 'map' ? deploy.entries.get('mode') : undefined
  return mode?.type === 'scalar' ? String(mode.value) : undefined
}

/** One command, as the app itself would run it. */
function readPreStop({ fields, report }: ServiceContext): { preStop?: string[] } {
  const [hook, ...more] = fields.has('pre_stop') ? fields.list('pre_stop') : []
  if (!hook) return {}
  const clause = new Fields(hook, report)
  const command = clause.take('command')
  const words =
    command && wordsOf(command, (message) => report.problem(command.at, message), report)
  for (const [key, { at }] of clause.rest())
    report.loss(at, 'dropped', `"${key}" is the app's own: the command runs as the app does`)
  for (const { at } of more)
    report.loss(at, 'dropped', 'one command is run before the stop', 'put both into one script')
  return words && words.length > 0 ? { preStop: words } : {}
}
