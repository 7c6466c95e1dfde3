// Who may import whom, as CONTRIBUTING.md draws it. Types count too: what needs another room's type must know the room.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'

/** Rooms, from the top floor down. A room knows those of the floors below it, and none that is on its own. */
const floors = {
  server: [
    ['process'],
    ['app'],
    ['feature'],
    ['listeners', 'routes', 'live', 'cli'],
    ['contract'],
    ['noun', 'http'],
    ['kubernetes', 'workload'],
    ['identity', 'client', 'log', 'tracing', 'conditions'],
    ['host'],
    ['state', 'text'],
  ],
  ui: [['main'], ['App'], ['tabs table'], ['tab'], ['inside of a tab'], ['parts'], ['lib']],
} as const

/** What is no rule's fault: the document describes routes, so it has to know what they are. */
const excepted = new Set(['server/features/openapi/document.ts'])

const sources = globSync(['server/**/*.ts', 'ui/src/**/*.{ts,svelte}']).filter(
  (file) => !file.endsWith('.d.ts'),
)
const known = new Set(sources)

/** What a file imports: files of the house by their path from its root, packages by their name. */
const imports = new Map(sources.map((file) => [file, importsOf(file)]))

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const scripts = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, script = '']) => script)
    : [text]
  return scripts
    .flatMap((script) => ts.preProcessFile(script).importedFiles)
    .map(({ fileName }) => fileName.replace(/\?.*/, ''))
    .map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name))
}

/** The room that a file lies in, and which of its kind; `routes` of `memq` is another room than `routes` of `dns`. */
function roomOf(file: string): { readonly room: string; readonly of?: string } {
  const [, feature, rest] = /^server\/features\/([^/]+)\/(.+)$/.exec(file) ?? []
  if (feature !== undefined)
    return { room: /^(?:[\w-]+\/)?(feature|routes)\.ts$/.exec(rest ?? '')?.[1] ?? 'noun', of: feature }
  const [, tab] = /^ui\/src\/tabs\/([^/]+)\//.exec(file) ?? []
  if (tab !== undefined) return { room: 'inside of a tab', of: tab }
  if (file.startsWith('ui/src/tabs/')) return { room: 'tab', of: file }
  if (file === 'server/feature.ts') return { room: 'contract' }
  if (file === 'ui/src/tabs.ts') return { room: 'tabs table' }
  return { room: /^(?:server|ui\/src)\/([^/.]+)/.exec(file)?.[1] ?? '' }
}

/** Which floor a room is on, counted from the top. */
function floorOf(file: string): number {
  const house: readonly (readonly string[])[] = floors[file.startsWith('ui/') ? 'ui' : 'server']
  const { room } = roomOf(file)
  const floor = house.findIndex((rooms) => rooms.includes(room))
  assert.notEqual(floor, -1, `${file} lies in no room of the house`)
  return floor
}

/** Whether a file may import another, both of the server or both of the page. */
function mayKnow(file: string, imported: string): boolean {
  const [here, there] = [roomOf(file), roomOf(imported)]
  const isOneRoom = here.room === there.room && here.of === there.of
  const isOtherFeature = here.of !== undefined && there.of !== undefined && here.of !== there.of
  const staysInFeature = file.startsWith('ui/') || !isOtherFeature
  return isOneRoom || (staysInFeature && floorOf(file) < floorOf(imported))
}

/** Every import that a rule is against, as `file -> imported`. */
const arrows = (isWrong: (file: string, imported: string) => boolean): string[] =>
  [...imports].flatMap(([file, all]) =>
    all.filter((imported) => isWrong(file, imported)).map((imported) => `${file} -> ${imported}`),
  )

test('every file of the house is looked at', () => {
  assert.ok(sources.length > 150)
  assert.deepEqual(imports.get('server/process/start.ts'), ['server/process/main.ts'])
  assert.ok(imports.get('server/process/main.ts')?.includes('server/process/serve.ts'), 'late imports too')
  assert.ok(imports.get('ui/src/App.svelte')?.includes('ui/src/tabs.ts'))
})

test('no arrow runs back up, or across', () => {
  const isWrong = (file: string, imported: string) =>
    !excepted.has(file) &&
    known.has(imported) &&
    file.startsWith('ui/') === imported.startsWith('ui/') &&
    !mayKnow(file, imported)
  assert.deepEqual(arrows(isWrong), [])
})

test('no file imports itself by way of others', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const imported of imports.get(file) ?? []) follow(imported, [...path, file])
    done.add(file)
  }
  for (const file of sources) follow(file, [])
  assert.deepEqual(circles, [])
})

test('only the top floors, routes and http/ know Fastify', () => {
  const mayKnowIt = new Set(['feature', 'routes', 'live', 'contract', 'http'])
  const isWrong = (file: string, imported: string) =>
    /^(@?fastify|@fastify\/.*)$/.test(imported) && !mayKnowIt.has(roomOf(file).room) && !excepted.has(file)
  assert.deepEqual(arrows(isWrong), [])
})

test('the page knows nothing of the server but wire.ts, how commands are written and labels selected, and the server nothing of the page', () => {
  const isForBoth = (imported: string) =>
    imported.endsWith('/wire.ts') ||
    /^server\/(?:features\/manifests\/(?:commands|image)|text\/selector)\.ts$/.test(imported)
  const isWrong = (file: string, imported: string) =>
    (file.startsWith('ui/') && imported.startsWith('server/') && !isForBoth(imported)) ||
    (file.startsWith('server/') && imported.startsWith('ui/'))
  assert.deepEqual(arrows(isWrong), [])
})
