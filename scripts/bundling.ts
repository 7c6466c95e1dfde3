/** How esbuild makes all that runs on Node.js. */
import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'

export const root = join(import.meta.dirname, '..')

/** CommonJS, since Node evaluates every getter of a built-in module that an ES module imports. */
export const bundling = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  supported: { 'dynamic-import': false },
  // Names stay as they are, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
} as const satisfies BuildOptions
