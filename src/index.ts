export {
  type Adapter,
  type Call,
  type Capabilities,
  type Change,
  type ChangeCall,
  type ClusterNode,
  type ExecOptions,
  type ExecSession,
  type Interpretation,
  LOSS_KINDS,
  type LogLine,
  type LogsOptions,
  type Loss,
  type LossKind,
  type Material,
  type Rehearsal,
  type Revision,
  SEAM,
  type Selector,
  type Translation,
} from './adapter.ts'
export { defineApp, InvalidAppError, isApp, safeDefine } from './app/define.ts'
export { defineGroup, type Group, type GroupInput } from './app/group.ts'
export { groupOf, inGroup, isAppId, nameOf, resolveId } from './app/id.ts'
export type { Issue } from './app/issues.ts'
export { printApp } from './app/print.ts'
export {
  type Amount,
  type Cpu,
  type Duration,
  formatCpu,
  formatDuration,
  formatMemory,
  type Memory,
  parseCpu,
  parseDuration,
  parseMemory,
  resolveAmount,
} from './app/quantity.ts'
export { type AppRef, formatRef, parseRef } from './app/ref.ts'
export { canonicalJson, contentHash, revisionOf } from './app/revision.ts'
export {
  APP_KINDS,
  type App,
  type AppId,
  type AppInput,
  type AppKind,
  type EnvValue,
  type FileSource,
  type PlacementRule,
  type Port,
  type Probe,
  type Resources,
  type Sidecar,
  type UpdatePolicy,
  type Volume,
} from './app/schema.ts'
export type {
  ApplyOptions,
  CallOptions,
  ChangeOptions,
  Client,
  ConnectOptions,
  EventsOptions,
  GroupOptions,
  WriteOptions,
} from './client.ts'
export { type Clock, sleep, systemClock } from './clock.ts'
export { connect } from './connect.ts'
export { deriveStatus, mergeReasons, PLACEMENT_REASONS, type StatusFacts } from './derive.ts'
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  IntermodalError,
} from './errors.ts'
export {
  type AppChange,
  diffStatus,
  EVENT_TYPES,
  type Event,
  type EventType,
  type StreamChange,
} from './events.ts'
export { type Explanation, explainStatus, type Finding } from './explain.ts'
export {
  type ClusterProblem,
  type ClusterSummary,
  type Fleet,
  type FleetEntry,
  type FleetList,
  type FleetListOptions,
  type FleetNodes,
  type FleetOptions,
  type FleetSummary,
  fleet,
  type Tally,
} from './fleet.ts'
export type { GroupResult, GroupRollout, GroupStep } from './group-rollout.ts'
export { applyMemo, type Memo, readMemo, writeMemo } from './memo.ts'
export { BY_HAND_TOPICS, type ByHand, type ByHandTopic } from './migrate/by-hand.ts'
export type { MigrateOptions } from './migrate/options.ts'
export {
  type AppMigrationPlan,
  MIGRATION_STAGES,
  type MigrationLoss,
  type MigrationPlan,
  type MigrationStage,
} from './migrate/plan.ts'
export {
  MIGRATION_OUTCOMES,
  type MigratedApp,
  MigrationError,
  type MigrationOutcome,
  type MigrationResult,
  type MigrationSide,
  type MigrationStep,
} from './migrate/result.ts'
export { type Migration, migrate, migrateBack, planMigration } from './migrate.ts'
export {
  EFFECTS,
  type Effect,
  type Plan,
  type PlanChange,
  type PlanInput,
  planApp,
} from './plan.ts'
export { type PollOptions, pollChanges } from './poll.ts'
export {
  type FailedInstance,
  OUTCOMES,
  type Outcome,
  type Rollout,
  RolloutError,
  type RolloutResult,
  type RolloutStep,
  type WaitOptions,
} from './rollout.ts'
export { matches } from './selector.ts'
export {
  APP_STATES,
  type AppState,
  type AppStatus,
  type Counts,
  HEALTHS,
  type Health,
  INSTANCE_STATES,
  type Instance,
  type InstanceState,
  type Observed,
  REASON_CODES,
  type Reason,
  type ReasonCode,
  ROLLOUT_STATES,
  type RolloutState,
  type RolloutStatus,
  sameInstance,
  sameStatus,
  worstOf,
} from './status.ts'
export { abortable, Mailbox } from './stream.ts'
