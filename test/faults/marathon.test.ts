import { afterAll } from 'vitest'
import { faults } from './suite.ts'
import { marathonFaults } from './targets/marathon.ts'

const target = await marathonFaults()
afterAll(() => target[Symbol.asyncDispose]())

faults(target)
