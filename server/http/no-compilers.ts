/** Fastify's own compilers of schemas: named here, they are never loaded, so the bundles do without them. */

const unused = (): never => {
  throw new Error('a compiler of Fastify was asked for')
}

/** What every app of Fastify here is made with, as its `schemaController`. */
export const noCompilers = { compilersFactory: { buildValidator: unused, buildSerializer: unused } }
