/**
 * Makes the server's bundle, and one for what each feature loads late, so that a start reads none of them. esbuild splits
 * ES modules alone. Each file lies in one bundle, and whoever needs it from another asks that one: what a file holds is there once.
 */
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { bundling, root } from './bundling.ts'
import { librariesLate, namesLate, unusedLeftOut } from './late.ts'

const entry = 'server/process/serve.ts'
const server = 'server'
const plugins = [namesLate, unusedLeftOut, librariesLate()]

type Inputs = Metafile['inputs']

/** Which bundle each file lies in, by their paths from the root. */
type Places = ReadonlyMap<string, string>

/**
 * @param folder where they are written to
 * @returns what each holds
 */
export async function buildServer(folder: string): Promise<Metafile[]> {
  const common = { ...bundling, outdir: folder, metafile: true, write: false } as const
  const { inputs } = (await build({ ...common, entryPoints: [entry], plugins })).metafile
  const places = shareOut(inputs)
  return Promise.all(
    Array.from(askedFor(inputs, places), async ([bundle, files]) => {
      const contents = bundle === server ? await serverEntry(inputs, files) : lateEntry(files)
      const { outputFiles, metafile } = await build({
        ...common,
        outExtension: { '.js': '.cjs' },
        stdin: { contents, resolveDir: root, sourcefile: `${bundle}.js` },
        entryNames: bundle,
        plugins: [...plugins, elsewhere(bundle, inputs, places)],
      })
      await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, asking(text))))
      return metafile
    }),
  )
}

/** A path that a plugin has made up is no file: what it stands for each bundle has by itself. */
const isFile = (path: string): boolean => !/^[\w-]+:/.test(path)

/** Whether what a file imports may lie in another bundle than it; a library stays whole. */
const isLate = (importer: string, kind: string): boolean =>
  kind === 'dynamic-import' && importer.startsWith('server/')

/** A file and what it imports, and what these do, without what is imported late. */
function reach(inputs: Inputs, from: string, reached = new Set<string>()): Set<string> {
  if (reached.has(from)) return reached
  reached.add(from)
  for (const { path, kind } of inputs[from]?.imports ?? [])
    if (!isLate(from, kind) && path in inputs) reach(inputs, path, reached)
  return reached
}

/** The bundle of what is imported late from there alone: one for each feature, and each other folder. What several have in common is in one more. */
const bundleOf = (file: string): string =>
  `late-${/^server\/(?:features\/)?([^/]+)\//.exec(file)?.[1] ?? 'other'}`

function shareOut(inputs: Inputs): Places {
  const early = reach(inputs, entry)
  const places = new Map<string, string>()
  for (const file of early) if (isFile(file)) places.set(file, server)
  const late = new Set(
    Object.entries(inputs).flatMap(([importer, { imports }]) =>
      imports.filter(({ kind, path }) => isLate(importer, kind) && path in inputs).map(({ path }) => path),
    ),
  )
  for (const root of late) {
    for (const file of reach(inputs, root)) {
      if (early.has(file) || !isFile(file)) continue
      const bundle = bundleOf(root)
      places.set(file, (places.get(file) ?? bundle) === bundle ? bundle : 'late')
    }
  }
  return places
}

/** Of each bundle the files that others import. */
function askedFor(inputs: Inputs, places: Places): Map<string, Set<string>> {
  const asked = new Map([[server, new Set<string>()]])
  for (const [importer, { imports }] of Object.entries(inputs)) {
    for (const { path } of imports) {
      const place = places.get(path)
      if (place === undefined || place === places.get(importer)) continue
      asked.set(place, (asked.get(place) ?? new Set()).add(path))
    }
  }
  return asked
}

/** Getters, so that what is asked for is run alone; what is one file has its libraries without what it doesn't use. */
function lateEntry(files: ReadonlySet<string>): string {
  const [first = ''] = files
  if (files.size === 1) return `import * as file from './${first}'; export { file as '${first}' }`
  const getters = Array.from(files, (file) => `get '${file}'() { return require('./${file}') }`)
  return `module.exports = { ${getters.join(', ')} }`
}

/** All of it is run by a start; what others ask for is one function, which no start calls. */
async function serverEntry(inputs: Inputs, files: ReadonlySet<string>): Promise<string> {
  const names = await exportsOf([...files].filter((file) => inputs[file]?.format === 'esm'))
  const parts = Array.from(files, (file, index) => {
    const own = names.get(file)
    if (own === undefined) return { head: `import _${index} from './${file}'`, value: `_${index}` }
    const imported = own.map((name) => `${name} as _${index}_${name}`).join(', ')
    const getters = own.map((name) => `get ${name}() { return _${index}_${name} }`).join(', ')
    return { head: `import { ${imported} } from './${file}'`, value: `{ ${getters} }` }
  })
  const cases = Array.from(files, (file, index) => `case '${file}': return ${parts[index]?.value ?? ''}`)
  return `export { serve } from './${entry}'
${parts.map(({ head }) => head).join('\n')}
export function shared(file) { switch (file) { ${cases.join('\n')} } }`
}

/** What files export, by their paths. */
async function exportsOf(files: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const { metafile } = await build({
    ...bundling,
    bundle: false,
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    write: false,
    outdir: '.',
    entryPoints: [...files],
  })
  return new Map(Object.values(metafile.outputs).map(({ entryPoint = '', exports }) => [entryPoint, exports]))
}

/** For one bundle: leaves out the files of another, under a name that says where each lies. */
const elsewhere = (own: string, inputs: Inputs, places: Places): Plugin => ({
  name: 'elsewhere',
  setup(bundler) {
    bundler.onResolve({ filter: /./, namespace: 'file' }, ({ path, importer }) => {
      const file = relative(root, importer)
      const imported = inputs[file]?.imports.find(({ original }) => original === path)?.path ?? ''
      const place = places.get(imported)
      return place === undefined || place === own
        ? undefined
        : { path: `${place}#${imported}`, external: true }
    })
  },
})

/** Has a bundle ask another for such files; a wrapper around each, as a plugin could make it, would be run by every start. */
const asking = (code: string): string =>
  code.replaceAll(/require\("([\w-]+)#([^"]+)"\)/g, (_, place: string, file: string) =>
    place === server ? `require("./serve.cjs").shared("${file}")` : `require("./${place}.cjs")["${file}"]`,
  )
