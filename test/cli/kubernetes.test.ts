import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { splitPlace } from '../../src/cli/kubernetes.ts'
import { workshop } from './cli.ts'

const EKS = 'arn:aws:eks:eu-west-1:1234:cluster/prod'

describe('a Kubernetes target', () => {
  it.each([
    ['', {}],
    ['prod', { context: 'prod' }],
    ['prod/shop', { context: 'prod', namespace: 'shop' }],
    ['/shop', { namespace: 'shop' }],
    [EKS, { context: EKS }],
    [`${EKS}/shop`, { context: EKS, namespace: 'shop' }],
    ['elsewhere/shop', { context: 'elsewhere', namespace: 'shop' }],
  ])('"%s" names the context and the namespace', (rest, place) => {
    expect(splitPlace(rest, new Set(['prod', EKS]))).toEqual(place)
  })

  it('is wrong usage when its kubeconfig is not there', async () => {
    const { cli } = await workshop({})
    const ran = await cli('ps --on kubernetes:prod', { env: { KUBECONFIG: '/no/such/file' } })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('/no/such/file') })
  })
})

describe('render --to kubernetes', () => {
  it('prints one document for each object, as kubectl takes them', async () => {
    const { cli } = await workshop({
      'web.yaml': 'id: /shop/web\nimage: nginx:1\nports: [{ name: http, containerPort: 80 }]\n',
    })
    const ran = await cli('render -f web.yaml --to kubernetes')
    expect(ran.code).toBe(0)
    const objects = parseAllDocuments(ran.stdout).map((document) => document.toJS())
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'Deployment/shop--web',
      'Service/shop--web',
      'Service/web',
    ])
  })
})
