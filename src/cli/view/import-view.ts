import type { Imported, ImportLoss } from 'intermodal/import'
import type { Paint } from '../style.ts'
import { safe } from './text.ts'

const COLOURS = {
  coerced: 'cyan',
  approximated: 'cyan',
  dropped: 'yellow',
  refused: 'red',
  warning: 'yellow',
} as const

/** `shop.yml:12 /services/web/build dropped: an app runs an image (build it before)`. */
export function renderImportLoss(loss: ImportLoss, paint: Paint): string {
  const { file, line, path, kind, detail, remedy } = loss
  const where = `${safe(file)}${line === undefined ? '' : `:${line}`} ${safe(path) || '/'}`
  const next = remedy === undefined ? '' : ` (${safe(remedy)})`
  return `${where} ${paint(COLOURS[kind], kind)}: ${safe(detail)}${next}`
}

/** `3 apps; 2 approximated, 1 dropped`. */
export function importSummary({ apps, losses }: Imported): string {
  const counts = Object.keys(COLOURS).flatMap((kind) => {
    const count = losses.filter((loss) => loss.kind === kind).length
    return count > 0 ? [`${count} ${kind}`] : []
  })
  const what = `${apps.length} ${apps.length === 1 ? 'app' : 'apps'}`
  return `${what}; ${counts.length > 0 ? counts.join(', ') : 'nothing was lost'}`
}
