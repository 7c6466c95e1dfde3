/** Whether a page is where a port-forward of the steps would have to be. */

export const isForwarded = ({ protocol, hostname, port }: URL): boolean =>
  protocol === 'http:' && port === '8080' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
