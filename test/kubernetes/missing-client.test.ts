import type { AppId } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { expect, it, vi } from 'vitest'
import { call } from './calls.ts'
import { kubeconfigFor } from './fake-api.ts'

vi.mock('@kubernetes/client-node', () => {
  throw Object.assign(new Error("Cannot find package '@kubernetes/client-node'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })
})

it('names the package to install when the client library is missing', async () => {
  await using adapter = kubernetes({ kubeconfig: kubeconfigFor('http://127.0.0.1:1') })
  await expect(adapter.observe('/web' as AppId, call())).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('@kubernetes/client-node'),
    remedy: 'npm install @kubernetes/client-node',
  })
})
