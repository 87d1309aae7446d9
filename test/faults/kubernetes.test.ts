import { afterAll } from 'vitest'
import { faults } from './suite.ts'
import { kubernetesFaults } from './targets/kubernetes.ts'

const target = await kubernetesFaults()
afterAll(() => target[Symbol.asyncDispose]())

faults(target)
