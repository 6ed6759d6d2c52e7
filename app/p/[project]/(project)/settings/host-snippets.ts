export interface HostFacts {
  /** Where Amend runs, as browsers reach it. */
  url: string
  project: string
  key: string
  /** A payload to show how one looks, or null where an item is named by its id. */
  example: unknown
}

/** What a page of another site needs, from consent to undo. */
export function pageSnippet({ url, project, key, example }: HostFacts): string {
  const item =
    example === null
      ? `{ itemId: 'the id of an item' }`
      : `{\n  item: { payload: ${JSON.stringify(example, null, 2).replaceAll('\n', '\n  ')} },\n}`
  return `<script type="module">
import { createAmend } from '${url}/sdk/v1/amend.js'

const amend = createAmend({
  url: '${url}',
  project: '${project}',
  key: '${key}',
  // Your server says who is in front of the page: the snippets below.
  actor: () => fetch('/amend-actor').then(answer => answer.text()),
})

// Before the first suggestion the person reads what is kept. Put your own design in the place of confirm.
const { consentVersion, wording } = await amend.consent.get()
const words = wording.lines.map(({ about, says }) => about + ': ' + says).join('\\n\\n')
if (consentVersion !== wording.version && confirm(words)) await amend.consent.set({ accept: wording.version })

const shown = await amend.suggest(${item})
amend.shown(shown) // once the candidates are in view
const act = amend.accept(shown, shown.candidates[0]) // or correct(shown, candidate, value), write, reject, dismiss
await act.delivered
amend.undo(act)
</script>`
}

/** The route of a Node server that the page asks who is in front of it. */
export function nodeSnippet({ project }: Pick<HostFacts, 'project'>): string {
  return `import { SignJWT } from 'jose'

const secret = new TextEncoder().encode(process.env.AMEND_SIGNING_SECRET)

// GET /amend-actor, for somebody who is signed in at yours
export const signActor = personId =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(personId)
    .setAudience('${project}')
    .setIssuedAt()
    .setExpirationTime('1 h')
    .sign(secret)`
}

export function pythonSnippet({ project }: Pick<HostFacts, 'project'>): string {
  return `import os, time
import jwt  # PyJWT

def sign_actor(person_id: str) -> str:
    now = int(time.time())
    claims = {"sub": person_id, "aud": "${project}", "iat": now, "exp": now + 3600}
    return jwt.encode(claims, os.environ["AMEND_SIGNING_SECRET"], algorithm="HS256")`
}
