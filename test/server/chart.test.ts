/** What the chart says of the server, as far as no Helm is needed to see it: its version, and the values that stand for flags. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import { parse } from 'yaml'
import serverVersion from '../../package.json' with { type: 'json' }
import { chartFolder } from '../../scripts/chart.ts'
import { readConfig } from '../../server/cli/flags.ts'

const Property = Type.Object({
  type: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  enum: Type.Optional(Type.Array(Type.String())),
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
})
type Property = Type.Static<typeof Property>
const Group = Type.Object({ properties: Type.Record(Type.String(), Property) })
const Schema = Type.Object({ properties: Type.Record(Type.String(), Type.Unknown()) })

/** The values that stand for flags, with how those begin. */
const groups = { faults: 'fault', traffic: 'traffic', keygen: 'keygen', log: 'log', shutdown: 'shutdown' }

/** Whether the server would take a flag. */
function isTaken(flag: string): boolean {
  try {
    readConfig([flag], undefined)
    return true
  } catch {
    return false
  }
}

test('the schema of faults, Traffic, KeyGen, log and shutdown is that of the flags, from their names to their bounds', () => {
  const schema = Value.Parse(
    Schema,
    JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8')),
  )
  const config = readConfig([], undefined)
  assert.ok(config !== 'help')
  for (const [group, prefix] of Object.entries(groups)) {
    const { properties } = Value.Parse(Group, schema.properties[group])
    const flags: string[] = Object.keys(config).filter((key) => new RegExp(`^${prefix}[A-Z]`).test(key))
    const camelCase = (key: string) => `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`
    assert.deepEqual(Object.keys(properties).map(camelCase).sort(), flags.sort())
    for (const [key, property] of Object.entries(properties)) checkBounds(flagOf(prefix, key), property)
  }
})

const flagOf = (prefix: string, key: string) =>
  `--${prefix}-${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** Holds that the schema takes what the server takes at the ends of what either does. */
function checkBounds(flag: string, { type: types, enum: choices, minimum, maximum }: Property): void {
  // helm --set makes a text of a fraction, so a number may be one.
  const [type] = [types].flat()
  for (const choice of choices ?? []) assert.ok(isTaken(`${flag}=${choice}`), `${flag}=${choice}`)
  assert.ok(type === 'string' || type === 'array' || !isTaken(`${flag}=none-of-those`), flag)
  const step = type === 'integer' ? 1 : 0.01
  for (const [bound, beyond] of [
    [minimum, (minimum ?? 0) - step],
    [maximum, (maximum ?? 0) + step],
  ]) {
    if (bound === undefined) continue
    assert.ok(isTaken(`${flag}=${bound}`), `${flag}=${bound}`)
    assert.ok(!isTaken(`${flag}=${beyond}`), `${flag}=${beyond}`)
  }
  const isNumber = type === 'integer' || type === 'number'
  if (isNumber && maximum === undefined) assert.ok(isTaken(`${flag}=1000000`), `${flag} has a maximum`)
  if (type === 'number') assert.ok(isTaken(`${flag}=${(minimum ?? 0) + 0.5}`), `${flag} takes no fraction`)
}

test('the chart’s and the image’s version is that of the server', () => {
  const chart = Value.Parse(
    Type.Object({ version: Type.String(), appVersion: Type.String() }),
    parse(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8')),
  )
  assert.equal(chart.version, serverVersion.version)
  assert.equal(chart.appVersion, serverVersion.version)
  const dockerfile = readFileSync(join(chartFolder, '../../Dockerfile'), 'utf8')
  const labels = [...dockerfile.matchAll(/image\.version="(.+)-[a-z]+"/g)].map(([, version]) => version)
  assert.deepEqual(labels, Array(3).fill(serverVersion.version))
})
