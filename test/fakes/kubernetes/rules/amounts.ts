import { quantity } from '../schema/decode.ts'
import { amountOf } from './pod.ts'

/** Amounts by what they are of: `cpu`, `requests.memory`, `pods`. */
export type Amounts = Readonly<Record<string, string>>

/** In the form of the first of them that is not nothing: `64Mi` and `1Gi` are `1088Mi`. */
export function sum(a: string, b: string): string {
  return shown(amountOf(a) + amountOf(b), amountOf(a) === 0 ? b : a)
}

export function plus(a: Amounts, b: Amounts): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...names].map((name) => [name, sum(a[name] ?? '0', b[name] ?? '0')]))
}

/** The larger of each. */
export function most(a: Amounts, b: Amounts): Amounts {
  const larger = Object.entries(b).filter(
    ([name, amount]) => amountOf(amount) > amountOf(a[name] ?? '0') || a[name] === undefined,
  )
  return { ...a, ...Object.fromEntries(larger) }
}

/** `cpu=1,memory=64Mi`, as messages tell it. */
export function told(amounts: Amounts): string {
  return Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',')
}

function shown(amount: number, like: string): string {
  if (!like.endsWith('i'))
    return Number.isInteger(amount)
      ? quantity(`${amount}`)
      : quantity(`${Math.round(amount * 1000)}m`)
  return amount % 1024 === 0 ? quantity(`${amount / 1024}Ki`) : String(amount)
}
