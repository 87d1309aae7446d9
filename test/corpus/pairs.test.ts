import { readFileSync } from 'node:fs'
import { nameOf, printApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { readSource, sourcesIn } from './reading.ts'

interface Wrong {
  readonly pair: string
  readonly compose: string
  readonly output: string
  readonly app: string
  /** Where in the app. */
  readonly at: readonly string[]
  readonly ours: unknown
  readonly kompose: unknown
  readonly why: string
}

const OPEN = 'a published port is open inside the cluster only'

/** Where the same app comes out otherwise, and kompose's is not what the Compose file says. */
const WRONG: readonly Wrong[] = [
  {
    pair: 'v3.0',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'redis',
    at: ['probes', 'liveness', 'command'],
    ours: ['/bin/sh', '-c', 'echo "hello world"'],
    kompose: ['echo "hello world"'],
    why: 'a check in shell words is started as one program of that name, and never passes',
  },
  {
    pair: 'v3.0',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'redis',
    at: ['probes', 'readiness', 'failureThreshold'],
    ours: 5,
    kompose: undefined,
    why: 'an instance gets traffic before its check has passed',
  },
  {
    pair: 'change-in-volume',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'web',
    at: ['volumes', 'code-volume', 'type'],
    ours: 'named',
    kompose: 'empty',
    why: 'a named volume is empty again with each new pod',
  },
  {
    pair: 'change-in-volume',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'web',
    at: ['dependsOn'],
    ours: { redis: 'started' },
    kompose: undefined,
    why: 'what a service depends on is gone',
  },
  {
    pair: 'change-in-volume',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'web',
    at: ['ports', '0', 'exposure'],
    ours: 'cluster',
    kompose: undefined,
    why: OPEN,
  },
  {
    pair: 'configmap-file-configs',
    compose: 'compose-3.yaml',
    output: 'output-k8s-3.yaml',
    app: 'busy',
    at: ['volumes', 'tmp', 'type'],
    ours: 'host',
    kompose: undefined,
    why: 'a folder of the host that is mounted is gone',
  },
  {
    pair: 'network-policies',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'nginx',
    at: ['ports', '0', 'hostPort'],
    ours: 80,
    kompose: undefined,
    why: OPEN,
  },
  {
    pair: 'network-mode-service',
    compose: 'compose.yaml',
    output: 'output-k8s.yaml',
    app: 'client',
    at: ['network', 'aliases'],
    ours: ['threats-client'],
    kompose: undefined,
    why: 'a name the service is reached by is gone',
  },
  {
    pair: 'domain',
    compose: 'compose.yaml',
    output: 'output-k8s.json',
    app: 'dns',
    at: ['native', 'kubernetes', 'pod', 'spec', 'subdomain'],
    ours: undefined,
    kompose: 'affy.com',
    why: 'a domain is made a subdomain, and no server takes one with dots',
  },
]

describe('the same app in two dialects', () => {
  it.each(WRONG)('$pair: kompose is wrong at $at: $why', async (wrong) => {
    const [ours, kompose] = await Promise.all(
      [wrong.compose, wrong.output].map((file) => appOf(`kompose__${wrong.pair}__${file}`, wrong)),
    )
    expect(valueAt(ours, wrong.at)).toEqual(wrong.ours)
    expect(valueAt(kompose, wrong.at)).toEqual(wrong.kompose)
  })

  it('is the same where both say it: image, command, environment', async () => {
    const pairs = [
      ['kompose__change-in-volume__compose.yaml', 'kompose__change-in-volume__output-k8s.yaml'],
      ['kompose__v3.0__compose.yaml', 'kompose__v3.0__output-k8s.yaml'],
      ['kompose__stdin-true__docker-compose.yml', 'kompose__stdin-true__output-k8s-template.json'],
      ['kompose__network__compose-v3.yaml', 'kompose__network__output-k8s.json'],
      ['kompose__service-label__docker-compose.yaml', 'kompose__service-label__output-k8s.json'],
    ] as const
    for (const [one, other] of pairs) {
      const [ours, theirs] = await Promise.all([one, other].map(appsOf))
      let compared = 0
      for (const [name, app] of ours ?? []) {
        const same = theirs?.get(name)
        if (!same) continue
        compared++
        for (const key of ['image', 'entrypoint', 'args', 'shell', 'env', 'workingDir'] as const)
          expect(app[key], `${one} ${name} ${key}`).toEqual(same[key])
      }
      expect(compared, one).toBeGreaterThan(0)
    }
  })

  it('is told on the page, each difference with its reason', () => {
    const page = readFileSync(new URL('../../docs/import.md', import.meta.url), 'utf8')
    for (const { pair, at, why } of WRONG)
      expect(page, why).toMatch(new RegExp(`\\| \`${pair}\`.*\`${at.join('/')}\`.*${why}`))
  })
})

async function appsOf(file: string) {
  const source = sourcesIn('pairs').find((one) => one.file === file)
  if (!source) throw new Error(`there is no ${file}`)
  const { apps } = await readSource(source)
  return new Map(apps.map((app) => [nameOf(app.id), printApp(app)]))
}

async function appOf(file: string, { app }: Wrong): Promise<unknown> {
  return (await appsOf(file)).get(app)
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null
        ? (at as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  )
}
