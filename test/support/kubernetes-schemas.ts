/** What each version of Kubernetes takes: no field but its own, and none of a wrong type. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv, { type ValidateFunction } from 'ajv/dist/2020.js'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../scripts/chart.ts'

/** The oldest that the chart is for, that of the test cluster, and the newest that kubernetes-validate knows. */
export const kubernetesVersions = ['1.30.0', '1.34.0', '1.37.0'] as const

/** The Go modules that kinds beside Kubernetes' own come from, and where in them their definitions lie. */
const definitions = [
  [
    'sigs.k8s.io/gateway-api',
    'v1.4.0',
    'config/crd/standard/gateway.networking.k8s.io_{http,grpc}routes.yaml',
  ],
  [
    'github.com/prometheus-operator/prometheus-operator',
    'v0.85.0',
    'example/prometheus-operator-crd/monitoring.coreos.com_{servicemonitors,prometheusrules}.yaml',
  ],
  ['github.com/cert-manager/cert-manager', 'v1.21.2', 'deploy/crds/cert-manager.io_certificates.yaml'],
] as const

/** Where the schemas of PyPI's kubernetes-validate are. */
const [schemas = ''] = globSync(
  join(
    import.meta.dirname,
    '../../node_modules/.cache/schemas/lib/python*/site-packages/kubernetes_validate/kubernetes-json-schema',
  ),
)

/** A CustomResourceDefinition, as far as it is used here. */
interface Definition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: unknown }
    }[]
  }
}

// Formats such as int64 are told by the types as well.
const ajvOptions = { strict: false, validateFormats: false, allErrors: true } as const

/** A version of Kubernetes with the other kinds that the chart can make. */
export class KubernetesSchemas {
  readonly #folder: string
  readonly #ajv = new Ajv.Ajv2020(ajvOptions)
  readonly #others: ReadonlyMap<string, ValidateFunction>

  constructor(version: (typeof kubernetesVersions)[number], others: ReadonlyMap<string, ValidateFunction>) {
    this.#folder = join(schemas, `v${version}-local-strict`)
    this.#others = others
    this.#ajv.addSchema(this.#read('_definitions.json'), '/api/_definitions.json')
  }

  /** What it has against an object, a line for each fault. */
  complaints(object: KubernetesObject): string[] {
    const { apiVersion, kind, metadata } = object
    const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    const validate =
      this.#others.get(`${apiVersion}/${kind}`) ?? this.#validate([kind, group.split('.')[0], version])
    if (validate(object)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${kind}/${metadata.name}${instancePath}: ${message} ${JSON.stringify(params)}`,
    )
  }

  #validate(words: readonly (string | undefined)[]): ValidateFunction {
    const id = `/api/${words.filter(Boolean).join('-').toLowerCase()}.json`
    return (
      this.#ajv.getSchema(id) ??
      this.#ajv.addSchema(this.#read(id.slice('/api/'.length)), id).compile({ $ref: id })
    )
  }

  #read(name: string): object {
    return JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as object
  }
}

/** The kinds of Gateway API, Prometheus operator and cert-manager, by `apiVersion/kind`. */
export function otherKinds(): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv.Ajv2020(ajvOptions)
  const found = definitions.flatMap(([module, version, pattern]) => {
    const answer = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
      encoding: 'utf8',
    })
    const { Dir: source } = JSON.parse(answer) as { readonly Dir: string }
    return globSync(join(source, pattern)).flatMap((path) => parseAllDocuments(readFileSync(path, 'utf8')))
  })
  return new Map(
    found.flatMap((document) => {
      const { spec } = document.toJS() as Definition
      return spec.versions.map(({ name, schema }) => [
        `${spec.group}/${name}/${spec.names.kind}`,
        ajv.compile(strict(schema.openAPIV3Schema) as object),
      ])
    }),
  )
}

/** As the API server checks it: what isn't listed isn't known. Of patterns, those that only Go understands are left out. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const isKnown = (name: string, value: unknown) => name !== 'pattern' || !String(value).includes('(?i)')
  const all = Object.fromEntries(
    Object.entries(schema)
      .filter(([name, value]) => isKnown(name, value))
      .map(([name, value]) => [name, strict(value)]),
  )
  const isOpen = 'additionalProperties' in all || all['x-kubernetes-preserve-unknown-fields'] === true
  return 'properties' in schema && !isOpen ? { ...all, additionalProperties: false } : all
}
