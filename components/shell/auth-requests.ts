import { forgetAllDrafts } from '../inbox/kept-texts'

/** The sign-in machinery's own refusals, see `server/auth.ts`; `unreachable` is ours. */
export type EntryRefusal =
  | 'no-match'
  | 'busy'
  | 'link-used'
  | 'no-demo'
  | 'fault'
  | 'unreachable'
  | `wait-${number}`

export type Entry = { ok: true } | { ok: false; code: EntryRefusal }

async function postForm(path: string, fields: Record<string, string>): Promise<{ url: string }> {
  const token = await fetch('/api/auth/csrf', { cache: 'no-store' }).then(answer => answer.json())
  const answer = await fetch(`/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-auth-return-redirect': '1' },
    body: new URLSearchParams({ ...fields, csrfToken: token.csrfToken, callbackUrl: location.origin }),
  })
  return answer.json()
}

/**
 * Signs in and says how it went. Unlike the library's own client it never leaves the page when the server
 * can't be reached, so what was typed stays.
 */
export async function enter(
  provider: 'credentials' | 'link' | 'demo',
  fields: Record<string, string>,
): Promise<Entry> {
  try {
    const { url } = await postForm(`callback/${provider}`, fields)
    const answer = new URL(url, location.href).searchParams
    if (!answer.has('error')) return { ok: true }
    return { ok: false, code: (answer.get('code') as EntryRefusal | null) ?? 'fault' }
  } catch {
    return { ok: false, code: 'unreachable' }
  }
}

/** Ends this session on the server and opens the first page afresh, so that nothing of the person stays in memory. */
export async function leave(): Promise<void> {
  await postForm('signout', {})
  forgetAllDrafts()
  location.assign('/')
}

/** Seconds to wait, when that was the answer. */
export function secondsToWait(code: EntryRefusal): number {
  return code.startsWith('wait-') ? Number(code.slice(5)) || 30 : 0
}

/** What happened, what is safe, what to do next. */
export function refusalWords(code: EntryRefusal): string {
  switch (code) {
    case 'no-match':
      return 'E-mail and password don’t match. Check both, or ask an owner for a reset link.'
    case 'busy':
      return 'Many people sign in right now. Nothing was changed; try again in a moment.'
    case 'link-used':
      return 'This link was used or has expired. Ask for a new one.'
    case 'no-demo':
      return 'The sample project opens only on the machine that runs Amend.'
    case 'unreachable':
      return 'The server can’t be reached. What you typed is still here; try again.'
    case 'fault':
      return 'Signing in failed on the server. Nothing was changed; try again.'
    default:
      return 'Too many tries. The account is safe.'
  }
}
