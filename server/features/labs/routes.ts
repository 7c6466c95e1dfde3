/** GET P/labs/: what can be learned here; GET P/labs/ID: one lab; GET P/labs/ID/steps/N: how it stands with a step of it. */
import { withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import type { LateLabs } from './late-labs.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** By the error's name: its class is loaded when somebody asks for a lab. */
const errorHandler = withStatus(({ name }) => (name === 'NoLab' ? 404 : undefined))

/** Mounts every route. */
export function labRoutes(http: Http, labs: LateLabs): void {
  http.get(
    '/labs/',
    {
      schema: {
        summary: 'The labs, and the files that can’t be read as one',
        response: { 200: schemaOf('LabList') },
      },
    },
    () => labs.list(),
  )

  const none = text('there is no such lab, or its file has faults')
  http.get(
    '/labs/:id',
    {
      schema: {
        summary: 'A lab with its steps: what to do, and what it shows',
        params: schemaOf('LabPath'),
        response: { 200: schemaOf('Lab'), 404: none },
      },
      errorHandler,
    },
    ({ params: { id } }) => labs.lab(id),
  )

  http.get(
    '/labs/:id/steps/:step',
    {
      schema: {
        summary: 'Whether a step is done, by what is there now; answered once all of it has been listed',
        params: schemaOf('StepPath'),
        response: { 200: schemaOf('StepState'), 404: none },
      },
      errorHandler,
    },
    ({ params: { id, step } }) => labs.state(id, Number(step)),
  )
}
