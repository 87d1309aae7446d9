import type { Capabilities } from 'intermodal'
import { Context, randomGroup } from './context.ts'
import type { Group } from './group.ts'
import { groups } from './groups.ts'
import type { OfflineTarget, Runner, Target } from './target.ts'

/** What was registered, and what could not be. */
export interface Registered {
  readonly run: readonly string[]
  readonly notRun: readonly { readonly group: string; readonly reason: string }[]
}

/**
 * Registers the tests of the contract for one adapter on one cluster, with whatever test runner is given. Which groups
 * run follows from the adapter's `capabilities` and from what the target can offer; the rest is named, with the reason.
 *
 * Asks the target for an adapter once to read its capabilities, so wait for it at the top level of a test file:
 *
 * ```ts
 * await conformance({ describe, test }, { name: 'mine', connect: async () => mine(), workloads })
 * ```
 */
export async function conformance(runner: Runner, target: Target): Promise<Registered> {
  return registerAll(runner, target, groups)
}

/** What of the contract needs no cluster: the shape, and the laws of translation. */
export async function conformanceOffline(
  runner: Runner,
  target: OfflineTarget,
): Promise<Registered> {
  const never = 'none: nothing is run offline'
  const workloads = { good: never, next: never, missing: never }
  const offline = groups.filter((group) => group.offline)
  return registerAll(runner, { ...target, workloads }, offline)
}

async function registerAll(
  runner: Runner,
  target: Target,
  groups: readonly Group[],
): Promise<Registered> {
  const capabilities = await readCapabilities(target)
  const root = target.group ?? randomGroup()
  const run: string[] = []
  const notRun: { group: string; reason: string }[] = []
  let count = 0
  const register = (group: Group) => {
    for (const [name, body] of Object.entries(group.tests)) {
      const own = `${root}/t${++count}` as const
      runner.test(name, () => inContext(target, own, body))
    }
  }
  runner.describe(target.name, () => {
    for (const group of groups) {
      const reason = group.obstacle?.(capabilities, target)
      if (reason === undefined) {
        run.push(group.name)
        runner.describe(group.name, () => register(group))
      } else {
        notRun.push({ group: group.name, reason })
        const show = runner.skip ?? runner.test
        show(`${group.name}: not run, ${reason}`, async () => {})
      }
    }
  })
  return { run, notRun }
}

async function readCapabilities(target: Target): Promise<Capabilities> {
  await using context = await Context.open(target, '/capabilities')
  return structuredClone(context.capabilities)
}

/** A failure of the test is told before one of the clean-up after it. */
async function inContext(
  target: Target,
  group: `/${string}`,
  body: (context: Context) => Promise<void>,
): Promise<void> {
  const context = await Context.open(target, group)
  let failure: { readonly error: unknown } | undefined
  try {
    await body(context)
  } catch (error) {
    failure = { error }
  }
  try {
    await context[Symbol.asyncDispose]()
  } catch (error) {
    failure ??= { error }
  }
  if (failure) throw failure.error
}
