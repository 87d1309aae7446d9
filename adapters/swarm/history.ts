import { gunzipSync, gzipSync } from 'node:zlib'
import { type AppId, contentHash, IntermodalError } from 'intermodal'
import type { Engine } from './client.ts'
import { REVISION } from './labels.ts'
import { HISTORY } from './marks.ts'
import { configShelf } from './material.ts'
import type { SwarmNative } from './native.ts'
import type { Config } from './wire.ts'

/** Revisions that can be gone back to, besides the present one and the one before. */
const KEPT = 4
/** The engine takes configs up to 1000 KiB. */
const MAX_BYTES = 1000 * 1024

/** One revision, as it was applied. */
export interface Remembered {
  readonly app: AppId
  readonly revision: string
  /** The revision's name before secrets and configs were looked up. */
  readonly template: string
  /** The app in Swarm's words before anything was looked up: going back takes today's secrets. */
  readonly native: SwarmNative
}

/**
 * Swarm remembers one previous spec, and a scale or a label overwrites it. So each revision is kept as a config of its
 * own.
 */
export async function remember(
  engine: Engine,
  remembered: Remembered,
  known: readonly Config[],
  signal: AbortSignal,
): Promise<void> {
  const { app, revision } = remembered
  if (known.some((config) => revisionIn(config) === revision)) return
  const data = gzipSync(JSON.stringify(remembered))
  // Too large to keep; `rollback` then says that this revision is not there.
  if (data.length > MAX_BYTES) return
  await configShelf(engine).create(
    {
      Name: `intermodal-history-${contentHash([app, revision])}`,
      Labels: { [HISTORY]: app, [REVISION]: revision },
      Data: data.toString('base64'),
    },
    signal,
  )
}

export function historyOf(
  engine: Engine,
  app: AppId,
  signal: AbortSignal,
): Promise<readonly Config[]> {
  return engine.configs(signal, { label: [`${HISTORY}=${app}`] })
}

/** Throws `CONFLICT` naming what is kept when it is not there. */
export function recall(app: AppId, revision: string, known: readonly Config[]): Remembered {
  const data = known.find((config) => revisionIn(config) === revision)?.Spec.Data
  if (data !== undefined) {
    return JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString('utf8')) as Remembered
  }
  const kept = known.map(revisionIn).join(', ')
  throw new IntermodalError('CONFLICT', `revision ${revision} of ${app} is not kept`, {
    app,
    remedy: kept ? `go back to one of: ${kept}` : 'apply the app as it should be',
  })
}

/** Old revisions, but never these. */
export function outdated(
  known: readonly Config[],
  keep: readonly (string | undefined)[],
): readonly Config[] {
  return known
    .filter((config) => !keep.includes(revisionIn(config)))
    .sort((a, b) => b.Version.Index - a.Version.Index)
    .slice(KEPT)
}

function revisionIn({ Spec }: Config): string | undefined {
  return Spec.Labels?.[REVISION]
}
