/** The event stream: what every feature announces, told to whoever listens. */
import type { Feature } from '../feature.ts'
import type { Log } from '../log/log.ts'
import { LateSchema } from '../http/schemas.ts'
import { EventHub } from './hub.ts'
import { eventsRoutes } from './routes.ts'
import type { StreamIdentity } from './wire.ts'

/**
 * @param identify says who answers, and what is on
 * @param features those that are on
 */
export function eventsFeature(
  identify: () => StreamIdentity,
  features: readonly Feature[],
  log: Pick<Log, 'error'>,
): Feature {
  const single = new Map(features.flatMap((feature) => Object.entries(feature.topics ?? {})))
  const families = new Map(features.flatMap((feature) => Object.entries(feature.topicFamilies ?? {})))
  const states = Object.assign({}, ...features.map((feature) => feature.states)) as Feature['states'] & object
  const event = new LateSchema('StreamEvent', async () => (await import('./wire.ts')).eventSchema(states))
  const hub = new EventHub({ single, families }, (topic, err) => {
    log.error({ err }, `the state of ${topic} can't be read`)
  })
  return {
    name: 'events',
    routes(http) {
      eventsRoutes(http, hub, [...single.keys()], event, identify)
    },
    metrics({ Gauge }, registry) {
      new Gauge({
        name: 'event_streams',
        help: 'Event streams that are open.',
        registers: [registry],
        collect() {
          this.set(hub.size)
        },
      })
    },
    close() {
      hub.close()
    },
  }
}
