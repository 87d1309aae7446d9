import { createHash } from 'node:crypto'

/** The same seed gives the same UUID: runs of one world can be compared. */
export function uuidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export const FRAMEWORK_ID = '96d7da70-b731-4cfb-96a7-0ee877af615d-0000'
export const MASTER = '10.0.0.254:5050'

/** What Mesos calls the agent on the node at this index. */
export function agentId(index: number): string {
  return `96d7da70-b731-4cfb-96a7-0ee877af615d-S${index}`
}

export function agentIp(index: number): string {
  return `10.0.${Math.floor((index + 1) / 250)}.${((index + 1) % 250) + 1}`
}
