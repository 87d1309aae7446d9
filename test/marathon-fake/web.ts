import { expect } from 'vitest'
import type { Server } from './setup.ts'

export const WEB = { id: '/web', cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2 }

export interface Deployment {
  readonly id: string
  readonly currentStep: number
  readonly totalSteps: number
}

export async function deployments({ get }: Server): Promise<readonly Deployment[]> {
  return (await get('/v2/deployments')).json as readonly Deployment[]
}

/** Makes an app, and lets time pass until it is deployed. */
export async function running(server: Server, app: object = WEB): Promise<void> {
  expect((await server.send('POST', '/v2/apps', app)).status).toBe(201)
  await server.world.settle()
  expect(await deployments(server)).toEqual([])
}
