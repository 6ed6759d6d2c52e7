import 'server-only'
import { errors, jwtVerify } from 'jose'
import { AmendError } from '@/domain/errors'
import { signingSecretOf } from './signing-secret'

const longestLifeSec = 24 * 60 * 60
/** How far the host's clock may be off. */
const toleranceSec = 60
const longestToken = 4096

interface SignedFor {
  projectId: string
  slug: string
  keyId: string
}

const howTo =
  'Your server makes it: a JWT, HS256, signed with the secret of this key, with sub (your id of the person), aud (the project), iat and exp.'
const invalid = (what: string) =>
  new AmendError('actor_invalid', `${what} ${howTo}`, { field: 'Amend-Actor' })

/**
 * The host's own id of the person that a signed token names, by the database's clock.
 *
 * @throws AmendError actor_missing, actor_expired, actor_invalid
 */
export async function readSignedActor(token: string | null, key: SignedFor, now: Date): Promise<string> {
  if (!token)
    throw new AmendError('actor_missing', `A publishable key needs a signed token in Amend-Actor. ${howTo}`, {
      field: 'Amend-Actor',
    })
  if (token.length > longestToken) throw invalid(`The token has more than ${longestToken} characters.`)
  const secret = new TextEncoder().encode(signingSecretOf(key.keyId))
  const { payload } = await jwtVerify(token, secret, {
    algorithms: ['HS256'],
    audience: [key.slug, key.projectId],
    requiredClaims: ['sub', 'aud', 'iat', 'exp'],
    clockTolerance: toleranceSec,
    currentDate: now,
  }).catch((error: unknown) => {
    throw refusalOf(error, key)
  })
  const { sub, iat = 0, exp = 0 } = payload
  const nowSec = now.getTime() / 1000
  if (!sub || sub.length > 200) throw invalid('The sub of the token must be 1 to 200 characters.')
  if (iat > nowSec + toleranceSec)
    throw invalid('The token was made in the future: the clock of your server is ahead.')
  if (exp - Math.min(iat, nowSec) > longestLifeSec) throw invalid('A token may live for 24 hours at most.')
  return sub
}

function refusalOf(error: unknown, key: SignedFor): unknown {
  if (error instanceof errors.JWTExpired)
    return new AmendError(
      'actor_expired',
      'The token in Amend-Actor has expired. Nothing was stored; get a new one from your server and send this again.',
      { field: 'Amend-Actor' },
    )
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return invalid('The token is signed with another secret: each publishable key has its own.')
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('The token must be signed with HS256.')
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud')
      return invalid(`The token is for another project: its aud must be "${key.slug}".`)
    return invalid(`The ${error.claim} of the token is missing or does not fit.`)
  }
  if (error instanceof errors.JOSEError) return invalid('This is no token.')
  return error
}
