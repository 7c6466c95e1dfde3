/** What keeps a Service from leading to pods. */
import { countOf } from '../../../../text/count.ts'
import { parseSelector, selected } from '../../../../text/selector.ts'
import type { EntryOf, Pod } from '../../wire.ts'
import type { Scene } from '../scene.ts'
import { otherLabels } from './absent.ts'
import { podsTrouble } from './pods.ts'
import { within } from './sentence.ts'

type Service = EntryOf<'services'>

/** @returns a sentence; undefined where it leads to pods that say that they listen there */
export function serviceTrouble(scene: Scene, service: Service): string | undefined {
  const { name, type, selector } = service
  if (type === 'ExternalName') return undefined
  if (selector === undefined || selector === '')
    return `The Service ${name} has no selector: nothing but its maker gives it endpoints.`
  const pods = scene.entries('pods')
  if (!pods) return undefined
  const its = selected(selector, pods)
  if (its.length === 0) return noPods(service, selector, pods)
  const ready = its.filter((pod) => pod.ready)
  if (ready.length > 0) return portTrouble(service, ready)
  const trouble = podsTrouble(scene, its)
  return `The Service ${name} selects ${countOf(its.length, 'pod')}, none of which is ready${trouble === undefined ? '.' : `: ${within(trouble)}`}`
}

function noPods({ name }: Service, selector: string, pods: readonly Pod[]): string {
  const instead = otherLabels(parseSelector(selector), pods)
  const there = pods.length === 0 ? 'there are no pods' : 'no pod has that'
  return instead === undefined
    ? `The Service ${name} selects ${selector}, and ${there}.`
    : `The pods have ${instead.text}, the Service ${name} selects ${selector}.`
}

/** Where it sends to is told by number or by name; a number may be right though no container says it. */
function portTrouble({ name, ports }: Service, pods: readonly Pod[]): string | undefined {
  const said = pods.flatMap(({ containers }) => containers.flatMap(({ ports: all = [] }) => all))
  if (said.length === 0) return undefined
  for (const { port, targetPort = String(port) } of ports) {
    if (said.some((one) => targetPort === String(one.port) || targetPort === one.name)) continue
    const there = [
      ...new Set(
        said.map((one) => (one.name === undefined ? String(one.port) : `${one.port} (${one.name})`)),
      ),
    ]
    return `The Service ${name} sends port ${port} to ${targetPort}; its pods listen at ${there.join(', ')}.`
  }
  return undefined
}
