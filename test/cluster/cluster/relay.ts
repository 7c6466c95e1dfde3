/**
 * Runs in a pod beside kuard, in place of the API server: hands each request on to it and prints which it was. SIGHUP takes it away,
 * with every connection; SIGCONT brings it back; SIGUSR2 ends the connections alone. What it writes into /account is what kuard finds as its service account.
 */
import { copyFileSync, readFileSync } from 'node:fs'
import { createServer, request } from 'node:https'

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
const given = '/var/run/secrets/kubernetes.io/serviceaccount'
const authority = readFileSync(`${given}/ca.crt`)
const own = { cert: readFileSync('/relay/kuard.crt'), key: readFileSync('/relay/kuard.key') }

copyFileSync(`${given}/token`, '/account/token')
copyFileSync(`${given}/namespace`, '/account/namespace')
copyFileSync('/relay/kuard.crt', '/account/ca.crt')

const server = createServer(own, (asked, answer) => {
  const { method, url, headers } = asked
  console.log(method, url)
  const handed = request({ host, port, ca: authority, method, path: url, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers)
    // Of a watch nothing else may come for a while.
    answer.flushHeaders()
    response.pipe(answer)
    response.on('error', () => answer.destroy())
  })
  handed.on('error', () => answer.destroy())
  answer.on('close', () => handed.destroy())
  asked.pipe(handed)
})
server.listen(6443)
process.on('SIGHUP', () => {
  server.close()
  server.closeAllConnections()
})
process.on('SIGUSR2', () => {
  server.closeAllConnections()
})
process.on('SIGCONT', () => server.listen(6443))
// Without a server nothing else would keep it.
setInterval(() => undefined, 60_000)
