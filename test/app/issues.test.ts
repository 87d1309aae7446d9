import { type Issue, safeDefine } from 'intermodal'
import { describe, expect, test } from 'vitest'

const base = { id: '/shop/web', image: 'web:1' }

function issuesOf(change: unknown): readonly Issue[] {
  const result = safeDefine(
    typeof change === 'object' && change !== null && !Array.isArray(change)
      ? { ...base, ...change }
      : change,
  )
  return 'issues' in result ? result.issues : []
}

/** The one thing that is wrong, as it is printed. */
function problem(change: unknown): string {
  const issues = issuesOf(change)
  expect(issues).toHaveLength(1)
  return issues.map(({ path, message }) => `${path || '/'} ${message}`).join('')
}

const port = { name: 'http', containerPort: 80 }
const http = { type: 'http', port: 80 }

describe('an unknown key', () => {
  test.each<[change: unknown, expected: string]>([
    [{ replica: 3 }, '/ has an unknown key "replica": did you mean "replicas"?'],
    [{ work_dir: '/' }, '/ has an unknown key "work_dir": known keys: id, kind, replicas,'],
    [{ working_dir: '/' }, '/ has an unknown key "working_dir": write "workingDir"'],
    [
      { command: ['x'] },
      '/ has an unknown key "command": it means ENTRYPOINT in Kubernetes and CMD',
    ],
    [{ instances: 3 }, '/ has an unknown key "instances": write "replicas"'],
    [{ completions: 3 }, '/ has an unknown key "completions": write "job: { completions }"'],
    [
      { resources: { memory: '1Gi' } },
      '/resources has an unknown key "memory": write it under "requests" or "limits"',
    ],
    [
      { resources: { limits: { mem: '1Gi' } } },
      '/resources/limits has an unknown key "mem": known keys: cpu, memory, disk',
    ],
    [
      { probes: { liveness: { ...http, intervall: '3s' } } },
      '/probes/liveness has an unknown key "intervall": did you mean "interval"?',
    ],
    [
      { probes: { liveness: { ...http, periodSeconds: 3 } } },
      '/probes/liveness has an unknown key "periodSeconds": write "interval: 10s"',
    ],
    [
      { probes: { liveness: { type: 'exec', command: ['x'], path: '/' } } },
      '/probes/liveness has an unknown key "path": known keys: type, command, interval,',
    ],
    [
      { volumes: { data: { type: 'empty', mountPath: '/x', read_only: true } } },
      '/volumes/data has an unknown key "read_only": did you mean "readOnly"?',
    ],
    [
      { volumes: { data: { type: 'empty', mountPath: '/x', storageClass: 'a' } } },
      '/volumes/data has an unknown key "storageClass": known keys: type, mountPath, readOnly, size',
    ],
    [
      { ports: [port, { name: 'b', containerPort: 81, prot: 1 }] },
      '/ports/1 has an unknown key "prot": known keys: name,',
    ],
    [{ env: { A: { secrt: 'x' } } }, '/env/A has an unknown key "secrt": did you mean "secret"?'],
    [
      { env: { A: { secret: 'x', kee: 'y' } } },
      '/env/A has an unknown key "kee": did you mean "key"?',
    ],
    [
      { files: { '/etc/x': { content: '', mod: '0444' } } },
      '/files/~1etc~1x has an unknown key "mod": did you mean "mode"?',
    ],
    [
      { sidecars: { proxy: { image: 'x', comand: 1, mounts: {} } } },
      '/sidecars/proxy has an unknown key "comand": known keys: image,',
    ],
    [
      { sidecars: { proxy: { image: 'x', cmd: 'x' } } },
      '/sidecars/proxy has an unknown key "cmd": write "shell" for one shell line, or "args"',
    ],
    [
      { init: [{ name: 'a', image: 'x', resources: { cpu: 1 } }] },
      '/init/0/resources has an unknown key "cpu": write it under "requests" or "limits"',
    ],
    [{ update: { parallelism: 2 } }, '/update has an unknown key "parallelism": write "batchSize"'],
    [{ native: { docker: {} } }, '/native has an unknown key "docker": known keys: marathon,'],
  ])('in %j is named with what to write', (change, expected) => {
    expect(problem(change)).toContain(expected)
  })

  test('is one issue each', () => {
    expect(issuesOf({ imagge: 'x', portz: [] }).map(({ key }) => key)).toEqual(['imagge', 'portz'])
  })

  test('that is very long is cut short', () => {
    expect(problem({ ['x'.repeat(10_000)]: 1 }).length).toBeLessThan(600)
  })
})

describe('a wrong type', () => {
  test.each<[change: unknown, expected: string]>([
    [null, '/ needs a map of keys (got null)'],
    ['text', '/ needs a map of keys (got "text")'],
    [[], '/ needs a map of keys'],
    [{ replicas: 'three' }, '/replicas needs a whole number (got "three")'],
    [{ replicas: '3' }, '/replicas needs a whole number (got "3"); did you mean 3?'],
    [{ replicas: 1.5 }, '/replicas needs a whole number (got 1.5)'],
    [{ replicas: -1 }, '/replicas needs at least 0 (got -1)'],
    [{ replicas: null }, '/replicas needs a whole number (got null)'],
    [{ tty: 'yes' }, '/tty needs true or false (got "yes")'],
    [{ tty: 'true' }, '/tty needs true or false (got "true"); did you mean true?'],
    [{ ports: {} }, '/ports needs a list'],
    [{ ports: ['http'] }, '/ports/0 needs a map of keys (got "http")'],
    [{ args: ['-p', 80] }, '/args/1 needs text (in quotes) (got 80); did you mean "80"?'],
    [{ args: [], entrypoint: [] }, '/entrypoint needs at least 1 entry'],
    [{ shell: '' }, '/shell is empty (got "")'],
    [{ image: undefined }, '/image is missing'],
    [{ id: undefined }, '/id is missing: it needs a path such as "/shop/web"'],
    [{ id: 'web' }, '/id needs a path of lower-case names such as "/shop/web"'],
    [{ kind: 'servce' }, '"cron" (got "servce"); did you mean "service"?'],
    [{ labels: { a: 1 } }, '/labels/a needs text (in quotes) (got 1); did you mean "1"?'],
    [
      { env: { '9A': 'x' } },
      '/env/9A is not a valid key: needs a variable name, such as LOG_LEVEL',
    ],
    [{ files: { etc: { content: '' } } }, '/files/etc is not a valid key: needs an absolute path'],
    [
      { files: { '/x': 'text' } },
      '/files/~1x needs exactly one of { content }, { secret } and { config }',
    ],
    [{ probes: { liveness: { type: 'htp' } } }, '/probes/liveness/type needs one of "http",'],
    [{ probes: { liveness: {} } }, '/probes/liveness/type is missing: it needs one of "http",'],
    [{ volumes: { a: { type: 'nfs', mountPath: '/a' } } }, '/volumes/a/type needs one of "empty",'],
    [{ volumes: { a: { type: 'claim', mountPath: '/a' } } }, '/volumes/a/size is missing'],
    [
      { ports: [{ ...port, hostPort: 'random' }] },
      '/ports/0/hostPort needs a port from 1 to 65535, or "dynamic" (got "random")',
    ],
    [{ ports: [{ ...port, hostPort: 0 }] }, '/ports/0/hostPort needs '],
    [
      { ports: [{ ...port, containerPort: 70_000 }] },
      '/ports/0/containerPort takes at most 65535 (got 70000)',
    ],
  ])('in %j is named with its value', (change, expected) => {
    expect(problem(change)).toContain(expected)
  })
})

describe('a quantity from another format', () => {
  const memory = (value: unknown) => ({ resources: { limits: { memory: value } } })
  const cpu = (value: unknown) => ({ resources: { limits: { cpu: value } } })
  const delay = (value: unknown) => ({ update: { batchDelay: value } })
  const surge = (value: unknown) => ({ update: { maxSurge: value } })

  test.each<[change: unknown, expected: string]>([
    [memory('128m'), '(got "128m"); did you mean "128Mi"?'],
    [memory('1g'), '(got "1g"); did you mean "1Gi"?'],
    [memory('512MB'), '(got "512MB"); did you mean "512M"?'],
    [memory('512 MiB'), '(got "512 MiB"); did you mean "512Mi"?'],
    [memory(512), '(got 512); did you mean "512Mi"?'],
    [memory('512'), '(got "512"); did you mean "512Mi"?'],
    [memory(-1), '(got -1)'],
    [memory(null), '/resources/limits/memory needs a size, such as "512Mi" (binary)'],
    [cpu('250M'), '(got "250M"); did you mean "250m"?'],
    [cpu('0.5 cores'), '(got "0.5 cores"); did you mean 0.5?'],
    [cpu(0), '(got 0)'],
    [delay(30), '(got 30); did you mean "30s"?'],
    [delay('30'), '(got "30"); did you mean "30s"?'],
    [delay('5 min'), '(got "5 min"); did you mean "5m"?'],
    [delay('1d'), '(got "1d"); did you mean "24h"?'],
    [delay('PT30S'), '(got "PT30S"); did you mean "30s"?'],
    [delay('soon'), '/update/batchDelay needs a duration with a unit'],
    [
      { update: { progressDeadline: '0s' } },
      '/update/progressDeadline needs a duration above zero',
    ],
    [surge('25'), '(got "25"); did you mean 25 or "25%"?'],
    [surge(0.25), '(got 0.25); did you mean "25%"?'],
    [surge('150%'), '(got "150%"); did you mean "100%"?'],
    [surge('a lot'), '/update/maxSurge needs a count of instances, such as 1, or a share'],
  ])('in %j gets the amount that was meant', (change, expected) => {
    expect(problem(change)).toContain(expected)
  })
})

describe('a value that may be secret', () => {
  test.each<unknown>([
    { env: { PASSWORD: 8_675_309 } },
    { env: { PASSWORD: { secret: 'HUNTER/8675309' } } },
    { files: { '/key': 8_675_309 } },
    { files: { '/key': { content: 8_675_309 } } },
    { files: { '/key': { content: 'x', mode: '8675309' } } },
    { probes: { liveness: { ...http, headers: { authorization: 8_675_309 } } } },
    { volumes: { a: { type: 'named', mountPath: '/a', options: { password: 8_675_309 } } } },
    { native: { swarm: 8_675_309 } },
    { sidecars: { a: { image: 'x', env: { PASSWORD: 8_675_309 } } } },
  ])('in %j is not shown', (change) => {
    expect(problem(change)).not.toContain('8675309')
  })
})

describe('fields that contradict each other', () => {
  const job = { kind: 'job' }
  test.each<[change: unknown, expected: string]>([
    [{ shell: 'x', args: ['y'] }, '/shell excludes entrypoint and args'],
    [
      { ports: [port, { ...port, containerPort: 81 }] },
      '/ports/1/name is http, which ports/0 already has',
    ],
    [
      {
        ports: [
          { ...port, hostPort: 80 },
          { name: 'b', containerPort: 81, hostPort: 80 },
        ],
      },
      '/ports/1/hostPort is 80/tcp, which ports/0 already has',
    ],
    [{ probes: { liveness: { type: 'tcp' } } }, '/probes/liveness/port is needed'],
    [
      { ports: [port], probes: { liveness: { type: 'tcp', port: 'htp' } } },
      '/probes/liveness/port names no port of the app (it has: http)',
    ],
    [{ job: { completions: 2 } }, '/job needs kind "job" or "cron", not "service"'],
    [{ schedule: { cron: '0 3 * * *' } }, '/schedule needs kind "cron", not "service"'],
    [{ kind: 'cron' }, '/schedule is needed for kind "cron"'],
    [{ ...job, replicas: 2 }, '/replicas has no meaning for kind "job": use job.completions'],
    [{ kind: 'daemon', replicas: 2 }, '/replicas has no meaning for kind "daemon"'],
    [{ ...job, restart: { condition: 'always' } }, '/restart/condition cannot be "always"'],
    [{ ...job, job: { parallelism: 2 } }, '/job/parallelism is more than completions (1)'],
    [
      { update: { maxSurge: 0, maxUnavailable: 0 } },
      '/update/maxSurge is 0 while maxUnavailable is 0',
    ],
    [
      { kind: 'stateful', update: { maxUnavailable: 0 } },
      '/update/maxUnavailable is 0, and maxSurge is 0 by default for kind "stateful"',
    ],
    [{ dependsOn: { web: 'healthy' } }, '/dependsOn/web is the app itself'],
    [
      { dependsOn: { 'DB!': 'healthy' } },
      '/dependsOn/DB! is not a valid key: needs the id of an app',
    ],
    [
      { sidecars: { a: { image: 'x', mounts: { data: { mountPath: '/x' } } } } },
      '/sidecars/a/mounts/data names no volume of the app (it has: none)',
    ],
    [
      { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } },
      '/resources/requests/memory is more than resources/limits/memory',
    ],
    [{ kind: 'cron', schedule: { cron: '@daily' } }, '/schedule/cron needs five fields'],
    [
      { kind: 'cron', schedule: { cron: '61 * * * *' } },
      '/schedule/cron is no schedule (got "61 * * * *")',
    ],
    [
      { kind: 'cron', schedule: { cron: '0 3 * * *', timeZone: 'Mars' } },
      '/schedule/timeZone needs a time zone as the IANA names it, such as "Europe/Paris" (got "Mars")',
    ],
    [
      { placement: { require: [{ attribute: 'a' }] } },
      '/placement/require/0/values needs values for "in"',
    ],
    [
      { placement: { require: [{ attribute: 'a', op: 'gt', values: ['x'] }] } },
      '/placement/require/0/values needs a number for "gt" (got "x")',
    ],
    [
      { placement: { prefer: [{ attribute: 'a', op: 'matches', values: ['('] }] } },
      '/placement/prefer/0/values needs regular expressions (got "(")',
    ],
    [{ disruption: {} }, '/disruption needs exactly one of minAvailable and maxUnavailable'],
    [
      { autoscale: { min: 3, max: 2, metrics: [{ type: 'cpu', utilization: 1 }] } },
      '/autoscale/min is more than max',
    ],
  ])('as in %j are named', (change, expected) => {
    expect(problem(change)).toContain(expected)
  })
})
