/** YAML as it stands in a lab: checked against a schema, and whatever is wrong is said with its line. */
import type { Static, TObject } from 'typebox'
import * as Value from 'typebox/value'
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'

/** What is wrong with a lab's file, and where. */
export interface Fault {
  /** From 1; null for the file as a whole. */
  readonly line: number | null
  readonly reason: string
}

/** What was read, and where in the file each part of it stands. */
export interface Read<Shape> {
  readonly value: Shape
  /** @param path the names and places that lead there, as `do`, 0 */
  readonly lineOf: (...path: readonly (string | number)[]) => number
}

/**
 * @param firstLine of the file, where the source begins
 * @param what it is, in words
 * @returns what is wrong with it, if anything is
 */
export function readStrictYaml<Schema extends TObject>(
  source: string,
  firstLine: number,
  schema: Schema,
  what: string,
): Read<Static<Schema>> | readonly Fault[] {
  const lineCounter = new LineCounter()
  const document = parseDocument(source, { lineCounter, prettyErrors: false })
  const lineAt = (offset: number) => firstLine + Math.max(lineCounter.linePos(offset).line, 1) - 1
  if (document.errors.length > 0)
    return document.errors.map(({ message, pos: [offset] }) => ({ line: lineAt(offset), reason: message }))
  const lineOf = (...path: readonly (string | number)[]) => lineAt(offsetOf(document, path))
  const plain = plainOf(document)
  if ('reason' in plain) return [{ line: firstLine, reason: plain.reason }]
  const { value } = plain
  if (Value.Check(schema, value)) return { value, lineOf }
  return faultsOf(schema, value, what).map(({ path, reason }) => ({ line: lineOf(...path), reason }))
}

/**
 * What speaks against a value that stands within what was read.
 * @param from the way to it
 */
export const faultsWithin = (
  { lineOf }: Pick<Read<unknown>, 'lineOf'>,
  from: readonly (string | number)[],
  schema: TObject,
  value: unknown,
  what: string,
): Fault[] =>
  faultsOf(schema, value, what).map(({ path, reason }) => ({ line: lineOf(...from, ...path), reason }))

/** An alias that is used too often is an Error of yaml's: https://eemeli.org/yaml/#tojs-options */
function plainOf(document: Document): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: document.toJS() }
  } catch (error) {
    return { reason: (error as Error).message }
  }
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = 0
  for (const name of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(name))
      offset = (isScalar(pair?.key) ? pair.key.range?.[0] : undefined) ?? offset
      node = pair?.value
    } else if (isSeq(node)) {
      node = node.items[Number(name)]
      offset = (isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined) ?? offset
    }
  }
  return offset
}

interface Wrong {
  readonly path: readonly string[]
  readonly reason: string
}

function faultsOf(schema: TObject, value: unknown, what: string): Wrong[] {
  const errors = [...Value.Errors(schema, value)]
  const choices = new Set(errors.flatMap((error) => (error.keyword === 'anyOf' ? [error.instancePath] : [])))
  return errors.flatMap((error): Wrong[] => {
    const path = error.instancePath.split('/').slice(1)
    const name = path.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
    switch (error.keyword) {
      // The `false` that stands for every field that isn't known: said below by its name.
      case 'boolean':
        return []
      case 'anyOf': {
        const ways = errors.filter((one) => one !== error && one.instancePath === error.instancePath)
        return [{ path, reason: `${name} ${ways.map(({ message }) => message).join(', or ')}` }]
      }
      case 'additionalProperties':
        return error.params.additionalProperties.map((unknown) => ({
          path: [...path, unknown],
          reason: `${what} has no field ${unknown}; it has ${Object.keys(schema.properties).join(', ')}`,
        }))
      case 'required':
        return error.params.requiredProperties.map((missing) => ({
          path,
          reason: `${what} needs the field ${missing}`,
        }))
      case 'enum':
        return [{ path, reason: `${name} has to be one of ${error.params.allowedValues.join(', ')}` }]
      default:
        // Where there is a choice, it says them all.
        return choices.has(error.instancePath) ? [] : [{ path, reason: `${name || what} ${error.message}` }]
    }
  })
}
