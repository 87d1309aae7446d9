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

/** One step of a JSON pointer. */
export function step(part: string | number): string {
  return `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Milliseconds as the whole seconds Kubernetes counts in, never less than was asked for. */
export function seconds(ms: number, path: string, report: Report, least = 0): number {
  const whole = Math.max(least, Math.ceil(ms / 1000))
  if (whole * 1000 !== ms) {
    report('approximated', path, `Kubernetes counts whole seconds: ${ms} ms becomes ${whole} s`)
  }
  return whole
}
