import 'server-only'
import { createHmac } from 'node:crypto'
import { getSecrets } from '@/platform/home'

/**
 * What a host signs pseudonyms with, one per publishable key. Derived from the instance's own key and never stored, so
 * that a copy of the database lets nobody speak for others. A new key is a new secret.
 */
export function signingSecretOf(keyId: string): string {
  const mac = createHmac('sha256', getSecrets().pseudonymKey).update(`amend signing secret\n${keyId}`)
  return `amend_sign_${mac.digest('base64url')}`
}
