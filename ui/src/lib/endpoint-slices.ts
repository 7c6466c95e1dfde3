/** The command that shows who is behind a Service. */

/** As a plain table, endpointslices list pods that aren't ready like those that are. */
const columns = `custom-columns='SLICE:.metadata.name,PODS:.endpoints[*].targetRef.name,READY:.endpoints[*].conditions.ready'`

/** kubectl's words to follow EndpointSlices. @param service the name of one whose own they are; left out, those of all Services */
export const watchEndpointSlices = (service?: string): string =>
  `get endpointslices ${service === undefined ? '' : `-l kubernetes.io/service-name=${service} `}--watch -o ${columns}`
