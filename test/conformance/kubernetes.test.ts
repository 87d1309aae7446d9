import { afterAll, describe, test } from 'vitest'
import { kubernetesTarget } from './kubernetes-target.ts'
import { conformance } from './suite.ts'

const target = await kubernetesTarget()
afterAll(() => target[Symbol.asyncDispose]())

await conformance({ describe, test, skip: test.skip }, target)
