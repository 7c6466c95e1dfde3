/** Preloaded with `--import`, has the process see a machine that has no memory to spare. */
import os from 'node:os'
import { syncBuiltinESMExports } from 'node:module'

os.freemem = () => 0
syncBuiltinESMExports()
