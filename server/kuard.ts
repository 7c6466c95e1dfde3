/** The executable: has Node keep what V8 compiles beside this file, for a quicker start, and runs the process. */
import module from 'node:module'
import { join } from 'node:path'
import { main } from './main.ts'

module.enableCompileCache({ directory: join(import.meta.dirname, 'compile-cache'), portable: true })
await main()
