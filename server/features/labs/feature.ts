/** Labs: what to do step by step, and whether it worked. */
import type { Feature } from '../../feature.ts'
import { HttpError } from '../../http/errors.ts'
import { schemasOf } from '../../http/schemas.ts'
import { LateLabs, type LabSurroundings } from './late-labs.ts'
import { labRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @param surroundings say where labs are, and who sees what learners do */
export function labsFeature(surroundings: LabSurroundings): Feature {
  const labs = new LateLabs(surroundings)
  return {
    name: 'labs',
    routes(http) {
      labRoutes(http, labs)
    },
    topicFamilies: {
      lab(of) {
        const [, id, step] = /^([^/]{1,100})\/(\d{1,4})$/.exec(of) ?? []
        if (id === undefined) throw new HttpError(400, 'topics: lab takes a step, such as ;of=05-pods/1')
        return labs.topic(id, Number(step))
      },
    },
    states: { lab: schemaOf('StepState') },
    start() {
      // A teacher reads there what is wrong with a file, before anybody asks for it.
      if (surroundings.own !== '') void labs.check()
    },
  }
}
