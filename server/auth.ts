import 'server-only'
import NextAuth, { CredentialsSignin, type NextAuthConfig } from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import { z } from 'zod'
import { getDb } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { roles } from '@/domain/permission'
import { getLog } from '@/platform/log'
import { authSecret, sessionCookie } from './auth-cookie'
import { type SignedIn, signInByLink, signInByPassword, signInToDemo } from './sign-in'

/** Browsers keep a cookie for 400 days at most. How long a session lives is decided by its row, not by the cookie. */
const cookieLifeSec = 400 * 24 * 3600

/** Kinds of next-auth's errors that any visitor can cause: answered, not logged. */
const clientMistakes = new Set([
  'CredentialsSignin',
  'MissingCSRF',
  'UnknownAction',
  'InvalidProvider',
  'JWTSessionError',
])

/** What the sign-in page gets to read: `no-match`, `wait-30` (seconds), `busy`, `link-used`, `no-demo`, `fault`. */
class Refusal extends CredentialsSignin {
  constructor(code: string) {
    super()
    this.code = code
  }
}

function codeFor(error: unknown): string {
  if (!isAmendError(error)) {
    getLog().error({ err: error }, 'sign-in failed')
    return 'fault'
  }
  switch (error.code) {
    case 'too_many_requests':
      return `wait-${Math.ceil((error.extras.retryAfterMs ?? 1000) / 1000)}`
    case 'unavailable':
      return 'busy'
    case 'link_used':
      return 'link-used'
    case 'not_allowed':
      return 'no-demo'
    default:
      return 'no-match'
  }
}

/** next-auth's user is only a carrier here: the cookie needs nothing but the id of the session's row. */
async function carry(signIn: () => Promise<SignedIn>) {
  try {
    const { userId, sessionId } = await signIn()
    return { id: userId, sessionId }
  } catch (error) {
    throw new Refusal(codeFor(error))
  }
}

function storable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
const byPassword = z.object({
  email: z.string().min(1).max(320).refine(storable),
  password: z.string().min(1).max(1000).refine(storable),
})
const byLink = z.object({ token: z.string().min(20).max(200) })
const byRole = z.object({ role: z.enum(roles) })

function configure(): NextAuthConfig {
  const { name, secure } = sessionCookie()
  return {
    secret: authSecret(),
    trustHost: true,
    useSecureCookies: secure,
    session: { strategy: 'jwt', maxAge: cookieLifeSec },
    cookies: { sessionToken: { name, options: { httpOnly: true, sameSite: 'lax', path: '/', secure } } },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [
      Credentials({
        id: 'credentials',
        credentials: { email: {}, password: {} },
        async authorize(input, request) {
          const parsed = byPassword.safeParse(input)
          if (!parsed.success) throw new Refusal('no-match')
          return carry(() => signInByPassword(parsed.data.email, parsed.data.password, request.headers))
        },
      }),
      Credentials({
        id: 'link',
        credentials: { token: {} },
        async authorize(input, request) {
          const parsed = byLink.safeParse(input)
          if (!parsed.success) throw new Refusal('link-used')
          return carry(() => signInByLink(parsed.data.token, request.headers))
        },
      }),
      Credentials({
        id: 'demo',
        credentials: { role: {} },
        async authorize(input, request) {
          const parsed = byRole.safeParse(input)
          if (!parsed.success) throw new Refusal('no-demo')
          return carry(() => signInToDemo(parsed.data.role, request.headers))
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        const sessionId = (user as { sessionId?: string } | undefined)?.sessionId
        return sessionId ? { sid: sessionId } : token
      },
      session({ session }) {
        return { expires: session.expires }
      },
    },
    events: {
      async signOut(message) {
        const sessionId = 'token' in message ? message.token?.sid : undefined
        if (typeof sessionId !== 'string') return
        await getDb().$client.query(
          'UPDATE sessions SET revoked_at = amend.now() WHERE id = $1 AND revoked_at IS NULL',
          [sessionId],
        )
      },
    },
    logger: {
      error(error) {
        const type = (error as { type?: string }).type ?? ''
        if (!clientMistakes.has(type)) getLog().error({ err: error }, 'sign-in machinery failed')
      },
      warn() {},
      debug() {},
    },
  }
}

/** Configured at the request, not at the import: the secret is not there while pages are being built. */
export const { handlers } = NextAuth(() => configure())
