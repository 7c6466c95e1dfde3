/** How routes name the schemas of what they take and answer: no start builds them, nor loads the library that does. */
import type { Static, TSchema, TUnsafe } from 'typebox'

/** Stands for a schema, which whoever checks or describes by it loads. */
export class LateSchema<Shape = unknown> implements TUnsafe<Shape> {
  /** A type and no value, as TUnsafe has it. */
  declare readonly '~unsafe': Shape
  /** Below `components.schemas` of the OpenAPI document. */
  readonly name: string
  readonly load: () => Promise<TSchema>

  constructor(name: string, load: () => Promise<TSchema>) {
    this.name = name
    this.load = load
  }
}

/** Those names under which a module has a schema. */
type SchemaName<Module> = {
  [Name in keyof Module]: Module[Name] extends TSchema ? Name : never
}[keyof Module] &
  string

/**
 * The schemas of a module.
 * @param load imports it
 * @returns names one of them
 */
export function schemasOf<Module>(load: () => Promise<Module>) {
  return <Name extends SchemaName<Module>>(name: Name) =>
    new LateSchema<Static<Module[Name] & TSchema>>(name, async () => (await load())[name] as TSchema)
}

/** An answer, or a body, that is any text. */
export const text = (description?: string) =>
  ({ type: 'string', ...(description === undefined ? {} : { description }) }) as const

/** An answer without a body. */
export const nothing = (description?: string) =>
  ({ type: 'null', ...(description === undefined ? {} : { description }) }) as const
