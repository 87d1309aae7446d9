export {
  type AuthOptions as FakeKubernetesAuth,
  type Exchange as KubernetesExchange,
  type FakeKubernetes,
  type FakeKubernetesOptions,
  fakeKubernetes,
} from './kubernetes/index.ts'
export {
  type Answer as MarathonAnswer,
  type AuthOptions as FakeMarathonAuth,
  type Exchange as MarathonExchange,
  type FakeMarathon,
  type FakeMarathonOptions,
  fakeMarathon,
  type MarathonVersion,
  type Match as MarathonMatch,
  type Wire as MarathonWire,
} from './marathon/index.ts'
export {
  type Exchange as SwarmExchange,
  type FakeSwarm,
  type FakeSwarmOptions,
  fakeSwarm,
} from './swarm/index.ts'
