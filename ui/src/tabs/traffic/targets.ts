/** What can be asked: a URL as it is typed, and those that are at hand. */
import type { Pod, Service } from '../../../../server/features/cluster/wire.ts'
import { selected } from '../../../../server/text/selector.ts'

/** Something to ask, by a short name. */
export interface Target {
  readonly name: string
  readonly url: string
}

/**
 * The whole URL of what is typed: `kuard` is `http://kuard/`.
 * @returns undefined for what is no URL of HTTP
 */
export function urlOf(text: string): string | undefined {
  const typed = text.trim()
  const whole = typed.includes('://') ? typed : `http://${typed}`
  if (typed === '' || !URL.canParse(whole)) return undefined
  const { protocol, href } = new URL(whole)
  return ['http:', 'https:'].includes(protocol) ? href : undefined
}

/** The first port that looks like one of HTTP, else the first of TCP, is the one that is asked. */
function urlOfService({ name, ports }: Service): string | undefined {
  const open = ports.filter(({ protocol }) => protocol === 'TCP')
  const named = open.find((port) => port.port === 80 || port.name?.startsWith('http') === true)
  const port = (named ?? open[0])?.port
  if (port === undefined) return undefined
  return new URL(`${port === 443 ? 'https' : 'http'}://${name}:${String(port)}/`).href
}

/** The namespace's Services: those that select this pod come first. @param pod null where it can't be seen */
export function serviceTargets(services: readonly Service[], pod: Pod | null): Target[] {
  const isOwn = ({ selector }: Service): boolean =>
    pod !== null && selector !== '' && selected(selector, [pod]).length > 0
  const [own, others] = [services.filter(isOwn), services.filter((service) => !isOwn(service))]
  return [...own, ...others].flatMap((service) => {
    const url = urlOfService(service)
    return url === undefined ? [] : [{ name: service.name, url }]
  })
}

/**
 * This very server, as it reaches itself.
 * @param isPod whether it runs in one: there it is at its own port, wherever the page comes from
 */
export const thisServer = (isPod: boolean, root: URL): Target => ({
  name: 'this server',
  url: isPod ? 'http://127.0.0.1:8080/' : `${root.origin}/`,
})
