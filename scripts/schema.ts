import { writeFileSync } from 'node:fs'
import { appFileSchema } from './app-schema.ts'

const target = new URL('../app.schema.json', import.meta.url)
writeFileSync(target, `${JSON.stringify(appFileSchema(), null, 2)}\n`)
