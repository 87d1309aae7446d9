import { styleText } from 'node:util'
import type { Io } from './io.ts'

type Format = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string

/** Whether to colour: `--no-color`, then NO_COLOR, then FORCE_COLOR, then whether the stream is a terminal. */
export function painter(io: Pick<Io, 'env'>, isTTY: boolean, flag?: boolean): Paint {
  const on = flag !== false && wantsColour(io.env, isTTY)
  return (format, text) => (on ? styleText(format, text, { validateStream: false }) : text)
}

function wantsColour(env: Io['env'], isTTY: boolean): boolean {
  // no-color.org: every value counts but an empty one.
  if (env.NO_COLOR) return false
  const forced = env.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTTY && env.TERM !== 'dumb'
}

export const plain: Paint = (_, text) => text
