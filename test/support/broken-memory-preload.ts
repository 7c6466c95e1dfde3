/** Preloaded with `--import`, has the process unable to read its memory while there is a file of the name that BROKEN_BY has. */
import { existsSync } from 'node:fs'

const read = process.memoryUsage.bind(process)
process.memoryUsage = Object.assign(
  () => {
    if (existsSync(process.env.BROKEN_BY ?? '')) throw new Error('out of order')
    return read()
  },
  { rss: () => read().rss },
)
