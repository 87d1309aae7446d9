import { printApp } from 'intermodal'
import { importApps } from 'intermodal/import'
import { describe, expect, it } from 'vitest'
import { told, wrong } from './importing.ts'

describe('Marathon', () => {
  const app = (id: string) => ({
    id,
    container: { type: 'DOCKER', docker: { image: 'web:1' } },
    cpus: 0.5,
    mem: 128,
    instances: 2,
  })

  it.each<[string, unknown, string[]]>([
    ['an app', app('/shop/web'), ['/shop/web']],
    ['a list', [app('/a'), app('/b')], ['/a', '/b']],
    ['an answer of the API', { apps: [app('/a')] }, ['/a']],
    ['an answer for one app', { app: app('/a') }, ['/a']],
    [
      'a group',
      { id: '/shop', groups: [{ id: 'eu', apps: [app('web')] }], apps: [app('db')] },
      ['/shop/db', '/shop/eu/web'],
    ],
    [
      'a pod',
      {
        id: '/pod',
        containers: [
          { name: 'a', image: { kind: 'DOCKER', id: 'a' }, resources: { cpus: 1, mem: 32 } },
        ],
      },
      ['/pod'],
    ],
  ])('is read from %s without being told', async (_, value, ids) => {
    const imported = await importApps([{ file: 'm.json', text: JSON.stringify(value) }])
    expect(imported.problems).toEqual([])
    expect(imported.apps.map(({ id }) => id)).toEqual(ids)
  })

  it('tells losses by their place in the file', async () => {
    const text = JSON.stringify(
      { apps: [app('/a'), { ...app('/b'), nonsense: 1, tasksRunning: 2 }] },
      null,
      1,
    )
    const imported = await importApps([{ file: 'm.json', text }])
    expect(told(imported)).toContain('dropped /apps/1/nonsense')
    const line = text.split('\n').findIndex((one) => one.includes('nonsense')) + 1
    expect(imported.losses.find(({ path }) => path === '/apps/1/nonsense')?.line).toBe(line)
  })

  it('is put into another group whole', async () => {
    const value = { id: '/old', apps: [app('db'), { ...app('web'), dependencies: ['/old/db'] }] }
    const { apps } = await importApps([{ file: 'm.json', text: JSON.stringify(value) }], {
      group: '/new',
    })
    expect(apps.map(({ id, dependsOn }) => [id, Object.keys(dependsOn)])).toEqual([
      ['/new/db', []],
      ['/new/web', ['/new/db']],
    ])
  })

  it('keeps labels and variables that are no texts as texts, and says so', async () => {
    const text = JSON.stringify({ ...app('/a'), labels: { b: true, s: 'x' }, env: { PORT: 8080 } })
    const imported = await importApps([{ file: 'm.json', text: text.replace('8080', '80.80') }])
    expect(told(imported)).toEqual(
      expect.arrayContaining(['coerced /labels/b', 'coerced /env/PORT']),
    )
    expect(imported.apps[0]).toMatchObject({
      labels: { b: 'true', s: 'x' },
      env: { PORT: '80.80' },
    })
    expect(JSON.stringify(imported.losses)).not.toContain('80.80')
  })

  it('refuses what is no app', async () => {
    const imported = await importApps([{ file: 'm.json', text: '{"cmd": "x"}' }], {
      from: 'marathon',
    })
    expect(wrong(imported)).toEqual(['1 : is no app of Marathon: it has no "id"'])
  })
})

const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          ports: [{containerPort: 80, name: http}]
          envFrom: [{configMapRef: {name: settings}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {A: "1"}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
data: {token: aHVudGVyMg==}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: []
`

describe('Kubernetes', () => {
  it('makes one app of what belongs together, and names what belongs to none', async () => {
    const imported = await importApps([{ file: 'k.yaml', text: MANIFESTS }])
    expect(imported.problems).toEqual([])
    expect(imported.apps).toHaveLength(1)
    expect(imported.apps[0]).toMatchObject({ image: 'web:1', replicas: 2 })
    const dropped = imported.losses.filter(({ kind }) => kind === 'dropped')
    expect(dropped.map(({ detail }) => detail)).toEqual([
      'the Role "reader" belongs to no workload here',
    ])
  })

  it('takes objects of one app from several files, and out of lists', async () => {
    const [deployment = '', service = '', config = ''] = MANIFESTS.split('---\n')
    const list = { apiVersion: 'v1', kind: 'List', items: [] as unknown[] }
    const whole = await importApps([
      { file: 'all.yaml', text: [deployment, service, config].join('---\n') },
    ])
    const split = await importApps([
      { file: 'd.yaml', text: deployment },
      { file: 's.yaml', text: service },
      { file: 'c.yaml', text: config },
      { file: 'l.yaml', text: JSON.stringify(list) },
    ])
    expect(split.apps).toEqual(whole.apps)
  })

  it('leaves the values of secrets where they are unless it is asked for them', async () => {
    const without = await importApps([{ file: 'k.yaml', text: MANIFESTS }])
    expect(without.secrets).toEqual([])
    expect(
      without.losses.some(({ kind, detail }) => kind === 'warning' && detail.includes('"key"')),
    ).toBe(true)
    const asked = await importApps([{ file: 'k.yaml', text: MANIFESTS }], { withSecrets: true })
    expect(asked.secrets).toEqual([{ name: 'key', data: { token: 'hunter2' } }])
  })

  it('does not take a pod of its own for an app', async () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: p, image: p}]}\n'
    const imported = await importApps([{ file: 'p.yaml', text }])
    expect([imported.apps, told(imported)]).toEqual([[], ['dropped ']])
  })

  it('reads old versions as the present one and says so, and refuses versions that never were', async () => {
    const old = await importApps([
      { file: 'k.yaml', text: MANIFESTS.replace('apps/v1', 'extensions/v1beta1') },
    ])
    expect([old.apps.length, told(old)[0]]).toEqual([1, 'approximated /apiVersion'])
    const never = await importApps([
      { file: 'k.yaml', text: MANIFESTS.replace('apps/v1', 'apps/v9') },
    ])
    expect(wrong(never)).toEqual([
      '2 /apiVersion: is version "apps/v9", which a Deployment was never of: it is apps/v1',
    ])
  })

  it('keeps labels that are no texts as texts, and says so', async () => {
    const text = MANIFESTS.replace('labels: {app: web}}\nspec', 'labels: {version: 1.10}}\nspec')
    const imported = await importApps([{ file: 'k.yaml', text }])
    expect(told(imported)).toContain('coerced /metadata/labels/version')
    expect(imported.apps[0]?.labels).toMatchObject({ version: '1.10' })
  })

  it('reads autoscalers and ingresses of old versions in the words of the present one', async () => {
    const [deployment = '', service = ''] = MANIFESTS.split('---\n')
    const scaler = {
      apiVersion: 'autoscaling/v2beta1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 5,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 60 } }],
      },
    }
    const ingress = {
      apiVersion: 'networking.k8s.io/v1beta1',
      kind: 'Ingress',
      metadata: { name: 'web' },
      spec: {
        rules: [
          {
            host: 'shop.example.com',
            http: { paths: [{ path: '/', backend: { serviceName: 'web', servicePort: 80 } }] },
          },
        ],
      },
    }
    const objects = [scaler, ingress].map((one) => JSON.stringify(one))
    const text = [deployment, service, ...objects].join('\n---\n')
    const imported = await importApps([{ file: 'k.yaml', text }])
    expect(wrong(imported)).toEqual([])
    const app = imported.apps[0] && printApp(imported.apps[0])
    expect(app).toMatchObject({
      autoscale: { min: 2, max: 5, metrics: [{ type: 'cpu', utilization: 60 }] },
      ports: [{ host: 'shop.example.com', exposure: 'public' }],
    })
    expect(JSON.stringify(app?.native)).not.toMatch(/v1beta1|v2beta1|serviceName/)
  })

  it('refuses what is a part of a manifest: no image, no containers, an instruction to kustomize', async () => {
    const refused = async (from: string, to: string) =>
      told(await importApps([{ file: 'k.yaml', text: MANIFESTS.replace(from, to) }]))
    expect(await refused('image: web:1', 'tty: true')).toContain('refused ')
    expect(await refused('containers:', 'extra:')).toContain('refused ')
    expect(await refused('kind: Deployment', 'kind: Deployment\n$patch: delete')).toContain(
      'dropped ',
    )
  })

  it('keeps the node port and the address that a file asks for', async () => {
    const ports = 'type: NodePort, clusterIP: 10.0.0.9, ports: [{nodePort: 30123, port: 80'
    const text = MANIFESTS.replace('ports: [{port: 80', ports)
    const { apps } = await importApps([{ file: 'k.yaml', text }])
    const app = apps[0] && printApp(apps[0])
    expect(app?.ports).toMatchObject([{ hostPort: 30123, exposure: 'cluster' }])
    expect(JSON.stringify(app?.native)).toContain('10.0.0.9')
  })

  it('refuses a manifest that is a template', async () => {
    const text = MANIFESTS.replace('replicas: 2', 'replicas: {{ .Values.replicas }}')
    expect(wrong(await importApps([{ file: 'k.yaml', text }]))[0]).toMatch(/^6 : holds a template/)
  })
})

describe('Swarm', () => {
  const inspected = [
    {
      ID: 'abc',
      Version: { Index: 5 },
      Spec: {
        Name: 'shop_web',
        TaskTemplate: { ContainerSpec: { Image: 'web:1', Hosts: ['10.0.0.1 db'] } },
        Mode: { Replicated: { Replicas: 3 } },
      },
    },
  ]

  it('is read from what docker service inspect prints', async () => {
    const imported = await importApps([{ file: '<stdin>', text: JSON.stringify(inspected) }])
    expect(imported.problems).toEqual([])
    const [app] = imported.apps
    expect(app && printApp(app)).toMatchObject({ id: '/shop/web', image: 'web:1', replicas: 3 })
    expect(JSON.stringify(app?.native)).toContain('10.0.0.1 db')
  })

  it('refuses what is no service', async () => {
    const imported = await importApps([{ file: 's.json', text: '{"Name": "x"}' }], {
      from: 'swarm',
    })
    expect(wrong(imported)).toEqual([
      '1 : is no service of Swarm: it needs a Spec with a Name and a TaskTemplate',
    ])
  })
})
