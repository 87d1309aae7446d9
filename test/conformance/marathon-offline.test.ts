import { marathon } from 'intermodal/marathon'
import { conformanceOffline } from 'intermodal/testing'
import { describe, test } from 'vitest'

for (const version of ['1.4.13', '1.10.26']) {
  await conformanceOffline(
    { describe, test, skip: test.skip },
    {
      name: `marathon ${version} without a server`,
      connect: async () => marathon({ url: 'http://127.0.0.1:9', version }),
      nativePatch: { killSelection: 'OLDEST_FIRST' },
    },
  )
}
