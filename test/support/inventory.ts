/** What is in a namespace, of every kind that one can hold. */
import type { TestContext } from 'node:test'
import * as Type from 'typebox'
import { startKubectl, tryKubectl, type Forward } from './cluster.ts'
import { eventually } from './eventually.ts'

/** What comes and goes by itself. */
const transient = /^(events|endpoints|pods\.metrics)\b/
/** The groups of Kubernetes' own kinds; one of a chapter's own goes with its definition, which may be there while another chapter begins. */
const ownOfKubernetes = /^[^.]+(\.[^.]+)?$|\.k8s\.io$/

/** Nothing of an object but its name and the like. */
const headers = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
const Listed = Type.Object({
  // None at all is null, as Go has it.
  items: Type.Union([
    Type.Null(),
    Type.Array(Type.Object({ metadata: Type.Object({ name: Type.String() }) })),
  ]),
})

/** One kind of object. */
export interface Kind {
  /** Where the API server lists those of the namespace. */
  readonly path: string
  /** As kubectl has it before a name: `pod`, `deployment.apps`. */
  readonly name: string
}

/** An object, by kind and by kind and name as kubectl prints them. */
export interface Item {
  readonly kind: Kind
  readonly name: string
}

/** Asks the API server by one kubectl that stays: to start one for each look costs more than all that it asks. */
export class Inventory {
  readonly kinds: readonly Kind[]
  readonly #proxy: Forward

  private constructor(kinds: readonly Kind[], proxy: Forward) {
    this.kinds = kinds
    this.#proxy = proxy
  }

  /** Can be asked until the test ends. */
  static async of(context: TestContext, namespace: string): Promise<Inventory> {
    const kinds = await kindsIn(namespace)
    return new Inventory(kinds, await startKubectl(context, ['proxy', '--port=0']))
  }

  /** @throws Error where the API server has none of the lists at the moment */
  async items(kinds: readonly Kind[]): Promise<Item[]> {
    const lists = await Promise.all(kinds.map((kind) => this.#list(kind)))
    return lists.flat()
  }

  async #list(kind: Kind): Promise<Item[]> {
    const answer = await this.#proxy.ask('GET', kind.path, { headers })
    if (answer.status !== 200) throw new Error(`${kind.path}: ${answer.status} ${answer.text}`)
    const items = answer.json(Listed).items ?? []
    return items.map(({ metadata }) => ({ kind, name: `${kind.name}/${metadata.name}` }))
  }
}

async function kindsIn(namespace: string): Promise<Kind[]> {
  // It fails while an API that another chapter has put in isn't there yet.
  const { output } = await eventually(
    'the API server to know all of its APIs',
    async () => {
      const known = await tryKubectl(['api-resources', '--namespaced', '--verbs=list', '--no-headers'])
      return known.code === 0 && known
    },
    60_000,
    1000,
  )
  return Array.from(
    // Its name, short names if it has any, the version of its API with its group, and its name in an object.
    output.matchAll(/^(\S+) .*?(?:([^\s/]+)\/)?(\S+) +true +(\S+)$/gm),
    ([, plural = '', group = '', version = '', singular = '']) => ({ plural, group, version, singular }),
  )
    .filter(({ plural, group }) => {
      const name = inGroup(plural, group)
      return ownOfKubernetes.test(name) && !transient.test(name)
    })
    .map(({ plural, group, version, singular }) => ({
      path: `/${group === '' ? 'api' : `apis/${group}`}/${version}/namespaces/${namespace}/${plural}`,
      name: inGroup(singular.toLowerCase(), group),
    }))
}

const inGroup = (name: string, group: string): string => (group === '' ? name : `${name}.${group}`)
