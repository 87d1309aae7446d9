import {
  type App,
  type AppInput,
  applyMemo,
  IntermodalError,
  type Interpretation,
  type Loss,
  printApp,
  readMemo,
  safeDefine,
} from 'intermodal'
import { build } from './build.ts'
import { type CanonicalSpec, canonical } from './canonical.ts'
import { isManaged, MEMO } from './labels.ts'
import { lossList } from './loss.ts'
import type { SwarmNative } from './native.ts'
import type { TranslateOptions } from './options.ts'
import { diffPatch, same } from './patch.ts'
import { NO_IMAGE, read } from './read.ts'

/**
 * Swarm's words in the model's, for services of ours and of anybody.
 *
 * What the model can say is read first. Translating that shows what is missing, and the difference becomes a patch in
 * `native.swarm`: so translating the result again means what the service means, by construction. The memo that
 * `translate` left is believed as far as it gives the live service again; what was changed by hand since is not.
 */
export function interpret(native: SwarmNative, options: TranslateOptions = {}): Interpretation {
  const meant = canonical(native.service)
  const plain = readMeaning(native, meant, options)
  return { app: remembered(plain, native, meant, options), losses: nameLosses(native) }
}

/** Without the memo: what the service itself says. */
export function readWhole(native: SwarmNative, options: TranslateOptions): App {
  return readMeaning(native, canonical(native.service), options)
}

function readMeaning(native: SwarmNative, meant: CanonicalSpec, options: TranslateOptions): App {
  const app = defineWhatFits(read(native, meant))
  // What the model did not say, as the patch that says it.
  const patch = diffPatch(meaningOf(app, basis(native, options)), meant) as
    | Record<string, unknown>
    | undefined
  return patch === undefined ? app : defineWhatFits({ ...printApp(app), native: { swarm: patch } })
}

/** Without naming the revision, which costs a hash and is not in the canonical form. */
function meaningOf(app: App, options: TranslateOptions): CanonicalSpec {
  return canonical(build(app, options, lossList().report, '').service)
}

/**
 * What the service was translated with, as far as it shows: how instances are reached is the adapter's choice, not the
 * app's, and a field the service has is one the engine knows. The count is in the app by now.
 */
function basis(native: SwarmNative, options: TranslateOptions): TranslateOptions {
  const { service } = native
  const live = isManaged(service) ? (service.EndpointSpec?.Mode ?? 'vip') : undefined
  return {
    ...options,
    apiVersion: options.apiVersion ?? NEWEST,
    replicas: undefined,
    endpointMode: options.endpointMode ?? live,
  }
}

const NEWEST = '1.51'
const OLDEST = '1.41'

/**
 * A key the model's grammar refuses is left out, and so becomes part of the patch. The rest of it is what the service
 * says in any case.
 */
function defineWhatFits(input: AppInput): App {
  let rest: Readonly<Record<string, unknown>> = { ...input }
  for (;;) {
    const result = safeDefine(rest)
    if ('app' in result) return result.app
    const wrong = new Set(result.issues.map(({ path }) => path.split('/')[1] ?? ''))
    const kept = leaveOut(rest, wrong)
    if (same(kept, rest)) {
      throw new IntermodalError('PROTOCOL', `the service of ${input.id} cannot be read as an app`, {
        app: input.id,
        remedy: 'look at the service itself: docker service inspect',
        cause: result.issues,
      })
    }
    rest = kept
  }
}

/** An app has an image in any case: where there is none to name, the patch says what there is. */
function leaveOut(
  input: Readonly<Record<string, unknown>>,
  wrong: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  const kept = Object.entries(input).filter(([key]) => !wrong.has(key) || key === 'id')
  return { ...Object.fromEntries(kept), image: wrong.has('image') ? NO_IMAGE : input.image }
}

function remembered(
  plain: App,
  native: SwarmNative,
  meant: CanonicalSpec,
  options: TranslateOptions,
): App {
  const memo = readMemo(native.service.Labels?.[MEMO])
  if (!memo) return plain
  const given = basis(native, options)
  // What the engine was too old for is not in the service, and yet was asked for.
  const fits = (app: App): boolean =>
    [given, { ...given, apiVersion: OLDEST }].some((version) =>
      same(meaningOf(app, version), meant),
    )
  return applyMemo(plain, memo, fits)
}

function nameLosses({ service }: SwarmNative): Loss[] {
  return (service.EndpointSpec?.Ports ?? []).flatMap(({ Name }, index): Loss[] =>
    Name === undefined || /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(Name)
      ? []
      : [
          {
            path: `/service/EndpointSpec/Ports/${index}/Name`,
            kind: 'approximated',
            detail: 'is no name in lower case; the port is called by its protocol and number',
          },
        ],
  )
}
