export {
  type FakeKubernetes,
  type FakeKubernetesAuth,
  type FakeKubernetesOptions,
  type FakeMarathon,
  type FakeMarathonAuth,
  type FakeMarathonOptions,
  type FakeSwarm,
  type FakeSwarmOptions,
  fakeKubernetes,
  fakeMarathon,
  fakeSwarm,
  type KubernetesExchange,
  type MarathonAnswer,
  type MarathonExchange,
  type MarathonMatch,
  type MarathonVersion,
  type MarathonWire,
  type SwarmExchange,
} from '../fakes/index.ts'
export { type FieldSample, sampleInput } from './fields/sample.ts'
export { fieldSamples } from './fields/table.ts'
export { conformance, conformanceOffline, type Registered } from './suite.ts'
export type {
  Commands,
  Faults,
  Foreign,
  Lock,
  OfflineTarget,
  Runner,
  Target,
  VirtualTime,
  Workload,
  Workloads,
} from './target.ts'
