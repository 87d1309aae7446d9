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
