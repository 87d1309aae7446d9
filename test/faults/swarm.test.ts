import { afterAll } from 'vitest'
import { faults } from './suite.ts'
import { swarmFaults } from './targets/swarm.ts'

const target = await swarmFaults()
afterAll(() => target[Symbol.asyncDispose]())

faults(target)
