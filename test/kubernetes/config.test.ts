import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { KubeConfig } from '@kubernetes/client-node'
import type { AppId, Clock, IntermodalError } from 'intermodal'
import { type KubernetesOptions, kubernetes, resolveKubeconfig } from 'intermodal/kubernetes'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../support/manual-clock.ts'
import { call } from './calls.ts'
import { type Answer, empty, fakeApi, kubeconfigFor, refuse, TOKEN } from './fake-api.ts'

const ID = '/web' as AppId
const none: Answer = (asked, response) =>
  /\/web$/.test(asked.path) ? refuse(response, 404, 'NotFound', 'not found') : empty(asked)

function adapterWith(options: KubernetesOptions) {
  const adapter = kubernetes(options)
  onTestFinished(() => adapter[Symbol.asyncDispose]())
  return adapter
}

function observing(options: KubernetesOptions): Promise<unknown> {
  return adapterWith(options).observe(ID, call())
}

async function refusal(options: KubernetesOptions): Promise<IntermodalError> {
  return observing(options).then(
    () => {
      throw new Error('it did not fail')
    },
    (error: IntermodalError) => error,
  )
}

async function server(answer: Answer = none) {
  const api = await fakeApi(answer)
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'intermodal-kube-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(directory, name), content)
    if (name.endsWith('.sh')) await chmod(path.join(directory, name), 0o755)
  }
  return directory
}

describe('a kubeconfig that cannot be used', () => {
  it.each([
    ['that is no YAML', { kubeconfig: `{ token: ${TOKEN}: : ` }, 'not valid YAML'],
    [
      'without clusters’ addresses',
      { kubeconfig: 'clusters: [{ name: a, cluster: {} }]' },
      'clusters[0].cluster',
    ],
    ['without a current context', { kubeconfig: 'clusters: []' }, 'no current context'],
    [
      'without the context asked for',
      { kubeconfig: kubeconfigFor('http://x'), context: 'prod' },
      'no context "prod"',
    ],
    [
      'whose context names a cluster that is not in it',
      { kubeconfig: 'contexts: [{ name: a, context: { cluster: b } }]\ncurrent-context: a' },
      'names the cluster "b"',
    ],
    [
      'that sends credentials in the clear',
      { kubeconfig: kubeconfigFor('http://x').replace('"insecure-skip-tls-verify":true', '"x":1') },
      'in the clear',
    ],
    ['that is not given', {}, 'no kubeconfig'],
  ])('%s says what is wrong with it', async (_, options, problem) => {
    const error = await refusal(options)
    expect(error).toMatchObject({
      code: 'UNSUPPORTED',
      retryable: false,
      remedy: expect.any(String),
    })
    expect(error.message).toContain(problem)
    expect(inspect(error, { depth: 10 })).not.toContain(TOKEN)
  })
})

describe('several kubeconfig files', () => {
  it('are merged as kubectl does: what is first stays', async () => {
    const api = await server()
    const other = kubeconfigFor('http://127.0.0.1:1').replaceAll('"shop"', '"other"')
    const kubeconfig = [{ content: api.kubeconfig }, { content: other }]
    expect(await observing({ kubeconfig })).toBeUndefined()
    expect(api.asked.map(({ path }) => path)).toContain(
      '/apis/apps/v1/namespaces/shop/deployments/web',
    )
  })

  it('name files from where they lie', async () => {
    const api = await server()
    const directory = await folder({ 'ca.crt': 'not a certificate' })
    const content = api.kubeconfig.replace(
      '"cluster":{',
      '"cluster":{"certificate-authority":"ca.crt",',
    )
    expect(await observing({ kubeconfig: [{ content, directory }] })).toBeUndefined()
    const error = await refusal({ kubeconfig: [{ content, directory: `${directory}/elsewhere` }] })
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(error.message).toContain('ENOENT')
  })
})

describe('a namespace', () => {
  it('is the one given, else that of the context', async () => {
    const api = await server()
    await observing({ kubeconfig: api.kubeconfig, namespace: 'blue' })
    await observing({ kubeconfig: api.kubeconfig })
    const spaces = api.asked.flatMap(({ path }) => /namespaces\/(\w+)/.exec(path)?.[1] ?? [])
    expect(new Set(spaces)).toEqual(new Set(['blue', 'shop']))
  })
})

describe('a live KubeConfig', () => {
  it('is used in the context asked for, and keeps its own', async () => {
    const api = await server()
    const kubeConfig = new KubeConfig()
    kubeConfig.loadFromString(api.kubeconfig)
    kubeConfig.addContext({ name: 'blue', cluster: 'test', user: 'me', namespace: 'blue' })
    expect(await observing({ kubeConfig, context: 'blue' })).toBeUndefined()
    expect(api.asked.map(({ path }) => path)).toContain(
      '/apis/apps/v1/namespaces/blue/deployments/web',
    )
    expect(kubeConfig.getCurrentContext()).toBe('test')
  })

  it('is asked for credentials before every request', async () => {
    const api = await server()
    const kubeConfig = new KubeConfig()
    kubeConfig.loadFromString(api.kubeconfig)
    const adapter = adapterWith({ kubeConfig })
    await adapter.observe(ID, call())
    const before = api.asked.length
    const [user] = kubeConfig.users
    if (user) Object.assign(user, { token: 'rotated' })
    await adapter.observe(ID, call())
    expect(api.asked.slice(0, before).map(({ headers }) => headers.authorization)).toContain(
      `Bearer ${TOKEN}`,
    )
    for (const { headers } of api.asked.slice(before))
      expect(headers.authorization).toBe('Bearer rotated')
  })

  it('that never gives a credential costs the call an error that says so', async () => {
    const clock = new ManualClock()
    const kubeConfig = new KubeConfig()
    kubeConfig.loadFromString(kubeconfigFor('http://127.0.0.1:1'))
    const asked = Promise.withResolvers<void>()
    const hanging = Object.assign(Object.create(kubeConfig), {
      applyToHTTPSOptions: () => {
        asked.resolve()
        return new Promise<void>(() => {})
      },
    })
    const pending = refusal({ kubeConfig: hanging, clock })
    await asked.promise
    await clock.advance(20_000)
    expect(await pending).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('none within 20 s'),
    })
  })
})

describe('a credential plugin', () => {
  async function plugin(script: string, clock?: Clock) {
    const api = await server()
    const directory = await folder({ 'plugin.sh': `#!/bin/sh\n${script}\n` })
    const kubeconfig = kubeconfigFor(api.server, {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: `${directory}/plugin.sh`,
        env: [{ name: 'COUNT', value: `${directory}/count` }],
      },
    })
    return { api, options: { kubeconfig, ...(clock ? { clock } : {}) } }
  }
  /** `t1` the first time, `t2` the second. */
  const COUNTING =
    'echo x >>"$COUNT"\necho "{\\"status\\":{\\"token\\":\\"t$(grep -c x "$COUNT")\\"}}"'

  it('runs once for all the requests that need its credential', async () => {
    const { api, options } = await plugin(COUNTING)
    await observing(options)
    expect(api.asked.length).toBeGreaterThan(3)
    expect(new Set(api.asked.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer t1']),
    )
  })

  it('is asked again when the server does not take the credential', async () => {
    const { api, options } = await plugin(COUNTING)
    api.answer((asked, response) =>
      asked.headers.authorization === 'Bearer t1'
        ? refuse(response, 401, 'Unauthorized', 'Unauthorized')
        : none(asked, response),
    )
    expect(await observing(options)).toBeUndefined()
  })

  it.each([
    ['that fails', `echo ${TOKEN} >&2; exit 3`, 'ended with exit code 3'],
    ['that says nothing of use', `echo ${TOKEN}`, 'gave no credential'],
  ])('%s is named, and what it printed is not', async (_, script, problem) => {
    const { options } = await plugin(script)
    const error = await refusal(options)
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(error.message).toContain('plugin.sh')
    expect(error.message).toContain(problem)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(TOKEN)
  })

  it('that is not installed is named', async () => {
    const kubeconfig = kubeconfigFor('http://127.0.0.1:1', { exec: { command: 'no-such-plugin' } })
    const error = await refusal({ kubeconfig })
    expect(error.message).toContain('no-such-plugin is not installed')
  })

  it('that hangs ends with the adapter', async () => {
    const clock = new ManualClock()
    const { options } = await plugin('exec sleep 1000', clock)
    const adapter = kubernetes(options)
    const pending = adapter.observe(ID, call()).catch((error: IntermodalError) => error)
    await adapter.nodes?.(call(AbortSignal.abort(new Error('no')))).catch(() => {})
    await adapter[Symbol.asyncDispose]()
    expect(await pending).toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('resolveKubeconfig', () => {
  const files: Readonly<Record<string, string>> = {
    '/home/me/.kube/config': 'home',
    '/a': 'first',
    '/b': 'second',
    '/var/run/secrets/kubernetes.io/serviceaccount/token': TOKEN,
    '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'inside\n',
  }
  const readFrom = (known: Readonly<Record<string, string>>) => async (name: string) => {
    const content = known[name]
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return content
  }
  const resolve = (env: Record<string, string>, known = files, more = {}) =>
    resolveKubeconfig({ env, readFile: readFrom(known), platform: 'linux', ...more })

  it('takes the files of KUBECONFIG that are there, in their order', async () => {
    const found = await resolve({ KUBECONFIG: '/a:/none:/b', HOME: '/home/me' })
    expect(found.kubeconfig).toEqual([
      { content: 'first', directory: '/' },
      { content: 'second', directory: '/' },
    ])
  })

  it('takes the file in the home directory without KUBECONFIG', async () => {
    const found = await resolve({ HOME: '/home/me' })
    expect(found.kubeconfig).toEqual([{ content: 'home', directory: '/home/me/.kube' }])
  })

  it('takes the account of the pod inside a cluster, and leaves its token in its file', async () => {
    const env = {
      HOME: '/root',
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '443',
    }
    const { kubeconfig } = await resolve(env)
    const [{ content = '' } = {}] = kubeconfig as { content: string }[]
    expect(JSON.parse(content)).toMatchObject({
      clusters: [{ cluster: { server: 'https://[fd00::1]:443' } }],
      contexts: [{ context: { namespace: 'inside' } }],
    })
    expect(content).not.toContain(TOKEN)
  })

  it.each([
    ['nothing is there', { HOME: '/root' }, {}],
    [
      'KUBECONFIG names no file that is there',
      { KUBECONFIG: '/none', KUBERNETES_SERVICE_HOST: 'x' },
      {},
    ],
  ])('says where it looked when %s', async (_, env, more) => {
    await expect(resolve(env, files, more)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('no kubeconfig at'),
    })
  })

  it('does not pass over a file that cannot be read', async () => {
    const readFile = async () => {
      throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
    }
    await expect(resolveKubeconfig({ env: { KUBECONFIG: '/a' }, readFile })).rejects.toMatchObject({
      message: '/a cannot be read',
    })
  })
})
