/** What the bundles leave for later, so that a start reads little: whole tasks, libraries, and names of modules. */
import { basename } from 'node:path'
import type { Plugin } from 'esbuild'

/** For the executable: each task that it imports late is the bundle of that name. */
export const tasksLate: Plugin = {
  name: 'tasks-late',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\.?\// }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.cjs`, external: true } : undefined,
    )
  },
}

/**
 * Libraries that a start doesn't need. Each is a file of its own, read when it is first asked for: every start would read
 * them all. Those of Fastify itself are never asked for, since the app names its own instead.
 */
const lateLibraries = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  '@fastify/static',
  '@fastify/swagger',
  '@grpc/grpc-js',
  '@redis/client',
  'dns-packet',
  'dns-packet/types.js',
  'grpc-health-check',
  'light-my-request',
  'mrmime',
  'node-forge',
  'prom-client',
  'semver',
  'typebox',
  'typebox/compile',
  'typebox/value',
  'yaml',
]

/** Its name without an extension. */
const fileOf = (library: string): string => library.replace('@', '').replace('/', '-').replace(/\.js$/, '')

/** For a task: reads a late library from its own file. */
export const librariesLate: Plugin = {
  name: 'libraries-late',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
      kind !== 'entry-point' && lateLibraries.includes(path)
        ? { path: `./${fileOf(path)}.cjs`, external: true }
        : undefined,
    )
  },
}

/** The files of the late libraries, as esbuild takes entry points. */
export const libraryFiles: Record<string, string> = Object.fromEntries(
  lateLibraries.map((name) => [fileOf(name), name]),
)

/** What a start imports and doesn't use; each is loaded when a name of it is first used. */
const unusedAtStart = ['crypto', 'dns', 'dns/promises', 'http2', 'https', 'semver', 'tls', 'zlib']

/** For a task: gives what a start doesn't use by getters. */
export const namesLate: Plugin = {
  name: 'names-late',
  setup(bundler) {
    const namespace = 'late'
    const filter = new RegExp(`^(node:)?(${unusedAtStart.join('|')})$`)
    bundler.onResolve({ filter }, ({ path, kind, namespace: from }) =>
      from === namespace || kind === 'dynamic-import' || kind === 'entry-point'
        ? undefined
        : { path, namespace },
    )
    bundler.onLoad({ filter: /./, namespace }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).filter(
        (name) => /^[a-z]\w*$/i.test(name) && name !== 'default',
      )
      const getters = names.map((name) => `get ${name}() { return require('${path}').${name} }`)
      return { contents: `module.exports = { ${getters.join(',\n')} }` }
    })
  },
}
