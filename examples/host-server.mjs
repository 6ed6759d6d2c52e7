// A product of your own, on its own origin: it serves host.html and says, signed, who is in front of it.
//   AMEND_URL=http://localhost:3000 AMEND_PROJECT=demo AMEND_KEY=amend_p_… AMEND_SIGNING_SECRET=amend_sign_… \
//     PORT=4000 node examples/host-server.mjs
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { SignJWT } from 'jose'

const {
  AMEND_URL,
  AMEND_PROJECT,
  AMEND_KEY,
  AMEND_SIGNING_SECRET,
  TOKEN_LIFE = '1 h',
  PORT = '4000',
} = process.env
for (const [name, value] of Object.entries({ AMEND_URL, AMEND_PROJECT, AMEND_KEY, AMEND_SIGNING_SECRET }))
  if (!value) {
    process.stderr.write(
      `${name} is missing: Amend shows it under Settings, when you make a publishable key.\n`,
    )
    process.exit(2)
  }

/** Stays on this server. The person's id is yours; Amend keeps a keyed hash of it. */
const signActor = personId =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(personId)
    .setAudience(AMEND_PROJECT)
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFE)
    .sign(new TextEncoder().encode(AMEND_SIGNING_SECRET))

const page = (await readFile(new URL('host.html', import.meta.url), 'utf8'))
  .replaceAll('{{url}}', AMEND_URL)
  .replaceAll('{{project}}', AMEND_PROJECT)
  .replaceAll('{{key}}', AMEND_KEY)

const server = createServer(async (request, response) => {
  // In the place of your own sign-in: each browser is a person of its own.
  const known = /(?:^|;\s*)person=([\w-]{36})/.exec(request.headers.cookie ?? '')?.[1]
  const person = known ?? randomUUID()
  response.setHeader('set-cookie', `person=${person}; HttpOnly; SameSite=Lax; Path=/`)
  response.setHeader('cache-control', 'no-store')
  if (request.url === '/amend-actor') {
    response.setHeader('content-type', 'text/plain')
    response.end(await signActor(person))
  } else if (request.url === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(page)
  } else response.writeHead(404).end()
})
server.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(`A host at http://127.0.0.1:${server.address().port}\n`)
})
