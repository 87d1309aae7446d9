import type { Capabilities } from 'intermodal'

/**
 * `pause` is false: a deployment can be cancelled, not held. `logs` and `exec` are false: they are the Mesos agents', not
 * Marathon's, and agents are seldom reachable from where Marathon is. `nodes` is false: Marathon does not tell of agents. `material` is
 * true with the secret store of DC/OS.
 *
 * A change of almost anything replaces every instance, labels and dependencies too; `update` is only kept until the next one.
 */
export function capabilities(material: boolean): Capabilities {
  return {
    kinds: ['service', 'stateful', 'job'],
    scale: true,
    restart: true,
    suspend: true,
    resume: true,
    pause: false,
    rollback: true,
    kill: true,
    logs: false,
    exec: false,
    nodes: false,
    explain: true,
    material,
    rehearse: false,
    autoRollback: false,
    locks: true,
    watch: 'push',
    gapless: false,
    hostNames: ['.mesos', '.thisdcos.directory', '.dcos'],
    inPlace: ['/update'],
    immutable: [],
  }
}
