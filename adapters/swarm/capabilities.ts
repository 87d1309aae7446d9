import type { Capabilities } from 'intermodal'

/**
 * `pause` is false: Swarm stops an update only after failures, and there is no call that holds one. `kill` is false:
 * there is no call to end one task either. Cron does not exist there.
 */
export const CAPABILITIES: Capabilities = {
  kinds: ['service', 'stateful', 'daemon', 'job'],
  scale: true,
  restart: true,
  suspend: true,
  resume: true,
  pause: false,
  rollback: true,
  kill: false,
  logs: true,
  exec: true,
  nodes: true,
  explain: true,
  material: true,
  rehearse: false,
  autoRollback: true,
  watch: 'poll',
  gapless: false,
  hostNames: ['tasks.'],
  inPlace: ['/labels', '/annotations', '/update', '/dependsOn', '/disruption', '/autoscale'],
  immutable: ['/kind'],
}
