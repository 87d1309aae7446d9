import type { Capabilities } from 'intermodal'

/**
 * `autoRollback` is false: a Deployment that has passed its deadline stays where it is, and core calls `rollback`. Labels are
 * on the workload and not on pods, so that they change without replacing any.
 */
export const CAPABILITIES: Capabilities = {
  kinds: ['service', 'stateful', 'daemon', 'job', 'cron'],
  scale: true,
  restart: true,
  suspend: true,
  resume: true,
  pause: true,
  rollback: true,
  kill: true,
  logs: true,
  exec: true,
  nodes: true,
  explain: true,
  material: true,
  rehearse: true,
  autoRollback: false,
  watch: 'push',
  gapless: true,
  hostNames: ['.svc', '.cluster.local'],
  inPlace: [
    '/labels',
    '/annotations',
    '/update',
    '/dependsOn',
    '/autoscale',
    '/disruption',
    '/schedule',
  ],
  immutable: ['/kind'],
}
