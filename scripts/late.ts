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
 * Libraries that a start doesn't need, by the file that they are read from when they are first asked for: every start would read them
 * all. Those of one file share what they are made of; each is run when it is itself asked for.
 */
const lateFiles: Readonly<Record<string, readonly string[]>> = {
  'fastify-static': ['@fastify/static'],
  'fastify-swagger': ['@fastify/swagger'],
  forge: ['node-forge'],
  'grpc-js': ['@grpc/grpc-js'],
  'light-my-request': ['light-my-request'],
  mrmime: ['mrmime'],
  'prom-client': ['prom-client'],
  'redis-client': ['@redis/client'],
  semver: ['semver'],
  typebox: ['typebox'],
  'typebox-check': ['typebox/compile', 'typebox/value'],
  ws: ['ws'],
  yaml: ['yaml'],
}

const fileOf = new Map(
  Object.entries(lateFiles).flatMap(([file, libraries]) => libraries.map((library) => [library, file])),
)

/** The files that have one library, each made from it alone. */
export const libraryFiles: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(lateFiles).flatMap(([file, [library = '', ...others]]) =>
    others.length === 0 ? [[file, library]] : [],
  ),
)

/** The files that several libraries share, and what each is made from: getters, so that what is asked for is run alone. */
export const sharedFiles: ReadonlyMap<string, string> = new Map(
  Object.entries(lateFiles).flatMap(([file, libraries]) => {
    if (libraries.length === 1) return []
    const getters = libraries.map((library) => `get '${library}'() { return require('${library}') }`)
    return [[file, `module.exports = { ${getters.join(', ')} }`]]
  }),
)

/** Reads each late library from its file. @param own the file that is being made, if it is a shared one */
export const librariesLate = (own?: string): Plugin => ({
  name: 'libraries-late',
  setup(bundler) {
    const namespace = 'late-library'
    bundler.onResolve({ filter: /^[^.]/ }, ({ path, kind, namespace: from }) => {
      const isLate = kind !== 'entry-point' && from !== namespace && fileOf.has(path)
      return isLate && fileOf.get(path) !== own ? { path, namespace } : undefined
    })
    bundler.onResolve({ filter: /^\./, namespace }, ({ path }) => ({ path, external: true }))
    bundler.onLoad({ filter: /./, namespace }, ({ path }) => {
      const file = fileOf.get(path) ?? path
      const library = sharedFiles.has(file) ? `['${path}']` : ''
      return { contents: `module.exports = require('./${file}.cjs')${library}` }
    })
  },
})

/** What libraries import for uses that nobody makes of them here, and who imports it. */
const unused: readonly (readonly [path: RegExp, importer: RegExp])[] = [
  // Each app names compilers of its own (server/http/no-compilers.ts).
  [/^@fastify\/(ajv|fast-json-stringify)-compiler$/, /fastify/],
  // For a route for each file, in place of one for all.
  [/^glob$/, /@fastify\/static/],
  // For its channelz and ORCA services.
  [/^@grpc\/proto-loader$/, /@grpc\/grpc-js/],
  // Messages aren't compressed, nor is there a stream of them.
  [/^\.\/(lib\/)?(permessage-deflate|stream)(\.js)?$/, /\/ws\//],
  // Certificates need none of these.
  [/^\.\/(aesCipherSuites|ed25519|kem|log|pkcs7|ssh|tls)$/, /node-forge\/lib\/index/],
]

/** Leaves that out. */
export const unusedLeftOut: Plugin = {
  name: 'unused-left-out',
  setup(bundler) {
    const namespace = 'unused'
    bundler.onResolve({ filter: /./ }, ({ path, importer }) =>
      unused.some(([name, by]) => name.test(path) && by.test(importer)) ? { path, namespace } : undefined,
    )
    bundler.onLoad({ filter: /./, namespace }, () => ({ contents: 'module.exports = {}' }))
  },
}

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
