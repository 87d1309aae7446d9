export { type WrittenCompose, writeCompose } from './compose/write/index.ts'
export { type Imported, type ImportOptions, importApps } from './import.ts'
export {
  IMPORT_LOSS_KINDS,
  type ImportLoss,
  type ImportLossKind,
  type ImportProblem,
} from './report.ts'
export {
  IMPORT_FORMATS,
  type ImportFormat,
  type ImportSource,
  type ReadReference,
} from './source.ts'
