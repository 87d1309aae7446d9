import type { Loss, LossKind } from 'intermodal'

/** Where translation says what it could not carry. */
export type Report = (kind: LossKind, path: string, detail: string, remedy?: string) => void

export function lossList(): { readonly report: Report; readonly losses: Loss[] } {
  const losses: Loss[] = []
  const report: Report = (kind, path, detail, remedy) => {
    losses.push({ path, kind, detail, ...(remedy === undefined ? {} : { remedy }) })
  }
  return { report, losses }
}

export const silent: Report = () => {}

/** One step of a JSON pointer. */
export function step(part: string | number): string {
  return `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
